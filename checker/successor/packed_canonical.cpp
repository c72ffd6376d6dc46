#include "checker/successor/packed_canonical.h"

#include <algorithm>
#include <numeric>
#include <optional>

namespace quiesce::checker {

using namespace model;

namespace {

/// A cell that belongs to CPUs by its place: how many groups of blocks hold it, and in the last of them the CPU and the
/// cells at the same place of the other CPUs.
struct Blocked {
  std::uint32_t groups = 0;
  std::uint32_t cpu = 0;
  std::vector<CellId> alike;  // by CPU
};

}  // namespace

PackedCanonical::PackedCanonical(const TransitionSystem& system, const Packing& packing,
                                 const InstanceSymmetry* symmetry)
    : packing_(packing), words_(packing.words()) {
  const bool has_instances = symmetry != nullptr && !symmetry->is_trivial();
  const bool has_families = std::any_of(system.contexts.begin(), system.contexts.end(),
                                        [](const Context& context) { return context.activations > 1; });
  if (has_families || has_instances || !build_words(system)) {
    renamings_.clear();
    cells_form_ = std::make_unique<Canonicalizer>(system, symmetry);
    if (cells_form_->is_trivial()) cells_form_.reset();
  }
  keys_.resize(words_ * kMaxFree);
  best_.resize(words_);
  candidate_.resize(words_);
  cells_.resize(system.cells.size());
}

/// Adds that `bits` bits move from one field to another; bits of a word that move alike move in one go.
void PackedCanonical::add_move(Moves& moves, const Packing::Field& from, std::uint32_t from_bit,
                               const Packing::Field& to, std::uint32_t to_bit, std::uint32_t bits) {
  const std::uint32_t at = from.shift + from_bit;
  const std::uint64_t mask = (~std::uint64_t{0} >> (64 - bits)) << at;
  const std::int32_t shift = static_cast<std::int32_t>(to.shift + to_bit) - static_cast<std::int32_t>(at);
  for (Move& move : moves) {
    if (move.from == from.word && move.to == to.word && move.shift == shift) {
      move.mask |= mask;
      return;
    }
  }
  moves.push_back({from.word, to.word, mask, shift});
}

/// Whether renamings of CPUs are permutations of bits; if so they are compiled.
bool PackedCanonical::build_words(const TransitionSystem& system) {
  std::vector<std::uint32_t> free;
  for (std::uint32_t cpu = 0; cpu < system.cpus; ++cpu) {
    if ((system.fixed_cpus >> cpu & 1u) == 0) free.push_back(cpu);
  }
  if (free.size() < 2) return true;
  if (free.size() > kMaxFree) return false;
  std::vector<Blocked> blocked(system.cells.size());
  for (const CpuBlocks& blocks : system.cpu_blocks) {
    for (std::uint32_t offset = 0; offset < blocks.length; ++offset) {
      std::vector<CellId> alike;
      for (const CellId first : blocks.first) alike.push_back(CellId(first.value + offset));
      for (std::uint32_t cpu = 0; cpu < alike.size(); ++cpu) {
        Blocked& cell = blocked[alike[cpu].value];
        ++cell.groups;
        cell.cpu = cpu;
        cell.alike = alike;
      }
    }
  }
  // What moves is of one form.
  std::vector<CellId> moving;
  for (std::size_t i = 0; i < system.cells.size(); ++i) {
    const CellId cell(i);
    const std::optional<Packing::Field> field = packing_.field(cell);
    const bool names = system.at(cell).kind == CellKind::Cpu;
    if (!names && blocked[i].groups == 0) continue;
    if (names && field && field->encoding != Packing::Encoding::OneHot) return false;
    for (const CellId other : blocked[i].alike) {
      const std::optional<Packing::Field> like = packing_.field(other);
      if (field.has_value() != like.has_value() || packing_.constant(cell) != packing_.constant(other)) return false;
      if (field && (field->bits != like->bits || field->lo != like->lo || field->range != like->range)) return false;
    }
    if (!field) {
      if (names && packing_.constant(cell) != 0) return false;
      continue;
    }
    moving.push_back(cell);
  }
  if (moving.empty()) return true;
  free_ = free.size();

  // Keys: the bits that belong to one CPU only.
  still_.assign(words_, ~std::uint64_t{0});
  for (const CellId cell : moving) {
    const Packing::Field field = *packing_.field(cell);
    still_[field.word] &= ~packing_.mask(cell);
    const Blocked& place = blocked[cell.value];
    const bool names = system.at(cell).kind == CellKind::Cpu;
    if (names && place.groups == 0) {
      for (std::size_t i = 0; i < free.size(); ++i) add_move(key_[i], field, free[i], field, free[0], 1);
    } else if (!names && place.groups == 1) {
      const auto at = std::find(free.begin(), free.end(), place.cpu);
      if (at == free.end()) continue;
      const Packing::Field first = *packing_.field(place.alike[free[0]]);
      add_move(key_[static_cast<std::size_t>(at - free.begin())], field, 0, first, 0, field.bits);
    } else {
      has_pairs_ = true;
    }
  }

  // All renamings.
  std::vector<std::uint32_t> order(free.size());
  std::iota(order.begin(), order.end(), 0u);
  do {
    Renaming renaming;
    std::vector<std::uint32_t> image(system.cpus);
    std::iota(image.begin(), image.end(), 0u);
    std::uint32_t code = 0;
    for (std::size_t i = 0; i < free.size(); ++i) {
      renaming.order[i] = static_cast<std::uint8_t>(order[i]);
      image[free[order[i]]] = free[i];
      code |= order[i] << (2 * i);
    }
    std::vector<std::size_t> comes_from(system.cells.size());
    std::iota(comes_from.begin(), comes_from.end(), std::size_t{0});
    for (const CpuBlocks& blocks : system.cpu_blocks) {  // outer ones first
      const std::vector<std::size_t> before = comes_from;
      for (std::size_t cpu = 0; cpu < blocks.first.size(); ++cpu) {
        for (std::uint32_t offset = 0; offset < blocks.length; ++offset) {
          comes_from[blocks.first[image[cpu]].value + offset] = before[blocks.first[cpu].value + offset];
        }
      }
    }
    for (const CellId cell : moving) {
      const Packing::Field to = *packing_.field(cell);
      const Packing::Field from = *packing_.field(CellId(comes_from[cell.value]));
      if (system.at(cell).kind != CellKind::Cpu) {
        add_move(renaming.moves, from, 0, to, 0, to.bits);
        continue;
      }
      for (std::uint32_t cpu = 0; cpu < system.cpus; ++cpu) add_move(renaming.moves, from, cpu, to, image[cpu], 1);
    }
    renaming_of_[code] = static_cast<std::uint8_t>(renamings_.size());
    renamings_.push_back(std::move(renaming));
  } while (std::next_permutation(order.begin(), order.end()));
  return true;
}

void PackedCanonical::apply(const Renaming& renaming, const std::uint64_t* state, std::uint64_t* out) const {
  for (std::size_t word = 0; word < words_; ++word) out[word] = state[word] & still_[word];
  for (const Move& move : renaming.moves) out[move.to] |= shifted(state[move.from] & move.mask, move.shift);
}

void PackedCanonical::by_words(std::uint64_t* state) {
  std::fill(keys_.begin(), keys_.begin() + static_cast<std::ptrdiff_t>(free_ * words_), 0);
  for (std::size_t i = 0; i < free_; ++i) {
    std::uint64_t* key = keys_.data() + i * words_;
    for (const Move& move : key_[i]) key[move.to] |= shifted(state[move.from] & move.mask, move.shift);
  }
  const auto less = [&](std::size_t a, std::size_t b) {
    for (std::size_t word = 0; word < words_; ++word) {
      const std::uint64_t of_a = keys_[a * words_ + word];
      const std::uint64_t of_b = keys_[b * words_ + word];
      if (of_a != of_b) return of_a < of_b;
    }
    return false;
  };
  std::array<std::uint8_t, kMaxFree> order{};
  for (std::size_t i = 0; i < free_; ++i) {
    std::size_t place = i;
    while (place > 0 && less(i, order[place - 1])) {
      order[place] = order[place - 1];
      --place;
    }
    order[place] = static_cast<std::uint8_t>(i);
  }
  bool has_ties = false;
  std::array<std::uint8_t, kMaxFree> rank{};
  for (std::size_t i = 1; i < free_; ++i) {
    const bool rises = less(order[i - 1], order[i]);
    rank[order[i]] = static_cast<std::uint8_t>(rank[order[i - 1]] + (rises ? 1 : 0));
    has_ties = has_ties || !rises;
  }
  if (!has_ties || !has_pairs_) {
    // CPUs with equal keys cannot be told apart.
    std::uint32_t code = 0;
    for (std::size_t i = 0; i < free_; ++i) code |= std::uint32_t{order[i]} << (2 * i);
    const std::uint8_t renaming = renaming_of_[code];
    if (renaming == 0) return;
    apply(renamings_[renaming], state, best_.data());
    std::copy(best_.begin(), best_.end(), state);
    return;
  }
  bool found = false;
  for (const Renaming& renaming : renamings_) {
    bool sorts = true;
    for (std::size_t i = 1; i < free_; ++i) sorts = sorts && rank[renaming.order[i - 1]] <= rank[renaming.order[i]];
    if (!sorts) continue;
    apply(renaming, state, candidate_.data());
    if (!found || candidate_ < best_) best_.swap(candidate_);
    found = true;
  }
  std::copy(best_.begin(), best_.end(), state);
}

void PackedCanonical::by_cells(std::uint64_t* state) {
  packing_.unpack(state, cells_.data());
  packing_.pack(cells_form_->canonical(cells_.data()), state);
}

}  // namespace quiesce::checker
