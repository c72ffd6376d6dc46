// Whether a list has an element.
#pragma once

#include <algorithm>
#include <vector>

namespace quiesce {

/// Whether an element of `list` equals `element`. O(size).
template <typename T>
bool contains(const std::vector<T>& list, const T& element) {
  return std::find(list.begin(), list.end(), element) != list.end();
}

}  // namespace quiesce
