// What is known of numbers where a context stands: of its level, its affinity, its locals and what the locks restore
// that it holds, by intervals over its control flow, and of all other cells, of what is ever assigned to them (interval
// analysis, Cousot and Cousot, POPL 1977). Movers (movers.h) ask at which levels locks are taken and held. Internal to
// this folder.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "model/passes/clear_locks.h"
#include "model/system/transition_system.h"

namespace quiesce::model {

/// All numbers from lo to hi.
struct Interval {
  std::int64_t lo = std::numeric_limits<std::int64_t>::min();
  std::int64_t hi = std::numeric_limits<std::int64_t>::max();

  bool contains(std::int64_t value) const { return lo <= value && value <= hi; }
  void widen_to(const Interval& other) {
    lo = other.lo < lo ? other.lo : lo;
    hi = other.hi > hi ? other.hi : hi;
  }
  bool operator==(const Interval&) const = default;
};

/// What was found out of one step: the program of a location, or the start of a handler.
struct StepRanges {
  std::vector<bool> executed;   // per operation: it may be executed
  std::vector<Interval> level;  // per operation: the level of the context before it, where it may be executed
  std::vector<std::optional<Interval>> assigned;  // per operation: what it gives the level
  bool without_affinity =
      false;  // certainly outside of `on c { }` before it; of contexts with several activations unknown
};

/// Over-approximates all runs: whatever may be executed is, and numbers are in the intervals.
class ValueRanges {
 public:
  /// Cost: operations times locals, times the few rounds until nothing changes.
  ValueRanges(const TransitionSystem& system, const ClearLocks& locks);

  /// Whether a context may ever stand there.
  bool reached(LocationId location) const { return !steps_[location.value].executed.empty(); }

  /// The step from there. Requires: it is reached.
  const StepRanges& step(LocationId location) const { return steps_[location.value]; }

  /// The start of a handler.
  const StepRanges& start(ContextId context) const { return starts_[context.value]; }

  /// The levels with which a context may stand there. Requires: it is reached.
  Interval level(LocationId location) const { return steps_[location.value].level.front(); }

 private:
  std::vector<StepRanges> steps_;   // per location; without operations: never reached
  std::vector<StepRanges> starts_;  // per context
};

}  // namespace quiesce::model
