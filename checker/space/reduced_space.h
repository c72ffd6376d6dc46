// A state space around another that leaves steps out where those of a few contexts are enough (stubborn_sets.h).
#pragma once

#include <memory>

#include "checker/space/state_space.h"
#include "checker/successor/packed_expander.h"

namespace quiesce::checker {

/// `whole`, reduced; `whole` itself where the reduction is of no use. Requires: `whole` is a space of `system`.
std::unique_ptr<StateSpace> reduced_space(std::shared_ptr<const PackedSystem> system,
                                          std::unique_ptr<StateSpace> whole);

}  // namespace quiesce::checker
