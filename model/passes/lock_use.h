// How the locks of the text are used: which are held for certain where a context stands, and for which no context waits without end. By
// this movers (movers.h) know what is protected and that core.stuck loses nothing. Internal to this folder.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/passes/value_ranges.h"
#include "model/system/transition_system.h"

namespace quiesce::model {

/// Locks by their index; of a system with more than 64 the first 64 are looked at.
using LockSet = std::uint64_t;

/// A lock is *clear* when programs use it as the text's statements do and nothing else looks at it: a step takes it that waits
/// until it is free, only its holder gives it back, and no other expression reads the holder.
///
/// A spin lock is *safe* when it is clear, its holders are pinned and stand at no wait, and no context takes it above the
/// lowest level at which it is held. What waits for it then waits for a context that can step, or is buried under one of a higher level
/// (docs/reductions.md, Movers).
class LockUse {
 public:
  /// Both must outlive it. Cost: operations times rounds of the data flow.
  LockUse(const TransitionSystem& system, const ValueRanges& ranges);

  bool is_safe(std::size_t lock) const { return (safe_ >> lock & 1) != 0; }

  /// Clear locks that a context which stands there holds for certain.
  LockSet held(LocationId location) const { return held_[location.value] & clear_; }

  /// Clear locks without which the step from there is not taken: held before it, or taken by it on every way.
  LockSet needed(LocationId location) const { return needed_[location.value] & clear_; }

  /// The lock of which `cell` is the holder, if it is safe.
  std::optional<std::size_t> safe_holder(CellId cell) const;

  /// The safe spin lock that the step from there waits for and takes whenever it leads to `to`.
  std::optional<std::size_t> taken(LocationId location, LocationId to) const;

  /// Whether each context that waits at a pinned level waits for a safe lock.
  bool only_safe_waits() const { return only_safe_waits_; }

 private:
  struct Way {
    LockSet held;   // for certain
    LockSet maybe;  // perhaps
    LockSet taken;  // by this step, for certain
  };

  template <typename Leave>
  void follow(const Program& program, const StepRanges& ranges, Way before, Leave leave) const;
  void flow(const Context& context);
  void find_clear();
  void find_safe();
  bool is_right_use(const Context& context, const Program& program, const std::optional<Place>& waited,
                    std::size_t lock) const;
  bool reads_rightly(ExprId root, std::size_t lock, const Context& context, bool is_wait) const;
  bool is_own_slot(ExprId expr, const Context& context) const;
  bool is_zero(ExprId expr) const;
  std::optional<std::size_t> holder(const Place& place) const;
  bool waits_safely(LocationId id) const;

  const TransitionSystem& system_;
  const ValueRanges& ranges_;
  std::size_t count_;
  std::vector<std::int32_t> lock_of_;  // per cell: of which lock it is the holder; -1: none
  std::vector<LockSet> held_;          // per location
  std::vector<LockSet> maybe_;         // per location
  std::vector<LockSet> needed_;        // per location
  LockSet clear_ = 0;
  LockSet safe_ = 0;
  bool only_safe_waits_ = true;
};

/// Whether the step from there may have to wait for others.
bool may_wait(const Location& location);

}  // namespace quiesce::model
