// Proofs say what the reference explorer says: on random systems, on random designs, on the pinned verdicts. The
// library: proofs_nightly_test.cpp.
#include "tests/differential/proofs.h"

#include <gtest/gtest.h>

namespace quiesce {
namespace {

TEST(Proofs, OfRandomSystems) {
  const ProofTotals totals = compare_proofs_of_systems(1, 150, 1, {600, 20});
  EXPECT_GT(totals.systems, 100);
  EXPECT_GT(totals.held, 20u);
  EXPECT_GT(totals.violated, 50u);
  EXPECT_GT(totals.leaks, 0u);
  EXPECT_GT(totals.stuck, 20u);
}

TEST(Proofs, OfRandomDesigns) { EXPECT_GT(compare_proofs_of_designs(1, 20, 1, {600, 20}).systems, 8); }

TEST(Proofs, OfRandomDesignsThatHandOver) {
  EXPECT_GT(compare_proofs_of_designs(1, 20, 1, {600, 20}, random_design_with_hand_overs).systems, 8);
}

// A state may break a core rule and be a deadlock too, which no formula asks.
TEST(Proofs, OfDeadlocksWhereACoreRuleIsBroken) {
  for (const std::uint64_t seed : {10'998, 14'691, 14'844}) compare_proofs_of_systems(seed, 1, 1, {2000, 60});
  for (const std::uint64_t seed : {10'132, 10'134}) compare_proofs_of_designs(seed, 1, 2, {3000, 60});
}

TEST(Proofs, OfPinnedDesigns) {
  const ProofTotals totals = compare_proofs_of_files("tests/verdicts/designs", 1, {600, 20});
  EXPECT_GT(totals.held, 50u);
  EXPECT_GT(totals.violated, 20u);
}

}  // namespace
}  // namespace quiesce
