#include "checker/reduce/number_map.h"

#include <algorithm>
#include <set>

namespace quiesce::checker {

std::optional<NumberMap> NumberMap::of(std::vector<std::pair<std::int64_t, std::int64_t>> pairs) {
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  NumberMap image;
  image.is_finite = true;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (i > 0 && pairs[i].first == pairs[i - 1].first) return std::nullopt;  // one number, two images
    image.is_identity = image.is_identity && pairs[i].first == pairs[i].second;
  }
  if (pairs.size() > kMaxPairs) return std::nullopt;
  image.pairs = std::move(pairs);
  return image;
}

std::optional<NumberMap> united(const NumberMap& a, const NumberMap& b) {
  if (a.is_finite && b.is_finite) {
    auto pairs = a.pairs;
    pairs.insert(pairs.end(), b.pairs.begin(), b.pairs.end());
    return NumberMap::of(std::move(pairs));
  }
  if (a.is_identity && b.is_identity) return NumberMap::any();
  return std::nullopt;
}

bool is_injective(const NumberMap& image) {
  std::set<std::int64_t> images;
  for (const auto& [number, its_image] : image.pairs) {
    if (!images.insert(its_image).second) return false;
  }
  return true;
}

}  // namespace quiesce::checker
