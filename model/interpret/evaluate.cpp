#include "model/interpret/evaluate.h"

#include "model/base/internal_check.h"

namespace quiesce::model {
namespace {

struct Evaluator {
  const Environment& environment;

  std::int64_t operator()(const ConstantExpr& e) const { return e.value; }
  std::int64_t operator()(const LoadExpr& e) const { return environment.state[resolve(e.place, environment).value]; }
  std::int64_t operator()(const TempExpr& e) const {
    QUIESCE_CHECK(environment.temps != nullptr && e.temp.value < environment.temps->size())
        << "scratch register " << e.temp.value << " outside a program";
    return (*environment.temps)[e.temp.value];
  }
  std::int64_t operator()(const UnaryExpr& e) const { return apply(e.op, evaluate(e.operand, environment)); }
  std::int64_t operator()(const BinaryExpr& e) const {
    const std::int64_t left = evaluate(e.left, environment);
    if (e.op == BinaryOp::And && left == 0) return 0;
    if (e.op == BinaryOp::Or && left != 0) return 1;
    return apply(e.op, left, evaluate(e.right, environment));
  }
  std::int64_t operator()(const ConditionalExpr& e) const {
    return evaluate(evaluate(e.condition, environment) != 0 ? e.then_value : e.else_value, environment);
  }
  std::int64_t operator()(const LookupExpr& e) const {
    if (e.table.empty()) return 0;
    const std::int64_t index = evaluate(e.index, environment);
    const bool inside = index >= 0 && index < static_cast<std::int64_t>(e.table.size());
    return e.table[inside ? static_cast<std::size_t>(index) : 0];
  }
  std::int64_t operator()(const SelfActivationExpr&) const { return environment.activation; }
  std::int64_t operator()(const CurrentCpuExpr&) const { return environment.cpu; }
  std::int64_t operator()(const IdleExpr& e) const { return is_idle(environment.system, e.context, environment.state); }
};

}  // namespace

std::int64_t evaluate(ExprId expr, const Environment& environment) {
  return std::visit(Evaluator{environment}, environment.system.at(expr));
}

CellId resolve(const Place& place, const Environment& environment) {
  QUIESCE_CHECK(!place.cells.empty()) << "a place without cells";
  if (!place.index.valid()) return place.cells.front();
  const std::int64_t index = evaluate(place.index, environment);
  const bool inside = index >= 0 && index < static_cast<std::int64_t>(place.cells.size());
  return place.cells[inside ? static_cast<std::size_t>(index) : 0];
}

bool is_idle(const TransitionSystem& system, ContextId context, const State& state) {
  for (const CellId cell : system.at(context).location_cell) {
    if (state[cell.value] != 0) return false;
  }
  return true;
}

}  // namespace quiesce::model
