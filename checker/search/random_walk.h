// Random walks: runs that take a random step each time. They need no memory, and reach deep into systems that are far
// too large to be searched. For hunting only.
#pragma once

#include <cstdint>

#include "checker/result/exploration.h"
#include "checker/search/hunter.h"

namespace quiesce::checker {

/// Walks until a limit of `options` or the number of walks (options.searches; 0: without a limit on time or states
/// 1,000) is reached. A walk begins in a random initial state and ends where there is no step, where a core rule is
/// broken, or after limits.depth steps (default: 10,000). One seed gives the same walks everywhere. States that are
/// visited again are counted again.
Exploration explore_randomly(const model::TransitionSystem& system, const SearchOptions& options);

/// One walk. False when it was ended by the limits of the hunt.
bool walk_randomly(Hunter& hunter, HuntRandom& random, std::uint32_t max_depth);

}  // namespace quiesce::checker
