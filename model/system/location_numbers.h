// Where expressions compare location cells with location numbers ('at label' does). What asks that sees steps that
// enter or leave the places asked for, and numbers that change must change there too (model/passes/reduce.h). For the
// reductions: those of model/passes and partial order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "model/system/expression.h"
#include "model/system/transition_system.h"

namespace quiesce::model {

/// Location numbers that expressions compare a context's location cell with.
struct MentionedNumbers {
  std::vector<std::set<std::int64_t>> numbers;  // per context
  std::vector<bool> opaque;                     // its location cells are used in another way
};

/// Which cells are location cells, and whose.
struct LocationCells {
  std::vector<std::uint32_t> owner;  // per cell: context index + 1; 0 = not a location cell

  explicit LocationCells(const TransitionSystem& system) : owner(system.cells.size(), 0) {
    for (std::uint32_t k = 0; k < system.contexts.size(); ++k) {
      for (const CellId cell : system.contexts[k].location_cell) {
        owner[cell.value] = k + 1;
      }
    }
  }

  /// The one context whose location cells `place` names, and no other cells.
  std::optional<std::uint32_t> context_of(const Place& place) const {
    const std::uint32_t first = owner[place.cells.front().value];
    const bool all = first != 0 && std::all_of(place.cells.begin(), place.cells.end(),
                                               [&](CellId cell) { return owner[cell.value] == first; });
    return all ? std::optional<std::uint32_t>(first - 1) : std::nullopt;
  }
};

/// What others can tell of where a context stands: two places of a context *look alike* when every question of the
/// system has the same answer at both. A question is a comparison of its location cell with a number or, where several
/// such comparisons of one cell are joined by `||` (or their contraries by `&&`), whether it is one of these numbers.
/// So a step between places that look alike changes the answer to no question.
class SeenPlaces {
 public:
  explicit SeenPlaces(const TransitionSystem& system);

  /// Whether locations `a` and `b` of one context look alike. Never true of a place and of not running.
  bool look_alike(LocationId a, LocationId b) const {
    return looks_[system_.at(a).context.value][system_.at(a).number] ==
           looks_[system_.at(b).context.value][system_.at(b).number];
  }

 private:
  const TransitionSystem& system_;
  std::vector<std::vector<std::uint32_t>> looks_;  // [context][number]: equal where no question differs; 0: not running
};

/// `expr` as a comparison of a context's location cell with a number.
struct LocationTest {
  std::uint32_t context = 0;
  std::int64_t number = 0;
  BinaryOp op = BinaryOp::Equal;
};

/// The comparison that `expr` is, if it is one.
std::optional<LocationTest> location_test(const ExprTable& table, const LocationCells& cells, const Expr& expr);

/// All comparisons in `system`.
MentionedNumbers mentioned_numbers(const TransitionSystem& system, const LocationCells& cells);

}  // namespace quiesce::model
