#include "checker/successor/packed_canonical.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <optional>

#include "checker/successor/sort_few.h"
#include "model/base/scramble.h"

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

/// Whether the numbers of two cells look alike in packed states.
bool have_one_form(const Packing& packing, CellId a, CellId b) {
  const std::optional<Packing::Field> of_a = packing.field(a);
  const std::optional<Packing::Field> of_b = packing.field(b);
  if (of_a.has_value() != of_b.has_value()) return false;
  if (!of_a) return packing.constant(a) == packing.constant(b);
  if (of_a->bits != of_b->bits || of_a->lo != of_b->lo || of_a->range != of_b->range ||
      of_a->encoding != of_b->encoding) {
    return false;
  }
  if (of_a->encoding != Packing::Encoding::Listed) return true;
  const std::int32_t* list = packing.list(*of_a);
  return std::equal(list, list + (std::size_t{1} << of_a->bits), packing.list(*of_b));
}

}  // namespace

PackedCanonical::PackedCanonical(const TransitionSystem& system, const Packing& packing,
                                 const InstanceSymmetry* symmetry)
    : packing_(packing), words_(packing.words()) {
  const bool has_instances = symmetry != nullptr && !symmetry->is_trivial();
  if (has_instances || !build_families(system) || !build_cpus(system)) {
    renamings_.clear();
    families_.clear();
    cells_form_ = std::make_unique<Canonicalizer>(system, symmetry);
    if (cells_form_->is_trivial()) cells_form_.reset();
  }
  keys_.resize(words_ * kMaxFree);
  best_.resize(words_);
  candidate_.resize(words_);
  cells_.resize(system.cells.size());
}

/// Whether permutations of activations are permutations of bits but for the cells that name activations; if so they are
/// compiled.
bool PackedCanonical::build_families(const TransitionSystem& system) {
  owned_.assign(system.cells.size(), false);
  family_names_.assign(words_, 0);
  std::uint32_t most = 0;
  for (const Context& context : system.contexts) {
    if (context.activations < 2) continue;
    Family family;
    family.first_slot = context.first_slot;
    family.count = context.activations;
    family.key.resize(family.count);
    family.names.resize(family.count);
    family.own.assign(words_, 0);
    most = std::max(most, family.count);
    bool fits = true;
    std::uint64_t field_number = 0;
    const auto add = [&](const auto& cell_of) {
      ++field_number;
      const CellId first = cell_of(0);
      const std::optional<Packing::Field> to = packing_.field(first);
      for (std::uint32_t a = 0; a < family.count; ++a) {
        const CellId cell = cell_of(a);
        fits = fits && system.at(cell).kind != CellKind::Slot && have_one_form(packing_, first, cell);
        owned_[cell.value] = true;
        const std::optional<Packing::Field> from = packing_.field(cell);
        if (!fits || !from) continue;
        add_move(family.key[a], *from, 0, *to, 0, from->bits);
        family.own[from->word] |= packing_.mask(cell);
        if (system.at(cell).kind != CellKind::Cpu) continue;
        family.names[a].push_back({from->word, from->shift, scramble(context.first_slot + (field_number << 32))});
        family_names_[from->word] |= packing_.mask(cell);
      }
    };
    add([&](std::uint32_t a) { return context.location_cell[a]; });
    add([&](std::uint32_t a) { return context.level_cell[a]; });
    add([&](std::uint32_t a) { return context.cpu_cell[a]; });
    if (!context.affinity_cell.empty()) add([&](std::uint32_t a) { return context.affinity_cell[a]; });
    if (!context.local_cells.empty()) {
      for (std::size_t i = 0; i < context.local_cells[0].size(); ++i) {
        add([&](std::uint32_t a) { return context.local_cells[a][i]; });
      }
    }
    if (!fits) return false;
    for (Moves& moves : family.key) sort_by_target(moves);
    families_.push_back(std::move(family));
  }
  if (families_.empty()) return true;
  activation_keys_.resize(words_ * most);
  order_.resize(most);
  place_.resize(most);
  for (std::size_t i = 0; i < system.cells.size(); ++i) {
    const CellId cell(i);
    if (system.at(cell).kind != CellKind::Slot) continue;
    if (packing_.field(cell)) {
      slot_cells_.push_back({cell, cell_reader(packing_, cell)});
    } else if (packing_.constant(cell) != 0) {
      return false;
    }
  }
  note_idle_families();
  return true;
}

/// What sorting a family depends on is `sorted_by`: where these bits are all zero, it does what it does in the state
/// of zeros.
void PackedCanonical::note_idle_families() {
  std::vector<std::uint64_t> named(words_);
  for (const SlotCell& cell : slot_cells_) named[cell.reader.word] |= cell.reader.mask << cell.reader.shift;
  for (Family& family : families_) {
    family.sorted_by = family.own;
    for (std::size_t word = 0; word < words_; ++word) family.sorted_by[word] |= named[word];
    std::vector<std::uint64_t> zeros(words_);
    sort_family(family, zeros.data());
    family.idle_is_sorted = zeros == std::vector<std::uint64_t>(words_);
  }
}

/// For read_keys().
void PackedCanonical::sort_by_target(Moves& moves) {
  std::stable_sort(moves.begin(), moves.end(), [](const Move& a, const Move& b) { return a.to < b.to; });
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
bool PackedCanonical::build_cpus(const TransitionSystem& system) {
  std::vector<std::uint32_t> free;
  for (std::uint32_t cpu = 0; cpu < system.cpus; ++cpu) {
    if ((system.fixed_cpus >> cpu & 1u) == 0) free.push_back(cpu);
  }
  if (free.size() < 2) return true;
  if (free.size() > kMaxFree) return false;
  free_position_.assign(system.cpus, -1);
  for (std::size_t i = 0; i < free.size(); ++i) free_position_[free[i]] = static_cast<std::int8_t>(i);
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
      if (!have_one_form(packing_, cell, other)) return false;
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
    if (owned_[cell.value] && names && place.groups == 0) continue;  // sign_cpus() says it
    // What a permutation of activations moves or changes tells nothing of a CPU.
    const bool changes = owned_[cell.value] || (!families_.empty() && system.at(cell).kind == CellKind::Slot);
    if (changes) {
      has_pairs_ = true;
    } else if (names && place.groups == 0) {
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

  for (Moves& moves : key_) sort_by_target(moves);

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

/// The bits of each row, moved to where those of the first are. Requires: the moves of a row are in the order of `to`.
void PackedCanonical::read_keys(const Moves* rows, std::size_t count, const std::uint64_t* state,
                                std::uint64_t* keys) const {
  for (std::size_t row = 0; row < count; ++row, keys += words_) {
    const Move* move = rows[row].data();
    const Move* const end = move + rows[row].size();
    for (std::size_t word = 0; word < words_; ++word) {
      std::uint64_t bits = 0;
      for (; move != end && move->to == word; ++move) bits |= shifted(state[move->from] & move->mask, move->shift);
      keys[word] = bits;
    }
  }
}

/// Whether two CPUs have the same bits.
bool PackedCanonical::have_equal_keys() const {
  for (std::size_t a = 1; a < free_; ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      std::uint64_t difference = 0;
      for (std::size_t word = 0; word < words_; ++word)
        difference |= keys_[a * words_ + word] ^ keys_[b * words_ + word];
      if (difference == 0) return true;
    }
  }
  return false;
}

/// Sums for each CPU what activations say of it, which neither their order nor a renaming of CPUs changes. The CPUs
/// that any of them names, a bit each.
std::uint32_t PackedCanonical::sign_cpus(const std::uint64_t* state) {
  signatures_.fill(0);
  bool any = false;
  for (std::size_t word = 0; word < words_; ++word) any = any || (state[word] & family_names_[word]) != 0;
  if (!any) return 0;
  std::uint32_t named = 0;
  for (const Family& family : families_) {
    read_keys(family.key.data(), family.count, state, activation_keys_.data());
    for (std::uint32_t a = 0; a < family.count; ++a) {
      std::uint64_t says = 0;
      bool is_known = false;
      for (const CpuName& name : family.names[a]) {
        const std::uint64_t bits = state[name.word] >> name.shift & ((1u << free_position_.size()) - 1);
        if (bits == 0) continue;
        const std::int8_t position = free_position_[static_cast<std::size_t>(std::countr_zero(bits))];
        if (position < 0) continue;
        if (!is_known) {
          const std::uint64_t* key = activation_keys_.data() + a * words_;
          for (std::size_t word = 0; word < words_; ++word) says = scramble(says ^ (key[word] & still_[word]));
          is_known = true;
        }
        signatures_[static_cast<std::size_t>(position)] += scramble(says + name.weight);
        named |= 1u << position;
      }
    }
  }
  return named;
}

void PackedCanonical::by_words(std::uint64_t* state) {
  read_keys(key_.data(), free_, state, keys_.data());
  // Only CPUs with equal keys are told apart by what activations say of them.
  const std::uint32_t named = !families_.empty() && have_equal_keys() ? sign_cpus(state) : 0;
  const auto less = [&](std::size_t a, std::size_t b) {
    for (std::size_t word = 0; word < words_; ++word) {
      const std::uint64_t of_a = keys_[a * words_ + word];
      const std::uint64_t of_b = keys_[b * words_ + word];
      if (of_a != of_b) return of_a < of_b;
    }
    return named != 0 && signatures_[a] < signatures_[b];
  };
  std::array<std::uint8_t, kMaxFree> order{};
  sort_few(free_, order.data(), less);
  bool has_ties = false;
  std::array<std::uint8_t, kMaxFree> rank{};
  for (std::size_t i = 1; i < free_; ++i) {
    const bool rises = less(order[i - 1], order[i]);
    rank[order[i]] = static_cast<std::uint8_t>(rank[order[i - 1]] + (rises ? 1 : 0));
    // CPUs with equal keys cannot be told apart unless something is in no key.
    has_ties =
        has_ties || (!rises && (has_pairs_ || (named >> order[i - 1] & 1u) != 0 || (named >> order[i] & 1u) != 0));
  }
  if (!has_ties) {
    std::uint32_t code = 0;
    for (std::size_t i = 0; i < free_; ++i) code |= std::uint32_t{order[i]} << (2 * i);
    const std::uint8_t renaming = renaming_of_[code];
    if (renaming != 0) {
      apply(renamings_[renaming], state, best_.data());
      std::copy(best_.begin(), best_.end(), state);
    }
    for (const Family& family : families_) sort_family(family, state);
    return;
  }
  bool found = false;
  for (const Renaming& renaming : renamings_) {
    bool sorts = true;
    for (std::size_t i = 1; i < free_; ++i) sorts = sorts && rank[renaming.order[i - 1]] <= rank[renaming.order[i]];
    if (!sorts) continue;
    apply(renaming, state, candidate_.data());
    for (const Family& family : families_) sort_family(family, candidate_.data());
    if (!found || candidate_ < best_) best_.swap(candidate_);
    found = true;
  }
  std::copy(best_.begin(), best_.end(), state);
}

/// Whether of two activations that are alike `a` is named by an earlier cell than `b`.
bool PackedCanonical::is_named_before(const Family& family, std::uint32_t a, std::uint32_t b,
                                      const std::uint64_t* state) const {
  const auto name_a = static_cast<std::int32_t>(family.first_slot + a + 1);
  const auto name_b = static_cast<std::int32_t>(family.first_slot + b + 1);
  for (const SlotCell& cell : slot_cells_) {
    const std::int32_t number = cell.reader.number(state);
    if (number == name_a) return true;
    if (number == name_b) return false;
  }
  return false;
}

/// Whether nothing is to be sorted, since no activation of the family runs and no cell names any.
bool PackedCanonical::is_idle(const Family& family, const std::uint64_t* state) const {
  std::uint64_t bits = 0;
  for (std::size_t word = 0; word < words_; ++word) bits |= state[word] & family.sorted_by[word];
  return bits == 0 && family.idle_is_sorted;
}

/// Sorts the activations of one family by their bits, then by the cells that name them.
void PackedCanonical::sort_family(const Family& family, std::uint64_t* state) {
  if (is_idle(family, state)) return;
  std::uint64_t* const keys = activation_keys_.data();
  read_keys(family.key.data(), family.count, state, keys);
  const auto less = [&](std::uint32_t a, std::uint32_t b) {
    for (std::size_t word = 0; word < words_; ++word) {
      const std::uint64_t of_a = keys[a * words_ + word];
      const std::uint64_t of_b = keys[b * words_ + word];
      if (of_a != of_b) return of_a < of_b;
    }
    return is_named_before(family, a, b, state);
  };
  if (sort_few(family.count, order_.data(), less)) return;
  for (std::size_t word = 0; word < words_; ++word) state[word] &= ~family.own[word];
  for (std::uint32_t place = 0; place < family.count; ++place) {
    const std::uint64_t* key = keys + order_[place] * words_;
    for (const Move& move : family.key[place]) state[move.from] |= shifted(key[move.to], -move.shift) & move.mask;
  }
  if (slot_cells_.empty()) return;
  for (std::uint32_t place = 0; place < family.count; ++place) place_[order_[place]] = place;
  for (const SlotCell& cell : slot_cells_) {
    const std::int64_t offset = std::int64_t{cell.reader.number(state)} - 1 - family.first_slot;
    if (offset < 0 || offset >= family.count) continue;
    const std::int64_t name = std::int64_t{family.first_slot} + place_[static_cast<std::size_t>(offset)] + 1;
    state[cell.reader.word] =
        (state[cell.reader.word] & ~(cell.reader.mask << cell.reader.shift)) | packing_.encode(cell.cell, name);
  }
}

void PackedCanonical::by_cells(std::uint64_t* state) {
  packing_.unpack(state, cells_.data());
  packing_.pack(cells_form_->canonical(cells_.data()), state);
}

}  // namespace quiesce::checker
