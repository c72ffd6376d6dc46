// Compares a system with its slices: for all of its checked rules and for each of them alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "model/system/transition_system.h"

namespace quiesce {

struct SlicingTotals {
  std::size_t compared = 0;   // pairs of searches
  std::size_t too_large = 0;  // for the bound
  std::size_t variables = 0;  // cells that slices of them dropped
  std::uint64_t states_whole = 0;
  std::uint64_t states_sliced = 0;
  std::size_t merged = 0;        // systems merged with and without slicing
  std::size_t merged_fully = 0;  // of these: where no step had become too long
  std::size_t grown = 0;         // of these: that have more states with slicing, which only too long steps may cause
};

/// What differs between `system` and its slice, for all checked rules and for every `stride`-th of them alone; empty:
/// nothing. The slice alone must have the same verdicts with runs of the same length; together with merging the
/// same verdicts (reduce.h names the exception), and for all rules no more states than merging alone, where merging
/// left nothing alone. Systems of more than `max_states` states are left out.
std::string slicing_difference(const model::TransitionSystem& system, std::uint64_t max_states, std::size_t stride,
                               SlicingTotals& totals);

}  // namespace quiesce
