// The loop that the tests over designs share.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include "tests/differential/designs.h"
#include "tests/differential/engines_agree.h"

namespace quiesce {

/// Compares all cells up to `max_states` states; at most `max_cells` of one file.
/// Of the engines one of so many for each cell (engines_agree.h).
inline void compare_designs(const std::string& folder, std::uint64_t max_states, std::size_t max_cells,
                            std::size_t one_of) {
  std::size_t compared = 0, too_large = 0, unread = 0;
  std::uint64_t states = 0;
  for (const std::string& file : design_files(folder)) {
    std::string problem;
    std::size_t of_file = 0;
    const std::vector<DesignCase> cells = design_cases(file, &problem);
    // Modules of the library have no checks; a design with mistakes is reported by the tests of the language.
    unread += cells.empty() ? 1 : 0;
    for (const DesignCase& cell : cells) {
      if (++of_file > max_cells) break;
      const Agreement agreement = engines_agree(cell.system, max_states, one_of, compared);
      EXPECT_EQ(agreement.difference, "") << cell.title << ":\n" << agreement.difference;
      ++(agreement.compared ? compared : too_large);
      states += agreement.distinct_states;
    }
  }
  std::cout << folder << ": " << compared << " cells compared, " << too_large << " too large, " << unread
            << " files without cells, " << states << " states\n";
}

}  // namespace quiesce
