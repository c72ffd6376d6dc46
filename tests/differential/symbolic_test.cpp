// Circuits are the steps of the reference interpreter: on random systems, on random designs, on the pinned verdicts, in
// states reachable and not.
#include "tests/differential/symbolic.h"

#include <gtest/gtest.h>

namespace quiesce {
namespace {

TEST(Circuits, OfRandomSystems) {
  const SymbolicTotals totals = compare_circuits_of_systems(1, 300, 1, {150, 60, 1});
  EXPECT_GT(totals.whole, 200u);
  EXPECT_GT(totals.unreachable, 5000u);
  EXPECT_GT(totals.broken, 1000u);
  EXPECT_GT(totals.stuck, 100u);
}

// What core.stuck may wait for, level, CPU and affinity of contexts that run and of others among it.
TEST(Circuits, OfSystemsWhoseConditionsAreAboutContexts) {
  const SymbolicTotals totals = compare_circuits_of_systems(1, 250, 1, {80, 60, 1}, ConditionKind::AboutContexts);
  EXPECT_GT(totals.unreachable, 4000u);
  EXPECT_GT(totals.stuck, 100u);
}

TEST(Circuits, OfRandomDesigns) { EXPECT_GT(compare_circuits_of_designs(1, 40, 1, {60, 60, 1}).unreachable, 1000u); }

TEST(Circuits, OfPinnedDesigns) {
  EXPECT_GT(compare_circuits_of_files("tests/verdicts/designs", {60, 40, 1}).reachable, 1000u);
}

}  // namespace
}  // namespace quiesce
