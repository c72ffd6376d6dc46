#include "model/passes/lock_use.h"

#include <algorithm>
#include <cstddef>
#include <variant>

#include "model/base/overloaded.h"
#include "model/base/patience.h"
#include "model/system/traverse.h"

namespace quiesce::model {
namespace {

constexpr LockSet bit(std::size_t lock) { return LockSet{1} << lock; }
constexpr LockSet kAll = ~LockSet{0};

}  // namespace

bool may_wait(const Location& location) {
  const std::vector<Op>& ops = location.program.ops;
  return location.wait != WaitKind::None || location.guard.valid() || location.lock.has_value() ||
         std::any_of(ops.begin(), ops.end(), [](const Op& op) { return std::holds_alternative<AssumeOp>(op); });
}

LockUse::LockUse(const TransitionSystem& system, const ValueRanges& ranges)
    : system_(system),
      ranges_(ranges),
      count_(std::min<std::size_t>(system.locks.size(), 64)),
      lock_of_(system.cells.size(), -1),
      held_(system.locations.size(), kAll),
      maybe_(system.locations.size(), 0),
      needed_(system.locations.size(), 0) {
  for (std::size_t lock = 0; lock < count_; ++lock) {
    lock_of_[system.locks[lock].holder.value] = static_cast<std::int32_t>(lock);
  }
  find_clear();
  for (const Context& context : system.contexts) flow(context);
  find_safe();
}

std::optional<std::size_t> LockUse::holder(const Place& place) const {
  if (place.cells.size() != 1 || lock_of_[place.cells.front().value] < 0) return std::nullopt;
  return static_cast<std::size_t>(lock_of_[place.cells.front().value]);
}

std::optional<std::size_t> LockUse::safe_holder(CellId cell) const {
  const std::int32_t lock = lock_of_[cell.value];
  return lock >= 0 && is_safe(static_cast<std::size_t>(lock)) ? std::optional<std::size_t>(lock) : std::nullopt;
}

/// Whether `expr` is what the holder cell holds while the running activation of `context` holds the lock.
bool LockUse::is_own_slot(ExprId expr, const Context& context) const {
  const std::int64_t first = std::int64_t{context.first_slot} + 1;
  std::int64_t value = 0;
  if (context.activations == 1) return system_.expressions.is_constant(expr, &value) && value == first;
  const auto* sum = std::get_if<BinaryExpr>(&system_.at(expr));
  return sum != nullptr && sum->op == BinaryOp::Add &&
         std::holds_alternative<SelfActivationExpr>(system_.at(sum->left)) &&
         system_.expressions.is_constant(sum->right, &value) && value == first;
}

bool LockUse::is_zero(ExprId expr) const {
  std::int64_t value = 1;
  return system_.expressions.is_constant(expr, &value) && value == 0;
}

// --------------------------------------------------------------------------------------- clear locks

/// Whether each comparison in `root` of the lock's holder is with the own slot, or with 0 where one waits for it.
bool LockUse::reads_rightly(ExprId root, std::size_t lock, const Context& context, bool is_wait) const {
  bool right = true;
  std::vector<ExprId> open = {root};
  std::unordered_set<ExprId> seen = {root};
  while (!open.empty() && right) {
    const Expr& expr = system_.at(open.back());
    open.pop_back();
    if (const auto* binary = std::get_if<BinaryExpr>(&expr);
        binary != nullptr && (binary->op == BinaryOp::Equal || binary->op == BinaryOp::NotEqual)) {
      const auto* load = std::get_if<LoadExpr>(&system_.at(binary->left));
      if (load != nullptr && holder(load->place) == lock) {
        right = is_own_slot(binary->right, context) || (is_wait && is_zero(binary->right));
        continue;
      }
    }
    if (const auto* load = std::get_if<LoadExpr>(&expr)) {
      right = std::none_of(load->place.cells.begin(), load->place.cells.end(),
                           [&](CellId cell) { return lock_of_[cell.value] == static_cast<std::int32_t>(lock); });
    }
    for_each_operand(expr, [&](ExprId operand) {
      if (seen.insert(operand).second) open.push_back(operand);
    });
  }
  return right;
}

/// Whether the program takes the lock only where it has waited until it is free, and gives it back only where it holds it.
bool LockUse::is_right_use(const Context& context, const Program& program, const std::optional<Place>& waited,
                           std::size_t lock) const {
  const CellId cell = system_.locks[lock].holder;
  const bool is_wait = waited && holder(*waited) == lock;
  // Per operation: on every way to it the lock is free, or one's own, since it was found so.
  struct Found {
    bool free = true;
    bool own = true;
  };
  std::vector<std::optional<Found>> found(program.ops.size() + 1);
  found.front() = Found{false, false};
  const auto go = [&](std::size_t to, const Found& here) {
    found[to] = found[to] ? Found{found[to]->free && here.free, found[to]->own && here.own} : here;
  };
  const auto tested = [&](ExprId condition) -> std::optional<ExprId> {
    const auto* binary = std::get_if<BinaryExpr>(&system_.at(condition));
    if (binary == nullptr || binary->op != BinaryOp::Equal) return std::nullopt;
    const auto* load = std::get_if<LoadExpr>(&system_.at(binary->left));
    return load != nullptr && holder(load->place) == lock ? std::optional<ExprId>(binary->right) : std::nullopt;
  };
  for (std::size_t i = 0; i < program.ops.size(); ++i) {
    bool right = true;
    for_each_expr_of(program.ops[i],
                     [&](ExprId root) { right = right && reads_rightly(root, lock, context, is_wait); });
    if (!right) return false;
    if (!found[i]) continue;
    Found here = *found[i];
    if (const auto* assign = std::get_if<AssignOp>(&program.ops[i])) {
      if (std::find(assign->place.cells.begin(), assign->place.cells.end(), cell) != assign->place.cells.end()) {
        if (holder(assign->place) != lock) return false;
        const bool takes = is_own_slot(assign->value, context) && here.free && is_wait;
        const bool gives = is_zero(assign->value) && here.own;
        if (!takes && !gives) return false;
        here = {gives, takes};
      }
    } else if (const auto* check = std::get_if<CheckOp>(&program.ops[i])) {
      const std::optional<ExprId> slot = tested(check->condition);
      here.own = here.own || (system_.at(check->rule).core && slot && is_own_slot(*slot, context));
    } else if (const auto* assume = std::get_if<AssumeOp>(&program.ops[i])) {
      const std::optional<ExprId> number = tested(assume->condition);
      here.free = here.free || (number && is_zero(*number));
    } else if (const auto* branch = std::get_if<BranchOp>(&program.ops[i])) {
      go(branch->otherwise, here);
    } else if (const auto* jump = std::get_if<JumpOp>(&program.ops[i])) {
      go(jump->target, here);
      continue;
    } else if (std::holds_alternative<GotoOp>(program.ops[i]) || std::holds_alternative<EndOp>(program.ops[i])) {
      continue;
    }
    go(i + 1, here);
  }
  return true;
}

void LockUse::find_clear() {
  for (std::size_t lock = 0; lock < count_; ++lock) {
    ask_patience();
    const CellId cell = system_.locks[lock].holder;
    bool clear = true;
    for_each_expr_outside_programs(system_, [&](ExprId root) {
      CellSet reads(system_.cells.size());
      add_reads(system_, root, reads);
      clear = clear && !reads.contains(cell);
    });
    // Guards stand outside programs: those of its own waits may read it.
    bool only_guards = true;
    const auto reads_it = [&](ExprId root) {
      if (!root.valid()) return false;
      CellSet reads(system_.cells.size());
      add_reads(system_, root, reads);
      return reads.contains(cell);
    };
    if (!clear) {
      for (const Context& context : system_.contexts) {
        only_guards = only_guards && !reads_it(context.condition);
        if (const auto* one = std::get_if<OnOne>(&context.cpus)) only_guards = only_guards && !reads_it(one->cpu);
        if (const auto* set = std::get_if<OnSet>(&context.cpus)) {
          for (const ExprId allowed : set->allowed) only_guards = only_guards && !reads_it(allowed);
        }
      }
      for (const Action& action : system_.actions) only_guards = only_guards && !reads_it(action.guard);
      for (const Property& property : system_.properties) {
        only_guards = only_guards && !reads_it(property.condition) && !reads_it(property.trigger);
      }
      for (const TemporalProperty& property : system_.temporal) {
        only_guards = only_guards && !reads_it(property.trigger);
        for (const TemporalNode& node : property.formula) only_guards = only_guards && !reads_it(node.atom);
      }
      for (const InitialAssign& assign : system_.initial) only_guards = only_guards && !reads_it(assign.value);
      for (const ExprId condition : system_.initial_conditions) only_guards = only_guards && !reads_it(condition);
    }
    clear = only_guards && std::none_of(system_.initial.begin(), system_.initial.end(),
                                        [&](const InitialAssign& assign) { return assign.cell == cell; });
    for (const Location& location : system_.locations) {
      if (!clear) break;
      const Context& context = system_.at(location.context);
      const bool is_wait = location.lock && holder(*location.lock) == lock;
      clear = is_right_use(context, location.program, location.lock, lock) &&
              (!location.guard.valid() || reads_rightly(location.guard, lock, context, is_wait)) &&
              (!location.lock || !location.lock->index.valid() ||
               std::find(location.lock->cells.begin(), location.lock->cells.end(), cell) == location.lock->cells.end());
    }
    for (const Context& context : system_.contexts) {
      clear = clear && is_right_use(context, context.start, std::nullopt, lock);
    }
    for (const Action& action : system_.actions) {
      const ProgramUse use = use_of(system_, action.program);
      clear = clear && !use.reads.contains(cell) && !use.writes.contains(cell);
    }
    if (clear) clear_ |= bit(lock);
  }
}

// --------------------------------------------------------------------------------------- what is held

/// Follows the locks through a step; calls `leave(goto or end, way)`.
template <typename Leave>
void LockUse::follow(const Program& program, const StepRanges& ranges, Way before, Leave leave) const {
  std::vector<std::optional<Way>> at(program.ops.size() + 1);
  at.front() = before;
  const auto go = [&](std::size_t to, const Way& way) {
    at[to] = at[to] ? Way{at[to]->held & way.held, at[to]->maybe | way.maybe, at[to]->taken & way.taken} : way;
  };
  for (std::size_t i = 0; i < program.ops.size(); ++i) {
    if (!at[i] || !ranges.executed[i]) continue;
    Way way = *at[i];
    if (const auto* assign = std::get_if<AssignOp>(&program.ops[i])) {
      if (const auto lock = holder(assign->place)) {
        if (is_zero(assign->value)) {
          way = {way.held & ~bit(*lock), way.maybe & ~bit(*lock), way.taken};
        } else {
          way = {way.held | bit(*lock), way.maybe | bit(*lock), way.taken | bit(*lock)};
        }
      }
    } else if (const auto* branch = std::get_if<BranchOp>(&program.ops[i])) {
      go(branch->otherwise, way);
    } else if (const auto* jump = std::get_if<JumpOp>(&program.ops[i])) {
      go(jump->target, way);
      continue;
    } else if (std::holds_alternative<GotoOp>(program.ops[i]) || std::holds_alternative<EndOp>(program.ops[i])) {
      leave(program.ops[i], way);
      continue;
    }
    go(i + 1, way);
  }
}

void LockUse::flow(const Context& context) {
  std::vector<LocationId> open;
  const auto arrive = [&](const Op& op, const Way& way) {
    const auto* jump = std::get_if<GotoOp>(&op);
    if (jump == nullptr) return;
    const std::size_t to = jump->location.value;
    const LockSet held = held_[to] & way.held;
    const LockSet maybe = maybe_[to] | way.maybe;
    if (held == held_[to] && maybe == maybe_[to]) return;
    held_[to] = held;
    maybe_[to] = maybe;
    open.push_back(jump->location);
  };
  const auto k = static_cast<std::size_t>(&context - system_.contexts.data());
  if (context.kind == ContextKind::Handler) {
    follow(context.start, ranges_.start(ContextId(k)), {0, 0, 0}, arrive);
  } else if (context.entry.valid()) {
    arrive(GotoOp{context.entry}, {0, 0, 0});
  }
  while (!open.empty()) {
    ask_patience(context.span);
    const LocationId next = open.back();
    open.pop_back();
    if (!ranges_.reached(next)) continue;
    LockSet taken = kAll;
    follow(system_.at(next).program, ranges_.step(next), {held_[next.value], maybe_[next.value], 0},
           [&](const Op& op, const Way& way) {
             taken &= way.taken;
             arrive(op, way);
           });
    needed_[next.value] = held_[next.value] | (taken == kAll ? 0 : taken);
  }
}

std::optional<std::size_t> LockUse::taken(LocationId location, LocationId to) const {
  const Location& from = system_.at(location);
  if (from.wait != WaitKind::Lock || !from.lock) return std::nullopt;
  const auto lock = holder(*from.lock);
  if (!lock || !is_safe(*lock)) return std::nullopt;
  bool always = true;
  follow(from.program, ranges_.step(location), {held_[location.value], maybe_[location.value], 0},
         [&](const Op& op, const Way& way) {
           const auto* jump = std::get_if<GotoOp>(&op);
           if (jump != nullptr && jump->location == to)
             always = always && way.taken == bit(*lock) && (way.held & bit(*lock)) != 0;
         });
  return always ? lock : std::nullopt;
}

// ---------------------------------------------------------------------------------------- safe locks

void LockUse::find_safe() {
  for (std::size_t lock = 0; lock < count_; ++lock) {
    if ((clear_ & bit(lock)) == 0 || system_.locks[lock].is_mutex) continue;
    std::int64_t lowest = kMaxLevel;
    std::int64_t highest = 0;
    bool safe = true;
    for (std::size_t l = 0; l < system_.locations.size(); ++l) {
      const LocationId id(l);
      if (!ranges_.reached(id)) continue;
      const Location& location = system_.at(id);
      if ((maybe_[l] & bit(lock)) != 0) {
        lowest = std::min(lowest, ranges_.level(id).lo);
        safe = safe && !may_wait(location);
      }
      if (location.lock && holder(*location.lock) == lock) {
        safe = safe && location.wait == WaitKind::Lock;
        highest = std::max(highest, ranges_.level(id).hi);
      }
    }
    if (safe && lowest >= system_.pin_level && highest <= lowest) safe_ |= bit(lock);
  }
  for (std::size_t l = 0; l < system_.locations.size(); ++l) {
    only_safe_waits_ = only_safe_waits_ && (!ranges_.reached(LocationId(l)) || waits_safely(LocationId(l)));
  }
}

/// Whether the context waits there at levels below the pin level only, or for a safe lock. Where a check of a core rule comes
/// before the wait and fails, the context can take that step.
bool LockUse::waits_safely(LocationId id) const {
  const Location& location = system_.at(id);
  if (!may_wait(location)) return true;
  if (location.wait == WaitKind::Lock && location.lock) {
    const auto lock = holder(*location.lock);
    if (lock && is_safe(*lock)) return true;
  }
  const StepRanges& step = ranges_.step(id);
  bool pinned = false;
  bool waits = false;
  for (std::size_t i = 0; i < step.executed.size(); ++i) {
    if (!step.executed[i] || !std::holds_alternative<AssumeOp>(location.program.ops[i])) continue;
    waits = true;
    pinned = pinned || step.level[i].hi >= system_.pin_level;
  }
  return waits ? !pinned : ranges_.level(id).hi < system_.pin_level;
}

}  // namespace quiesce::model
