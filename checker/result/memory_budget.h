// How much memory a search may take. --memory means the whole process, since that is what the machine and its other
// users feel; without it the limit is what the machine can spare, so that a search stops with a word rather than be
// killed without one.
#pragma once

#include <cstdint>

#include "checker/result/result.h"

namespace quiesce::checker {

/// What the process holds now, in bytes; 0 where the system does not say. Takes some microseconds.
std::uint64_t process_bytes();

/// A limit that no search can keep: the program with its library, and what reports take.
inline constexpr std::uint64_t kLeastMemory = std::uint64_t{24} << 20;

struct MemoryBudget {
  /// Measures the process now: call it when the system is ready and the search has taken nothing yet.
  explicit MemoryBudget(const Limits& limits);

  /// What is left for a search that holds `held` bytes.
  std::uint64_t spare_bytes(std::uint64_t held) const {
    const std::uint64_t now = baseline_bytes + held;
    return now < limit_bytes ? limit_bytes - now : 0;
  }

  std::uint64_t baseline_bytes = 0;        // what the process held before the search; 0 where the system does not say
  std::uint64_t limit_bytes = UINT64_MAX;  // for the whole process
};

}  // namespace quiesce::checker
