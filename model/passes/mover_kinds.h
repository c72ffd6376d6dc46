// Which steps are movers, for the pass that merges them (movers.h): decided on the text, by what all others may do
// meanwhile. Internal to this folder.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/passes/clear_locks.h"
#include "model/passes/lock_use.h"
#include "model/passes/unseen_ends.h"
#include "model/passes/value_ranges.h"
#include "model/system/cell_set.h"
#include "model/system/location_numbers.h"
#include "model/system/transition_system.h"
#include "model/system/traverse.h"

namespace quiesce::model {

/// Which contexts read and write each cell, and which locks they need for it.
class Accesses {
 public:
  Accesses(const TransitionSystem& system, const ValueRanges& ranges, const LockUse& locks);

  /// Whether a context other than `k` reads `cell` (or, with `reading` only, writes it) at a moment at which `k` may
  /// hold all of `held`.
  bool conflict(CellId cell, bool reading, std::uint32_t k, LockSet held) const;

 private:
  struct Access {
    std::uint32_t context;  // kScheduler: conditions, actions, properties
    LockSet needed;
    bool writes;
  };
  void add(CellId cell, const Access& access);
  void add_program(const TransitionSystem& system, const Program& program, std::uint32_t context, LockSet needed);
  void add_expr(const TransitionSystem& system, ExprId expr, std::uint32_t context, LockSet needed);

  std::vector<std::vector<Access>> by_cell_;
};

/// What is known of the steps of a system.
class MoverKinds {
 public:
  /// `system` must outlive it. Expressions are added to it.
  explicit MoverKinds(TransitionSystem& system);

  /// Whether nothing may be merged at all.
  bool off() const { return off_; }

  /// Whether the step from `from` (none: the start of the handler) continues at `to` within itself: it is a right
  /// mover, or the one from `to` is a left mover that is possible at once.
  bool goes_on(std::optional<LocationId> from, LocationId to) const;

  /// None, or: it continues there only in states in which this is true.
  ExprId goes_on_only_if(std::optional<LocationId> from, LocationId to) const;

  /// Never continues at `to`.
  void keep(LocationId to) { kept_[to.value] = true; }

 private:
  enum class Kind : std::uint8_t { Other, Left, Both };

  struct Step {
    ProgramUse use;
    bool reached = false;
    bool can_be_put_in = false;  // behind another step
    Kind kind = Kind::Other;
    bool is_right = false;  // of those that are both: to be merged with what follows
  };

  bool asks_for_deadlocks() const;
  void find_urgent();
  void find_steps();
  void find_right();
  bool conflicts(CellId cell, bool reading, std::uint32_t k, LockSet held) const;
  bool is_level_own(const Context& context) const;
  bool looks_alike_behind(LocationId id) const;
  bool commutes(LocationId id, LockSet held) const;
  Kind kind_of(LocationId id) const;
  bool is_level_of(CellId cell, ContextId k) const;
  bool is_where_it_floats(CellId cell, ContextId k, bool reading) const;
  bool floats_through(LocationId id) const;
  static bool writes_affinity(const Context& context, const ProgramUse& use);
  bool levels_only_fall(LocationId id) const;
  bool may_end(LocationId id) const;
  bool leaves_pinned_at_wait(LocationId id) const;
  bool is_right(LocationId from, LocationId to) const;
  bool writes_level(const Program& program, const StepRanges& ranges, std::optional<LocationId> to) const;
  bool ends_within(LocationId to) const;
  bool raises_from_floating(const Program& program, const StepRanges& ranges) const;
  bool is_able_after(std::optional<LocationId> from, LocationId to) const;

  TransitionSystem& system_;
  const ClearLocks clear_;
  const ValueRanges ranges_;
  const LockUse locks_;
  const Accesses accesses_;
  const SeenPlaces seen_;
  const UnseenEnds ends_;
  std::vector<std::uint32_t> special_;   // per cell: context index + 1 of whose location, level, CPU or affinity it is
  std::vector<bool> is_level_;           // per cell
  std::vector<std::uint32_t> local_of_;  // per cell: context index + 1 of whose activations it is a local or the level
  std::vector<Step> steps_;              // per location
  std::vector<bool> kept_;               // per location
  std::vector<UnseenEnd> unseen_end_;    // per context
  bool off_ = false;
  bool has_urgent_ = false;
  std::int64_t highest_urgent_ = -1;
  CellSet urgent_reads_;
  bool floating_may_wait_pinned_ = false;
};

}  // namespace quiesce::model
