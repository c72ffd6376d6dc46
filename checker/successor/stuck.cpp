#include "checker/successor/stuck.h"

#include <algorithm>

#include "model/base/internal_check.h"
#include "model/base/overloaded.h"
#include "model/system/may_write.h"

namespace quiesce::checker {

using namespace model;

namespace {

/// Whether `cell` is the holder of a lock and `value` names a member: only the holder gives a lock back.
bool holder_in(const std::vector<std::uint8_t>& members, const Cell& cell, std::int32_t value) {
  return cell.kind == CellKind::Slot && value > 0 && static_cast<std::size_t>(value) <= members.size() &&
         members[static_cast<std::size_t>(value - 1)] != 0;
}

}  // namespace

StuckDetector::StuckDetector(const CompiledSystem& compiled) : compiled_(compiled), system_(compiled.system()) {
  const std::size_t cells = system_.cells.size();
  const CellSet none(cells);

  // Which context owns which cell: a context's locals are written by itself only.
  std::vector<std::int64_t> owner(cells, -1);
  own_.assign(compiled.activations.size(), none);
  std::vector<CellSet> scheduling(compiled.activations.size(), none);  // location, level, CPU, affinity
  for (std::size_t slot = 0; slot < compiled.activations.size(); ++slot) {
    const CompiledActivation& activation = compiled.activations[slot];
    const Context& context = system_.contexts[activation.context];
    const auto take = [&](std::size_t cell, bool of_scheduler) {
      owner[cell] = static_cast<std::int64_t>(slot);
      own_[slot].insert(CellId(cell));
      if (of_scheduler) scheduling[slot].insert(CellId(cell));
    };
    if (!context.local_cells.empty()) {
      for (CellId cell : context.local_cells[activation.activation]) take(cell.value, false);
    }
    take(static_cast<std::size_t>(activation.location_cell), true);
    take(static_cast<std::size_t>(activation.level_cell), true);
    take(static_cast<std::size_t>(activation.cpu_cell), true);
    if (activation.affinity_cell >= 0) take(static_cast<std::size_t>(activation.affinity_cell), true);
  }

  const MayWrite may_write(system_);
  places_.resize(compiled.activations.size());
  for (std::size_t slot = 0; slot < compiled.activations.size(); ++slot) {
    const Context& context = system_.contexts[compiled.activations[slot].context];
    places_[slot].resize(1);
    for (LocationId id : context.locations) {
      const Location& location = system_.at(id);
      Place place;
      place.waits_for_lock = location.lock.has_value();
      if (location.lock) {
        for (CellId cell : location.lock->cells) place.lock_cells.push_back(static_cast<std::int32_t>(cell.value));
        place.lock_index = location.lock->index;
      }
      place.guard = location.guard;
      place.always_bad = location.wait == WaitKind::Spin ||
                         std::any_of(location.inside.begin(), location.inside.end(),
                                     [&](FunctionId function) { return system_.at(function).returns; });
      place.writes = may_write.from(id);
      for (std::size_t cell = 0; cell < cells; ++cell) {
        if (owner[cell] >= 0 && owner[cell] != static_cast<std::int64_t>(slot)) place.writes.erase(CellId(cell));
      }
      place.writes.unite(scheduling[slot]);
      place.writes.unite(may_write.elsewhere_from(id));
      places_[slot].push_back(std::move(place));
    }
  }
  handler_of_.assign(system_.contexts.size(), -1);
  for (std::size_t h = 0; h < compiled.handlers.size(); ++h) {
    const CompiledHandler& handler = compiled.handlers[h];
    handler_of_[handler.context] = static_cast<std::int32_t>(h);
    CellSet writes = may_write.of_start(ContextId(std::size_t{handler.context}));
    for (std::uint32_t a = 0; a < handler.activations; ++a) writes.subtract(own_[handler.first_slot + a]);
    writes.unite(may_write.elsewhere_of_start(ContextId(std::size_t{handler.context})));
    start_writes_.push_back(std::move(writes));
  }
  for (std::size_t a = 0; a < system_.actions.size(); ++a) action_writes_.push_back(may_write.of_action(ActionId(a)));
  context_member_.resize(compiled.activations.size());
  start_member_.resize(compiled.handlers.size());
  action_member_.resize(system_.actions.size());
  unsettled_ = none;
}

const StuckDetector::Place& StuckDetector::place_of(std::uint32_t slot) const {
  return places_[slot][static_cast<std::size_t>(state_[compiled_.activations[slot].location_cell])];
}

bool StuckDetector::holds_lock(std::uint32_t slot) const {
  return std::any_of(system_.locks.begin(), system_.locks.end(), [&](const Lock& lock) {
    return state_[lock.holder.value] == static_cast<std::int32_t>(slot + 1);
  });
}

/// Whether the context waits for a lock that is taken, or for a condition that is false.
bool StuckDetector::waits(std::uint32_t slot, const Place& place) const {
  const CompiledActivation& activation = compiled_.activations[slot];
  const Runner runner{activation.activation, state_[activation.cpu_cell]};
  if (place.waits_for_lock && !place.guard.valid()) {
    bool settled = true;
    const std::size_t position = element(place.lock_index, place.lock_cells.size(), runner, &settled);
    if (state_[place.lock_cells[position]] != 0) return true;
  }
  return place.guard.valid() && evaluate(place.guard, runner).value == 0;
}

bool StuckDetector::is_stuck(const std::int32_t* state) {
  state_ = state;
  for (std::uint32_t slot = 0; slot < compiled_.activations.size(); ++slot) {
    const CompiledActivation& activation = compiled_.activations[slot];
    if (state[activation.location_cell] == 0) continue;
    const Place& place = place_of(slot);
    if (!place.waits_for_lock && !place.guard.valid()) continue;
    const bool bad = place.always_bad || activation.is_handler || state[activation.cpu_cell] != 0 || holds_lock(slot);
    if (bad && waits(slot, place)) return largest_set_is_bad();
  }
  return false;
}

bool StuckDetector::largest_set_is_bad() {
  for (std::uint32_t slot = 0; slot < context_member_.size(); ++slot) {
    context_member_[slot] = state_[compiled_.activations[slot].location_cell] != 0;
  }
  std::fill(start_member_.begin(), start_member_.end(), std::uint8_t{1});
  std::fill(action_member_.begin(), action_member_.end(), std::uint8_t{1});
  unsettled_.clear();
  for (bool changed = true; changed;) {
    changed = false;
    const auto leave = [&](std::uint8_t& member, const CellSet& writes) {
      member = 0;
      unsettled_.unite(writes);
      changed = true;
    };
    for (std::uint32_t slot = 0; slot < context_member_.size(); ++slot) {
      if (context_member_[slot] != 0 && !context_is_blocked(slot)) leave(context_member_[slot], place_of(slot).writes);
    }
    for (std::uint32_t h = 0; h < start_member_.size(); ++h) {
      if (start_member_[h] == 0 || start_is_blocked(h)) continue;
      leave(start_member_[h], start_writes_[h]);
      for (std::uint32_t a = 0; a < compiled_.handlers[h].activations; ++a) {  // it starts one that does not run
        const std::uint32_t slot = compiled_.handlers[h].first_slot + a;
        if (state_[compiled_.activations[slot].location_cell] == 0) unsettled_.unite(own_[slot]);
      }
    }
    for (std::size_t a = 0; a < action_member_.size(); ++a) {
      if (action_member_[a] != 0 && !false_and_settled(system_.actions[a].guard, {})) {
        leave(action_member_[a], action_writes_[a]);
      }
    }
  }
  for (std::uint32_t slot = 0; slot < context_member_.size(); ++slot) {
    if (context_member_[slot] == 0) continue;
    const CompiledActivation& activation = compiled_.activations[slot];
    if (place_of(slot).always_bad || activation.is_handler || state_[activation.cpu_cell] != 0 || holds_lock(slot)) {
      return true;
    }
  }
  return false;
}

bool StuckDetector::member_pinned_at(std::uint32_t cpu, std::int32_t level) const {
  for (std::uint32_t slot = 0; slot < context_member_.size(); ++slot) {
    if (context_member_[slot] == 0) continue;
    const CompiledActivation& activation = compiled_.activations[slot];
    if (state_[activation.cpu_cell] == static_cast<std::int32_t>(cpu) + 1 && state_[activation.level_cell] >= level) {
      return true;
    }
  }
  return false;
}

bool StuckDetector::context_is_blocked(std::uint32_t slot) const {
  const CompiledActivation& activation = compiled_.activations[slot];
  const Place& place = place_of(slot);
  const std::int32_t cpu = state_[activation.cpu_cell];
  const Runner runner{activation.activation, cpu};
  // A context that has yet to raise to the lock's level does not wait for it: its guard is true.
  if (place.waits_for_lock && (!place.guard.valid() || evaluate(place.guard, runner).value == 0)) {
    bool settled = true;
    const std::int32_t holder =
        state_[place.lock_cells[element(place.lock_index, place.lock_cells.size(), runner, &settled)]];
    if (holder > 0 && static_cast<std::size_t>(holder) <= context_member_.size() &&
        context_member_[static_cast<std::size_t>(holder - 1)] != 0) {
      return true;
    }
  }
  if (place.guard.valid() && false_and_settled(place.guard, runner)) return true;
  if (cpu != 0) {
    return member_pinned_at(static_cast<std::uint32_t>(cpu - 1), state_[activation.level_cell] + 1);
  }
  const std::int32_t affinity = activation.affinity_cell >= 0 ? state_[activation.affinity_cell] : 0;
  for (std::uint32_t c = 0; c < compiled_.cpus; ++c) {
    if (affinity != 0 && affinity != static_cast<std::int32_t>(c) + 1) continue;
    if (!member_pinned_at(c, compiled_.pin_level)) return false;
  }
  return true;
}

bool StuckDetector::start_is_blocked(std::uint32_t position) const {
  const CompiledHandler& handler = compiled_.handlers[position];
  const Context& context = system_.contexts[handler.context];
  const Valued condition = evaluate(context.condition, {});
  if (condition.value == 0 && condition.settled) return true;

  bool all_busy = true;
  for (std::uint32_t a = 0; a < handler.activations && all_busy; ++a) {
    all_busy = context_member_[handler.first_slot + a] != 0;
  }
  if (all_busy) return true;

  // What `on` says counts while the condition holds, or when no context outside can change it.
  bool on_is_settled = true;
  std::uint32_t allowed = (1u << compiled_.cpus) - 1;
  if (const auto* one = std::get_if<OnOne>(&context.cpus)) {
    const Valued on = evaluate(one->cpu, {});
    on_is_settled = on.settled;
    allowed = on.value >= 1 && on.value <= compiled_.cpus ? 1u << (on.value - 1) : 0;
  } else if (const auto* cpus = std::get_if<OnSet>(&context.cpus)) {
    allowed = 0;
    for (std::uint32_t c = 0; c < compiled_.cpus; ++c) {
      const Valued on = evaluate(cpus->allowed[c], {});
      on_is_settled = on_is_settled && on.settled;
      if (on.value != 0) allowed |= 1u << c;
    }
  }
  if (condition.value == 0 && !on_is_settled) allowed = (1u << compiled_.cpus) - 1;
  for (std::uint32_t c = 0; c < compiled_.cpus; ++c) {
    if ((allowed >> c & 1u) != 0 && !member_pinned_at(c, std::max(handler.level, compiled_.pin_level))) return false;
  }
  return allowed != 0 || on_is_settled;
}

bool StuckDetector::false_and_settled(ExprId condition, const Runner& runner) const {
  const Valued valued = evaluate(condition, runner);
  return valued.value == 0 && valued.settled;
}

/// The position that `index` names among `size`; clears `settled` when a context outside may change it.
std::size_t StuckDetector::element(ExprId index, std::size_t size, const Runner& runner, bool* settled) const {
  if (!index.valid()) return 0;
  const Valued at = evaluate(index, runner);
  *settled = *settled && at.settled;
  return at.value > 0 && static_cast<std::size_t>(at.value) < size ? static_cast<std::size_t>(at.value) : 0;
}

/// The value of `expr`, and whether only members could still change it. A conjunction that is false is settled when
/// one false side is, a disjunction that is true when one true side is.
StuckDetector::Valued StuckDetector::evaluate(ExprId expr, const Runner& runner) const {
  return std::visit(
      Overloaded{
          [](const ConstantExpr& e) {
            return Valued{e.value, true};
          },
          [&](const LoadExpr& e) {
            bool settled = true;
            const CellId cell = e.place.cells[element(e.place.index, e.place.cells.size(), runner, &settled)];
            settled = settled &&
                      (!unsettled_.contains(cell) || holder_in(context_member_, system_.at(cell), state_[cell.value]));
            return Valued{state_[cell.value], settled};
          },
          [](const TempExpr&) {
            return Valued{0, true};
          },  // do not occur in guards
          [&](const UnaryExpr& e) {
            const Valued operand = evaluate(e.operand, runner);
            return Valued{apply(e.op, operand.value), operand.settled};
          },
          [&](const BinaryExpr& e) {
            const Valued left = evaluate(e.left, runner);
            const Valued right = evaluate(e.right, runner);
            bool settled = left.settled && right.settled;
            if (!settled && (e.op == BinaryOp::And || e.op == BinaryOp::Or)) {
              const bool decisive = e.op == BinaryOp::Or;
              settled =
                  ((left.value != 0) == decisive && left.settled) || ((right.value != 0) == decisive && right.settled);
            }
            return Valued{apply(e.op, left.value, right.value), settled};
          },
          [&](const ConditionalExpr& e) {
            const Valued condition = evaluate(e.condition, runner);
            const Valued chosen = evaluate(condition.value != 0 ? e.then_value : e.else_value, runner);
            return Valued{chosen.value, condition.settled && chosen.settled};
          },
          [&](const LookupExpr& e) {
            bool settled = true;
            const std::size_t position = element(e.index, e.table.size(), runner, &settled);
            return Valued{e.table[position], settled};
          },
          [&](const SelfActivationExpr&) {
            return Valued{runner.activation, true};
          },
          [&](const CurrentCpuExpr&) {
            return Valued{runner.cpu, runner.cpu != 0};
          },
          [&](const IdleExpr& e) {
            const Context& context = system_.at(e.context);
            bool idle = true;
            bool kept_busy = false;
            for (std::uint32_t a = 0; a < context.activations; ++a) {
              idle = idle && state_[context.location_cell[a].value] == 0;
              kept_busy = kept_busy || context_member_[context.first_slot + a] != 0;
            }
            if (!idle) return Valued{0, kept_busy};
            const std::int32_t handler = handler_of_[e.context.value];
            return Valued{1, handler < 0 || start_member_[static_cast<std::size_t>(handler)] != 0};
          },
      },
      system_.at(expr));
}

}  // namespace quiesce::checker
