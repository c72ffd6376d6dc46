// Slices have the verdicts of the whole, on random systems and on designs. Larger ones: slicing_nightly_test.cpp.
#include "tests/differential/slicing.h"

#include <gtest/gtest.h>

#include <iostream>

#include "model/system/print.h"
#include "tests/differential/designs.h"
#include "tests/differential/random_system.h"

namespace quiesce {
namespace {

void report(const char* what, const SlicingTotals& totals) {
  std::cout << what << ": " << totals.compared << " searches compared, " << totals.too_large << " too large, "
            << totals.variables << " cells sliced, " << totals.states_whole << " states, sliced "
            << totals.states_sliced << "; " << totals.merged << " compared merged, " << totals.merged_fully
            << " fully, " << totals.grown << " grown\n";
}

TEST(Slicing, OfRandomSystems) {
  SlicingTotals totals;
  int failures = 0;
  for (std::uint64_t seed = 30000; seed < 30250 && failures < 3; ++seed) {
    const model::TransitionSystem system = random_system(seed, 1);
    const std::string difference = slicing_difference(system, 400, 1, totals);
    EXPECT_EQ(difference, "") << "seed " << seed << ", " << difference << model::print_system(system);
    failures += difference.empty() ? 0 : 1;
  }
  report("random systems", totals);
  EXPECT_GT(totals.compared, 400u);
  EXPECT_LT(totals.states_sliced * 10, totals.states_whole * 9) << "hardly anything was sliced";
}

void compare_designs(const char* folder, std::uint64_t max_states, std::size_t cells, std::size_t stride) {
  SlicingTotals totals;
  for (const std::string& file : design_files(folder)) {
    std::string problem;
    std::size_t of_file = 0;
    for (const DesignCase& cell : design_cases(file, &problem)) {
      if (++of_file > cells) break;
      const std::string difference = slicing_difference(cell.system, max_states, stride, totals);
      EXPECT_EQ(difference, "") << cell.title << ", " << difference;
    }
  }
  report(folder, totals);
}

TEST(Slicing, OfTheVerdictTests) { compare_designs("tests/verdicts", 2000, 100, 1); }
TEST(Slicing, OfTheLibrary) { compare_designs("specs", 1500, 1, 20); }

}  // namespace
}  // namespace quiesce
