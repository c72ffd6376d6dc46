// A swarm: many short searches that differ in order, seed and depth, so that together they come to many corners of a
// state space that none of them could search. They share nothing, so they can be divided among threads and machines
// and done in any order. For hunting only.
#pragma once

#include <cstdint>

#include "checker/result/exploration.h"

namespace quiesce::checker {

/// How many searches a swarm has by default.
inline constexpr std::uint32_t kDefaultSearches = 64;

/// Does the searches of the part options.part of options.parts of a swarm of options.searches (0: kDefaultSearches),
/// without those in options.searches_done, options.threads at a time. Which search does what follows from the seed and
/// its number alone; the result, too, as long as no limit of `options` ends the swarm.
///
/// Three of four searches are depth first in random order with a small bit array, each with another depth limit; the
/// fourth walks randomly. Each of them visits at most kStatesOfSearch states. --depth bounds all of them.
/// Exploration::searches_done says which searches came to their end here. options.so_far is called at intervals, at the
/// end of a search, so that a process that is killed loses no more.
Exploration explore_swarm(const model::TransitionSystem& system, const SearchOptions& options);

}  // namespace quiesce::checker
