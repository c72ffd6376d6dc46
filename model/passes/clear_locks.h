// Which locks of the text programs use as its statements do: by this the passes of the reduction know what holding one
// means (lock_use.h). Decided on the text alone. Internal to this folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/system/cell_set.h"
#include "model/system/transition_system.h"

namespace quiesce::model {

/// Locks by their index; of a system with more than 64 the first 64 are looked at.
using LockSet = std::uint64_t;

/// Requires: `lock` is one of the first 64.
constexpr LockSet set_of_lock(std::size_t lock) { return LockSet{1} << lock; }

/// A lock is *clear* when programs use it as the text's statements do and nothing else looks at it: a step takes it
/// that waits until it is free, only its holder gives it back, and no other expression reads the holder. What a release
/// restores is read and written by steps of its holder only.
class ClearLocks {
 public:
  /// `system` must outlive it. Cost: operations times locks.
  explicit ClearLocks(const TransitionSystem& system);

  /// How many locks are looked at.
  std::size_t size() const { return count_; }

  LockSet all() const { return clear_; }
  bool contains(std::size_t lock) const { return (clear_ >> lock & 1) != 0; }

  /// The lock, clear or not, of which the cell is the holder; of a place that is one cell.
  std::optional<std::size_t> holder(CellId cell) const;
  std::optional<std::size_t> holder(const Place& place) const;

  /// Whether the value is constantly 0: of a holder, that the lock is free.
  bool is_zero(ExprId expr) const;

 private:
  CellSet touched_elsewhere() const;
  bool is_clear(std::size_t lock, const CellSet& elsewhere, const std::vector<CellSet>& by_step) const;
  bool is_right_use(const Context& context, const Program& program, const std::optional<Place>& waited,
                    std::size_t lock) const;
  bool reads_rightly(ExprId root, std::size_t lock, const Context& context, bool is_wait) const;
  bool is_own_slot(ExprId expr, const Context& context) const;
  bool mentions(const Op& op, CellId cell) const;

  const TransitionSystem& system_;
  std::size_t count_;
  std::vector<std::int32_t> lock_of_;  // per cell: of which lock it is the holder; -1: none
  LockSet clear_ = 0;
};

}  // namespace quiesce::model
