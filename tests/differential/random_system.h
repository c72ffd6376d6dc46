// Random transition systems for differential tests: a few threads, handlers and actions over a few variables, built
// directly, so that engines can be compared on combinations that no design in the language has. They are valid
// (model/system/validate.h) and respect what elaboration guarantees: a context changes its level in a bracketed way,
// nobody compares CPUs with numbers or tells activations of one handler apart.
#pragma once

#include <cstdint>

#include "model/system/transition_system.h"

namespace quiesce {

/// A generator of numbers that is the same on every machine.
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

 private:
  std::uint64_t state_;
};

/// The system of a seed. `size` 1 gives some ten to some thousand states.
model::TransitionSystem random_system(std::uint64_t seed, int size = 1);

}  // namespace quiesce
