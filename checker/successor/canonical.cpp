#include "checker/successor/canonical.h"

#include <algorithm>
#include <numeric>

#include "checker/successor/sort_few.h"
#include "model/base/scramble.h"
#include "model/system/cell_classes.h"

namespace quiesce::checker {

using namespace model;

Canonicalizer::Canonicalizer(const TransitionSystem& system, const InstanceSymmetry* symmetry)
    : cells_(system.cells.size()) {
  if (symmetry != nullptr && !symmetry->is_trivial()) instances_.emplace(*symmetry);
  // ---- CPUs
  std::vector<std::uint32_t> free;
  for (std::uint32_t cpu = 0; cpu < system.cpus; ++cpu) {
    if ((system.fixed_cpus >> cpu & 1u) == 0) free.push_back(cpu);
  }
  free_ = free;
  signature_.resize(system.cpus);
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
    std::vector<std::uint32_t> order = free;
    while (std::next_permutation(order.begin(), order.end())) {
      std::vector<std::uint32_t> renaming(system.cpus);
      std::iota(renaming.begin(), renaming.end(), 0u);
      for (std::size_t i = 0; i < free.size(); ++i) renaming[free[i]] = order[i];
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
      compiled.order.resize(free.size());
      for (std::size_t i = 0; i < free.size(); ++i) {
        compiled.order[static_cast<std::size_t>(std::find(free.begin(), free.end(), order[i]) - free.begin())] =
            free[i];
      }
      for (std::int32_t cell : cpu_cells_) compiled.source.push_back(comes_from[static_cast<std::size_t>(cell)]);
      compiled.image.push_back(0);
      for (std::uint32_t cpu = 0; cpu < system.cpus; ++cpu)
        compiled.image.push_back(static_cast<std::int32_t>(renaming[cpu]) + 1);
      renamings_.push_back(std::move(compiled));
    }
    for (std::uint32_t c : free) {
      for (std::uint32_t d : free) {
        if (c < d) pairs_.push_back({c, d, 0});
      }
    }
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      for (std::size_t r = 0; r < renamings_.size(); ++r) {
        const std::vector<std::int32_t>& image = renamings_[r].image;
        if (image[pairs_[i].c + 1] > image[pairs_[i].d + 1]) renamings_[r].inversions |= 1u << i;
        bool exchanges = true;
        for (std::uint32_t cpu = 0; cpu < system.cpus; ++cpu) {
          const std::uint32_t other = cpu == pairs_[i].c ? pairs_[i].d : cpu == pairs_[i].d ? pairs_[i].c : cpu;
          exchanges = exchanges && image[cpu + 1] == static_cast<std::int32_t>(other) + 1;
        }
        if (exchanges) pairs_[i].exchange = r;
      }
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
      family.own_cells.push_back(std::move(own));
    }
    for (std::int32_t cell : slot_cells_) {
      if (!owned[static_cast<std::size_t>(cell)]) positions.push_back({cell, -1, 0, true});
    }
    std::sort(positions.begin(), positions.end(), [](const auto& a, const auto& b) { return a.cell < b.cell; });
    family.positions = std::move(positions);
    families_.push_back(std::move(family));
  }
  own_slots_ = own_slots;
  if (!renamings_.empty() && (!families_.empty() || instances_)) add_marks(system, symmetry);
  best_.resize(cells_);
  candidate_.resize(cells_);
}

const std::int32_t* Canonicalizer::canonical(const std::int32_t* state) {
  if (is_trivial()) return state;
  // Renamings that differ only by an exchange of equivalent CPUs do the same: one of them is enough, the one that
  // keeps their order.
  const std::uint32_t equivalent = equivalent_pairs(state);
  if (families_.empty() && !instances_) {
    // The common case: compare the renamings with the best so far, on the fly.
    const Renaming* best = nullptr;
    const std::int32_t* least = state;
    for (const Renaming& renaming : renamings_) {
      if ((renaming.inversions & equivalent) != 0) continue;
      if (!rename_is_less(renaming, state, least)) continue;
      best = &renaming;
      rename_into(renaming, state, best_.data());
      least = best_.data();
    }
    return best == nullptr ? state : best_.data();
  }
  // Arranging costs more than telling which renamings can give the representative.
  mark_cpus(state);
  bool found = is_sorted(free_);
  if (found) {
    best_.assign(state, state + cells_);
    arrange(best_);
  }
  for (const Renaming& renaming : renamings_) {
    if ((renaming.inversions & equivalent) != 0 || !is_sorted(renaming.order)) continue;
    rename_into(renaming, state, candidate_.data());
    arrange(candidate_);
    if (!found || candidate_ < best_) best_.swap(candidate_);
    found = true;
  }
  return best_.data();
}

/// Finds the cells from which something can be said of a CPU that no permutation of activations or renaming of the
/// other CPUs changes: those that name one, and the blocks of arrays over CPUs that hold nothing about other CPUs.
void Canonicalizer::add_marks(const TransitionSystem& system, const InstanceSymmetry* symmetry) {
  // Cells that a permutation of activations or instances exchanges are one class.
  CellClasses classes(cells_);
  for (const Family& family : families_) {
    for (const std::vector<std::int32_t>& own : family.own_cells) {
      for (std::size_t field = 0; field < own.size(); ++field) {
        classes.unite(CellId(static_cast<std::size_t>(family.own_cells.front()[field])),
                      CellId(static_cast<std::size_t>(own[field])));
      }
    }
  }
  if (instances_) {
    for (const InterchangeableClass& one : symmetry->classes) {
      for (const MemberExchange& exchange : one.exchange.front()) {
        for (const auto& [a, b] : exchange.cells) classes.unite(CellId(a), CellId(b));
      }
    }
  }
  const std::vector<std::uint32_t> class_of = classes.names();
  struct Place {
    std::uint32_t groups = 0;
    std::size_t cpu = 0;
    std::size_t first = 0;  // the cell at the same place of CPU 0
  };
  std::vector<Place> places(cells_);
  for (const CpuBlocks& blocks : system.cpu_blocks) {
    for (std::size_t cpu = 0; cpu < blocks.first.size(); ++cpu) {
      for (std::uint32_t offset = 0; offset < blocks.length; ++offset) {
        Place& place = places[blocks.first[cpu].value + offset];
        ++place.groups;
        place.cpu = cpu;
        place.first = blocks.first.front().value + offset;
      }
    }
  }
  for (std::int32_t cell : cpu_cells_) {
    const Place& place = places[static_cast<std::size_t>(cell)];
    const bool names = system.cells[static_cast<std::size_t>(cell)].kind == CellKind::Cpu;
    // Numbers that name activations or instances change when those change places.
    if (system.cells[static_cast<std::size_t>(cell)].kind == CellKind::Slot) continue;
    if (instances_ && symmetry->naming[static_cast<std::size_t>(cell)] != kNoNames) continue;
    if (names && place.groups == 0) {
      marks_.push_back({cell, -1, scramble(class_of[static_cast<std::size_t>(cell)] + 1)});
    } else if (!names && place.groups == 1) {
      marks_.push_back({cell, static_cast<std::int32_t>(place.cpu), scramble(class_of[place.first] + 1)});
    }
  }
}

/// Sums for each CPU what its marks say. A sum does not depend on the order of activations, and where two CPUs have
/// the same one they are tried in both orders: whether that was chance does not matter.
void Canonicalizer::mark_cpus(const std::int32_t* state) {
  std::fill(signature_.begin(), signature_.end(), 0);
  for (const Mark& mark : marks_) {
    const std::int32_t value = state[mark.cell];
    if (mark.cpu >= 0) {
      signature_[static_cast<std::size_t>(mark.cpu)] += scramble(mark.weight + static_cast<std::uint64_t>(value));
    } else if (value > 0) {
      signature_[static_cast<std::size_t>(value - 1)] += mark.weight;
    }
  }
}

/// Whether the CPUs, in this order, have ascending signatures.
bool Canonicalizer::is_sorted(const std::vector<std::uint32_t>& order) const {
  for (std::size_t i = 1; i < order.size(); ++i) {
    if (signature_[order[i - 1]] > signature_[order[i]]) return false;
  }
  return true;
}

// ------------------------------------------------------------------------------------------- CPUs

/// The pairs of CPUs whose exchange leaves `state` as it is: nothing names them, and what belongs to them is equal.
std::uint32_t Canonicalizer::equivalent_pairs(const std::int32_t* state) const {
  std::uint32_t named = 0;
  for (std::size_t i = 0; i < cpu_cells_.size(); ++i) {
    if (is_cpu_[i] != 0) named |= 1u << state[cpu_cells_[i]];  // bit 0: none
  }
  std::uint32_t equivalent = 0;
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    const Pair& pair = pairs_[i];
    if ((named >> (pair.c + 1) & 1u) != 0 || (named >> (pair.d + 1) & 1u) != 0) continue;
    const Renaming& exchange = renamings_[pair.exchange];
    bool is_same = true;
    for (std::size_t at = 0; at < cpu_cells_.size() && is_same; ++at) {
      is_same = state[exchange.source[at]] == state[cpu_cells_[at]];
    }
    if (is_same) equivalent |= 1u << i;
  }
  return equivalent;
}

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

/// Makes the representative of all states that rename no CPUs.
void Canonicalizer::arrange(std::vector<std::int32_t>& state) {
  arrange_activations(state);
  if (instances_) instances_->arrange(state.data());
}

/// Makes the representative of all states that rename activations only: each family sorted, or, where an own cell can
/// name an activation, so that sorting would go in circles, the least of all arrangements.
void Canonicalizer::arrange_activations(std::vector<std::int32_t>& state) {
  if (!own_slots_) {
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

/// Whether activation `a` comes before `b`: by their own cells, then by the cells that name them. When neither comes
/// before the other, they cannot be told apart.
bool Canonicalizer::comes_before(const Family& family, std::uint32_t a, std::uint32_t b,
                                 const std::int32_t* state) const {
  const std::vector<std::int32_t>& of_a = family.own_cells[a];
  const std::vector<std::int32_t>& of_b = family.own_cells[b];
  for (std::size_t field = 0; field < of_a.size(); ++field) {
    if (state[of_a[field]] != state[of_b[field]]) return state[of_a[field]] < state[of_b[field]];
  }
  const auto name_a = static_cast<std::int32_t>(family.first_slot + a + 1);
  const auto name_b = static_cast<std::int32_t>(family.first_slot + b + 1);
  for (std::int32_t cell : slot_cells_) {
    if (state[cell] == name_a) return false;
    if (state[cell] == name_b) return true;
  }
  return false;
}

/// Sorts the activations of one family. Requires: none of their own cells names an activation of it.
void Canonicalizer::sort_family(const Family& family, std::int32_t* state) {
  from_.resize(family.count);
  const auto less = [&](std::uint32_t a, std::uint32_t b) { return comes_before(family, a, b, state); };
  if (sort_few(family.count, from_.data(), less)) return;
  to_.resize(family.count);
  for (std::uint32_t place = 0; place < family.count; ++place) to_[from_[place]] = place;
  arranged_.resize(family.positions.size());
  for (std::size_t i = 0; i < family.positions.size(); ++i) arranged_[i] = arranged(family, family.positions[i], state);
  for (std::size_t i = 0; i < family.positions.size(); ++i) state[family.positions[i].cell] = arranged_[i];
}

}  // namespace quiesce::checker
