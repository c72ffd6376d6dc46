// The map of numbers under which two expressions correspond (correspondence.h). Internal to this folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace quiesce::checker {

constexpr std::size_t kMaxPairs = 4096;  // numbers an expression is followed over

/// The second expression has the image of the first one's number. `pairs` (number, image) lists every number that the
/// first can have when `is_finite`; else it can have any and each is its own image.
struct NumberMap {
  bool is_finite = false;
  bool is_identity = true;
  std::vector<std::pair<std::int64_t, std::int64_t>> pairs;  // ascending

  static NumberMap any() { return {}; }
  /// None when one number has two images, or there are too many.
  static std::optional<NumberMap> of(std::vector<std::pair<std::int64_t, std::int64_t>> pairs);
  bool operator==(const NumberMap&) const = default;
};

/// The map of an expression that has its number from one of two.
std::optional<NumberMap> united(const NumberMap& a, const NumberMap& b);

bool is_injective(const NumberMap& image);

}  // namespace quiesce::checker
