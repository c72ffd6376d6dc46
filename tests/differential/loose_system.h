// Random systems of contexts that have little to do with each other: most variables belong to one context, some are
// shared, a few handlers, actions and waits connect them. What partial order reduction is for, and where it can go
// wrong.
#pragma once

#include <cstdint>

#include "model/system/transition_system.h"

namespace quiesce {

/// The system of a seed: some ten to some ten thousand states.
model::TransitionSystem loose_system(std::uint64_t seed);

}  // namespace quiesce
