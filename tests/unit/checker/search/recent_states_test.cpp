#include "checker/search/recent_states.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

namespace quiesce::checker {
namespace {

using Words = std::vector<std::uint64_t>;

class RecentStatesOfWords : public ::testing::TestWithParam<std::size_t> {};

std::vector<Words> states_of(const std::vector<std::uint64_t>& list, std::size_t words) {
  std::vector<Words> result;
  for (auto at = list.begin(); at != list.end(); at += static_cast<std::ptrdiff_t>(words)) {
    result.emplace_back(at, at + static_cast<std::ptrdiff_t>(words));
  }
  return result;
}

/// Whatever is left out went by before; the others are in order.
TEST_P(RecentStatesOfWords, LeavesOutOnlyWhatWentBy) {
  const std::size_t words = GetParam();
  RecentStates recent(words);
  std::mt19937_64 random(words);
  std::set<Words> seen;
  std::size_t dropped = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<std::uint64_t> list(50 * words);
    for (std::size_t i = 0; i < list.size(); ++i) {
      // Few values, among them all zeros and all ones, and states that differ in one word only.
      const std::uint64_t value = random() % 40;
      list[i] =
          value == 39 ? ~std::uint64_t{0} : (random() % 4 == 0 ? value : (round % 3 == 0 ? ~std::uint64_t{0} : 0));
    }
    const std::vector<Words> before = states_of(list, words);
    std::vector<std::uint64_t> unknown(list.size());
    unknown.resize(recent.copy_unknown(list.data(), 50, unknown.data()) * words);
    const std::vector<Words> after = states_of(unknown, words);
    EXPECT_EQ(states_of(list, words), before);
    std::size_t position = 0;
    for (const Words& state : before) {
      if (position < after.size() && after[position] == state) {
        ++position;
      } else {
        EXPECT_TRUE(seen.count(state) != 0);
        ++dropped;
      }
      seen.insert(state);
    }
    EXPECT_EQ(position, after.size());
  }
  // Of more words hardly any two are equal.
  if (words < 8) {
    EXPECT_GT(dropped, 1000u);
  }
}

TEST_P(RecentStatesOfWords, KnowsNothingAtFirstAndWhenCleared) {
  const std::size_t words = GetParam();
  for (const std::uint64_t value : {std::uint64_t{0}, ~std::uint64_t{0}, std::uint64_t{1}}) {
    RecentStates recent(words);
    const std::vector<std::uint64_t> state(words, value);
    std::vector<std::uint64_t> copy(words);
    EXPECT_EQ(recent.copy_unknown(state.data(), 1, copy.data()), 1u);
    EXPECT_EQ(copy, state);
    EXPECT_EQ(recent.copy_unknown(state.data(), 1, copy.data()), 0u);
    recent.clear();
    EXPECT_EQ(recent.copy_unknown(state.data(), 1, copy.data()), 1u) << value;
  }
}

INSTANTIATE_TEST_SUITE_P(Words, RecentStatesOfWords, ::testing::Range<std::size_t>(1, 65));

}  // namespace
}  // namespace quiesce::checker
