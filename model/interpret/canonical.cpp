#include "model/interpret/canonical.h"

#include <algorithm>
#include <numeric>

#include "model/base/internal_check.h"

namespace quiesce::model {
namespace {

/// The cells that belong to one activation, in an order that is the same for all activations of a context.
std::vector<CellId> cells_of(const Context& context, std::uint32_t activation) {
  std::vector<CellId> cells = {context.location_cell[activation], context.level_cell[activation],
                               context.cpu_cell[activation]};
  if (!context.affinity_cell.empty()) cells.push_back(context.affinity_cell[activation]);
  if (!context.local_cells.empty()) {
    const auto& locals = context.local_cells[activation];
    cells.insert(cells.end(), locals.begin(), locals.end());
  }
  return cells;
}

/// What an activation is: its own cells, then for every Slot cell whether it names this activation.
std::vector<std::int32_t> identity_of(const TransitionSystem& system, const State& state, const Context& context,
                                      std::uint32_t activation) {
  std::vector<std::int32_t> identity;
  for (const CellId cell : cells_of(context, activation)) identity.push_back(state[cell.value]);
  const auto name = static_cast<std::int32_t>(context.first_slot + activation + 1);
  for (std::size_t i = 0; i < system.cells.size(); ++i) {
    if (system.cells[i].kind == CellKind::Slot) identity.push_back(state[i] == name);
  }
  return identity;
}

}  // namespace

std::vector<CpuRenaming> cpu_renamings(const TransitionSystem& system) {
  std::vector<std::uint32_t> free;
  for (std::uint32_t c = 0; c < system.cpus; ++c) {
    if ((system.fixed_cpus >> c & 1u) == 0) free.push_back(c);
  }
  std::vector<CpuRenaming> result;
  std::vector<std::uint32_t> image = free;
  do {
    CpuRenaming renaming(system.cpus);
    std::iota(renaming.begin(), renaming.end(), 0u);
    for (std::size_t i = 0; i < free.size(); ++i) renaming[free[i]] = image[i];
    result.push_back(std::move(renaming));
  } while (std::next_permutation(image.begin(), image.end()));
  return result;
}

State rename_cpus(const TransitionSystem& system, const State& state, const CpuRenaming& renaming) {
  State result = state;
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (system.cells[i].kind != CellKind::Cpu || result[i] == 0) continue;
    const auto cpu = static_cast<std::size_t>(result[i] - 1);
    QUIESCE_CHECK(cpu < renaming.size()) << "cell '" << system.cells[i].name << "' names CPU " << cpu;
    result[i] = static_cast<std::int32_t>(renaming[cpu]) + 1;
  }
  // Outer blocks stand first: they move with everything in them, then the blocks inside each move.
  for (const CpuBlocks& blocks : system.cpu_blocks) {
    const State before = result;
    for (std::size_t cpu = 0; cpu < blocks.first.size(); ++cpu) {
      for (std::uint32_t offset = 0; offset < blocks.length; ++offset) {
        result[blocks.first[renaming[cpu]].value + offset] = before[blocks.first[cpu].value + offset];
      }
    }
  }
  return result;
}

State sort_activations(const TransitionSystem& system, const State& state) {
  State result = state;
  std::vector<std::int32_t> new_slot(system.slots);
  std::iota(new_slot.begin(), new_slot.end(), 0);
  for (const Context& context : system.contexts) {
    if (context.activations < 2) continue;
    std::vector<std::vector<std::int32_t>> identity(context.activations);
    std::vector<std::uint32_t> order(context.activations);
    for (std::uint32_t a = 0; a < context.activations; ++a) {
      identity[a] = identity_of(system, state, context, a);
      order[a] = a;
    }
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return identity[a] < identity[b]; });
    for (std::uint32_t to = 0; to < context.activations; ++to) {
      const std::uint32_t from = order[to];
      const auto source = cells_of(context, from);
      const auto target = cells_of(context, to);
      for (std::size_t i = 0; i < source.size(); ++i) result[target[i].value] = state[source[i].value];
      new_slot[context.first_slot + from] = static_cast<std::int32_t>(context.first_slot + to);
    }
  }
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (system.cells[i].kind == CellKind::Slot && result[i] != 0) {
      result[i] = new_slot[static_cast<std::size_t>(result[i] - 1)] + 1;
    }
  }
  return result;
}

State canonical_state(const TransitionSystem& system, const State& state) {
  State least;
  for (const CpuRenaming& renaming : cpu_renamings(system)) {
    State candidate = sort_activations(system, rename_cpus(system, state, renaming));
    if (least.empty() || candidate < least) least = std::move(candidate);
  }
  return least;
}

}  // namespace quiesce::model
