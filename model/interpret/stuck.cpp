#include "model/interpret/stuck.h"

#include <algorithm>

#include "model/base/internal_check.h"
#include "model/interpret/evaluate.h"
#include "model/interpret/scheduler.h"

namespace quiesce::model {

// ------------------------------------------------------------------------------- 5.2 what may still write which cell

WriteTable::WriteTable(const TransitionSystem& system) : system_(system) {
  const CellSet none(system.cells.size());
  const auto add_program = [](const Program& program, CellSet& cells) {
    for (const Op& op : program.ops) {
      if (const auto* assign = std::get_if<AssignOp>(&op)) {
        cells.insert(assign->place);
      }
    }
  };
  /// `cells` grows by what `program` writes and by what can be written after it.
  const auto add_program_and_later = [&](const Program& program, CellSet& cells) {
    add_program(program, cells);
    for (const Op& op : program.ops) {
      if (const auto* go = std::get_if<GotoOp>(&op)) cells.unite(from_location_[go->location.value]);
    }
  };

  from_location_.assign(system.locations.size(), none);
  for (bool changed = true; changed;) {  // the least solution of "own program and all that follow it"
    changed = false;
    for (std::size_t l = system.locations.size(); l-- > 0;) {
      CellSet cells = from_location_[l];
      add_program_and_later(system.locations[l].program, cells);
      if (cells != from_location_[l]) {
        from_location_[l] = std::move(cells);
        changed = true;
      }
    }
  }
  from_start_.resize(system.contexts.size());
  for (std::size_t k = 0; k < system.contexts.size(); ++k) {
    if (system.contexts[k].kind != ContextKind::Handler) continue;
    from_start_[k] = none;
    add_program_and_later(system.contexts[k].start, from_start_[k]);
  }
  by_action_.assign(system.actions.size(), none);
  for (std::size_t a = 0; a < system.actions.size(); ++a) add_program(system.actions[a].program, by_action_[a]);

  owner_slot_.assign(system.cells.size(), -1);
  owner_context_.assign(system.cells.size(), 0);
  scheduling_ = none;
  for (std::size_t k = 0; k < system.contexts.size(); ++k) {
    const Context& context = system.contexts[k];
    for (std::uint32_t a = 0; a < context.activations; ++a) {
      const auto own = [&](CellId cell, bool scheduling) {
        owner_slot_[cell.value] = context.first_slot + a;
        owner_context_[cell.value] = static_cast<std::uint32_t>(k);
        if (scheduling) scheduling_.insert(cell);
      };
      if (!context.local_cells.empty()) {
        for (const CellId cell : context.local_cells[a]) own(cell, false);
      }
      own(context.location_cell[a], true);
      own(context.level_cell[a], true);
      own(context.cpu_cell[a], true);
      if (!context.affinity_cell.empty()) own(context.affinity_cell[a], true);
    }
  }
  find_elsewhere();
}

/// What programs write of activations other than their own: of other contexts, and of their own context where they move
/// activations of it. For each location also what is so written later.
void WriteTable::find_elsewhere() {
  const CellSet none(system_.cells.size());
  elsewhere_.assign(system_.locations.size(), none);
  for (std::size_t l = 0; l < system_.locations.size(); ++l) {
    const Location& location = system_.locations[l];
    const auto is_own = [&](CellId cell) { return owner_context_[cell.value] == location.context.value; };
    const auto is_place = [&](CellId cell) { return system_.at(cell).kind == CellKind::Location; };
    bool moves_own = false;
    for (const Op& op : location.program.ops) {
      const auto* assign = std::get_if<AssignOp>(&op);
      if (assign == nullptr) continue;
      for (const CellId cell : assign->place.cells) moves_own = moves_own || (is_own(cell) && is_place(cell));
    }
    for (const Op& op : location.program.ops) {
      const auto* assign = std::get_if<AssignOp>(&op);
      if (assign == nullptr) continue;
      for (const CellId cell : assign->place.cells) {
        if (owner_slot_[cell.value] >= 0 && (moves_own || !is_own(cell))) elsewhere_[l].insert(cell);
      }
    }
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t l = system_.locations.size(); l-- > 0;) {
      for (const Op& op : system_.locations[l].program.ops) {
        const auto* go = std::get_if<GotoOp>(&op);
        if (go != nullptr) changed = elsewhere_[l].unite(elsewhere_[go->location.value]) || changed;
      }
    }
  }
  start_elsewhere_.assign(system_.contexts.size(), none);
  for (std::size_t k = 0; k < system_.contexts.size(); ++k) {
    for (const Op& op : system_.contexts[k].start.ops) {
      if (const auto* go = std::get_if<GotoOp>(&op)) start_elsewhere_[k].unite(elsewhere_[go->location.value]);
    }
  }
}

bool WriteTable::may_write(const Actor& actor, CellId cell, const State& state) const {
  const bool owned = owner_slot_[cell.value] >= 0;
  switch (actor.kind) {
    case Actor::Kind::Act:
      return by_action_[actor.index].contains(cell);
    case Actor::Kind::Start:
      if (owned && owner_context_[cell.value] == actor.index) {  // of the activations, one that does not run
        const Context& context = system_.contexts[actor.index];
        const std::uint32_t activation = static_cast<std::uint32_t>(owner_slot_[cell.value]) - context.first_slot;
        return state[context.location_cell[activation].value] == 0 || start_elsewhere_[actor.index].contains(cell);
      }
      return from_start_[actor.index].contains(cell);
    case Actor::Kind::Step: {
      const Context& context = system_.contexts[actor.index];
      const bool is_anothers = owned && owner_slot_[cell.value] != context.first_slot + actor.activation;
      if (!is_anothers && scheduling_.contains(cell)) return true;
      const std::int32_t number = state[context.location_cell[actor.activation].value];
      if (number == 0) return false;
      const LocationId here = context.locations[static_cast<std::size_t>(number - 1)];
      return (is_anothers ? elsewhere_ : from_location_)[here.value].contains(cell);
    }
  }
  QUIESCE_CHECK(false) << "unknown kind of actor";
  return true;
}

// -------------------------------------------------------------------------------------- 5.1 the largest set

namespace {

/// One state, the candidates and which of them are still members.
class StuckAnalysis {
 public:
  StuckAnalysis(const Interpreter& interpreter, const State& state)
      : system_(interpreter.system()),
        writes_(interpreter.writes()),
        scheduler_(system_),
        state_(state),
        running_(scheduler_.all_running(state)) {
    for (const Running& one : running_) {
      candidates_.push_back({Actor::Kind::Step, one.context.value, one.activation});
    }
    for (std::size_t k = 0; k < system_.contexts.size(); ++k) {
      if (system_.contexts[k].kind == ContextKind::Handler) {
        candidates_.push_back({Actor::Kind::Start, static_cast<std::uint32_t>(k), 0});
      }
    }
    for (std::size_t a = 0; a < system_.actions.size(); ++a) {
      candidates_.push_back({Actor::Kind::Act, static_cast<std::uint32_t>(a), 0});
    }
    member_.assign(candidates_.size(), true);
  }

  std::vector<Actor> largest() {
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t i = 0; i < candidates_.size(); ++i) {
        if (member_[i] && !is_blocked(candidates_[i])) {
          member_[i] = false;
          changed = true;
        }
      }
    }
    std::vector<Actor> result;
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      if (member_[i]) result.push_back(candidates_[i]);
    }
    return result;
  }

  /// 5.3: whether one of `members` makes the set a violation.
  bool is_violation(const std::vector<Actor>& members) const {
    return std::any_of(members.begin(), members.end(), [&](const Actor& member) {
      if (member.kind != Actor::Kind::Step) return false;
      const Context& context = system_.contexts[member.index];
      const Running one = *scheduler_.running(ContextId(member.index), member.activation, state_);
      const Location& location = location_of(one);
      const bool holds_lock = std::any_of(system_.locks.begin(), system_.locks.end(), [&](const Lock& lock) {
        return state_[lock.holder.value] == static_cast<std::int32_t>(context.first_slot + member.activation + 1);
      });
      const bool must_return = std::any_of(location.inside.begin(), location.inside.end(),
                                           [&](FunctionId function) { return system_.at(function).returns; });
      return one.cpu >= 0 || holds_lock || context.kind == ContextKind::Handler || location.wait == WaitKind::Spin ||
             must_return;
    });
  }

 private:
  bool is_member(const Actor& actor) const {
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      if (candidates_[i] == actor) return member_[i];
    }
    return false;
  }
  bool is_member(const Running& one) const { return is_member({Actor::Kind::Step, one.context.value, one.activation}); }

  const Location& location_of(const Running& one) const {
    return system_.at(system_.at(one.context).locations[one.location - 1]);
  }

  bool is_blocked(const Actor& actor) const {
    switch (actor.kind) {
      case Actor::Kind::Step:
        return is_blocked(*scheduler_.running(ContextId(actor.index), actor.activation, state_));
      case Actor::Kind::Start:
        return start_is_blocked(ContextId(actor.index));
      case Actor::Kind::Act:
        return stays(system_.actions[actor.index].guard, {system_, state_}, false);
    }
    QUIESCE_CHECK(false) << "unknown kind of actor";
    return false;
  }

  bool is_blocked(const Running& one) const {
    return waits_for_member_lock(one) || waits_for_members(one) || is_buried(one) || finds_no_cpu(one);
  }

  /// Before the step that raises to the lock's level a context does not wait yet: its guard is true.
  bool waits_for_member_lock(const Running& one) const {
    const Location& location = location_of(one);
    const Environment environment = environment_of(one);
    if (!location.lock || (location.guard.valid() && evaluate(location.guard, environment) != 0)) return false;
    const std::int32_t holder = state_[resolve(*location.lock, environment).value];
    return std::any_of(running_.begin(), running_.end(), [&](const Running& other) {
      const auto name = static_cast<std::int32_t>(system_.at(other.context).first_slot + other.activation + 1);
      return name == holder && is_member(other);
    });
  }

  bool waits_for_members(const Running& one) const {
    const Location& location = location_of(one);
    return location.guard.valid() && stays(location.guard, environment_of(one), one.cpu < 0);
  }

  bool is_buried(const Running& one) const {
    if (one.cpu < 0) return false;
    return std::any_of(running_.begin(), running_.end(), [&](const Running& other) {
      return other.cpu == one.cpu && other.level > one.level && is_member(other);
    });
  }

  bool finds_no_cpu(const Running& one) const {
    if (one.cpu >= 0) return false;
    for (std::int32_t cpu = 0; cpu < static_cast<std::int32_t>(system_.cpus); ++cpu) {
      if ((one.affinity < 0 || one.affinity == cpu) && !member_pinned_at(cpu, system_.pin_level)) return false;
    }
    return true;
  }

  bool member_pinned_at(std::int32_t cpu, std::int64_t level) const {
    return std::any_of(running_.begin(), running_.end(), [&](const Running& other) {
      return other.cpu == cpu && other.level >= level && is_member(other);
    });
  }

  bool start_is_blocked(ContextId id) const {
    const Context& handler = system_.at(id);
    const Environment environment{system_, state_};
    if (stays(handler.condition, environment, false)) return true;

    std::uint32_t busy = 0;
    for (const Running& one : running_) busy += one.context == id && is_member(one);
    if (busy == handler.activations) return true;

    // On every CPU where it may run a member of its level or higher is pinned. What `on` says counts while the
    // condition holds, or when no context outside can change it; a handler that waits for its condition may yet be sent
    // elsewhere.
    const bool on_is_settled = on_stays(handler, environment);
    const bool on_counts = evaluate(handler.condition, environment) != 0 || on_is_settled;
    bool somewhere = false;
    for (std::int32_t cpu = 0; cpu < static_cast<std::int32_t>(system_.cpus); ++cpu) {
      if (on_counts && !scheduler_.is_allowed_on(id, cpu, state_)) continue;
      somewhere = true;
      if (!member_pinned_at(cpu, std::max(handler.start_level, system_.pin_level))) return false;
    }
    return somewhere || on_is_settled;
  }

  bool on_stays(const Context& handler, const Environment& environment) const {
    if (const auto* one = std::get_if<OnOne>(&handler.cpus)) return is_settled(one->cpu, environment, false);
    if (const auto* set = std::get_if<OnSet>(&handler.cpus)) {
      return std::all_of(set->allowed.begin(), set->allowed.end(),
                         [&](ExprId allowed) { return is_settled(allowed, environment, false); });
    }
    return true;
  }

  /// Whether a condition is false and only members could still change that.
  bool stays(ExprId condition, const Environment& environment, bool floats) const {
    const Judged judged = judge(condition, {environment, floats});
    return judged.value == 0 && judged.settled;
  }

  bool is_settled(ExprId expr, const Environment& environment, bool floats) const {
    return judge(expr, {environment, floats}).settled;
  }

  /// What an expression is now, and 5.2: whether only members could still change that. Both in one pass over the
  /// expression, since what a conjunction needs of its sides is both.
  struct Judged {
    std::int64_t value;
    bool settled;
  };
  struct Surroundings {
    const Environment& environment;
    bool floats;  // the current CPU may change
  };
  Judged judge(ExprId expr, const Surroundings& s) const {
    return std::visit([&](const auto& node) { return judge_node(node, s); }, system_.at(expr));
  }
  Judged judge_node(const ConstantExpr& constant, const Surroundings&) const { return {constant.value, true}; }
  Judged judge_node(const SelfActivationExpr&, const Surroundings& s) const {
    return {static_cast<std::int64_t>(s.environment.activation), true};
  }
  Judged judge_node(const CurrentCpuExpr&, const Surroundings& s) const { return {s.environment.cpu, !s.floats}; }
  Judged judge_node(const TempExpr&, const Surroundings&) const {
    QUIESCE_CHECK(false) << "a scratch register in a guard";
    return {0, false};
  }
  Judged judge_node(const LoadExpr& load, const Surroundings& s) const {
    const std::vector<CellId>& cells = load.place.cells;
    const Judged index = load.place.index.valid() ? judge(load.place.index, s) : Judged{0, true};
    const bool inside = index.value >= 0 && index.value < static_cast<std::int64_t>(cells.size());
    const CellId cell = cells[inside ? static_cast<std::size_t>(index.value) : 0];
    return {state_[cell.value], index.settled && (holder_is_member(cell) || only_members_write(cell))};
  }
  /// Only its holder gives a lock back.
  bool holder_is_member(CellId cell) const {
    if (system_.at(cell).kind != CellKind::Slot || state_[cell.value] == 0) return false;
    return std::any_of(running_.begin(), running_.end(), [&](const Running& one) {
      const auto name = static_cast<std::int32_t>(system_.at(one.context).first_slot + one.activation + 1);
      return name == state_[cell.value] && is_member(one);
    });
  }
  Judged judge_node(const UnaryExpr& unary, const Surroundings& s) const {
    const Judged operand = judge(unary.operand, s);
    return {apply(unary.op, operand.value), operand.settled};
  }
  Judged judge_node(const BinaryExpr& binary, const Surroundings& s) const {
    const Judged left = judge(binary.left, s);
    const Judged right = judge(binary.right, s);
    bool settled = left.settled && right.settled;
    if (binary.op == BinaryOp::And || binary.op == BinaryOp::Or) {
      // One false side settles a conjunction, one true side a disjunction.
      const bool decisive = binary.op == BinaryOp::Or;
      const auto decides = [&](const Judged& side) { return (side.value != 0) == decisive && side.settled; };
      settled = settled || decides(left) || decides(right);
    }
    return {apply(binary.op, left.value, right.value), settled};
  }
  Judged judge_node(const ConditionalExpr& conditional, const Surroundings& s) const {
    const Judged condition = judge(conditional.condition, s);
    const Judged chosen = judge(condition.value != 0 ? conditional.then_value : conditional.else_value, s);
    return {chosen.value, condition.settled && chosen.settled};
  }
  Judged judge_node(const LookupExpr& lookup, const Surroundings& s) const {
    const Judged index = judge(lookup.index, s);
    const bool inside = index.value >= 0 && index.value < static_cast<std::int64_t>(lookup.table.size());
    return {lookup.table[inside ? static_cast<std::size_t>(index.value) : 0], index.settled};
  }
  /// Busy as long as one stuck activation is; idle until it is started.
  Judged judge_node(const IdleExpr& idle, const Surroundings&) const {
    if (!is_idle(system_, idle.context, state_)) {
      return {0, std::any_of(running_.begin(), running_.end(),
                             [&](const Running& one) { return one.context == idle.context && is_member(one); })};
    }
    return {1, system_.at(idle.context).kind == ContextKind::Thread ||
                   is_member(Actor{Actor::Kind::Start, idle.context.value, 0})};
  }

  bool only_members_write(CellId cell) const {
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      if (!member_[i] && writes_.may_write(candidates_[i], cell, state_)) return false;
    }
    return true;
  }

  Environment environment_of(const Running& one) const { return {system_, state_, one.activation, one.cpu + 1}; }

  const TransitionSystem& system_;
  const WriteTable& writes_;
  Scheduler scheduler_;
  const State& state_;
  std::vector<Running> running_;
  std::vector<Actor> candidates_;
  std::vector<bool> member_;
};

}  // namespace

std::vector<Actor> stuck_set(const Interpreter& interpreter, const State& state) {
  StuckAnalysis analysis(interpreter, state);
  std::vector<Actor> members = analysis.largest();
  if (!analysis.is_violation(members)) members.clear();
  return members;
}

}  // namespace quiesce::model
