#include "checker/store/packing.h"

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "model/base/check.h"

namespace quiesce::checker {

Packing::Packing(const model::TransitionSystem& system) : system_(system) {
  // First fit: a cell goes into the first word that still has room, so that narrow cells fill the gaps of wide ones.
  std::vector<std::vector<Field>> words(1);
  std::vector<std::uint32_t> used(1, 0);
  for (std::uint32_t cell = 0; cell < system.cells.size(); ++cell) {
    const model::Cell& description = system.cells[cell];
    QUIESCE_CHECK(description.lo <= description.hi && description.hi - description.lo <= UINT32_MAX &&
                  description.lo >= INT32_MIN && description.hi <= INT32_MAX)
        << "domain of '" << description.name << "'";
    constants_.push_back(static_cast<std::int32_t>(description.lo));
    const auto range = static_cast<std::uint32_t>(description.hi - description.lo);
    const auto bits = static_cast<std::uint32_t>(std::bit_width(range));
    if (bits == 0) {
      constant_cells_.push_back(cell);
      continue;
    }
    std::size_t word = 0;
    while (word < words.size() && used[word] + bits > 64) ++word;
    if (word == words.size()) {
      words.emplace_back();
      used.push_back(0);
    }
    words[word].push_back({cell, static_cast<std::uint8_t>(used[word]), static_cast<std::uint8_t>(bits),
                           static_cast<std::int32_t>(description.lo), range});
    used[word] += bits;
    bits_ += bits;
  }
  for (const std::vector<Field>& fields : words) {
    first_field_.push_back(static_cast<std::uint32_t>(fields_.size()));
    fields_.insert(fields_.end(), fields.begin(), fields.end());
  }
  first_field_.push_back(static_cast<std::uint32_t>(fields_.size()));
}

void Packing::pack(const std::int32_t* cells, std::uint64_t* words) const {
  bool outside = false;
  for (std::uint32_t cell : constant_cells_) outside |= cells[cell] != constants_[cell];
  for (std::size_t word = 0; word + 1 < first_field_.size(); ++word) {
    std::uint64_t packed = 0;
    for (std::uint32_t f = first_field_[word]; f < first_field_[word + 1]; ++f) {
      const Field& field = fields_[f];
      const std::uint32_t value = static_cast<std::uint32_t>(cells[field.cell]) - static_cast<std::uint32_t>(field.lo);
      outside |= value > field.range;
      packed |= static_cast<std::uint64_t>(value) << field.shift;
    }
    words[word] = packed;
  }
  if (outside) report_outside(cells);
}

void Packing::unpack(const std::uint64_t* words, std::int32_t* cells) const {
  for (std::uint32_t cell : constant_cells_) cells[cell] = constants_[cell];
  for (std::size_t word = 0; word + 1 < first_field_.size(); ++word) {
    for (std::uint32_t f = first_field_[word]; f < first_field_[word + 1]; ++f) {
      const Field& field = fields_[f];
      const std::uint64_t value = words[word] >> field.shift & ((std::uint64_t{1} << field.bits) - 1);
      cells[field.cell] =
          static_cast<std::int32_t>(static_cast<std::uint32_t>(value) + static_cast<std::uint32_t>(field.lo));
    }
  }
}

void Packing::report_outside(const std::int32_t* cells) const {
  for (std::size_t i = 0; i < system_.cells.size(); ++i) {
    const model::Cell& cell = system_.cells[i];
    QUIESCE_CHECK(cells[i] >= cell.lo && cells[i] <= cell.hi)
        << "cell '" << cell.name << "' holds " << cells[i] << ", outside " << cell.lo << ".." << cell.hi;
  }
  QUIESCE_CHECK(false) << "a cell is outside its domain";
  std::abort();
}

}  // namespace quiesce::checker
