// How far from zero the values of expressions can be.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "model/system/transition_system.h"

namespace quiesce::model {

/// An upper bound of the absolute value of a number, at most kBeyond.
using Magnitude = std::uint64_t;

/// Stands for itself and all above it: such numbers do not fit into 64 bits with a sign.
inline constexpr Magnitude kBeyond = Magnitude{1} << 63;

Magnitude magnitude(std::int64_t value);

/// Of all numbers that a cell with bounds can hold.
Magnitude magnitude(const Cell& cell);

/// By number of expression. `of_cell` says how far from zero the number of a cell can be. O(size of all expressions).
std::vector<Magnitude> magnitudes(const TransitionSystem& system, const std::function<Magnitude(CellId)>& of_cell);

}  // namespace quiesce::model
