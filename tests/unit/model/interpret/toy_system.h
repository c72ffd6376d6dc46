// Small transition systems by hand, for the tests of the interpreter: contexts are straight lines of programs,
// expressions are written with a few short functions. Nothing here depends on elaboration.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/interpret/interpreter.h"

namespace quiesce::model {

class Toy {
 public:
  static constexpr std::int64_t kPassive = 0;
  static constexpr std::int64_t kDispatch = 2;
  static constexpr std::int64_t kDevice = 5;

  explicit Toy(std::uint32_t cpus) {
    s.cpus = cpus;
    s.pin_level = kDispatch;
    s.instances.push_back({"", "Toy", std::nullopt, std::nullopt, {}});
    s.stuck_rule = rule("core.stuck", true);
  }

  RuleId rule(std::string name, bool core = false) {
    Rule r;
    r.name = std::move(name);
    r.core = core;
    s.rules.push_back(r);
    s.checked.push_back(RuleId(s.rules.size() - 1));
    return s.checked.back();
  }

  CellId cell(std::string name, std::int64_t lo, std::int64_t hi, CellKind kind = CellKind::Plain) {
    Cell c;
    c.name = std::move(name);
    c.lo = lo;
    c.hi = hi;
    c.rest = lo > 0 ? lo : 0;
    c.kind = kind;
    s.cells.push_back(c);
    return CellId(s.cells.size() - 1);
  }
  CellId flag(std::string name) { return cell(std::move(name), 0, 1); }
  CellId cpu_cell(std::string name) { return cell(std::move(name), 0, s.cpus, CellKind::Cpu); }

  /// A spin lock: its holder cell.
  CellId lock(std::string name) {
    const CellId holder = cell(name, 0, 32, CellKind::Slot);
    s.locks.push_back({std::move(name), false, -1, holder, std::nullopt, {}});
    return holder;
  }

  // Expressions.
  ExprId number(std::int64_t value) { return s.expressions.constant(value); }
  ExprId get(CellId c) { return s.expressions.load(c); }
  ExprId is(CellId c, std::int64_t value) { return s.expressions.equal(get(c), number(value)); }
  ExprId both(ExprId a, ExprId b) { return s.expressions.conjunction(a, b); }
  ExprId either(ExprId a, ExprId b) { return s.expressions.disjunction(a, b); }
  ExprId inverse(ExprId a) { return s.expressions.negation(a); }
  ExprId current_cpu() { return s.expressions.add(CurrentCpuExpr{}); }
  ExprId idle(ContextId k) { return s.expressions.add(IdleExpr{k}); }
  /// The name of the running activation of `k` in a Slot cell.
  ExprId me(ContextId k) {
    return s.expressions.binary(BinaryOp::Add, s.expressions.add(SelfActivationExpr{}), number(s.at(k).first_slot + 1));
  }

  // Operations.
  Op set(CellId c, ExprId value) { return AssignOp{Place{{c}, {}}, value}; }
  Op set(CellId c, std::int64_t value) { return set(c, number(value)); }
  Op level(ContextId k, std::int64_t value) {
    Place place{s.at(k).level_cell, {}};
    if (place.cells.size() > 1) place.index = s.expressions.add(SelfActivationExpr{});
    return AssignOp{place, number(value)};
  }
  Op assume(ExprId condition) { return AssumeOp{condition}; }
  Op check(ExprId condition, RuleId r) { return CheckOp{condition, r, {}, ""}; }

  ContextId thread(std::string name, std::int64_t start_level = kPassive) {
    return context(std::move(name), ContextKind::Thread, start_level, 1);
  }
  ContextId handler(std::string name, std::int64_t start_level, ExprId condition, HandlerCpus cpus = OnAny{},
                    bool urgent = false, std::uint32_t activations = 1) {
    const ContextId id = context(std::move(name), ContextKind::Handler, start_level, activations);
    Context& k = s.contexts[id.value];
    k.condition = condition;
    k.cpus = std::move(cpus);
    k.urgent = urgent;
    return id;
  }
  /// A deferred call in one place: `home` is the CPU it is queued on, 0 when it is not queued.
  ContextId dpc(std::string name, CellId home, std::uint32_t activations = 1) {
    const ContextId id = handler(std::move(name), kDispatch, inverse(is(home, 0)), OnOne{get(home)}, true, activations);
    accept(id, {set(home, 0)});
    return id;
  }
  void accept(ContextId k, std::vector<Op> ops) { accepts_[k.value] = std::move(ops); }

  /// The statements of a context, one location each; each goes on to the next, the last one ends. A statement may bring
  /// its own Goto or End. Call once per context, after all cells it uses exist.
  void body(ContextId k, std::vector<std::vector<Op>> statements) {
    const std::size_t first = s.locations.size();
    for (std::size_t i = 0; i < statements.size(); ++i) {
      Location location;
      location.context = k;
      location.number = static_cast<std::uint32_t>(i + 1);
      location.program = program(std::move(statements[i]));
      const bool finished =
          !location.program.ops.empty() && (std::holds_alternative<GotoOp>(location.program.ops.back()) ||
                                            std::holds_alternative<EndOp>(location.program.ops.back()));
      if (!finished) {
        if (i + 1 < statements.size()) {
          location.program.ops.push_back(GotoOp{LocationId(first + i + 1)});
        } else {
          location.program.ops.push_back(EndOp{});
        }
      }
      s.contexts[k.value].locations.push_back(LocationId(first + i));
      s.locations.push_back(std::move(location));
    }
    Context& context = s.contexts[k.value];
    context.entry = LocationId(first);
    if (context.kind == ContextKind::Handler) {
      context.start = program(accepts_[k.value]);
      context.start.ops.push_back(GotoOp{context.entry});
    }
  }

  /// Location `number` of `k` waits for `guard`: its program begins with Assume(guard).
  void waits(ContextId k, std::uint32_t number, WaitKind kind, ExprId guard, std::optional<CellId> holder = {}) {
    Location& location = s.locations[s.at(k).locations[number - 1].value];
    location.wait = kind;
    location.guard = guard;
    if (holder) location.lock = Place{{*holder}, {}};
    location.program.ops.insert(location.program.ops.begin(), AssumeOp{guard});
  }

  void action(std::string name, ExprId guard, std::vector<Op> ops) {
    Action action;
    action.name = std::move(name);
    action.guard = guard;
    ops.insert(ops.begin(), AssumeOp{guard});
    ops.push_back(EndOp{});
    action.program = program(std::move(ops));
    s.actions.push_back(std::move(action));
  }

  void property(PropertyKind kind, RuleId r, ExprId condition = {}, ExprId trigger = {}) {
    Property property;
    property.kind = kind;
    property.rule = r;
    property.condition = condition;
    property.trigger = trigger;
    s.properties.push_back(property);
  }

  /// The first initial state. Tests change cells of it by hand where they need another.
  State initial() const { return Interpreter(s).initial_states().at(0); }

  TransitionSystem s;

 private:
  ContextId context(std::string name, ContextKind kind, std::int64_t start_level, std::uint32_t activations) {
    Context k;
    k.name = name;
    k.kind = kind;
    k.start_level = start_level;
    k.activations = activations;
    k.first_slot = s.slots;
    s.slots += activations;
    for (std::uint32_t a = 0; a < activations; ++a) {
      k.location_cell.push_back(cell(name + ".location", 0, 32, CellKind::Location));
      k.level_cell.push_back(cell(name + ".level", 0, 31));
      k.cpu_cell.push_back(cell(name + ".cpu", 0, s.cpus, CellKind::Cpu));
      k.local_cells.emplace_back();
    }
    if (kind == ContextKind::Thread) {
      s.initial.push_back({k.location_cell[0], number(1), 0, 0});
      s.initial.push_back({k.level_cell[0], number(start_level), 0, 0});
    }
    s.contexts.push_back(std::move(k));
    return ContextId(s.contexts.size() - 1);
  }

  Program program(std::vector<Op> ops) {
    Program result;
    result.ops = std::move(ops);
    result.temps = 4;
    for (const Op& op : result.ops) {
      const auto* assign = std::get_if<AssignOp>(&op);
      result.uses_cpu |= assign != nullptr && std::holds_alternative<CurrentCpuExpr>(s.at(assign->value));
    }
    return result;
  }

  std::map<std::uint32_t, std::vector<Op>> accepts_;
};

/// All states that can be reached, canonical.
inline std::set<State> reachable(const TransitionSystem& system) {
  const Interpreter interpreter(system);
  std::set<State> seen;
  std::vector<State> open = interpreter.initial_states();
  while (!open.empty()) {
    const State state = open.back();
    open.pop_back();
    if (!seen.insert(state).second) continue;
    for (const Successor& successor : interpreter.distinct_successors(state)) {
      if (!successor.ends_run) open.push_back(successor.next);
    }
  }
  return seen;
}

/// The number of steps between reachable states.
inline std::size_t count_steps(const TransitionSystem& system) {
  const Interpreter interpreter(system);
  std::size_t steps = 0;
  for (const State& state : reachable(system)) {
    for (const Successor& successor : interpreter.distinct_successors(state)) steps += !successor.ends_run;
  }
  return steps;
}

/// The successors of `state` made by `context` (its steps, not its starts).
inline std::vector<Successor> steps_of(const TransitionSystem& system, const State& state, ContextId context) {
  std::vector<Successor> result;
  for (Successor& successor : Interpreter(system).successors(state)) {
    if (successor.step.actor.kind == Actor::Kind::Step && successor.step.actor.index == context.value) {
      result.push_back(std::move(successor));
    }
  }
  return result;
}

/// The successors of `state` that start `handler`.
inline std::vector<Successor> starts_of(const TransitionSystem& system, const State& state, ContextId handler) {
  std::vector<Successor> result;
  for (Successor& successor : Interpreter(system).successors(state)) {
    if (successor.step.actor.kind == Actor::Kind::Start && successor.step.actor.index == handler.value) {
      result.push_back(std::move(successor));
    }
  }
  return result;
}

/// Shorthand for cells in a state.
inline std::int32_t in(const State& state, CellId cell) { return state[cell.value]; }

}  // namespace quiesce::model
