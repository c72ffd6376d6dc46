// Which cells may still be written, for `core.stuck`: "waits for a condition that only members of S could
// still change ... by the variables that it may still write" (docs/semantics.md, Stuck). The search and the merging of
// steps ask it; the reference interpreter has its own table (model/interpret/stuck.h), which the tests compare.
#pragma once

#include <vector>

#include "model/system/cell_set.h"
#include "model/system/transition_system.h"

namespace quiesce::model {

/// Computed once per system; const and thread safe afterwards. Memory: one set of cells per location.
///
/// Beside the assignments of programs, a context that steps writes its own location, level and CPU cells (the scheduler
/// does it for it), of all activations of the context.
class MayWrite {
 public:
  explicit MayWrite(const TransitionSystem& system);

  /// Cells that an activation standing at `location` may write until it ends: by this location's program and those
  /// of all locations that can follow. Another start of the same handler is `of_start`.
  const CellSet& from(LocationId location) const { return from_[location.value]; }

  /// Of these, cells of other activations: what it hands over to them, and where they stand then (joint_steps.h).
  const CellSet& elsewhere_from(LocationId location) const { return elsewhere_[location.value]; }
  const CellSet& elsewhere_of_start(ContextId context) const { return starts_elsewhere_[context.value]; }

  /// Cells that a handler may write when it starts and afterwards, until it ends. Empty set for threads.
  const CellSet& of_start(ContextId context) const { return starts_[context.value]; }

  /// Cells that an action may write.
  const CellSet& of_action(ActionId action) const { return actions_[action.value]; }

 private:
  std::vector<CellSet> from_;              // per location
  std::vector<CellSet> elsewhere_;         // per location
  std::vector<CellSet> starts_elsewhere_;  // per context
  std::vector<CellSet> starts_;            // per context
  std::vector<CellSet> actions_;           // per action
};

}  // namespace quiesce::model
