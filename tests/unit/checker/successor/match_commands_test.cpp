// Vector code against the definition, with every instruction set that the machine has.
#include "checker/successor/match_commands.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace quiesce::checker {
namespace {

bool holds(const Guard& guard, const std::uint64_t* state) {
  return std::all_of(guard.begin(), guard.end(), [state](const WordTest& test) {
    return (state[test.word] & test.mask) == test.value && (state[test.word] & test.not_mask) != test.not_value;
  });
}

/// Few bits, so that guards hold often.
Guard random_guard(std::mt19937_64& random, std::uint32_t words) {
  Guard guard;
  for (std::uint32_t word = 0; word < words; ++word) {
    if (random() % 3 == 0) continue;
    WordTest test;
    test.word = word;
    test.mask = random() & random() & 0xF;
    test.value = random() & test.mask;
    if (random() % 2 == 0) {
      test.not_mask = random() & 0xF0;
      test.not_value = test.not_mask == 0 ? 1 : random() & test.not_mask;
    }
    guard.push_back(test);
  }
  return guard;
}

class MatchCommands : public ::testing::TestWithParam<VectorTarget> {};

TEST_P(MatchCommands, FindExactlyTheGuardsThatHold) {
  const MatchFunctions& functions = match_functions(GetParam());
  std::mt19937_64 random(7);
  for (std::uint32_t words = 1; words <= 3; ++words) {
    MatchTable table;
    std::vector<MatchTable::Group> groups;
    std::vector<std::pair<Guard, std::uint32_t>> all;  // with its number
    std::vector<std::size_t> end_of_group;
    for (std::size_t size : {1, 8, 9, 30, 0}) {
      std::vector<Guard> guards(size);
      for (Guard& guard : guards) guard = random_guard(random, words);
      std::vector<std::uint32_t> numbers;
      groups.push_back(table.add(guards, numbers));
      for (std::size_t i = 0; i < size; ++i) all.emplace_back(guards[i], numbers[i]);
      end_of_group.push_back(all.size());
    }
    for (int round = 0; round < 200; ++round) {
      std::vector<std::uint64_t> state(words);
      for (std::uint64_t& word : state) word = random() & 0xFF;
      std::vector<std::uint32_t> matched(8 * table.blocks.size() + 8), ends(groups.size());
      functions.match(table, state.data(), groups.data(), groups.size(), matched.data(), ends.data());
      std::size_t first = 0;
      std::uint32_t from = 0;
      for (std::size_t g = 0; g < groups.size(); ++g) {
        std::vector<std::uint32_t> expected;
        for (; first < end_of_group[g]; ++first) {
          if (holds(all[first].first, state.data())) expected.push_back(all[first].second);
        }
        std::sort(expected.begin(), expected.end());
        EXPECT_EQ(std::vector<std::uint32_t>(matched.begin() + from, matched.begin() + ends[g]), expected);
        from = ends[g];
      }
    }
  }
}

TEST_P(MatchCommands, TellStatesForWhichSomeGuardHolds) {
  const MatchFunctions& functions = match_functions(GetParam());
  std::mt19937_64 random(5);
  for (std::uint32_t words = 1; words <= 3; ++words) {
    for (std::size_t size : {0, 1, 3, 10}) {
      std::vector<Guard> guards(size);
      GuardList list;
      for (Guard& guard : guards) list.add(guard = random_guard(random, words));
      std::vector<std::uint64_t> states(words * 37);
      for (std::uint64_t& word : states) word = random() & 0xFF;
      for (std::size_t count : {37, 8, 1, 0}) {
        std::vector<std::uint8_t> expected(count + 1), some(count + 1);
        for (std::size_t i = 0; i < count; ++i) {
          expected[i] = std::any_of(guards.begin(), guards.end(),
                                    [&](const Guard& guard) { return holds(guard, states.data() + i * words); });
        }
        functions.any(list, states.data(), words, count, some.data());
        EXPECT_EQ(some, expected);
      }
    }
  }
}

TEST_P(MatchCommands, ExpandStatesOfOneWordAsFarAsThereIsRoom) {
  const MatchFunctions& functions = match_functions(GetParam());
  std::mt19937_64 random(11);
  std::vector<Guard> guards(21);
  for (Guard& guard : guards) guard = random_guard(random, 1);
  MatchTable table;
  std::vector<std::uint32_t> numbers;
  const MatchTable::Group group = table.add(guards, numbers);
  std::vector<Lanes> clear(table.blocks.size()), flip(table.blocks.size());
  for (std::uint32_t number : numbers) {
    clear[number / 8].lane[number % 8] = random();
    flip[number / 8].lane[number % 8] = random();
  }
  std::vector<std::uint64_t> states(100);
  for (std::uint64_t& state : states) state = random() & 0xFF;
  std::vector<std::uint64_t> expected;
  std::vector<std::uint8_t> taken_expected(table.blocks.size()), taken(table.blocks.size());
  for (std::uint64_t state : states) {
    for (std::size_t i = 0; i < guards.size(); ++i) {
      if (!holds(guards[i], &state)) continue;
      const std::uint32_t number = numbers[i];
      expected.push_back((state & ~clear[number / 8].lane[number % 8]) ^ flip[number / 8].lane[number % 8]);
      taken_expected[number / 8] = static_cast<std::uint8_t>(taken_expected[number / 8] | 1u << number % 8);
    }
  }
  std::vector<std::uint64_t> found;
  for (std::size_t done = 0; done < states.size();) {
    std::vector<std::uint64_t> out(100);
    std::size_t added = 0;
    const std::size_t now = functions.expand(table, group, clear.data(), flip.data(), states.data() + done,
                                             states.size() - done, out.data(), out.size(), taken.data(), &added);
    ASSERT_GT(now, 0u);
    done += now;
    found.insert(found.end(), out.begin(), out.begin() + static_cast<std::ptrdiff_t>(added));
  }
  std::sort(expected.begin(), expected.end());
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, expected);
  EXPECT_EQ(taken, taken_expected);
}

INSTANTIATE_TEST_SUITE_P(Targets, MatchCommands,
                         ::testing::Values(VectorTarget::Best, VectorTarget::Avx512, VectorTarget::Avx2,
                                           VectorTarget::Portable));

}  // namespace
}  // namespace quiesce::checker
