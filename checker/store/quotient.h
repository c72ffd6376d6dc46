// The arithmetic of QuotientTable: where a number stands and what is stored of it, and the way back.
//
// Numbers of up to 64 bits are mixed first, which is invertible. The home of a mixed number m among `homes` homes is
// floor(m * homes / 2^bits); of what is left over the remainder is kept, from which m can be found again.
#pragma once

#include <cstdint>

namespace quiesce::checker::quotient {

// __extension__: ISO C++ has no 128-bit numbers.
__extension__ using Wide = unsigned __int128;

constexpr unsigned kBucketBytes = 64;

/// Everything that says where a number stands and what its entry looks like.
struct Shape {
  std::uint64_t homes = 0;   // home buckets: factor << power
  std::uint32_t bits = 0;    // of a number, 1..64
  std::uint32_t factor = 1;  // 1 or 3
  std::uint32_t power = 0;
  std::uint32_t entry_bytes = 8;     // 8, or 4 as soon as remainder and distance fit
  std::uint32_t remainder_bits = 0;  // high part of an entry
  std::uint32_t distance_bits = 0;   // low part of an entry: buckets from home, plus one, so that 0 means empty
  bool in_small_steps = false;       // how it grows

  std::uint32_t entries_per_bucket() const { return kBucketBytes / entry_bytes; }
  std::uint64_t capacity() const { return homes * entries_per_bucket(); }
  std::uint64_t bytes() const;
  std::uint64_t max_distance() const { return (std::uint64_t{1} << distance_bits) - 2; }
};

/// The shape with so many homes, without its entries. Requires: at least two homes for 64 bits, and no more homes than
/// numbers.
inline Shape shape_of(std::uint32_t bits, std::uint32_t factor, std::uint32_t power) {
  Shape shape;
  shape.bits = bits;
  shape.factor = factor;
  shape.power = power;
  shape.homes = std::uint64_t{factor} << power;
  shape.remainder_bits = bits - power - (factor == 3 ? 1 : 0);
  return shape;
}

/// Odd multipliers with about half of their bits set (from the finalizer of SplitMix64).
constexpr std::uint64_t kFirst = 0xBF58476D1CE4E5B9ULL;
constexpr std::uint64_t kSecond = 0x94D049BB133111EBULL;

/// The mixed number as a fraction of its range: its bits at the top of the word, zeros below. Each step can be undone:
/// multiplying by an odd number modulo 2^bits (which is what happens to the top bits when those below are zero), and
/// xor with oneself shifted down. Two rounds: the first lets high bits depend on low ones, the shift brings high ones
/// down, the second lets the top, which names the home, depend on all.
inline std::uint64_t mixed(std::uint64_t number, std::uint32_t bits) {
  const std::uint64_t mask = ~std::uint64_t{0} << (64 - bits);
  const std::uint32_t shift = (bits + 1) / 2;
  std::uint64_t x = number << (64 - bits);
  x ^= (x >> shift) & mask;
  x *= kFirst;
  x ^= (x >> shift) & mask;
  x *= kSecond;
  return x;
}

constexpr std::uint64_t inverse(std::uint64_t odd) {
  std::uint64_t result = odd;  // right in the low 3 bits; each round doubles them
  for (int round = 0; round < 5; ++round) result *= 2 - odd * result;
  return result;
}

/// The inverse of mixed(). Shifting by half of the bits or more and xor twice is nothing.
inline std::uint64_t unmixed(std::uint64_t mixed, std::uint32_t bits) {
  const std::uint64_t mask = ~std::uint64_t{0} << (64 - bits);
  const std::uint32_t shift = (bits + 1) / 2;
  std::uint64_t x = mixed * inverse(kSecond);
  x ^= (x >> shift) & mask;
  x *= inverse(kFirst);
  x ^= (x >> shift) & mask;
  return x >> (64 - bits);
}

struct Place {
  std::uint64_t home;
  std::uint64_t remainder;
};

/// Where a mixed number belongs. With homes = factor * 2^power the product is factor * number * 2^(64 - bits + power):
/// its high word is the home; numbers of one home differ by at least `factor` in the low word's bits from
/// 64 - bits + power on, so that for factor 3 one of these bits need not be kept.
inline Place home_of(std::uint64_t mixed, std::uint64_t homes, std::uint32_t remainder_bits) {
  const Wide product = Wide{mixed} * homes;
  return {static_cast<std::uint64_t>(product >> 64),
          (static_cast<std::uint64_t>(product) >> 1) >> (63 - remainder_bits)};
}

/// The inverse of home_of().
inline std::uint64_t number_at(const Shape& shape, std::uint64_t home, std::uint64_t remainder) {
  const std::uint64_t low = shape.remainder_bits == 0 ? 0 : remainder << (64 - shape.remainder_bits);
  const Wide multiple = ((Wide{home} << 64) | low) >> (64 - shape.bits + shape.power);
  auto number = static_cast<std::uint64_t>(multiple);
  if (shape.factor == 3) {
    // The multiple of 3 that is `multiple` or the next number, divided by 3: exact division is multiplication by the
    // inverse of 3 modulo 2^64.
    constexpr std::uint64_t kThird = 0xAAAAAAAAAAAAAAABULL;
    const std::uint64_t third = number * kThird;
    number = Wide{third} * 3 == multiple ? third : (number + 1) * kThird;
  }
  return number << (64 - shape.bits);
}

}  // namespace quiesce::checker::quotient
