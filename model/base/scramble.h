// Numbers that look random: for signatures that canonical forms compare, for hash tables, and one after the other as a
// random sequence that is the same on every machine.
#pragma once

#include <cstddef>
#include <cstdint>

namespace quiesce::model {

constexpr std::uint64_t kScrambleStep = 0x9E3779B97F4A7C15u;  // scramble(n * kScrambleStep), n = 0, 1, ...: SplitMix64

/// For each number another (the finalizer of SplitMix64).
inline std::uint64_t scramble(std::uint64_t x) {
  x += kScrambleStep;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

/// A hash of words, another one for each `seed`.
inline std::uint64_t scramble(const std::uint64_t* words, std::size_t count, std::uint64_t seed = 0) {
  for (std::size_t i = 0; i < count; ++i) seed = scramble(seed ^ words[i]);
  return seed;
}

}  // namespace quiesce::model
