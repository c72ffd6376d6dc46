#include "model/system/joint_steps.h"

#include <algorithm>

#include "model/system/traverse.h"

namespace quiesce::model {

bool has_joint_steps(const TransitionSystem& system) {
  bool found = false;
  for_each_program(system, [&](const Program& program) {
    found = found || std::any_of(program.ops.begin(), program.ops.end(), [&](const Op& op) {
              const auto* assign = std::get_if<AssignOp>(&op);
              return assign != nullptr && system.at(assign->place.cells.front()).kind == CellKind::Location;
            });
  });
  return found;
}

std::vector<std::optional<ContextId>> owners_of_cells(const TransitionSystem& system) {
  std::vector<std::optional<ContextId>> owners(system.cells.size());
  for (std::size_t i = 0; i < system.contexts.size(); ++i) {
    const Context& context = system.contexts[i];
    const auto own = [&](const std::vector<CellId>& cells) {
      for (const CellId cell : cells) owners[cell.value] = ContextId(i);
    };
    for (const auto* cells : {&context.location_cell, &context.level_cell, &context.cpu_cell, &context.affinity_cell})
      own(*cells);
    for (const std::vector<CellId>& cells : context.local_cells) own(cells);
  }
  return owners;
}

CellSet written_elsewhere(const TransitionSystem& system, const std::vector<std::optional<ContextId>>& owners,
                          ContextId context, const Program& program) {
  CellSet others(system.cells.size());
  CellSet own(system.cells.size());
  bool moves_own = false;
  for (const Op& op : program.ops) {
    const auto* assign = std::get_if<AssignOp>(&op);
    if (assign == nullptr) continue;
    for (const CellId cell : assign->place.cells) {
      if (!owners[cell.value]) continue;
      const bool is_own = owners[cell.value] == context;
      (is_own ? own : others).insert(cell);
      moves_own = moves_own || (is_own && system.at(cell).kind == CellKind::Location);
    }
  }
  if (moves_own) others.unite(own);
  return others;
}

}  // namespace quiesce::model
