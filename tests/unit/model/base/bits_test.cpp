// Small helpers that stand for loops which many files had of their own.
#include "model/base/bits.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/base/scramble.h"
#include "model/base/word.h"

namespace quiesce::model {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::size_t> bits_of(std::uint64_t word) {
  std::vector<std::size_t> bits;
  for_each_bit(word, [&](std::size_t bit) { bits.push_back(bit); });
  return bits;
}

TEST(Bits, AreVisitedInAscendingOrder) {
  EXPECT_THAT(bits_of(0), IsEmpty());
  EXPECT_THAT(bits_of(1), ElementsAre(0));
  EXPECT_THAT(bits_of(std::uint64_t{1} << 63 | 0b1010), ElementsAre(1, 3, 63));
  EXPECT_EQ(bits_of(~std::uint64_t{0}).size(), 64u);
}

TEST(Scramble, OfWordsDependsOnEachAndOnTheirOrder) {
  const std::uint64_t words[] = {3, 5, 7};
  const std::uint64_t turned[] = {5, 3, 7};
  EXPECT_EQ(scramble(words, 0), 0u);
  EXPECT_EQ(scramble(words, 1), scramble(3));
  EXPECT_EQ(scramble(words, 3), scramble(scramble(scramble(3) ^ 5) ^ 7));
  EXPECT_NE(scramble(words, 3), scramble(turned, 3));
  EXPECT_NE(scramble(words, 3), scramble(words, 3, 1));
}

TEST(OwnName, IsWhatStandsBehindTheLastDot) {
  EXPECT_EQ(own_name("wdm.Line"), "Line");
  EXPECT_EQ(own_name("a.b.c"), "c");
  EXPECT_EQ(own_name("Line"), "Line");
  EXPECT_EQ(own_name(""), "");
}

}  // namespace
}  // namespace quiesce::model
