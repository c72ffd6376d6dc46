// The packed states that a hunt went through, made shorter, and made a run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "checker/result/result.h"
#include "checker/space/state_space.h"

namespace quiesce::checker {

/// Packed and canonical states, each but the first a successor of the one before.
using Path = std::vector<std::vector<std::uint64_t>>;

/// `path` with each state once: nothing between two visits of a state is needed.
Path without_loops(const Path& path);

/// A path from the first state of `path` to its last that is at most as long: searches from the states of the path, of
/// `max_expansions` states together, look for shorter ways between them. Not shortest: that takes a search by layers.
/// Requires: no loops.
Path shortened(const StateSpace& space, const Path& path, std::size_t max_expansions = 100000);

/// The run through the states of `path`, with the steps between them. When `check`, a position in Code::checks, is not
/// negative, one more step leads from the last state: one that breaks that check.
///
/// Requires: such steps exist; that they do not is an internal error.
Run run_through(StateSpace& space, const Path& path, std::int32_t check = -1);

}  // namespace quiesce::checker
