// Reading single cells of packed states.
#pragma once

#include <bit>
#include <cstdint>

#include "checker/store/packing.h"

namespace quiesce::checker {

/// Reads one cell of a packed state.
struct CellReader {
  std::uint32_t word = 0;
  std::uint32_t shift = 0;
  std::uint64_t mask = 0;  // after the shift; 0: the cell has no field
  std::int32_t bias = 0;
  bool one_hot = false;
  const std::int32_t* list = nullptr;  // numbers by position, where they are listed

  std::uint64_t bits(const std::uint64_t* words) const { return words[word] >> shift & mask; }
  std::int32_t number(const std::uint64_t* words) const {
    const std::uint64_t field = bits(words);
    if (list != nullptr) return list[field];
    return static_cast<std::int32_t>(one_hot ? static_cast<std::uint64_t>(std::bit_width(field)) : field) + bias;
  }
};

/// Requires: `packing` outlives the reader.
CellReader cell_reader(const Packing& packing, model::CellId cell);

}  // namespace quiesce::checker
