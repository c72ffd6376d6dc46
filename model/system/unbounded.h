// Numbers without bounds: a cell of an `int` without a range has the domain INT64_MIN .. INT64_MAX, which stands for
// all integers. What is calculated with it is exact in the semantics, and so in SMT (checker/smt); no state can hold
// it, so no engine that visits states may see such a system. A search can look at a part of it: with_values().
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <vector>

#include "model/system/transition_system.h"

namespace quiesce::model {

inline bool is_unbounded(const Cell& cell) {
  return cell.lo == std::numeric_limits<std::int64_t>::min() && cell.hi == std::numeric_limits<std::int64_t>::max();
}

/// The cells of numbers without bounds, ascending.
std::vector<CellId> unbounded_cells(const TransitionSystem& system);

/// For each of unbounded_cells() the constant that it begins with, as far as it fits; else 0.
std::map<CellId, std::int32_t> first_values(const TransitionSystem& system);

/// For each expression of the table whether it reads such a cell.
std::vector<char> reads_unbounded(const TransitionSystem& system);

/// How far from zero numbers without bounds may be so that nothing that is calculated with them leaves 64 bits, which
/// is all that an interpreter has: a power of two, at most 2^30; 0 when there is none.
std::int64_t furthest(const TransitionSystem& system);

/// The system in which numbers without bounds begin with these values, and where no step is possible that would take
/// one of them further than furthest() from zero: its runs are runs of `system`. It may get stuck where that does not.
/// Nothing when a value is further out. Requires: a value for each of unbounded_cells().
std::optional<TransitionSystem> with_values(const TransitionSystem& system,
                                            const std::map<CellId, std::int32_t>& values);

/// The system in which numbers without bounds begin with these values, and keep what they hold where they would leave
/// -2^30 .. 2^30: for those that nothing that matters depends on. Requires: values within, for each of
/// unbounded_cells().
TransitionSystem with_clipped_values(const TransitionSystem& system, const std::map<CellId, std::int32_t>& values);

/// Whether it is a number to which one of these has given bounds.
inline bool is_cut(const Cell& cell) { return cell.hi >= 4 && cell.lo == -cell.hi; }

}  // namespace quiesce::model
