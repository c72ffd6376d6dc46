#include "model/passes/mover_kinds.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <unordered_set>
#include <variant>

#include "model/base/patience.h"
#include "model/passes/inline_steps.h"

namespace quiesce::model {
namespace {

constexpr std::uint32_t kScheduler = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint32_t kNoContext = kScheduler - 1;
constexpr std::int64_t kMostChoicesBehind = 8;  // of one Choose that is put behind another step

bool has_many_choices(const Program& program) {
  return std::any_of(program.ops.begin(), program.ops.end(), [](const Op& op) {
    const auto* choose = std::get_if<ChooseOp>(&op);
    return choose != nullptr && choose->hi - choose->lo >= kMostChoicesBehind;
  });
}

}  // namespace

// ------------------------------------------------------------------------------------------ accesses

Accesses::Accesses(const TransitionSystem& system, const ValueRanges& ranges, const LockUse& locks)
    : by_cell_(system.cells.size()) {
  for (std::uint32_t k = 0; k < system.contexts.size(); ++k) {
    const Context& context = system.contexts[k];
    add_program(system, context.start, k, 0);
    add_expr(system, context.condition, kScheduler, 0);
    if (const auto* one = std::get_if<OnOne>(&context.cpus)) add_expr(system, one->cpu, kScheduler, 0);
    if (const auto* set = std::get_if<OnSet>(&context.cpus)) {
      for (const ExprId allowed : set->allowed) add_expr(system, allowed, kScheduler, 0);
    }
  }
  for (std::size_t l = 0; l < system.locations.size(); ++l) {
    ask_patience();
    const LocationId id(l);
    if (!ranges.reached(id)) continue;
    const Location& location = system.at(id);
    add_program(system, location.program, location.context.value, locks.needed(id));
    add_expr(system, location.guard, location.context.value, locks.held(id));
    if (location.lock) add_expr(system, location.lock->index, location.context.value, locks.held(id));
  }
  for (const Action& action : system.actions) {
    add_program(system, action.program, kScheduler, 0);
    add_expr(system, action.guard, kScheduler, 0);
  }
  for (const Property& property : system.properties) {
    add_expr(system, property.condition, kScheduler, 0);
    add_expr(system, property.trigger, kScheduler, 0);
  }
  for (const TemporalProperty& property : system.temporal) {
    add_expr(system, property.trigger, kScheduler, 0);
    for (const TemporalNode& node : property.formula) add_expr(system, node.atom, kScheduler, 0);
  }
  for (const Instance& instance : system.instances) {
    if (instance.life) add(*instance.life, {kScheduler, 0, false});
  }
}

void Accesses::add(CellId cell, const Access& access) {
  std::vector<Access>& known = by_cell_[cell.value];
  const bool is_new = std::none_of(known.begin(), known.end(), [&](const Access& one) {
    return one.context == access.context && one.needed == access.needed && one.writes == access.writes;
  });
  if (is_new) known.push_back(access);
}

void Accesses::add_program(const TransitionSystem& system, const Program& program, std::uint32_t context,
                           LockSet needed) {
  const ProgramUse use = use_of(system, program);
  use.reads.for_each([&](CellId cell) { add(cell, {context, needed, false}); });
  use.writes.for_each([&](CellId cell) { add(cell, {context, needed, true}); });
}

void Accesses::add_expr(const TransitionSystem& system, ExprId expr, std::uint32_t context, LockSet needed) {
  if (!expr.valid()) return;
  CellSet reads(system.cells.size());
  add_reads(system, expr, reads);
  reads.for_each([&](CellId cell) { add(cell, {context, needed, false}); });
}

bool Accesses::conflict(CellId cell, bool reading, std::uint32_t k, LockSet held) const {
  const std::vector<Access>& all = by_cell_[cell.value];
  return std::any_of(all.begin(), all.end(), [&](const Access& access) {
    return access.context != k && (access.writes || !reading) && (access.needed & held) == 0;
  });
}

// --------------------------------------------------------------------------------------------- kinds

MoverKinds::MoverKinds(TransitionSystem& system)
    : system_(system),
      clear_(system),
      ranges_(system, clear_),
      locks_(system, clear_, ranges_),
      accesses_(system, ranges_, locks_),
      seen_(system),
      ends_(system, ranges_),
      special_(system.cells.size(), 0),
      is_level_(system.cells.size(), false),
      local_of_(system.cells.size(), 0),
      steps_(system.locations.size()),
      kept_(system.locations.size(), false),
      urgent_reads_(system.cells.size()) {
  off_ = asks_for_deadlocks() || !locks_.only_safe_waits();
  if (off_) return;
  for (std::uint32_t k = 0; k < system.contexts.size(); ++k) {
    const Context& context = system.contexts[k];
    for (const auto* cells : {&context.location_cell, &context.level_cell, &context.cpu_cell, &context.affinity_cell}) {
      for (const CellId cell : *cells) special_[cell.value] = k + 1;
    }
    for (const CellId cell : context.level_cell) is_level_[cell.value] = true;
    for (const CellId cell : context.level_cell) local_of_[cell.value] = k + 1;
    for (const std::vector<CellId>& locals : context.local_cells) {
      for (const CellId cell : locals) local_of_[cell.value] = k + 1;
    }
  }
  find_urgent();
  find_steps();
  find_right();
}

/// A state that breaks core.stuck ends its runs, and the deadlock is often the state behind it: merging must not come
/// to a stuck state earlier than the text does.
bool MoverKinds::asks_for_deadlocks() const {
  return std::any_of(system_.properties.begin(), system_.properties.end(),
                     [&](const Property& property) { return property.kind == PropertyKind::DeadlockFree; });
}

void MoverKinds::find_urgent() {
  for (const Context& context : system_.contexts) {
    if (!context.urgent) continue;
    has_urgent_ = true;
    highest_urgent_ = std::max(highest_urgent_, context.start_level);
    if (context.condition.valid()) add_reads(system_, context.condition, urgent_reads_);
    if (const auto* one = std::get_if<OnOne>(&context.cpus)) add_reads(system_, one->cpu, urgent_reads_);
    if (const auto* set = std::get_if<OnSet>(&context.cpus)) {
      for (const ExprId allowed : set->allowed) add_reads(system_, allowed, urgent_reads_);
    }
  }
}

void MoverKinds::find_steps() {
  for (std::size_t k = 0; k < system_.contexts.size(); ++k) {
    const Context& context = system_.contexts[k];
    unseen_end_.push_back(is_level_own(context) ? ends_.end_of(system_, ContextId(k)) : UnseenEnd{});
    if (context.kind == ContextKind::Handler && context.start.uses_cpu && context.start_level < system_.pin_level) {
      for_each_goto(context.start, [&](LocationId to) {
        floating_may_wait_pinned_ = floating_may_wait_pinned_ || may_wait(system_.at(to));
      });
    }
  }
  for (std::size_t l = 0; l < steps_.size(); ++l) {
    const LocationId id(l);
    if (!ranges_.reached(id)) continue;
    ask_patience(system_.at(id).span);
    const Program& program = system_.at(id).program;
    Step& step = steps_[l];
    step.reached = true;
    step.use = use_of(system_, program);
    step.can_be_put_in =
        !may_wait(system_.at(id)) && !has_many_choices(program) && conditions_of_checks(system_, program).has_value();
    floating_may_wait_pinned_ = floating_may_wait_pinned_ || leaves_pinned_at_wait(id);
  }
  for (std::size_t l = 0; l < steps_.size(); ++l) {
    if (steps_[l].reached) steps_[l].kind = kind_of(LocationId(l));
  }
}

/// Of the steps that are both, those that only right movers lead to are merged with what follows, others with what
/// precedes.
void MoverKinds::find_right() {
  for (Step& step : steps_) step.is_right = step.kind == Kind::Both;
  const auto leave = [&](LocationId to, bool is_right) {
    if (!is_right) steps_[to.value].is_right = false;
  };
  for (const Context& context : system_.contexts) {
    if (context.kind == ContextKind::Handler) {
      for_each_goto(context.start, [&](LocationId to) { leave(to, false); });
    } else if (context.entry.valid()) {
      leave(context.entry, false);
    }
  }
  for (bool changed = true; changed;) {
    ask_patience();
    changed = false;
    for (std::size_t l = 0; l < steps_.size(); ++l) {
      if (!steps_[l].reached) continue;
      for_each_goto(system_.locations[l].program, [&](LocationId to) {
        const bool before = steps_[to.value].is_right;
        leave(to, is_right(LocationId(l), to));
        changed = changed || before != steps_[to.value].is_right;
      });
    }
  }
}

/// Whether others can do something to `cell` that conflicts with a step of context `k`. Other activations of it have
/// locals and levels of their own.
bool MoverKinds::conflicts(CellId cell, bool reading, std::uint32_t k, LockSet held) const {
  const bool is_own = system_.contexts[k].activations == 1 || local_of_[cell.value] == k + 1;
  return accesses_.conflict(cell, reading, is_own ? k : kNoContext, held);
}

bool MoverKinds::looks_alike_behind(LocationId id) const {
  bool alike = true;
  for_each_goto(system_.at(id).program, [&](LocationId to) { alike = alike && seen_.look_alike(id, to); });
  return alike;
}

/// Whether the step has the same effect before and after any step that others take while its context holds `held`, and
/// theirs the same before and after it; nor does a property look at what it writes. Of levels, see levels_only_fall.
bool MoverKinds::commutes(LocationId id, LockSet held) const {
  const ContextId k = system_.at(id).context;
  const ProgramUse& use = steps_[id.value].use;
  if (!use.idle.empty() || use.current_cpu || system_.at(id).program.uses_cpu) return false;
  bool fine = true;
  const bool floats = floats_through(id);
  const auto look = [&](CellId cell, bool reading) {
    if (!fine || locks_.safe_holder(cell)) return;
    if (special_[cell.value] != 0 && !is_level_of(cell, k) && !(floats && is_where_it_floats(cell, k, reading))) {
      fine = false;
      return;
    }
    fine = !conflicts(cell, reading, k.value, held);
  };
  use.reads.for_each([&](CellId cell) { look(cell, true); });
  use.writes.for_each([&](CellId cell) { look(cell, false); });
  if (system_.at(id).guard.valid()) {
    CellSet reads(system_.cells.size());
    add_reads(system_, system_.at(id).guard, reads);
    reads.for_each([&](CellId cell) { look(cell, true); });
  }
  return fine;
}

bool MoverKinds::is_level_of(CellId cell, ContextId k) const {
  return special_[cell.value] == k.value + 1 && is_level_[cell.value];
}

/// The affinity of the context, and its CPU, which is null while it floats and steps.
bool MoverKinds::is_where_it_floats(CellId cell, ContextId k, bool reading) const {
  const Context& context = system_.at(k);
  if (context.activations != 1) return false;
  return cell == context.cpu_cell.front() ? reading
                                          : !context.affinity_cell.empty() && cell == context.affinity_cell.front();
}

/// Whether the context is below the pin level before and after the step, whatever it does.
bool MoverKinds::floats_through(LocationId id) const {
  const StepRanges& ranges = ranges_.step(id);
  if (ranges.level.front().hi >= system_.pin_level) return false;
  return std::none_of(ranges.assigned.begin(), ranges.assigned.end(),
                      [](const std::optional<Interval>& level) { return level.has_value(); });
}

bool MoverKinds::writes_affinity(const Context& context, const ProgramUse& use) {
  return std::any_of(context.affinity_cell.begin(), context.affinity_cell.end(),
                     [&](CellId cell) { return use.writes.contains(cell); });
}

MoverKinds::Kind MoverKinds::kind_of(LocationId id) const {
  const Context& context = system_.at(system_.at(id).context);
  const Step& step = steps_[id.value];
  if (!step.can_be_put_in || !looks_alike_behind(id) || !commutes(id, locks_.held(id))) {
    return Kind::Other;
  }
  bool both = true;
  step.use.writes.for_each([&](CellId cell) { both = both && !locks_.safe_holder(cell); });
  if (writes_affinity(context, step.use)) {
    if (has_urgent_ && floating_may_wait_pinned_) return Kind::Other;
    both = false;
  }
  if (step.use.writes.contains(context.level_cell.front())) {
    if (!levels_only_fall(id)) return Kind::Other;
    both = false;
  }
  if (may_end(id)) {
    if (!unseen_end_[system_.at(id).context.value].is_unseen || (has_urgent_ && floating_may_wait_pinned_))
      return Kind::Other;
    both = false;
  }
  return both ? Kind::Both : Kind::Left;
}

/// Whether the context is pinned before the step and has no higher level behind it; where it may float then, nothing
/// can tell that from staying pinned.
bool MoverKinds::levels_only_fall(LocationId id) const {
  const StepRanges& ranges = ranges_.step(id);
  if (ranges.level.front().lo < system_.pin_level) return false;
  std::int64_t least = kMaxLevel;
  for (std::size_t i = 0; i < ranges.executed.size(); ++i) {
    if (!ranges.executed[i] || !ranges.assigned[i]) continue;
    if (ranges.assigned[i]->hi > ranges.level[i].lo) return false;
    least = std::min(least, ranges.assigned[i]->lo);
  }
  if (least >= system_.pin_level) return true;
  return !ends_.is_cpu_looked_at(system_.at(id).context) && !(has_urgent_ && leaves_pinned_at_wait(id));
}

bool MoverKinds::may_end(LocationId id) const {
  const std::vector<Op>& ops = system_.at(id).program.ops;
  return std::any_of(ops.begin(), ops.end(), [](const Op& op) { return std::holds_alternative<EndOp>(op); });
}

/// Whether no other context looks at its level.
bool MoverKinds::is_level_own(const Context& context) const {
  const auto k = static_cast<std::uint32_t>(&context - system_.contexts.data());
  return std::none_of(context.level_cell.begin(), context.level_cell.end(),
                      [&](CellId cell) { return conflicts(cell, false, k, 0); });
}

/// Whether the step may leave its context pinned below the pin level (docs/semantics.md 3.6) where it waits.
bool MoverKinds::leaves_pinned_at_wait(LocationId id) const {
  const StepRanges& ranges = ranges_.step(id);
  const Program& program = system_.at(id).program;
  bool leaves = program.uses_cpu && ranges.level.front().lo < system_.pin_level;
  for (std::size_t i = 0; i < ranges.executed.size(); ++i) {
    leaves = leaves || (ranges.executed[i] && ranges.assigned[i] && ranges.assigned[i]->lo < system_.pin_level);
  }
  if (!leaves) return false;
  bool waits = false;
  for_each_goto(program, [&](LocationId to) { waits = waits || may_wait(system_.at(to)); });
  return waits;
}

/// Whether an assignment to the level may be executed on a way to `to` (none: at all).
bool MoverKinds::writes_level(const Program& program, const StepRanges& ranges, std::optional<LocationId> to) const {
  std::vector<bool> written(program.ops.size() + 1, false);
  bool result = false;
  for (std::size_t i = 0; i < program.ops.size(); ++i) {
    if (!ranges.executed[i]) continue;
    const bool here = written[i] || ranges.assigned[i].has_value();
    if (const auto* branch = std::get_if<BranchOp>(&program.ops[i])) {
      written[branch->otherwise] = written[branch->otherwise] || here;
    } else if (const auto* jump = std::get_if<JumpOp>(&program.ops[i])) {
      written[jump->target] = written[jump->target] || here;
      continue;
    } else if (const auto* leave = std::get_if<GotoOp>(&program.ops[i])) {
      result = result || (here && (!to || leave->location == *to));
      continue;
    } else if (std::holds_alternative<EndOp>(program.ops[i])) {
      result = result || (here && !to);
      continue;
    }
    written[i + 1] = written[i + 1] || here;
  }
  return result;
}

/// Whether what the step from `from` does on the way to `to` is a right mover.
bool MoverKinds::is_right(LocationId from, LocationId to) const {
  const Step& step = steps_[from.value];
  if (step.is_right) return true;
  const auto lock = locks_.taken(from, to);
  return lock && !writes_level(system_.at(from).program, ranges_.step(from), to) && seen_.look_alike(from, to) &&
         commutes(from, locks_.held(from) | (LockSet{1} << *lock));
}

/// Whether the step may take its context from below the pin level to a pinned one: what it continues to do must not
/// lower the level again, since then the step would not pin the context at all.
bool MoverKinds::raises_from_floating(const Program& program, const StepRanges& ranges) const {
  if (ranges.level.empty() || ranges.level.front().lo >= system_.pin_level) return false;
  for (std::size_t i = 0; i < program.ops.size(); ++i) {
    if (ranges.executed[i] && ranges.assigned[i] && ranges.assigned[i]->hi >= system_.pin_level) return true;
  }
  return false;
}

/// Whether the context can step at `to` at once, on the CPU on which it is.
bool MoverKinds::is_able_after(std::optional<LocationId> from, LocationId to) const {
  const ContextId k = system_.at(to).context;
  const Context& context = system_.at(k);
  const Program& program = from ? system_.at(*from).program : context.start;
  const StepRanges& ranges = from ? ranges_.step(*from) : ranges_.start(k);
  const ProgramUse use = from ? steps_[from->value].use : use_of(system_, program);
  if (writes_affinity(context, use) && !ranges_.step(to).without_affinity) return false;
  if (raises_from_floating(program, ranges)) return false;
  if (!has_urgent_) return true;
  const std::int64_t least = ranges_.level(to).lo;
  if (least >= system_.pin_level && least >= highest_urgent_) return true;
  if (use.writes.intersects(urgent_reads_)) return false;
  for (const CellId cell : context.location_cell) {
    if (urgent_reads_.contains(cell)) return false;
  }
  if (writes_level(program, ranges, to)) return false;
  return !program.uses_cpu || least >= system_.pin_level;
}

bool MoverKinds::goes_on(std::optional<LocationId> from, LocationId to) const {
  const Step& there = steps_[to.value];
  if (off_ || kept_[to.value] || !there.reached || !there.can_be_put_in) return false;
  if (from && !steps_[from->value].reached) return false;
  if (!is_able_after(from, to)) return false;
  if (!from && ends_within(to)) return false;
  if (from && is_right(*from, to)) return true;
  return there.kind != Kind::Other && !there.is_right;
}

ExprId MoverKinds::goes_on_only_if(std::optional<LocationId> from, LocationId to) const {
  if (!may_end(to) || (from && is_right(*from, to))) return {};
  return unseen_end_[system_.at(to).context.value].only_if;
}

/// Whether a step that comes to `to` and continues may end its context. Ends where no cycle of such places is left.
bool MoverKinds::ends_within(LocationId to) const {
  std::vector<LocationId> open = {to};
  std::unordered_set<LocationId> seen = {to};
  while (!open.empty()) {
    const LocationId here = open.back();
    open.pop_back();
    if (may_end(here)) return true;
    for_each_goto(system_.at(here).program, [&](LocationId next) {
      if (goes_on(here, next) && seen.insert(next).second) open.push_back(next);
    });
  }
  return false;
}

}  // namespace quiesce::model
