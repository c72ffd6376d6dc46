#include "model/guarded/open_initial.h"

#include <algorithm>
#include <map>

#include "model/system/traverse.h"
#include "model/system/unbounded.h"

namespace quiesce::model {

namespace {

/// Whether formulas of guarded systems are made like that: no tables, indexes, idle contexts.
bool is_plain(const ExprTable& table, ExprId formula) {
  bool plain = true;
  for_each_expr(table, formula, [&](ExprId, const Expr& part) {
    const auto* load = std::get_if<LoadExpr>(&part);
    plain = plain && (std::holds_alternative<ConstantExpr>(part) || std::holds_alternative<UnaryExpr>(part) ||
                      std::holds_alternative<BinaryExpr>(part) || std::holds_alternative<ConditionalExpr>(part) ||
                      (load != nullptr && !load->place.index.valid()));
  });
  return plain;
}

}  // namespace

Expected<void> may_begin(const TransitionSystem& system) {
  const std::vector<char> reads = reads_unbounded(system);
  std::map<CellId, int> assigned;
  for (const InitialAssign& assign : system.initial) ++assigned[assign.cell];
  bool depends_on_choice = false;
  for (const InitialAssign& assign : system.initial) {
    const bool is_open = is_unbounded(system.at(assign.cell));
    if (!is_open && assign.value.valid() && reads[assign.value.value] != 0)
      return unexpected("the initial value of a number with bounds depends on one without");
    if (is_open && assigned[assign.cell] > 1)
      return unexpected("a number without bounds gets its initial value in several places");
    if (!is_open || !assign.value.valid()) continue;
    if (!is_plain(system.expressions, assign.value))
      return unexpected("the initial value of a number without bounds is no formula");
    for_each_expr(system.expressions, assign.value, [&](ExprId, const Expr& part) {
      const auto* load = std::get_if<LoadExpr>(&part);
      if (load != nullptr && assigned[load->place.cells.front()] > 1) depends_on_choice = true;
    });
  }
  for (const ExprId condition : system.initial_conditions) {
    if (reads[condition.value] != 0 && !is_plain(system.expressions, condition))
      return unexpected("a condition on a number without bounds is no formula");
  }
  if (depends_on_choice)
    return unexpected("the initial value of a number without bounds depends on one that changes initially");
  return {};
}

OpenInitial open_initial(const TransitionSystem& system) {
  OpenInitial result;
  const std::vector<CellId> open = unbounded_cells(system);
  if (open.empty()) return result;
  std::map<CellId, bool> begins;
  for (const InitialAssign& assign : system.initial) {
    if (!is_unbounded(system.at(assign.cell))) continue;
    begins[assign.cell] = true;
    if (assign.value.valid()) result.values.emplace_back(assign.cell, assign.value);
  }
  for (const CellId cell : open) {
    if (!begins.contains(cell)) result.resting.push_back(cell);
  }
  const std::vector<char> reads = reads_unbounded(system);
  std::copy_if(system.initial_conditions.begin(), system.initial_conditions.end(),
               std::back_inserter(result.conditions), [&](ExprId condition) { return reads[condition.value] != 0; });
  return result;
}

}  // namespace quiesce::model
