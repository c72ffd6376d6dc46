#include "checker/store/quotient.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <utility>
#include <vector>

namespace quiesce::checker::quotient {
namespace {

/// All shapes of so many bits that a table can have, and smaller ones.
std::vector<Shape> shapes(std::uint32_t bits) {
  std::vector<Shape> result;
  for (std::uint32_t power = 0; power <= bits && power < 40; ++power) {
    if (bits - power < 64) result.push_back(shape_of(bits, 1, power));
    if (power + 1 <= bits) result.push_back(shape_of(bits, 3, power));
  }
  return result;
}

void expect_found_again(const Shape& shape, std::uint64_t mixed) {
  const Place place = home_of(mixed, shape.homes, shape.remainder_bits);
  ASSERT_LT(place.home, shape.homes);
  ASSERT_EQ(place.remainder >> shape.remainder_bits, 0u);
  ASSERT_EQ(number_at(shape, place.home, place.remainder), mixed)
      << shape.bits << " bits, " << shape.factor << " << " << shape.power;
}

TEST(Quotient, MixCanBeUndone) {
  for (std::uint32_t bits = 1; bits <= 16; ++bits) {
    std::set<std::uint64_t> images;
    for (std::uint64_t number = 0; number < std::uint64_t{1} << bits; ++number) {
      const std::uint64_t image = mixed(number, bits);
      ASSERT_EQ(unmixed(image, bits), number);
      ASSERT_TRUE(images.insert(image).second);
    }
  }
  std::mt19937_64 random(1);
  for (std::uint32_t bits = 17; bits <= 64; ++bits) {
    for (int round = 0; round < 1000; ++round) {
      const std::uint64_t number = random() >> (64 - bits);
      ASSERT_EQ(unmixed(mixed(number, bits), bits), number);
    }
  }
}

/// Every number of few bits, in every shape: home and remainder give it back, so no two have the same.
TEST(Quotient, HomeAndRemainderGiveEveryNumberBack) {
  for (std::uint32_t bits = 1; bits <= 12; ++bits) {
    for (const Shape& shape : shapes(bits)) {
      for (std::uint64_t number = 0; number < std::uint64_t{1} << bits; ++number) {
        expect_found_again(shape, number << (64 - bits));
      }
    }
  }
}

/// Neighbours among many bits, at both ends of homes and of the whole range.
TEST(Quotient, NeighboursAreToldApart) {
  std::mt19937_64 random(2);
  for (std::uint32_t bits = 13; bits <= 64; ++bits) {
    const std::uint64_t unit = std::uint64_t{1} << (64 - bits);
    for (const Shape& shape : shapes(bits)) {
      for (int round = 0; round < 20; ++round) {
        const std::uint64_t border = static_cast<std::uint64_t>((Wide{random() % shape.homes} << 64) / shape.homes);
        for (std::uint64_t offset = 0; offset < 8; ++offset) {
          expect_found_again(shape, (border & ~(unit - 1)) + unit * offset);
          expect_found_again(shape, (border & ~(unit - 1)) - unit * offset);
          expect_found_again(shape, unit * offset);
          expect_found_again(shape, std::uint64_t{0} - unit * (offset + 1));
        }
      }
    }
  }
}

/// Larger tables keep the order of homes: growth in place rests on it.
TEST(Quotient, HomesAreInTheOrderOfMixedNumbers) {
  std::mt19937_64 random(3);
  for (const Shape& shape : shapes(40)) {
    for (int round = 0; round < 100; ++round) {
      std::uint64_t a = random() >> 24 << 24;
      std::uint64_t b = random() >> 24 << 24;
      if (a > b) std::swap(a, b);
      ASSERT_LE(home_of(a, shape.homes, shape.remainder_bits).home, home_of(b, shape.homes, shape.remainder_bits).home);
    }
  }
}

}  // namespace
}  // namespace quiesce::checker::quotient
