// The designs of the library with and without reduction, to the last state.
#include <gtest/gtest.h>

#include <limits>

#include "tests/verdicts/library.h"

namespace quiesce::checker {
namespace {

class WholeLibrary : public testing::TestWithParam<std::string> {};

TEST_P(WholeLibrary, HasItsVerdictsWithAndWithoutReduction) {
  expect_same_verdicts_without_reduction(GetParam(), std::numeric_limits<std::uint64_t>::max());
}

INSTANTIATE_TEST_SUITE_P(Specs, WholeLibrary, testing::ValuesIn(designs_below("specs")),
                         [](const auto& design) { return test_name(design.param); });

}  // namespace
}  // namespace quiesce::checker
