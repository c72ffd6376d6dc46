#include "model/passes/lock_use.h"

#include <algorithm>
#include <cstddef>
#include <variant>

#include "model/base/overloaded.h"
#include "model/base/patience.h"
#include "model/system/traverse.h"

namespace quiesce::model {
namespace {

constexpr LockSet kAll = ~LockSet{0};

}  // namespace

bool may_wait(const Location& location) {
  const std::vector<Op>& ops = location.program.ops;
  return location.wait != WaitKind::None || location.guard.valid() || location.lock.has_value() ||
         std::any_of(ops.begin(), ops.end(), [](const Op& op) { return std::holds_alternative<AssumeOp>(op); });
}

LockUse::LockUse(const TransitionSystem& system, const ClearLocks& clear, const ValueRanges& ranges)
    : system_(system),
      clear_(clear),
      ranges_(ranges),
      held_(system.locations.size(), kAll),
      maybe_(system.locations.size(), 0),
      needed_(system.locations.size(), 0) {
  for (const Context& context : system.contexts) flow(context);
  find_safe();
}

std::optional<std::size_t> LockUse::safe_holder(CellId cell) const {
  const std::optional<std::size_t> lock = clear_.holder(cell);
  return lock && is_safe(*lock) ? lock : std::nullopt;
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
      if (const auto lock = clear_.holder(assign->place)) {
        if (clear_.is_zero(assign->value)) {
          way = {way.held & ~set_of_lock(*lock), way.maybe & ~set_of_lock(*lock), way.taken};
        } else {
          way = {way.held | set_of_lock(*lock), way.maybe | set_of_lock(*lock), way.taken | set_of_lock(*lock)};
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
  const auto lock = clear_.holder(*from.lock);
  if (!lock || !is_safe(*lock)) return std::nullopt;
  bool always = true;
  follow(from.program, ranges_.step(location), {held_[location.value], maybe_[location.value], 0},
         [&](const Op& op, const Way& way) {
           const auto* jump = std::get_if<GotoOp>(&op);
           if (jump != nullptr && jump->location == to)
             always = always && way.taken == set_of_lock(*lock) && (way.held & set_of_lock(*lock)) != 0;
         });
  return always ? lock : std::nullopt;
}

// ---------------------------------------------------------------------------------------- safe locks

void LockUse::find_safe() {
  for (std::size_t lock = 0; lock < clear_.size(); ++lock) {
    if (!clear_.contains(lock) || system_.locks[lock].is_mutex) continue;
    std::int64_t lowest = kMaxLevel;
    std::int64_t highest = 0;
    bool safe = true;
    for (std::size_t l = 0; l < system_.locations.size(); ++l) {
      const LocationId id(l);
      if (!ranges_.reached(id)) continue;
      const Location& location = system_.at(id);
      if ((maybe_[l] & set_of_lock(lock)) != 0) {
        lowest = std::min(lowest, ranges_.level(id).lo);
        safe = safe && !may_wait(location);
      }
      if (location.lock && clear_.holder(*location.lock) == lock) {
        safe = safe && location.wait == WaitKind::Lock;
        highest = std::max(highest, ranges_.level(id).hi);
      }
    }
    if (safe && lowest >= system_.pin_level && highest <= lowest) safe_ |= set_of_lock(lock);
  }
  for (std::size_t l = 0; l < system_.locations.size(); ++l) {
    only_safe_waits_ = only_safe_waits_ && (!ranges_.reached(LocationId(l)) || waits_safely(LocationId(l)));
  }
}

/// Whether the context waits there at levels below the pin level only, or for a safe lock. Where a check of a core rule
/// comes before the wait and fails, the context can take that step.
bool LockUse::waits_safely(LocationId id) const {
  const Location& location = system_.at(id);
  if (!may_wait(location)) return true;
  if (location.wait == WaitKind::Lock && location.lock) {
    const auto lock = clear_.holder(*location.lock);
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
