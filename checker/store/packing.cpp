#include "checker/store/packing.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <numeric>

#include "model/base/check.h"
#include "model/system/step_local_cells.h"

namespace quiesce::checker {
namespace {

/// Per cell, the group of cells that it lies with, in order.
std::vector<std::uint8_t> groups_of(const model::TransitionSystem& system) {
  constexpr std::uint8_t kLocation = 0;
  constexpr std::uint8_t kScheduling = 1;
  constexpr std::uint8_t kShared = 2;
  constexpr std::uint8_t kLocal = 3;
  std::vector<std::uint8_t> groups(system.cells.size(), kShared);
  for (std::size_t cell = 0; cell < system.cells.size(); ++cell) {
    const model::Cell& description = system.cells[cell];
    if (description.kind == model::CellKind::Location) groups[cell] = kLocation;
    if (description.variable && system.at(*description.variable).owner) groups[cell] = kLocal;
  }
  const auto put = [&](model::CellId cell, std::uint8_t group) { groups[cell.value] = group; };
  for (const model::Context& context : system.contexts) {
    for (const auto& locals : context.local_cells) {
      for (model::CellId cell : locals) put(cell, kLocal);
    }
    for (const auto* cells : {&context.level_cell, &context.cpu_cell, &context.affinity_cell}) {
      for (model::CellId cell : *cells) put(cell, kScheduling);
    }
  }
  return groups;
}

std::uint64_t mask_of(const Packing::Field& field) { return (~std::uint64_t{0} >> (64 - field.bits)) << field.shift; }

/// The bits of a number, not yet in place.
std::uint64_t encoded(const Packing::Field& field, std::uint32_t value) {
  return field.encoding == Packing::Encoding::Number ? std::uint64_t{value} : (std::uint64_t{1} << value) >> 1;
}

}  // namespace

Packing::Packing(const model::TransitionSystem& system) : system_(system), field_of_(system.cells.size(), -1) {
  const model::CellSet at_rest = model::step_local_cells(system);
  const std::vector<std::uint8_t> groups = groups_of(system);
  std::vector<std::uint32_t> order(system.cells.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return groups[a] < groups[b]; });
  // First fit: a cell goes into the first word that still has room, so that narrow cells fill the gaps of wide ones.
  std::vector<std::vector<Field>> words(1);
  std::vector<std::uint32_t> used(1, 0);
  constants_.resize(system.cells.size());
  for (const std::uint32_t cell : order) {
    const model::Cell& description = system.cells[cell];
    QUIESCE_CHECK(description.lo <= description.hi && description.hi - description.lo <= UINT32_MAX &&
                  description.lo >= INT32_MIN && description.hi <= INT32_MAX)
        << "domain of '" << description.name << "'";
    Field field;
    field.cell = cell;
    field.lo = static_cast<std::int32_t>(description.lo);
    field.range = static_cast<std::uint32_t>(description.hi - description.lo);
    const bool rests = at_rest.contains(model::CellId(cell));
    constants_[cell] = static_cast<std::int32_t>(rests ? description.rest : description.lo);
    if (field.range == 0 || rests) {
      constant_cells_.push_back(cell);
      continue;
    }
    if (description.kind == model::CellKind::Cpu && field.lo == 0 && field.range == system.cpus) {
      field.encoding = Encoding::OneHot;
      field.bits = static_cast<std::uint8_t>(system.cpus);
    } else {
      field.bits = static_cast<std::uint8_t>(std::bit_width(field.range));
    }
    std::size_t word = 0;
    while (word < words.size() && used[word] + field.bits > 64) ++word;
    if (word == words.size()) {
      words.emplace_back();
      used.push_back(0);
    }
    field.word = static_cast<std::uint32_t>(word);
    field.shift = static_cast<std::uint8_t>(used[word]);
    words[word].push_back(field);
    used[word] += field.bits;
    bits_ += field.bits;
  }
  for (const std::vector<Field>& fields : words) {
    first_field_.push_back(static_cast<std::uint32_t>(fields_.size()));
    for (const Field& field : fields) {
      field_of_[field.cell] = static_cast<std::int32_t>(fields_.size());
      fields_.push_back(field);
    }
  }
  first_field_.push_back(static_cast<std::uint32_t>(fields_.size()));
}

std::optional<Packing::Field> Packing::field(model::CellId cell) const {
  const std::int32_t field = field_of_[cell.value];
  if (field < 0) return std::nullopt;
  return fields_[static_cast<std::size_t>(field)];
}

std::uint64_t Packing::encode(model::CellId cell, std::int64_t number) const {
  const std::int32_t position = field_of_[cell.value];
  if (position < 0) return 0;
  const Field& field = fields_[static_cast<std::size_t>(position)];
  const std::int64_t value = number - field.lo;
  QUIESCE_CHECK(value >= 0 && value <= field.range) << "cell '" << system_.at(cell).name << "' cannot hold " << number;
  return encoded(field, static_cast<std::uint32_t>(value)) << field.shift;
}

std::uint64_t Packing::mask(model::CellId cell) const {
  const std::int32_t field = field_of_[cell.value];
  return field < 0 ? 0 : mask_of(fields_[static_cast<std::size_t>(field)]);
}

std::uint32_t Packing::word(model::CellId cell) const {
  const std::int32_t field = field_of_[cell.value];
  return field < 0 ? 0 : fields_[static_cast<std::size_t>(field)].word;
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
      // The shift by too much of a number outside is not undefined, and reported below.
      packed |= encoded(field, field.encoding == Encoding::OneHot ? value & 63 : value) << field.shift;
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
      std::uint64_t value = (words[word] & mask_of(field)) >> field.shift;
      if (field.encoding == Encoding::OneHot) value = static_cast<std::uint64_t>(std::bit_width(value));
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
    QUIESCE_CHECK(field_of_[i] >= 0 || cells[i] == constants_[i])
        << "cell '" << cell.name << "' holds " << cells[i] << " between two steps, where it was proven to rest at "
        << constants_[i];
  }
  QUIESCE_CHECK(false) << "a cell is outside its domain";
  std::abort();
}

}  // namespace quiesce::checker
