// How the locks of the text are used: which are held for certain where a context stands, and for which no context waits
// without end. By this movers (movers.h) know what is protected and that core.stuck loses nothing. Internal to this
// folder.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/passes/clear_locks.h"
#include "model/passes/value_ranges.h"
#include "model/system/transition_system.h"

namespace quiesce::model {

/// A spin lock is *safe* when it is clear, its holders are pinned and stand at no wait, and no context takes it above
/// the lowest level at which it is held. What waits for it then waits for a context that can step, or is buried under
/// one of a higher level (docs/reductions.md, Movers).
class LockUse {
 public:
  /// All must outlive it. Cost: operations times rounds of the data flow.
  LockUse(const TransitionSystem& system, const ClearLocks& clear, const ValueRanges& ranges);

  bool is_safe(std::size_t lock) const { return (safe_ >> lock & 1) != 0; }

  /// Clear locks that a context which stands there holds for certain.
  LockSet held(LocationId location) const { return held_[location.value] & clear_.all(); }

  /// Clear locks without which the step from there is not taken: held before it, or taken by it on every way.
  LockSet needed(LocationId location) const { return needed_[location.value] & clear_.all(); }

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
  void find_safe();
  bool waits_safely(LocationId id) const;

  const TransitionSystem& system_;
  const ClearLocks& clear_;
  const ValueRanges& ranges_;
  std::vector<LockSet> held_;    // per location
  std::vector<LockSet> maybe_;   // per location
  std::vector<LockSet> needed_;  // per location
  LockSet safe_ = 0;
  bool only_safe_waits_ = true;
};

/// Whether the step from there may have to wait for others.
bool may_wait(const Location& location);

}  // namespace quiesce::model
