// The values with which a variable may begin as `any`, cell by cell: numbers to be tried, and for each cell a condition
// under which, with the cells before it, it belongs to a value of the type.
#pragma once

#include <cstdint>
#include <vector>

#include "model/elaborate/design.h"

namespace quiesce::model {

struct AnyCell {
  std::int64_t lo = 0;  // tried from here
  std::int64_t hi = 0;  // to here
  ExprId possible;      // reads this cell and earlier ones of the value; none: all numbers are possible
  bool is_cpu = false;
};

/// The cells of a variable of `type` that begins at `first`. Reports and returns nothing where the type has no value.
std::vector<AnyCell> any_cells(Design& design, const ValueType& type, CellId first, Span span);

/// The parts of a conjunction, in the order of evaluation.
std::vector<ExprId> conjuncts_of(const ExprTable& table, ExprId condition);

/// How many of the `count` cells from `first` on are set when all of them that `condition` reads are.
std::uint32_t cells_read(const ExprTable& table, ExprId condition, CellId first, std::uint32_t count);

}  // namespace quiesce::model
