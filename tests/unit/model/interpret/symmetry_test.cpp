// What makes the symmetry of docs/semantics.md, 6 exact: renamed states do the same, up to the renaming.
#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "model/interpret/canonical.h"
#include "tests/unit/model/interpret/toy_system.h"

namespace quiesce::model {
namespace {

/// Threads that queue a deferred call on their own CPU, remember for each CPU what happened there, take a lock; an
/// interrupt that queues as well. Everything that a renaming could disturb is in it.
struct Busy : Toy {
  Busy() : Toy(3) {
    home = cpu_cell("home");
    CpuBlocks seen;
    for (int c = 0; c < 3; ++c) seen.first.push_back(cell("seen", 0, 2));
    s.cpu_blocks.push_back(seen);
    line = flag("line");
    l = lock("l");
    const auto at_current = [&](std::int64_t value) {
      return Op{AssignOp{Place{seen.first, s.expressions.binary(BinaryOp::Subtract, current_cpu(), number(1))},
                         number(value)}};
    };
    for (const char* name : {"a", "b"}) {
      const ContextId t = thread(name);
      s.contexts[t.value].affinity_cell.push_back(cpu_cell("affinity"));
      body(t, {{at_current(1), set(home, current_cpu())},
               {level(t, kDispatch)},
               {set(l, me(t))},
               {set(l, 0)},
               {level(t, kPassive)},
               {GotoOp{LocationId(s.locations.size())}}});
      waits(t, 3, WaitKind::Lock, is(l, 0), l);
    }
    call = dpc("dpc", home, 3);
    body(call, {{set(l, me(call))}, {at_current(2)}, {set(l, 0)}, {}});
    waits(call, 1, WaitKind::Lock, is(l, 0), l);
    isr = handler("isr", kDevice, get(line));
    accept(isr, {set(line, 0), set(home, current_cpu())});
    body(isr, {{}});
    action("ring", is(line, 0), {set(line, 1)});
  }

  /// `state` with two activations of the deferred call changing places.
  State swap_activations(State state, std::uint32_t a, std::uint32_t b) const {
    const Context& k = s.at(call);
    for (const auto& cells : {k.location_cell, k.level_cell, k.cpu_cell}) {
      std::swap(state[cells[a].value], state[cells[b].value]);
    }
    const auto name = [&](std::uint32_t activation) {
      return static_cast<std::int32_t>(k.first_slot + activation + 1);
    };
    if (in(state, l) == name(a)) {
      state[l.value] = name(b);
    } else if (in(state, l) == name(b)) {
      state[l.value] = name(a);
    }
    return state;
  }

  CellId home, line, l;
  ContextId call, isr;
};

/// The steps of a state as section 7 counts them, in an order that no renaming can change.
std::vector<std::tuple<Actor::Kind, std::uint32_t, bool, State>> behaviour(const Interpreter& interpreter,
                                                                           const State& state) {
  std::vector<std::tuple<Actor::Kind, std::uint32_t, bool, State>> result;
  for (const Successor& successor : interpreter.distinct_successors(state)) {
    result.emplace_back(successor.step.actor.kind, successor.step.actor.index, successor.ends_run, successor.next);
  }
  std::sort(result.begin(), result.end());
  return result;
}

RC_GTEST_PROP(Symmetry, RenamedStatesDoTheSame, ()) {
  const Busy toy;
  const Interpreter interpreter(toy.s);
  State state = interpreter.initial_states().at(0);
  const auto steps = *rc::gen::inRange(0, 40);
  for (int i = 0; i < steps; ++i) {  // a random run, not canonical
    const auto successors = interpreter.successors(state);
    if (successors.empty()) break;
    state = successors[*rc::gen::inRange<std::size_t>(0, successors.size())].next;
  }
  std::vector<std::uint32_t> renaming = {0, 1, 2};
  for (std::size_t i = 2; i > 0; --i) std::swap(renaming[i], renaming[*rc::gen::inRange<std::size_t>(0, i + 1)]);
  const State renamed =
      toy.swap_activations(rename_cpus(toy.s, state, renaming), 0, *rc::gen::inRange<std::uint32_t>(0, 3));

  RC_ASSERT(interpreter.canonical(state) == interpreter.canonical(renamed));
  RC_ASSERT(behaviour(interpreter, state) == behaviour(interpreter, renamed));
  RC_ASSERT(interpreter.violations_of(state) == interpreter.violations_of(renamed));
}

RC_GTEST_PROP(Symmetry, PinnedLevelsOfACpuDiffer, ()) {
  const Busy toy;
  const Interpreter interpreter(toy.s);
  State state = interpreter.initial_states().at(0);
  for (int i = 0; i < 60; ++i) {
    const auto successors = interpreter.successors(state);
    if (successors.empty()) break;
    state = successors[*rc::gen::inRange<std::size_t>(0, successors.size())].next;
    std::set<std::pair<std::int32_t, std::int32_t>> taken;  // CPU, level
    for (const Context& k : toy.s.contexts) {
      for (std::uint32_t a = 0; a < k.activations; ++a) {
        const std::int32_t cpu = in(state, k.cpu_cell[a]);
        const std::int32_t level = in(state, k.level_cell[a]);
        if (in(state, k.location_cell[a]) == 0) {
          RC_ASSERT(cpu == 0 && level == 0);
          continue;
        }
        if (level >= toy.s.pin_level) RC_ASSERT(cpu != 0);
        if (cpu != 0) RC_ASSERT(taken.insert({cpu, level}).second);
      }
    }
  }
}

}  // namespace
}  // namespace quiesce::model
