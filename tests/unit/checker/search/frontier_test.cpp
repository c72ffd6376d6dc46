#include "checker/search/frontier.h"

#include <algorithm>
#include <thread>

#include <gtest/gtest.h>

namespace quiesce::checker {
namespace {

Frontier::Chunk records(std::uint64_t first, std::uint64_t count, std::uint32_t words) {
  Frontier::Chunk chunk;
  for (std::uint64_t i = first; i < first + count; ++i) {
    for (std::uint32_t w = 0; w < words; ++w) chunk.push_back(i * 10 + w);
  }
  return chunk;
}

std::vector<std::uint64_t> drain(Frontier& frontier, std::size_t most) {
  std::vector<std::uint64_t> all;
  Frontier::Chunk chunk;
  while (frontier.pop(chunk, most)) {
    EXPECT_LE(chunk.size(), most * frontier.record_words());
    all.insert(all.end(), chunk.begin(), chunk.end());
  }
  return all;
}

/// Of those that share a file, chunks stand in few bits.
TEST(Frontier, KeepsWhatWaitsLongInFewBits) {
  for (const std::uint64_t limit : {UINT64_MAX, std::uint64_t{512}, std::uint64_t{0}}) {
    for (std::uint32_t bits = 1; bits <= 64; ++bits) {
      std::shared_ptr<SpillFile> file;
      Frontier frontier(1, &file);
      frontier.limit_memory(limit);
      std::vector<std::uint64_t> pushed;
      for (const std::size_t size : {1u, 63u, 64u, 65u, 300u}) {
        Frontier::Chunk chunk;
        for (std::size_t i = 0; i < size; ++i) {
          const std::uint64_t largest = ~std::uint64_t{0} >> (64 - bits);
          chunk.push_back(i % 7 == 0 ? largest : (pushed.size() + i) * 0x9E3779B97F4A7C15U & largest);
        }
        pushed.insert(pushed.end(), chunk.begin(), chunk.end());
        EXPECT_TRUE(frontier.push(chunk));
        EXPECT_TRUE(chunk.empty());
      }
      EXPECT_EQ(frontier.size(), pushed.size());
      EXPECT_LE(frontier.memory_bytes(), std::min<std::uint64_t>(limit, pushed.size() * (bits + 8) / 8));
      std::vector<std::uint64_t> seen;
      EXPECT_TRUE(frontier.for_each([&](const Frontier::Chunk& chunk) {
        seen.insert(seen.end(), chunk.begin(), chunk.end());
        return true;
      }));
      EXPECT_EQ(seen, pushed) << bits;
      EXPECT_EQ(drain(frontier, 50), pushed) << bits;
      EXPECT_EQ(frontier.size(), 0u);
      EXPECT_EQ(frontier.memory_bytes(), 0u);
    }
  }
}

class FrontierOfWords : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(FrontierOfWords, GivesBackWhatWasPushedInOrder) {
  const std::uint32_t words = GetParam();
  for (const std::uint64_t limit : {UINT64_MAX, std::uint64_t{4096}, std::uint64_t{0}}) {
    Frontier frontier(words);
    frontier.limit_memory(limit);
    for (std::uint64_t i = 0; i < 50; ++i) {
      Frontier::Chunk chunk = records(i * 100, 100, words);
      EXPECT_TRUE(frontier.push(chunk));
      EXPECT_TRUE(chunk.empty());
    }
    EXPECT_EQ(frontier.size(), 5000u);
    EXPECT_LE(frontier.memory_bytes(), limit);
    EXPECT_EQ(frontier.disk_bytes() > 0, limit != UINT64_MAX);
    EXPECT_EQ(drain(frontier, 33), records(0, 5000, words));
    EXPECT_EQ(frontier.size(), 0u);
    EXPECT_EQ(frontier.memory_bytes(), 0u);
    EXPECT_EQ(frontier.disk_bytes(), 0u) << "the space is given back";
  }
}

INSTANTIATE_TEST_SUITE_P(Widths, FrontierOfWords, ::testing::Values(1, 2, 7));

TEST(Frontier, SpillsWhatItHoldsWhenTheLimitComesLater) {
  Frontier frontier(1);
  for (std::uint64_t i = 0; i < 20; ++i) {
    Frontier::Chunk chunk = records(i * 100, 100, 1);
    frontier.push(chunk);
  }
  Frontier::Chunk first;
  ASSERT_TRUE(frontier.pop(first, 40));
  EXPECT_TRUE(frontier.limit_memory(0));
  EXPECT_EQ(frontier.memory_bytes(), 0u);
  frontier.push_front(first);
  EXPECT_EQ(drain(frontier, 1000), records(0, 2000, 1));
}

TEST(Frontier, ShowsAllWithoutTakingAny) {
  Frontier frontier(2);
  frontier.limit_memory(2000);
  for (std::uint64_t i = 0; i < 10; ++i) {
    Frontier::Chunk chunk = records(i * 50, 50, 2);
    frontier.push(chunk);
  }
  std::vector<std::uint64_t> seen;
  EXPECT_TRUE(frontier.for_each([&](const Frontier::Chunk& chunk) {
    seen.insert(seen.end(), chunk.begin(), chunk.end());
    return true;
  }));
  EXPECT_EQ(seen, records(0, 500, 2));
  EXPECT_EQ(frontier.size(), 500u);
}

TEST(Frontier, LosesNothingBetweenThreads) {
  Frontier frontier(1);
  frontier.limit_memory(1 << 16);
  std::vector<std::thread> threads;
  std::vector<std::vector<std::uint64_t>> taken(4);
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < 200; ++i) {
        Frontier::Chunk chunk = records((t * 200 + i) * 10, 10, 1);
        frontier.push(chunk);
        if (i % 2 == 0 && frontier.pop(chunk, 7)) taken[t].insert(taken[t].end(), chunk.begin(), chunk.end());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<std::uint64_t> all = drain(frontier, 100);
  for (const auto& some : taken) all.insert(all.end(), some.begin(), some.end());
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all, records(0, 8000, 1));
}

}  // namespace
}  // namespace quiesce::checker
