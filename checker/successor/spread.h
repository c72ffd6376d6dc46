// Numbers that look random, for signatures that canonical forms compare.
#pragma once

#include <cstdint>

namespace quiesce::checker {

/// For each number another (the finalizer of SplitMix64).
inline std::uint64_t spread(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

}  // namespace quiesce::checker
