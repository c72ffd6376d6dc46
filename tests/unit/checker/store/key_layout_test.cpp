#include "checker/store/key_layout.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <utility>
#include <vector>

namespace quiesce::checker {
namespace {

using Numbers = std::array<std::uint32_t, KeyLayout::kMaxNumbers>;

TEST(KeyLayout, KeepsOldKeysAsItGrows) {
  for (const auto method : {KeyLayout::Method::Best, KeyLayout::Method::Portable}) {
    for (std::uint32_t count = 1; count <= KeyLayout::kMaxNumbers; ++count) {
      std::mt19937 random(count);
      KeyLayout layout(count, method);
      KeyLayout portable(count, KeyLayout::Method::Portable);
      std::vector<std::pair<Numbers, std::uint64_t>> keys;
      for (;;) {
        Numbers numbers{};
        for (std::uint32_t i = 0; i < count; ++i) {
          numbers[i] = static_cast<std::uint32_t>(random() & ((std::uint64_t{1} << layout.bits_of(i)) - 1));
        }
        ASSERT_TRUE(layout.fits(numbers.data()));
        keys.emplace_back(numbers, layout.key_of(numbers.data()));
        ASSERT_EQ(keys.back().second, portable.key_of(numbers.data()));
        ASSERT_EQ(keys.back().second >> layout.bits(), 0u);
        for (const auto& [of_key, key] : keys) {
          Numbers back{};
          layout.numbers_of(key, back.data());
          ASSERT_EQ(back, of_key);
          ASSERT_EQ(layout.key_of(of_key.data()), key);
        }
        const std::uint32_t wider = random() % count;
        if (!layout.widen(wider)) break;
        ASSERT_TRUE(portable.widen(wider));
      }
      EXPECT_TRUE(layout.bits() == KeyLayout::kMaxBits || count * 32 <= KeyLayout::kMaxBits || count == 1 ||
                  layout.bits() >= 32);
    }
  }
}

TEST(KeyLayout, SaysWhatDoesNotFit) {
  KeyLayout layout(3);
  const Numbers fits = {1, 1, 1};
  const Numbers does_not = {1, 2, 0};
  EXPECT_TRUE(layout.fits(fits.data()));
  EXPECT_FALSE(layout.fits(does_not.data()));
  EXPECT_TRUE(layout.widen(1));
  EXPECT_TRUE(layout.fits(does_not.data()));
}

TEST(KeyLayout, ComesBackFromItsOwners) {
  KeyLayout layout(4);
  for (const std::uint32_t i : {3u, 3u, 0u, 2u, 3u, 1u}) layout.widen(i);
  KeyLayout back(1);
  ASSERT_TRUE(KeyLayout::from_owners(layout.owners(), 4, layout.bits(), back));
  const Numbers numbers = {2, 3, 1, 11};
  EXPECT_EQ(back.key_of(numbers.data()), layout.key_of(numbers.data()));
  EXPECT_EQ(back.bits(), layout.bits());
  EXPECT_FALSE(KeyLayout::from_owners(layout.owners(), 3, layout.bits(), back));
  EXPECT_FALSE(KeyLayout::from_owners(layout.owners(), 4, 3, back));
  EXPECT_FALSE(KeyLayout::from_owners(layout.owners(), 4, 64, back));
}

}  // namespace
}  // namespace quiesce::checker
