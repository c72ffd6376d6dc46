#include "model/interpret/interpreter.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "model/base/internal_check.h"
#include "model/interpret/canonical.h"
#include "model/interpret/evaluate.h"
#include "model/interpret/execute.h"
#include "model/interpret/initial_states.h"
#include "model/interpret/scheduler.h"
#include "model/interpret/stuck.h"
#include "model/system/deadlock.h"
#include "model/system/traverse.h"

namespace quiesce::model {

Interpreter::Interpreter(const TransitionSystem& system)
    : system_(system), writes_(std::make_shared<const WriteTable>(system)) {}

// ------------------------------------------------------------------------------------ 2.4 initial states

void Interpreter::for_each_initial_state(const std::function<bool(const State&)>& use,
                                         const std::function<bool()>& is_wanted, InitialGuide* guide) const {
  visit_initial_states(system_, {use, is_wanted, guide});
}

std::vector<State> Interpreter::initial_states() const {
  std::set<State> result;
  for_each_initial_state([&](const State& state) {
    result.insert(canonical(state));
    return true;
  });
  return {result.begin(), result.end()};
}

// -------------------------------------------------------------------------------------- 3, 4 successors

namespace {

/// The successors of one state.
class Expansion {
 public:
  Expansion(const TransitionSystem& system, const State& state) : system_(system), scheduler_(system), state_(state) {}

  std::vector<Successor> all() {
    for (const Running& one : scheduler_.all_running(state_)) step(one);
    for (std::size_t k = 0; k < system_.contexts.size(); ++k) {
      if (system_.contexts[k].kind == ContextKind::Handler) start(ContextId(k));
    }
    for (std::size_t a = 0; a < system_.actions.size(); ++a) act(a);
    return std::move(successors_);
  }

  std::vector<Successor> of(const Actor& actor) {
    switch (actor.kind) {
      case Actor::Kind::Step:
        if (const auto one = scheduler_.running(ContextId(actor.index), actor.activation, state_)) step(*one);
        break;
      case Actor::Kind::Start:
        if (scheduler_.free_activation(ContextId(actor.index), state_) == actor.activation) {
          start(ContextId(actor.index));
        }
        break;
      case Actor::Kind::Act:
        act(actor.index);
        break;
    }
    return std::move(successors_);
  }

 private:
  /// 3.3: a context takes its step.
  void step(const Running& one) {
    const Context& context = system_.at(one.context);
    const Program& program = system_.at(context.locations[one.location - 1]).program;
    const Actor actor{Actor::Kind::Step, one.context.value, one.activation};
    if (one.cpu < 0) {
      run_floating(actor, program, state_, scheduler_.floating_cpus(one.level, one.affinity, state_));
    } else if (scheduler_.may_step_pinned(one, state_)) {
      run_on(actor, program, state_, one.cpu);
    }
  }

  /// 3.4: a handler starts. Its condition and `on` are judged before `accept` changes anything.
  void start(ContextId id) {
    const Context& handler = system_.at(id);
    const auto cpus = scheduler_.start_cpus(id, state_);
    if (cpus.empty()) return;
    const Actor actor{Actor::Kind::Start, id.value, *scheduler_.free_activation(id, state_)};
    if (scheduler_.pins(handler.start_level)) {
      for (const std::int32_t cpu : cpus) {
        State started = state_;
        scheduler_.enter(id, actor.activation, cpu, started);
        run_on(actor, handler.start, started, cpu);
      }
    } else {
      State started = state_;
      scheduler_.enter(id, actor.activation, std::nullopt, started);
      run_floating(actor, handler.start, started, cpus);
    }
  }

  /// 3.7: hardware or the environment acts.
  void act(std::size_t index) {
    const Actor actor{Actor::Kind::Act, static_cast<std::uint32_t>(index), 0};
    for (Outcome& outcome : execute(system_, system_.actions[index].program, state_, std::nullopt, 0)) {
      add(actor, std::nullopt, std::move(outcome));
    }
  }

  void run_on(const Actor& actor, const Program& program, const State& before, std::int32_t cpu) {
    for (Outcome& outcome :
         execute(system_, program, before, Runner{ContextId(actor.index), actor.activation}, cpu + 1)) {
      add(actor, cpu, std::move(outcome));
    }
  }

  /// A floating context may step on any of `cpus`; where it neither asks for the CPU nor becomes pinned, that is one
  /// step without a CPU, however many there are.
  void run_floating(const Actor& actor, const Program& program, const State& before,
                    const std::vector<std::int32_t>& cpus) {
    for (const std::int32_t cpu : cpus) {
      const Runner runner{ContextId(actor.index), actor.activation};
      for (Outcome& outcome : execute(system_, program, before, runner, program.uses_cpu ? cpu + 1 : 0)) {
        if (program.uses_cpu || is_pinned_by(outcome, actor)) {
          add(actor, cpu, std::move(outcome));
        } else if (cpu == cpus.front()) {
          add(actor, std::nullopt, std::move(outcome));
        }
      }
    }
  }

  bool is_pinned_by(const Outcome& outcome, const Actor& actor) const {
    if (outcome.ends_run || outcome.ended) return false;
    return scheduler_.pins(outcome.next[system_.contexts[actor.index].level_cell[actor.activation].value]);
  }

  void add(const Actor& actor, std::optional<std::int32_t> cpu, Outcome outcome) {
    Successor successor;
    successor.step = {actor, cpu.value_or(-1), std::move(outcome.choices), std::move(outcome.counted)};
    successor.next = std::move(outcome.next);
    successor.violations = std::move(outcome.violations);
    successor.ends_run = outcome.ends_run;
    successor.exercised = std::move(outcome.exercised);
    if (!outcome.ends_run) {
      if (actor.kind != Actor::Kind::Act) {
        scheduler_.settle(ContextId(actor.index), actor.activation, cpu, successor.next);
      }
      scheduler_.normalise(successor.next);
    }
    successors_.push_back(std::move(successor));
  }

  const TransitionSystem& system_;
  Scheduler scheduler_;
  const State& state_;
  std::vector<Successor> successors_;
};

std::vector<std::int64_t> counted_choices(const Step& step) {
  std::vector<std::int64_t> result;
  for (std::size_t i = 0; i < step.choices.size(); ++i) {
    if (step.counted[i]) result.push_back(step.choices[i]);
  }
  return result;
}

/// 7.2: whether two steps from one state, with canonical next states, count as one.
bool is_same_step(const Successor& a, const Successor& b) {
  return a.step.actor.kind == b.step.actor.kind && a.step.actor.index == b.step.actor.index &&
         a.ends_run == b.ends_run && a.violations == b.violations && a.next == b.next &&
         counted_choices(a.step) == counted_choices(b.step);
}

}  // namespace

std::vector<Successor> Interpreter::successors(const State& state) const { return Expansion(system_, state).all(); }

std::vector<Successor> Interpreter::distinct_successors(const State& state) const {
  std::vector<Successor> result;
  for (Successor& successor : successors(state)) {
    if (successor.ends_run) {
      successor.next.clear();
    } else {
      successor.next = canonical(successor.next);
    }
    const auto same = std::find_if(result.begin(), result.end(),
                                   [&](const Successor& other) { return is_same_step(other, successor); });
    if (same == result.end()) {
      result.push_back(std::move(successor));
    } else {
      std::vector<RuleId> both;
      std::set_union(same->exercised.begin(), same->exercised.end(), successor.exercised.begin(),
                     successor.exercised.end(), std::back_inserter(both));
      same->exercised = std::move(both);
    }
  }
  return result;
}

std::vector<Successor> Interpreter::successors(const State& state, const Actor& actor) const {
  return Expansion(system_, state).of(actor);
}

State Interpreter::canonical(const State& state) const { return canonical_state(system_, state); }

// --------------------------------------------------------------------------- 8 what a state itself shows

std::vector<Violation> Interpreter::violations_of(const State& state) const {
  std::vector<Violation> result;
  std::optional<bool> can_step;  // computed when asked for: it costs all successors
  const auto nothing_steps = [&] {
    if (!can_step) can_step = !successors(state).empty();
    return !*can_step;
  };
  for (std::size_t p = 0; p < system_.properties.size(); ++p) {
    const Property& property = system_.properties[p];
    bool broken = false;
    switch (property.kind) {
      case PropertyKind::Invariant:
        broken = evaluate(property.condition, state) == 0;
        break;
      case PropertyKind::Never:
        broken = evaluate(property.condition, state) != 0;
        break;
      case PropertyKind::Reachable:
        break;
      case PropertyKind::DeadlockFree:
        broken = !(all_ended(state) && can_end(system_)) && nothing_steps();
        break;
    }
    if (broken) result.push_back({property.rule, property.span, property.message, PropertyId(p)});
  }
  if (system_.stuck_rule.valid()) {
    const std::vector<Actor> stuck = stuck_set(*this, state);
    if (!stuck.empty()) {
      // The story underlines the first context that waits; a set that is a violation has one.
      const Context& first = system_.contexts[stuck.front().index];
      const auto number = static_cast<std::size_t>(state[first.location_cell[stuck.front().activation].value]);
      result.push_back({system_.stuck_rule, system_.at(first.locations[number - 1]).span, ""});
    }
  }
  const auto leak = std::find_if(system_.rules.begin(), system_.rules.end(),
                                 [](const Rule& rule) { return rule.name == "life.leaked"; });
  if (leak != system_.rules.end() && all_ended(state)) {
    for (const Instance& instance : system_.instances) {
      if (!instance.life || state[instance.life->value] != 1 || !nothing_steps()) continue;
      result.push_back({RuleId(static_cast<std::size_t>(leak - system_.rules.begin())), instance.span,
                        "'" + instance.path + "' is still live where everything has ended"});
    }
  }
  return result;
}

std::vector<PropertyId> Interpreter::witnessed_by(const State& state) const {
  std::vector<PropertyId> result;
  for (std::size_t p = 0; p < system_.properties.size(); ++p) {
    const Property& property = system_.properties[p];
    if (property.kind == PropertyKind::Reachable && evaluate(property.condition, state) != 0) {
      result.push_back(PropertyId(p));
    }
  }
  return result;
}

std::vector<PropertyId> Interpreter::triggered_in(const State& state) const {
  std::vector<PropertyId> result;
  for (std::size_t p = 0; p < system_.properties.size(); ++p) {
    const ExprId trigger = system_.properties[p].trigger;
    if (trigger.valid() && evaluate(trigger, state) != 0) result.push_back(PropertyId(p));
  }
  return result;
}

std::int64_t Interpreter::evaluate(ExprId expr, const State& state) const {
  return model::evaluate(expr, Environment{system_, state});
}

bool Interpreter::all_ended(const State& state) const { return Scheduler(system_).all_running(state).empty(); }

bool ends_run(const TransitionSystem& system, const std::vector<Violation>& violations) {
  return std::any_of(violations.begin(), violations.end(),
                     [&](const Violation& violation) { return system.at(violation.rule).core; });
}

}  // namespace quiesce::model
