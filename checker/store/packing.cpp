#include "checker/store/packing.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <numeric>

#include "model/base/internal_check.h"
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

}  // namespace

Packing::Packing(const model::TransitionSystem& system, const Numbers& numbers)
    : system_(system), field_of_(system.cells.size(), -1) {
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
    const bool has_list = cell < numbers.size() && !numbers[cell].empty();
    if (has_list) {
      field.lo = numbers[cell].front();
      field.range = static_cast<std::uint32_t>(std::int64_t{numbers[cell].back()} - numbers[cell].front());
    }
    const bool rests = at_rest.contains(model::CellId(cell));
    constants_[cell] = rests ? static_cast<std::int32_t>(description.rest) : field.lo;
    if (field.range == 0 || rests) {
      constant_cells_.push_back(cell);
      continue;
    }
    if (description.kind == model::CellKind::Cpu && field.lo == 0 && field.range == system.cpus) {
      field.encoding = Encoding::OneHot;
      field.bits = static_cast<std::uint8_t>(system.cpus);
    } else {
      field.bits = static_cast<std::uint8_t>(std::bit_width(field.range));
      const auto listed = has_list ? std::bit_width(numbers[cell].size() - 1) : 64;
      if (listed < field.bits) {
        field.encoding = Encoding::Listed;
        field.bits = static_cast<std::uint8_t>(listed);
        field.list = static_cast<std::uint32_t>(numbers_.size());
        field.codes = static_cast<std::uint32_t>(codes_.size());
        codes_.resize(codes_.size() + field.range + 1, -1);
        for (std::size_t i = 0; i < numbers[cell].size(); ++i) {
          codes_[field.codes + static_cast<std::size_t>(numbers[cell][i] - field.lo)] = static_cast<std::int16_t>(i);
          numbers_.push_back(numbers[cell][i]);
        }
        // Bits that no number has stand for the last one.
        numbers_.resize(field.list + (std::size_t{1} << listed), numbers[cell].back());
      }
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
    first_plain_.push_back(static_cast<std::uint32_t>(plain_.size()));
    for (const Field& field : fields) {
      field_of_[field.cell] = static_cast<std::int32_t>(fields_.size());
      fields_.push_back(field);
      if (field.encoding == Encoding::Number) {
        plain_.push_back({field.cell, field.shift, static_cast<std::uint32_t>(mask_of(field) >> field.shift),
                          static_cast<std::uint32_t>(field.lo)});
      } else {
        coded_.push_back(field);
      }
    }
  }
  first_field_.push_back(static_cast<std::uint32_t>(fields_.size()));
  first_plain_.push_back(static_cast<std::uint32_t>(plain_.size()));
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
  const std::uint64_t bits = encoded(field, number);
  QUIESCE_CHECK(bits != kOutside) << "cell '" << system_.at(cell).name << "' cannot hold " << number;
  return bits << field.shift;
}

std::uint64_t Packing::encoded(const Field& field, std::int64_t number) const {
  const std::int64_t value = number - field.lo;
  if (value < 0 || value > field.range) return kOutside;
  switch (field.encoding) {
    case Encoding::Number:
      break;
    case Encoding::OneHot:
      return (std::uint64_t{1} << value) >> 1;
    case Encoding::Listed: {
      const std::int16_t code = codes_[field.codes + static_cast<std::size_t>(value)];
      return code < 0 ? kOutside : static_cast<std::uint64_t>(code);
    }
  }
  return static_cast<std::uint64_t>(value);
}

std::uint64_t Packing::mask(model::CellId cell) const {
  const std::int32_t field = field_of_[cell.value];
  return field < 0 ? 0 : mask_of(fields_[static_cast<std::size_t>(field)]);
}

std::uint32_t Packing::word(model::CellId cell) const {
  const std::int32_t field = field_of_[cell.value];
  return field < 0 ? 0 : fields_[static_cast<std::size_t>(field)].word;
}

std::vector<std::int64_t> Packing::layout() const {
  std::vector<std::int64_t> layout = {words(), static_cast<std::int64_t>(fields_.size())};
  for (const Field& field : fields_) {
    layout.insert(layout.end(), {field.cell, field.word, field.shift, field.bits,
                                 static_cast<std::int64_t>(field.encoding), field.lo, field.range, field.list});
  }
  layout.insert(layout.end(), numbers_.begin(), numbers_.end());
  layout.insert(layout.end(), constants_.begin(), constants_.end());
  return layout;
}

void Packing::pack(const std::int32_t* cells, std::uint64_t* words) const {
  bool outside = false;
  for (std::uint32_t cell : constant_cells_) outside |= cells[cell] != constants_[cell];
  for (std::size_t word = 0; word + 1 < first_field_.size(); ++word) {
    std::uint64_t packed = 0;
    for (std::uint32_t f = first_field_[word]; f < first_field_[word + 1]; ++f) {
      const Field& field = fields_[f];
      const std::uint64_t bits = encoded(field, cells[field.cell]);
      outside |= bits == kOutside;
      packed |= bits << field.shift;
    }
    words[word] = packed;
  }
  if (outside) report_outside(cells);
}

void Packing::update(std::uint64_t* words, std::uint32_t cell, std::int32_t number) const {
  const std::int32_t position = field_of_[cell];
  if (position < 0) {
    if (number != constants_[cell]) report_outside(cell, number);
    return;
  }
  const Field& field = fields_[static_cast<std::size_t>(position)];
  const std::uint64_t bits = encoded(field, number);
  if (bits == kOutside) report_outside(cell, number);
  words[field.word] = (words[field.word] & ~mask_of(field)) | bits << field.shift;
}

void Packing::unpack_constants(std::int32_t* cells) const {
  for (std::uint32_t cell : constant_cells_) cells[cell] = constants_[cell];
}

void Packing::unpack_fields(const std::uint64_t* words, std::int32_t* cells) const {
  for (std::size_t word = 0; word + 1 < first_plain_.size(); ++word) {
    const std::uint64_t packed = words[word];
    const PlainField* const end = plain_.data() + first_plain_[word + 1];
    for (const PlainField* field = plain_.data() + first_plain_[word]; field != end; ++field) {
      cells[field->cell] =
          static_cast<std::int32_t>((static_cast<std::uint32_t>(packed >> field->shift) & field->mask) + field->lo);
    }
  }
  for (const Field& field : coded_) {
    const std::uint64_t value = (words[field.word] & mask_of(field)) >> field.shift;
    cells[field.cell] = field.encoding == Encoding::OneHot ? static_cast<std::int32_t>(std::bit_width(value)) + field.lo
                                                           : numbers_[field.list + value];
  }
}

void Packing::report_outside(const std::int32_t* cells) const {
  for (std::uint32_t cell = 0; cell < system_.cells.size(); ++cell) {
    const bool fits = field_of_[cell] < 0
                          ? cells[cell] == constants_[cell]
                          : encoded(fields_[static_cast<std::size_t>(field_of_[cell])], cells[cell]) != kOutside;
    if (!fits) report_outside(cell, cells[cell]);
  }
  QUIESCE_CHECK(false) << "a cell is outside its domain";
  std::abort();
}

void Packing::report_outside(std::uint32_t cell, std::int32_t number) const {
  const model::Cell& description = system_.cells[cell];
  QUIESCE_CHECK(number >= description.lo && number <= description.hi)
      << "cell '" << description.name << "' holds " << number << ", outside " << description.lo << ".."
      << description.hi;
  QUIESCE_CHECK(field_of_[cell] >= 0) << "cell '" << description.name << "' holds " << number
                                      << " between two steps, where it was proven to rest at " << constants_[cell];
  QUIESCE_CHECK(false) << "cell '" << description.name << "' holds " << number << ", which it was proven never to hold";
  std::abort();
}

}  // namespace quiesce::checker
