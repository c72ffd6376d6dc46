// Whether a system has steps that move a context besides the one that takes them: hand-overs (docs/semantics.md, 4.11).
// Passes and reductions that rely on a step moving its own context only ask first, and leave such a system as it is.
#pragma once

#include <optional>
#include <vector>

#include "model/system/cell_set.h"
#include "model/system/transition_system.h"

namespace quiesce::model {

/// ChooseOp::what of the choice of the context that takes.
inline constexpr const char* kOtherSide = "the other side";

/// Whether a program assigns to a location cell. O(operations).
bool has_joint_steps(const TransitionSystem& system);

/// Which context each cell belongs to: location, level, CPU, affinity and local cells.
std::vector<std::optional<ContextId>> owners_of_cells(const TransitionSystem& system);

/// The cells of other activations that a program of `context` assigns to: those of other contexts, and, where it moves
/// activations of its own context, all of that context that it assigns to. `owners` is owners_of_cells.
CellSet written_elsewhere(const TransitionSystem& system, const std::vector<std::optional<ContextId>>& owners,
                          ContextId context, const Program& program);

}  // namespace quiesce::model
