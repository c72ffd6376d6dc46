// What stands in front of a saved lossy store. The magic numbers change whenever a format or hash does.
#pragma once

#include <cstdint>

namespace quiesce::checker {

struct SavedLossyStore {
  static constexpr std::uint64_t kCompact = 0x314341504D4F4351;   // "QCOMPAC1"
  static constexpr std::uint64_t kBitstate = 0x3141545354494251;  // "QBITSTA1"

  std::uint64_t magic = 0;
  std::uint32_t words = 0;
  std::uint32_t parameter = 0;  // bits of a hash; bits per state
};

}  // namespace quiesce::checker
