// What multiplies the states: for every variable, context and instance, how many times fewer visited states there
// would be without it. Measured at a limit, for the report that says what to make smaller.
//
// How: let S be the visited states and, for a state s and a part g of the design, f(s) the number of visited states
// that differ from s in g only (s included). Forgetting g turns each such fibre into one state, so
// |S without g| / |S| is the mean of 1 / f(s) over S, and a uniform sample of S estimates it without bias. f(s) is
// found by looking up s with every value of g that the sample shows (for a g of many values: with some of them, and
// scaled). Counting the projections of the sample itself would not do: in a sparse sample nearly all of them are
// different, whatever g is.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "checker/result/result.h"

namespace quiesce::checker {

/// How many states to sample: enough for two digits, at most a few megabytes of them.
std::size_t sample_size(const model::TransitionSystem& system);

/// The factor of every variable, context and instance of which the sample shows more than one value, largest first;
/// at most the 150 that vary most. `sample`: different visited states, uniformly drawn. `is_visited`: whether a state
/// (not canonical) was visited. The same arguments give the same answer. Cost: about half a million calls of
/// `is_visited`.
std::vector<Multiplier> measure_multipliers(const model::TransitionSystem& system, std::vector<model::State> sample,
                                            const std::function<bool(const model::State&)>& is_visited);

}  // namespace quiesce::checker
