// Many more of what proofs_test.cpp compares.
#include "tests/differential/proofs.h"

#include <gtest/gtest.h>

namespace quiesce {
namespace {

TEST(Proofs, OfManyRandomSystems) { EXPECT_GT(compare_proofs_of_systems(10'000, 20'000, 1, {2000, 60}).held, 1000u); }

TEST(Proofs, OfManyRandomDesigns) { EXPECT_GT(compare_proofs_of_designs(10'000, 1000, 2, {3000, 60}).systems, 300); }

// All designs of all tests, but for those that are rejected.
TEST(Proofs, OfTheDesignsOfTests) { EXPECT_GT(compare_proofs_of_files("tests", 4, {20'000, 60}).systems, 120); }

TEST(Proofs, OfTheWholeLibrary) { EXPECT_GT(compare_proofs_of_files("specs", 4, {20'000, 120}).systems, 100); }

}  // namespace
}  // namespace quiesce
