// What decides which initial values fulfil `any where`, as formulas: for a solver that is to say where none do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/guarded/guarded_system.h"

namespace quiesce::model {

/// The initial assignments on which the conditions depend, and the conditions over the values that cells have after all
/// assignments. A cell that no assignment here sets rests.
struct InitialFormulas {
  struct Assign {
    std::size_t number = 0;  // of TransitionSystem::initial
    CellId cell;
    ExprId value;  // over the values that cells have by then; none: a number from lo to hi
    std::int64_t lo = 0;
    std::int64_t hi = 0;
  };

  GuardedSystem guarded;  // only its table and its cells: it has no commands, and what does not matter is `constant`
  std::vector<Assign> assigns;  // in their order
  std::vector<ExprId> conditions;
  unsigned width = 1;  // bits in which the formulas are calculated exactly (number_width.h)
};

/// Nothing where a condition depends on a number without bounds. O(size of the formulas, with each index written out).
std::optional<InitialFormulas> initial_formulas(const TransitionSystem& system);

}  // namespace quiesce::model
