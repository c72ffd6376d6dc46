// More, and larger, of what guarded_test.cpp compares, and the designs of the library; label 'nightly'.
// QUIESCE_FIRST_SEED moves on.
#include "tests/differential/guarded.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace quiesce {
namespace {

std::uint64_t first_seed() {
  const char* from = std::getenv("QUIESCE_FIRST_SEED");
  return from == nullptr ? 6'000'000 : std::strtoull(from, nullptr, 10);
}

TEST(NightlyGuarded, OfRandomSystems) {
  for (const int size : {0, 1, 2}) EXPECT_GT(compare_guarded_systems(first_seed(), 3000, size, {100, 300}).systems, 0);
}

TEST(NightlyGuarded, OfRandomDesigns) {
  EXPECT_GT(compare_guarded_designs(first_seed(), 1000, 1, {100, 200}).unreachable, 10'000u);
}

TEST(NightlyGuarded, OfPinnedDesigns) {
  EXPECT_GT(compare_guarded_files("tests/verdicts/designs", {300, 300}).unreachable, 10'000u);
}

TEST(NightlyGuarded, OfTheLibrary) { EXPECT_GT(compare_guarded_files("specs", {30, 30}).reachable, 1000u); }

}  // namespace
}  // namespace quiesce
