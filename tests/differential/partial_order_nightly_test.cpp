// Partial order reduction on many more random systems, and on every design; label 'nightly'.
#include <gtest/gtest.h>

#include <cstdlib>

#include "model/passes/reduce.h"
#include "model/system/print.h"
#include "tests/differential/designs.h"
#include "tests/differential/loose_system.h"
#include "tests/differential/partial_order.h"
#include "tests/differential/random_system.h"
#include "tests/differential/side_by_side.h"

namespace quiesce {
namespace {

TEST(NightlyPartialOrder, OfRandomSystems) {
  const char* from = std::getenv("QUIESCE_FIRST_SEED");
  const std::uint64_t first = from == nullptr ? 7000000 : std::strtoull(from, nullptr, 10);
  PartialOrderTotals totals;
  int failures = 0;
  for (std::uint64_t seed = first; seed < first + 10000 && failures < 3; ++seed) {
    model::TransitionSystem system = random_system(seed, static_cast<int>(seed % 3));
    const model::TransitionSystem other = random_system(seed + 500000, static_cast<int>(seed % 2));
    if (seed % 4 != 0 && system.cpus == other.cpus) system = side_by_side(system, other);
    if (seed % 2 == 0) system = model::reduce(system).system;
    const std::string difference = partial_order_difference(system, 3000, totals);
    EXPECT_EQ(difference, "") << "seed " << seed << "\n" << difference << model::print_system(system);
    failures += difference.empty() ? 0 : 1;
  }
}

TEST(NightlyPartialOrder, OfLooseSystems) {
  const char* from = std::getenv("QUIESCE_FIRST_SEED");
  const std::uint64_t first = from == nullptr ? 8000000 : std::strtoull(from, nullptr, 10);
  PartialOrderTotals totals;
  int failures = 0;
  for (std::uint64_t seed = first; seed < first + 20000 && failures < 3; ++seed) {
    const model::TransitionSystem system = loose_system(seed);
    const std::string difference = partial_order_difference(system, 5000, totals);
    EXPECT_EQ(difference, "") << "seed " << seed << "\n" << difference << model::print_system(system);
    failures += difference.empty() ? 0 : 1;
  }
}

TEST(NightlyPartialOrder, OfTheLibrary) {
  PartialOrderTotals totals;
  for (const std::string& file : design_files("specs")) {
    std::string problem;
    for (const DesignCase& cell : design_cases(file, &problem)) {
      const std::string difference = partial_order_difference(model::reduce(cell.system).system, 15000, totals);
      EXPECT_EQ(difference, "") << cell.title << "\n" << difference;
    }
  }
}

}  // namespace
}  // namespace quiesce
