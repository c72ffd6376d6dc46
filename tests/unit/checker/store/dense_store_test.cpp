#include "checker/store/dense_store.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

namespace quiesce::checker {
namespace {

using Words = std::vector<std::uint64_t>;

TEST(DenseStore, NumbersStatesInTheOrderOfInsertion) {
  for (const std::size_t words : {1U, 3U}) {
    DenseStore store(words);
    std::map<Words, StateKey> model;
    std::mt19937_64 random(words);
    for (int round = 0; round < 20'000; ++round) {
      Words state(words);
      for (std::uint64_t& word : state) word = random() % 21;
      StateKey key = 0;
      std::uint8_t is_new = 0;
      ASSERT_EQ(store.contains(state.data()), model.contains(state));
      ASSERT_EQ(store.insert(state.data(), 1, &key, &is_new), 1U);
      const auto [known, inserted] = model.try_emplace(state, model.size());
      ASSERT_EQ(is_new != 0, inserted);
      ASSERT_EQ(key, known->second);
    }
    ASSERT_EQ(store.size(), model.size());
    Words read(words);
    for (const auto& [state, key] : model) {
      store.read(key, read.data());
      ASSERT_EQ(read, state);
    }
  }
}

TEST(DenseStore, TellsRepeatedStatesOfABatchApart) {
  DenseStore store(2);
  const Words batch = {1, 2, 1, 2, 3, 4};
  std::vector<StateKey> keys(3);
  std::vector<std::uint8_t> is_new(3);
  ASSERT_EQ(store.insert(batch.data(), 3, keys.data(), is_new.data()), 3U);
  EXPECT_EQ(keys, (std::vector<StateKey>{0, 0, 1}));
  EXPECT_EQ(is_new, (std::vector<std::uint8_t>{1, 0, 1}));
}

}  // namespace
}  // namespace quiesce::checker
