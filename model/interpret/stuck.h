// Partial deadlock, `core.stuck` (docs/semantics.md, 5): the largest set of contexts, handler starts and actions each
// of which is blocked by members of the set. Found by removing members until nothing changes.
#pragma once

#include <vector>

#include "model/interpret/interpreter.h"
#include "model/system/cell_set.h"

namespace quiesce::model {

/// Which cells an actor may still write, whatever happens: from a location on, all programs that control flow can
/// reach; for the start of a handler, everything the handler does; for an action, its program.
/// Computed once per system: O(locations x cells). Says nothing about location, level, CPU and affinity cells,
/// which every step of their context may change; see `may_write`.
class WriteTable {
 public:
  explicit WriteTable(const TransitionSystem& system);

  /// Whether `actor`, standing where `state` says, may write `cell` in one of its further steps.
  bool may_write(const Actor& actor, CellId cell, const State& state) const;

 private:
  void find_elsewhere();

  const TransitionSystem& system_;
  std::vector<CellSet> from_location_;        // by LocationId
  std::vector<CellSet> elsewhere_;            // by LocationId: cells of other activations, to which it hands over
  std::vector<CellSet> start_elsewhere_;      // by context: likewise
  std::vector<CellSet> from_start_;           // by context; empty for threads
  std::vector<CellSet> by_action_;            // by ActionId
  std::vector<std::int64_t> owner_slot_;      // by cell: slot whose own cell it is, else -1
  std::vector<std::uint32_t> owner_context_;  // by cell, where owner_slot_ >= 0
  CellSet scheduling_;                        // by cell: location, level, CPU or affinity of its owner
};

}  // namespace quiesce::model
