// The breadth-first engine against the reference explorer on every design of the repository, as far as its cells are
// small enough for the reference.
#include <gtest/gtest.h>

#include "tests/differential/compare_designs.h"

namespace quiesce {
namespace {

TEST(Designs, OfTheVerdictTests) { compare_designs("tests/verdicts", 2000, 100, 2); }
TEST(Designs, OfTheStandardModule) { compare_designs("specs/std", 2000, 4, 2); }
TEST(Designs, OfTheWdmLibrary) { compare_designs("specs/wdm", 6000, 2, 3); }

}  // namespace
}  // namespace quiesce
