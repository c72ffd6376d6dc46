// Depth-first search: goes deep at once, so it finds violations that need long runs before a search by layers comes
// near them. For hunting only.
#pragma once

#include <cstdint>

#include "checker/result/exploration.h"
#include "checker/search/hunter.h"
#include "checker/store/visited_set.h"

namespace quiesce::checker {

/// Goes through the states that `system` can reach, depth first, within the limits of `options`; visited states are
/// kept as options.storage says. Deterministic, one thread.
///
/// The result is a hunt (Exploration::hunt): it never shows that there is no violation. At the depth limit it would be
/// wrong to: a state that was first met deep down is not expanded again where it is met less deep.
Exploration explore_depth_first(const model::TransitionSystem& system, const SearchOptions& options);

/// How one of the searches of a swarm goes.
struct DepthFirstOptions {
  std::uint32_t max_depth = UINT32_MAX;   // states at this depth are judged, not expanded
  std::uint64_t max_states = UINT64_MAX;  // visited by this search
  HuntRandom* random = nullptr;           // shuffles the order of successors; null: as they come
};

/// What became of it.
struct DepthFirstOutcome {
  bool finished = false;   // ended by itself or by max_states, not by the limits of the hunt
  bool cut_depth = false;  // some state was not expanded for its depth
};

/// One search that keeps visited states in `store`.
DepthFirstOutcome search_depth_first(Hunter& hunter, VisitedSet& store, const DepthFirstOptions& options);

}  // namespace quiesce::checker
