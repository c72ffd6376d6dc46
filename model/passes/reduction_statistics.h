// What the passes of the reduction (reduce.h) did, in numbers.
#pragma once

#include <cstddef>

namespace quiesce::model {

/// What a reduction did.
struct ReductionStatistics {
  std::size_t locations_before = 0;
  std::size_t locations_after = 0;
  std::size_t merged = 0;            // Gotos replaced by a copy of their target's program
  std::size_t left_alone = 0;        // Gotos to silent locations that stay, because the copy would be too long
  std::size_t forgotten = 0;         // assignments added that give a dead cell its rest value
  std::size_t initial_dropped = 0;   // initial values dropped
  std::size_t variables = 0;         // of the text, before slicing
  std::size_t variables_sliced = 0;  // do not matter to the rules asked for
  std::size_t actions = 0;           // before slicing
  std::size_t actions_sliced = 0;    // do not matter either
};

}  // namespace quiesce::model
