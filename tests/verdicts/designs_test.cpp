// The designs of tests/verdicts/designs pin the semantics: one idea each, with the verdicts that it must get and, in
// lines
// '// plain: states 12 steps 17 depth 6', one for each case, the numbers computed by hand (opinions.py counts them
// a second time). Both engines must agree with the numbers, and all verdicts with each other.
#include <gtest/gtest.h>

#include "tests/verdicts/agreement.h"

namespace quiesce::checker {
namespace {

class Designs : public testing::TestWithParam<std::string> {};

TEST_P(Designs, MeansWhatItsNumbersSay) {
  const std::string text = read_design(GetParam());
  const std::vector<Numbers> pinned = pinned_numbers(text);
  const Twice design = load_twice(GetParam(), text);
  ASSERT_FALSE(design.plain_cases.empty());
  ASSERT_EQ(pinned.size(), design.plain_cases.size()) << "a line '// plain: ...' is wanted for every case";

  for (std::size_t i = 0; i < pinned.size(); ++i) {
    const CheckCase& plain = *design.plain_cases[i];
    const CheckCase& reduced = *design.reduced_cases[i];
    SCOPED_TRACE(plain.title);
    EXPECT_FALSE(plain.expect.empty()) << "a check without expectation pins nothing";
    expect_valid(plain, reduced);

    const SearchResult by_reference = search(plain, Engine::Reference);
    const SearchResult by_explicit = search(plain, Engine::Explicit);
    const SearchResult when_reduced = search(reduced, Engine::Explicit);
    EXPECT_EQ(numbers_of(by_reference), pinned[i]) << "reference engine";
    EXPECT_EQ(numbers_of(by_explicit), pinned[i]) << "explicit engine";

    expect_expectation(plain, by_reference);
    expect_expectation(reduced, when_reduced);
    EXPECT_EQ(verdicts(plain, by_reference, true), verdicts(plain, by_explicit, true)) << "reference, explicit";
    EXPECT_EQ(verdicts(plain, by_reference, false), verdicts(reduced, when_reduced, false)) << "plain, reduced";

    const SearchResult reduced_reference = search(reduced, Engine::Reference);
    EXPECT_EQ(numbers_of(reduced_reference), numbers_of(when_reduced)) << "reference, explicit (reduced)";
    EXPECT_EQ(verdicts(reduced, reduced_reference, true), verdicts(reduced, when_reduced, true));

    expect_limits_only_lose(plain, by_reference, Engine::Reference);
    expect_limits_only_lose(plain, by_explicit, Engine::Explicit);
  }
  expect_formatted_means_the_same(GetParam(), text, design);
}

INSTANTIATE_TEST_SUITE_P(Verdicts, Designs, testing::ValuesIn(designs_below("tests/verdicts/designs")),
                         [](const auto& design) { return test_name(design.param); });

}  // namespace
}  // namespace quiesce::checker
