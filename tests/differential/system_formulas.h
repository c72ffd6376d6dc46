// Random systems with random fairness and random formulas over infinite runs.
#pragma once

#include <cstdint>

#include "model/system/transition_system.h"

namespace quiesce {

/// The system of a seed; the same on every machine. `counts_steps`: formulas may ask for events and for the next state,
/// and the observers that they ask are not yet at work (observe_events).
model::TransitionSystem system_with_formulas(std::uint64_t seed, bool counts_steps = true);

}  // namespace quiesce
