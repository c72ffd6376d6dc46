// Slicing on every design of the library with every fifth rule alone, and on many more random systems; label 'nightly'.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "model/system/print.h"
#include "tests/differential/designs.h"
#include "tests/differential/random_system.h"
#include "tests/differential/slicing.h"

namespace quiesce {
namespace {

TEST(NightlySlicing, OfTheLibrary) {
  SlicingTotals totals;
  for (const std::string& file : design_files("specs")) {
    std::string problem;
    for (const DesignCase& cell : design_cases(file, &problem)) {
      const std::string difference = slicing_difference(cell.system, 10000, 5, totals);
      EXPECT_EQ(difference, "") << cell.title << ", " << difference;
    }
  }
  std::cout << totals.compared << " compared, " << totals.too_large << " too large; merged " << totals.merged << ", "
            << totals.grown << " grown\n";
}

TEST(NightlySlicing, OfRandomSystems) {
  const char* from = std::getenv("QUIESCE_FIRST_SEED");
  const std::uint64_t first = from == nullptr ? 6000000 : std::strtoull(from, nullptr, 10);
  SlicingTotals totals;
  int failures = 0;
  for (std::uint64_t seed = first; seed < first + 10000 && failures < 3; ++seed) {
    const model::TransitionSystem system = random_system(seed, 1 + static_cast<int>(seed % 3));
    const std::string difference = slicing_difference(system, 1500, 1, totals);
    EXPECT_EQ(difference, "") << "seed " << seed << ", " << difference << model::print_system(system);
    failures += difference.empty() ? 0 : 1;
  }
}

}  // namespace
}  // namespace quiesce
