// Values and places during elaboration: everything is flattened into scalars at once, so that the transition
// system knows only numbers. A Value is one expression per cell of its type; a PlaceRef says where a value lives.
#pragma once

#include <vector>

#include "model/system/transition_system.h"

namespace quiesce::model {

/// A value of `type`: cell_count(type) expressions.
struct Value {
  ValueTypePtr type;
  std::vector<ExprId> cells;
};

/// Where a value of `type` lives: in the cells that follow `bases[index]`.
struct PlaceRef {
  ValueTypePtr type;
  std::vector<CellId> bases;  // candidates, at least one
  ExprId index;               // position in `bases`; none with one candidate

  /// The place of the `offset`-th cell.
  Place cell(std::uint32_t offset) const {
    Place place;
    if (bases.size() > 1) {
      place.index = index;
    }
    place.cells.reserve(bases.size());
    for (const CellId base : bases) place.cells.push_back(CellId(base.value + offset));
    return place;
  }
};

}  // namespace quiesce::model
