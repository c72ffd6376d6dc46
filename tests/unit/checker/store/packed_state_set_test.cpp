#include "checker/store/packed_state_set.h"

#include <gtest/gtest.h>

#include <map>

namespace quiesce::checker {
namespace {

/// A state of `words` words from a number, spread so that neighbours differ in one bit or in many.
std::vector<std::uint64_t> state(std::uint64_t n, std::uint32_t words) {
  std::vector<std::uint64_t> result(words, n % 3);
  result[n % words] ^= n;
  result.back() ^= n << 40;
  return result;
}

class PackedStateSetTest : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(PackedStateSetTest, NumbersStatesInOrderOfDiscovery) {
  const std::uint32_t words = GetParam();
  PackedStateSet set(words);
  std::map<std::vector<std::uint64_t>, std::uint32_t> model;
  // Past several growths of the table and into a second chunk of states.
  for (std::uint64_t n = 0; n < 60000; ++n) {
    const std::vector<std::uint64_t> s = state(n % 40000, words);
    const auto [entry, is_new] = model.try_emplace(s, static_cast<std::uint32_t>(model.size()));
    const PackedStateSet::Inserted inserted = set.insert(s.data());
    ASSERT_EQ(inserted.is_new, is_new);
    ASSERT_EQ(inserted.number, entry->second);
  }
  EXPECT_EQ(set.size(), model.size());
  for (const auto& [s, number] : model) {
    ASSERT_EQ(set.find(s.data()), number);
    ASSERT_TRUE(std::equal(s.begin(), s.end(), set[number]));
  }
  EXPECT_EQ(set.find(state(50001, words).data()), PackedStateSet::kNone);
}

TEST_P(PackedStateSetTest, SaysHowMuchMemoryItWillTake) {
  PackedStateSet set(GetParam());
  for (std::uint64_t n = 0; n < 40000; ++n) {
    const std::uint64_t before = set.memory_bytes();
    const std::uint64_t promised = set.next_memory_bytes();
    set.insert(state(n, GetParam()).data());
    ASSERT_GE(promised, before);
    // The list of chunks grows too; that is the only thing not promised.
    ASSERT_LE(set.memory_bytes(), promised + 4096);
  }
  EXPECT_GE(set.peak_memory_bytes(), set.memory_bytes());
  EXPECT_GE(set.memory_bytes(), 40000u * (GetParam() + 1) * sizeof(std::uint64_t));
}

INSTANTIATE_TEST_SUITE_P(Words, PackedStateSetTest, ::testing::Values(1u, 2u, 5u));

TEST(PackedStateSet, TellsTheZeroStateFromAnEmptySlot) {
  PackedStateSet set(1);
  const std::uint64_t zero = 0;
  EXPECT_EQ(set.find(&zero), PackedStateSet::kNone);
  EXPECT_TRUE(set.insert(&zero).is_new);
  EXPECT_FALSE(set.insert(&zero).is_new);
}

}  // namespace
}  // namespace quiesce::checker
