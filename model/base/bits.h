// Sets of small numbers as the bits of a word.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace quiesce::model {

/// Calls `visit(n)` for every bit n that is set, ascending.
template <typename Visit>
void for_each_bit(std::uint64_t word, const Visit& visit) {
  for (; word != 0; word &= word - 1) visit(static_cast<std::size_t>(std::countr_zero(word)));
}

}  // namespace quiesce::model
