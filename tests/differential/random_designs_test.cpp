// All engines on random designs in the language, and the generator itself. Seeds are fixed; a failure prints its seed
// and a small design, and QUIESCE_SEED=<seed> [QUIESCE_SIZE=<size>] runs that one alone and prints it whole.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "tests/differential/compare_random_designs.h"
#include "tests/differential/random_design.h"

namespace quiesce {
namespace {

TEST(RandomDesigns, EnginesAgree) {
  const RandomDesignTotals totals = compare_random_designs(1, 300, 1, 1500, 2);
  std::cout << text_of(totals);
  EXPECT_LT(totals.refused * 10, totals.designs) << "the generator writes too much that is no design";
  EXPECT_GT(totals.compared, 250);
  EXPECT_GT(totals.violated, 50);
  EXPECT_GT(totals.quiet, 30);
  EXPECT_GT(totals.stuck, 10);
  // All of the language that the generator knows.
  EXPECT_GT(totals.features.size(), 75u);
}

TEST(RandomDesigns, AreTheSameEveryTime) {
  EXPECT_EQ(text_of(random_design(7)), text_of(random_design(7)));
  EXPECT_NE(text_of(random_design(7)), text_of(random_design(8)));
}

TEST(RandomDesigns, OneSeed) {
  const char* seed = std::getenv("QUIESCE_SEED");
  if (seed == nullptr) GTEST_SKIP() << "QUIESCE_SEED is not set";
  const char* size = std::getenv("QUIESCE_SIZE");
  const std::uint64_t number = std::strtoull(seed, nullptr, 10);
  const int how_large = size == nullptr ? 1 : std::atoi(size);
  std::cout << text_of(random_design(number, how_large));
  std::cout << text_of(compare_random_designs(number, 1, how_large, 100000, 1));
}

TEST(Shrink, LeavesOnlyWhatMatters) {
  const DesignLines lines = {{"a", false, {}},
                             {"b", true, {{"x", false, {}}, {"c", true, {{"y", false, {}}, {"z", false, {}}}}}},
                             {"d", false, {}}};
  const DesignLines small = shrink(lines, [](const std::string& text) { return text.find('y') != std::string::npos; });
  EXPECT_EQ(text_of(small), "y\n");
}

}  // namespace
}  // namespace quiesce
