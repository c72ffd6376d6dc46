// Sorting a few positions, millions of times a second: canonical forms put CPUs, activations and instances in order.
#pragma once

#include <cstddef>

namespace quiesce::checker {

/// Puts the numbers below `count` into `order`, sorted by `less`, equal ones as they were; whether they were sorted
/// before. By insertion: there are mostly two to four of them, and mostly nothing is to be done.
template <class Number, class Less>
bool sort_few(std::size_t count, Number* order, const Less& less) {
  bool was_sorted = true;
  for (std::size_t i = 0; i < count; ++i) {
    const auto number = static_cast<Number>(i);
    std::size_t place = i;
    for (; place > 0 && less(number, order[place - 1]); --place) order[place] = order[place - 1];
    order[place] = number;
    was_sorted = was_sorted && place == i;
  }
  return was_sorted;
}

}  // namespace quiesce::checker
