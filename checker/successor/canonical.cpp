#include "checker/successor/canonical.h"

#include <algorithm>
#include <numeric>

namespace quiesce::checker {

using namespace model;

Canonicalizer::Canonicalizer(const TransitionSystem& system) : cells_(system.cells.size()) {
  // ---- CPUs
  std::vector<std::uint32_t> free;
  for (std::uint32_t cpu = 0; cpu < system.cpus; ++cpu) {
    if ((system.fixed_cpus >> cpu & 1u) == 0) free.push_back(cpu);
  }
  if (free.size() > 1) {
    std::vector<bool> touched(cells_, false);
    for (std::size_t cell = 0; cell < cells_; ++cell) touched[cell] = system.cells[cell].kind == CellKind::Cpu;
    for (const CpuBlocks& blocks : system.cpu_blocks) {
      for (CellId first : blocks.first) {
        for (std::uint32_t offset = 0; offset < blocks.length; ++offset) touched[first.value + offset] = true;
      }
    }
    for (std::size_t cell = 0; cell < cells_; ++cell) {
      if (!touched[cell]) continue;
      cpu_cells_.push_back(static_cast<std::int32_t>(cell));
      is_cpu_.push_back(system.cells[cell].kind == CellKind::Cpu);
    }
    std::vector<std::uint32_t> image = free;
    while (std::next_permutation(image.begin(), image.end())) {
      std::vector<std::uint32_t> renaming(system.cpus);
      std::iota(renaming.begin(), renaming.end(), 0u);
      for (std::size_t i = 0; i < free.size(); ++i) renaming[free[i]] = image[i];
      // Blocks move, outer ones first; comes_from[cell] is the cell whose number arrives.
      std::vector<std::int32_t> comes_from(cells_);
      std::iota(comes_from.begin(), comes_from.end(), 0);
      for (const CpuBlocks& blocks : system.cpu_blocks) {
        const std::vector<std::int32_t> before = comes_from;
        for (std::size_t cpu = 0; cpu < blocks.first.size(); ++cpu) {
          for (std::uint32_t offset = 0; offset < blocks.length; ++offset) {
            comes_from[blocks.first[renaming[cpu]].value + offset] = before[blocks.first[cpu].value + offset];
          }
        }
      }
      Renaming compiled;
      for (std::int32_t cell : cpu_cells_) compiled.source.push_back(comes_from[static_cast<std::size_t>(cell)]);
      compiled.image.push_back(0);
      for (std::uint32_t cpu = 0; cpu < system.cpus; ++cpu)
        compiled.image.push_back(static_cast<std::int32_t>(renaming[cpu]) + 1);
      renamings_.push_back(std::move(compiled));
    }
  }

  // ---- activations
  for (std::size_t cell = 0; cell < cells_; ++cell) {
    if (system.cells[cell].kind == CellKind::Slot) slot_cells_.push_back(static_cast<std::int32_t>(cell));
  }
  bool own_slots = false;
  for (const Context& context : system.contexts) {
    if (context.activations < 2) continue;
    Family family;
    family.first_slot = context.first_slot;
    family.count = context.activations;
    std::vector<Family::Position> positions;
    std::vector<bool> owned(cells_, false);
    for (std::uint32_t a = 0; a < context.activations; ++a) {
      std::vector<std::int32_t> own;
      const auto add = [&](CellId cell) { own.push_back(static_cast<std::int32_t>(cell.value)); };
      add(context.location_cell[a]);
      add(context.level_cell[a]);
      add(context.cpu_cell[a]);
      if (!context.affinity_cell.empty()) add(context.affinity_cell[a]);
      if (!context.local_cells.empty()) {
        for (CellId cell : context.local_cells[a]) add(cell);
      }
      for (std::size_t field = 0; field < own.size(); ++field) {
        const auto cell = static_cast<std::size_t>(own[field]);
        const bool is_slot = system.cells[cell].kind == CellKind::Slot;
        own_slots = own_slots || is_slot;
        owned[cell] = true;
        positions.push_back({own[field], static_cast<std::int32_t>(a), static_cast<std::int32_t>(field), is_slot});
      }
      family.location_cell.push_back(own[0]);
      family.own_cells.push_back(std::move(own));
    }
    for (std::int32_t cell : slot_cells_) {
      if (!owned[static_cast<std::size_t>(cell)]) positions.push_back({cell, -1, 0, true});
    }
    std::sort(positions.begin(), positions.end(), [](const auto& a, const auto& b) { return a.cell < b.cell; });
    family.positions = std::move(positions);
    families_.push_back(std::move(family));
  }
  families_touch_ = own_slots && families_.size() > 1;
  best_.resize(cells_);
  candidate_.resize(cells_);
}

const std::int32_t* Canonicalizer::canonical(const std::int32_t* state) {
  if (is_trivial()) return state;
  if (families_.empty()) {
    // The common case: compare the renamings with the best so far, on the fly.
    const Renaming* best = nullptr;
    const std::int32_t* least = state;
    for (const Renaming& renaming : renamings_) {
      if (!rename_is_less(renaming, state, least)) continue;
      best = &renaming;
      rename_into(renaming, state, best_.data());
      least = best_.data();
    }
    return best == nullptr ? state : best_.data();
  }
  best_.assign(state, state + cells_);
  minimise_activations(best_);
  for (const Renaming& renaming : renamings_) {
    rename_into(renaming, state, candidate_.data());
    minimise_activations(candidate_);
    if (candidate_ < best_) best_.swap(candidate_);
  }
  return best_.data();
}

// ------------------------------------------------------------------------------------------- CPUs

void Canonicalizer::rename_into(const Renaming& renaming, const std::int32_t* state, std::int32_t* out) const {
  std::copy(state, state + cells_, out);
  for (std::size_t i = 0; i < cpu_cells_.size(); ++i) {
    const std::int32_t value = state[renaming.source[i]];
    out[cpu_cells_[i]] = is_cpu_[i] != 0 ? renaming.image[static_cast<std::size_t>(value)] : value;
  }
}

bool Canonicalizer::rename_is_less(const Renaming& renaming, const std::int32_t* state,
                                   const std::int32_t* best) const {
  for (std::size_t i = 0; i < cpu_cells_.size(); ++i) {
    std::int32_t value = state[renaming.source[i]];
    if (is_cpu_[i] != 0) value = renaming.image[static_cast<std::size_t>(value)];
    if (value != best[cpu_cells_[i]]) return value < best[cpu_cells_[i]];
  }
  return false;
}

// ------------------------------------------------------------------------------------- activations

/// Makes the least state that renames activations only. Families are independent of each other (they change
/// different cells, or different numbers of a cell) unless an own cell of one can name a slot of another.
void Canonicalizer::minimise_activations(std::vector<std::int32_t>& state) {
  if (!families_touch_) {
    for (const Family& family : families_) sort_family(family, state.data());
    return;
  }
  const std::vector<std::int32_t> start = state;
  enumerate_families(0, start, state);
}

/// Every combination of arrangements, for the rare systems that need it.
bool Canonicalizer::enumerate_families(std::size_t index, const std::vector<std::int32_t>& state,
                                       std::vector<std::int32_t>& best) {
  if (index == families_.size()) {
    if (!(state < best)) return false;
    best = state;
    return true;
  }
  const Family& family = families_[index];
  std::vector<std::uint32_t> order(family.count);
  std::iota(order.begin(), order.end(), 0u);
  bool improved = false;
  do {
    from_ = order;
    to_.resize(family.count);
    for (std::uint32_t place = 0; place < family.count; ++place) to_[from_[place]] = place;
    std::vector<std::int32_t> next = state;
    for (const Family::Position& position : family.positions) {
      next[static_cast<std::size_t>(position.cell)] = arranged(family, position, state.data());
    }
    improved = enumerate_families(index + 1, next, best) || improved;
  } while (std::next_permutation(order.begin(), order.end()));
  return improved;
}

/// What stands in a cell when activation from_[p] has moved to place p.
std::int32_t Canonicalizer::arranged(const Family& family, const Family::Position& position,
                                     const std::int32_t* state) const {
  std::int32_t value = position.activation < 0
                           ? state[position.cell]
                           : state[family.own_cells[from_[static_cast<std::size_t>(position.activation)]]
                                                   [static_cast<std::size_t>(position.field)]];
  if (position.is_slot) {
    const std::int64_t offset = static_cast<std::int64_t>(value) - 1 - family.first_slot;
    if (offset >= 0 && offset < family.count) {
      value = static_cast<std::int32_t>(family.first_slot + to_[static_cast<std::size_t>(offset)] + 1);
    }
  }
  return value;
}

/// Groups the activations that cannot be told apart; false when one arrangement is all there is.
bool Canonicalizer::begin_arrangements(const Family& family, const std::int32_t* state) {
  bool all_idle = true;
  for (std::int32_t cell : family.location_cell) all_idle = all_idle && state[cell] == 0;
  if (all_idle) {
    // Ended activations rest, and nothing names them, unless a design went wrong; then the long way.
    bool rests = true;
    const std::vector<std::int32_t>& first = family.own_cells[0];
    for (std::uint32_t a = 1; a < family.count && rests; ++a) {
      for (std::size_t field = 0; field < first.size() && rests; ++field) {
        rests = state[family.own_cells[a][field]] == state[first[field]];
      }
    }
    for (std::size_t i = 0; i < slot_cells_.size() && rests; ++i) {
      const std::int64_t offset = static_cast<std::int64_t>(state[slot_cells_[i]]) - 1 - family.first_slot;
      rests = offset < 0 || offset >= family.count;
    }
    if (rests) return false;
  }
  class_of_.assign(family.count, 0);
  std::vector<std::uint32_t>& classes = class_of_;
  std::uint32_t count = 0;
  for (std::uint32_t a = 0; a < family.count; ++a) {
    const auto is_named = [&](std::uint32_t activation) {
      const auto name = static_cast<std::int32_t>(family.first_slot + activation + 1);
      return std::any_of(slot_cells_.begin(), slot_cells_.end(),
                         [&](std::int32_t cell) { return state[cell] == name; });
    };
    std::uint32_t same = a;
    if (!is_named(a)) {
      for (std::uint32_t b = 0; b < a && same == a; ++b) {
        bool equal = !is_named(b);
        for (std::size_t field = 0; field < family.own_cells[a].size() && equal; ++field) {
          equal = state[family.own_cells[a][field]] == state[family.own_cells[b][field]];
        }
        if (equal) same = b;
      }
    }
    classes[a] = same == a ? count++ : classes[same];
  }
  if (count == 1) return false;
  arrangement_ = class_of_;
  std::sort(arrangement_.begin(), arrangement_.end());
  return true;
}

bool Canonicalizer::next_arrangement(const Family&) {
  return std::next_permutation(arrangement_.begin(), arrangement_.end());
}

/// from_ and to_ of the arrangement at hand: the places of a class take its activations in order.
void Canonicalizer::place_activations(const Family& family) {
  from_.resize(family.count);
  to_.resize(family.count);
  next_of_class_.assign(family.count, 0);
  for (std::uint32_t place = 0; place < family.count; ++place) {
    const std::uint32_t wanted = arrangement_[place];
    std::uint32_t& a = next_of_class_[wanted];
    while (class_of_[a] != wanted) ++a;
    from_[place] = a;
    to_[a] = place;
    ++a;
  }
}

/// Puts the activations of one family into the order that makes `state` least.
bool Canonicalizer::sort_family(const Family& family, std::int32_t* state) {
  if (!begin_arrangements(family, state)) return false;
  arranged_.resize(family.positions.size());
  std::vector<std::int32_t>& best = arranged_;
  bool first = true;
  do {
    place_activations(family);
    bool is_less = first;
    for (std::size_t i = 0; i < family.positions.size(); ++i) {
      const std::int32_t value = arranged(family, family.positions[i], state);
      if (!is_less) {
        if (value > best[i]) break;
        is_less = value < best[i];
      }
      if (is_less) best[i] = value;
    }
    first = false;
  } while (next_arrangement(family));
  for (std::size_t i = 0; i < family.positions.size(); ++i) state[family.positions[i].cell] = best[i];
  return true;
}

}  // namespace quiesce::checker
