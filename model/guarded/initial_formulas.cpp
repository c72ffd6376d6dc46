#include "model/guarded/initial_formulas.h"

#include <algorithm>
#include <set>

#include "model/guarded/formulas.h"
#include "model/guarded/number_width.h"
#include "model/guarded/program_ways.h"
#include "model/system/traverse.h"
#include "model/system/unbounded.h"

namespace quiesce::model {

namespace {

/// From the conditions backwards to what they depend on.
class Gathering : private Formulas {
 public:
  explicit Gathering(InitialFormulas& found) : Formulas(found.guarded), found_(found), ways_(*this, false) {}

  void run() {
    for (const ExprId condition : std::vector<ExprId>(system().initial_conditions)) {
      found_.conditions.push_back(ways_.plain(condition));
      need(found_.conditions.back());
    }
    for (std::size_t i = system().initial.size(); i-- > 0;) {
      const InitialAssign assign = system().initial[i];
      if (!needed_.contains(assign.cell)) continue;
      const ExprId value = assign.value.valid() ? ways_.plain(assign.value) : ExprId();
      if (value.valid()) need(value);
      found_.assigns.push_back({i, assign.cell, value, assign.lo, assign.hi});
    }
    std::reverse(found_.assigns.begin(), found_.assigns.end());
  }

  /// Cells that no formula reads are made constant.
  void leave_out_the_rest() {
    for (std::size_t i = 0; i < system().cells.size(); ++i) {
      if (!needed_.contains(CellId(i))) result().constant[i] = system().cells[i].rest;
    }
  }

  bool is_bounded() const {
    return std::none_of(needed_.begin(), needed_.end(), [&](CellId cell) { return is_unbounded(system().at(cell)); });
  }

 private:
  void need(ExprId formula) {
    for_each_expr(table(), formula, [&](ExprId, const Expr& part) {
      if (const auto* load = std::get_if<LoadExpr>(&part)) needed_.insert(load->place.cells.front());
    });
  }

  InitialFormulas& found_;
  ProgramWays ways_;
  std::set<CellId> needed_;
};

}  // namespace

std::optional<InitialFormulas> initial_formulas(const TransitionSystem& system) {
  InitialFormulas result;
  result.guarded.system = system;
  result.guarded.constant.resize(system.cells.size());
  Gathering gathering(result);
  gathering.run();
  if (!gathering.is_bounded()) return std::nullopt;
  gathering.leave_out_the_rest();
  std::vector<ExprId> formulas = result.conditions;
  for (const InitialFormulas::Assign& assign : result.assigns) {
    if (assign.value.valid()) formulas.push_back(assign.value);
  }
  result.width = number_width(result.guarded, formulas);
  return result;
}

}  // namespace quiesce::model
