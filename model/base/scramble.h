// Numbers that look random: for signatures that canonical forms compare, for hash tables, and one after the other as a
// random sequence that is the same on every machine.
#pragma once

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

}  // namespace quiesce::model
