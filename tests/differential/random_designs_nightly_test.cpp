// Many more random designs than random_designs_test.cpp; label 'nightly'. QUIESCE_FIRST_SEED moves on. In several
// tests, so that they run beside each other.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "tests/differential/compare_random_designs.h"

namespace quiesce {
namespace {

class NightlyRandomDesigns : public ::testing::TestWithParam<int> {};

TEST_P(NightlyRandomDesigns, Agree) {
  const char* from = std::getenv("QUIESCE_FIRST_SEED");
  const std::uint64_t first = from == nullptr ? 1000000 : std::strtoull(from, nullptr, 10);
  const int part = GetParam();
  const RandomDesignTotals totals =
      compare_random_designs(first + static_cast<std::uint64_t>(part) * 625, 625, 1 + part % 2, 3000, 3);
  std::cout << text_of(totals);
  EXPECT_GT(totals.compared, 300);
}

INSTANTIATE_TEST_SUITE_P(Parts, NightlyRandomDesigns, ::testing::Range(0, 20));

}  // namespace
}  // namespace quiesce
