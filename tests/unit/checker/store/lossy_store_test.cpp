#include "checker/store/lossy_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <thread>
#include <unordered_set>
#include <vector>

#include "checker/store/bitstate_store.h"
#include "checker/store/compact_store.h"

namespace quiesce::checker {
namespace {

std::vector<std::uint64_t> random_words(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::uint64_t> result(count);
  for (auto& word : result) word = random();
  return result;
}

/// How many of the states are new to the store, which grows when it asks to.
std::size_t insert_all(LossyStore& store, std::uint32_t words, const std::vector<std::uint64_t>& states) {
  const std::size_t count = states.size() / words;
  std::vector<std::uint8_t> is_new(count);
  for (std::size_t at = 0; at < count;) {
    const std::size_t size = std::min<std::size_t>(200, count - at);
    const std::size_t done = store.insert(states.data() + at * words, size, nullptr, is_new.data() + at);
    at += done;
    if (done < size || store.should_grow()) {
      EXPECT_TRUE(store.grow());
    }
  }
  return static_cast<std::size_t>(std::count(is_new.begin(), is_new.end(), 1));
}

TEST(CompactStore, FindsAllStatesWhenHashesAreLong) {
  for (const std::uint32_t words : {1u, 3u, 64u}) {
    CompactStore store(words, 64);
    const auto states = random_words(50000 * words, words);
    EXPECT_EQ(insert_all(store, words, states), 50000u);
    EXPECT_EQ(insert_all(store, words, states), 0u);
    EXPECT_EQ(store.size(), 50000u);
    EXPECT_LT(store.missed_probability(), 1e-9);
  }
}

/// 300,000 states and 2^32 hashes: 10.5 pairs are expected to be equal.
TEST(CompactStore, MissesAboutAsManyAsItSays) {
  CompactStore store(2, 32);
  constexpr std::size_t kStates = 300000;
  EXPECT_DOUBLE_EQ(store.missed_probability(), 0);
  const auto missed = static_cast<double>(kStates - insert_all(store, 2, random_words(kStates * 2, 5)));
  EXPECT_GT(missed, 1);
  EXPECT_LT(missed, 30);
  EXPECT_DOUBLE_EQ(store.missed_probability(), 1);
  EXPECT_NEAR(store.given_state_missed_probability(), 300000.0 / 4294967296.0, 1e-6);
}

TEST(CompactStore, BoundsTheChanceOfAnyMiss) {
  CompactStore store(1, 40);
  insert_all(store, 1, random_words(1000, 1));
  EXPECT_NEAR(store.missed_probability(), 1000.0 * 999 / 2 / 1099511627776.0, 1e-12);
}

TEST(BitstateStore, FindsAllStatesInALargeArray) {
  BitstateStore store(3, 1 << 22, 3);
  const auto states = random_words(3 * 300, 7);
  EXPECT_EQ(insert_all(store, 3, states), 300u);
  EXPECT_EQ(insert_all(store, 3, states), 0u);
  EXPECT_EQ(store.size(), 300u);
  EXPECT_FALSE(store.should_grow());
  EXPECT_FALSE(store.grow());
  EXPECT_LT(store.missed_probability(), 1e-3);
}

/// The share of strangers that are taken for known is what the formula says, from a nearly empty to a full array.
TEST(BitstateStore, MissesAboutAsManyAsItSays) {
  for (const std::uint32_t bits : {1u, 2u, 3u, 8u}) {
    for (const std::size_t states : {std::size_t{10000}, std::size_t{40000}, std::size_t{200000}}) {
      BitstateStore store(1, 1 << 17, bits);  // 2^20 bits
      insert_all(store, 1, random_words(states, bits));
      const double said = store.given_state_missed_probability();
      constexpr std::size_t kStrangers = 2000;  // few beside what is there, so that they hardly change it
      const auto missed = static_cast<double>(kStrangers - insert_all(store, 1, random_words(kStrangers, 1234)));
      const double spread = 5 * std::sqrt(kStrangers * said * (1 - std::min(said, 1.0))) + 3;
      EXPECT_LT(missed, kStrangers * said + spread + kStrangers * 0.02) << bits << " bits, " << states;
      // An upper bound, but not an empty one while the array is not overfull.
      if (store.fill() < 0.3) {
        EXPECT_GT(missed, kStrangers * said * 0.8 - spread) << bits << " bits, " << states;
      }
      EXPECT_GE(store.missed_probability(), said);
      EXPECT_LE(store.missed_probability(), 1);
    }
  }
}

TEST(LossyStore, ClaimsAStateForAtMostOneThread) {
  const auto states = random_words(20000, 3);
  for (const bool compact : {true, false}) {
    std::unique_ptr<LossyStore> store;
    if (compact) {
      store = std::make_unique<CompactStore>(1, 64);
      while (store->memory_bytes() < 1 << 20) ASSERT_TRUE(store->grow());
    } else {
      store = std::make_unique<BitstateStore>(1, 1 << 20);
    }
    std::vector<std::vector<std::uint8_t>> is_new(4, std::vector<std::uint8_t>(states.size()));
    std::vector<std::thread> pool;
    for (auto& mine : is_new) {
      pool.emplace_back(
          [&] { EXPECT_EQ(store->insert(states.data(), states.size(), nullptr, mine.data()), states.size()); });
    }
    for (auto& thread : pool) thread.join();
    std::size_t claims = 0;
    for (std::size_t i = 0; i < states.size(); ++i) {
      const int of_state = is_new[0][i] + is_new[1][i] + is_new[2][i] + is_new[3][i];
      EXPECT_LE(of_state, 1);
      claims += static_cast<std::size_t>(of_state);
    }
    EXPECT_EQ(claims, store->size());
    EXPECT_GT(claims, states.size() * 99 / 100);
  }
}

}  // namespace
}  // namespace quiesce::checker
