// Random numbers for tests that are the same on every machine (std:: distributions are not).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace quiesce {

/// SplitMix64.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15ULL + 0x2545F4914F6CDD1DULL) {}

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  /// A number in lo..hi.
  std::int64_t between(std::int64_t lo, std::int64_t hi) {
    return lo + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(hi - lo + 1));
  }
  /// True in `percent` of 100 cases.
  bool chance(int percent) { return between(1, 100) <= percent; }
  /// An index into something of `size` elements, which is not empty.
  std::size_t below(std::size_t size) { return static_cast<std::size_t>(next() % size); }
  template <class T>
  const T& any_of(const std::vector<T>& list) {
    return list[below(list.size())];
  }

 private:
  std::uint64_t state_;
};

}  // namespace quiesce
