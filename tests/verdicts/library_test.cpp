// The designs of the library, large ones only in part (library_nightly_test.cpp searches all of them).
#include <gtest/gtest.h>

#include "tests/verdicts/library.h"

namespace quiesce::checker {
namespace {

constexpr std::uint64_t kMostStates = 20'000;

class Library : public testing::TestWithParam<std::string> {};

TEST_P(Library, HasItsVerdictsWithAndWithoutReduction) {
  expect_same_verdicts_without_reduction(GetParam(), kMostStates);
}

TEST_P(Library, IsTheSameWhenFormatted) {
  const std::string text = read_design(GetParam());
  expect_formatted_means_the_same(GetParam(), text, load_twice(GetParam(), text));
}

INSTANTIATE_TEST_SUITE_P(Specs, Library, testing::ValuesIn(designs_below("specs")),
                         [](const auto& design) { return test_name(design.param); });

}  // namespace
}  // namespace quiesce::checker
