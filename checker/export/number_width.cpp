#include "checker/export/number_width.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "model/base/overloaded.h"
#include "model/system/traverse.h"

namespace quiesce::checker {

using namespace model;

namespace {

constexpr double kLimit = 2147483647.0;

/// The greatest magnitude of an expression, given those of its parts.
double magnitude(const TransitionSystem& system, const Expr& expr, const std::vector<double>& known) {
  const auto of = [&](ExprId part) { return known[part.value]; };
  return std::visit(Overloaded{
                        [](const ConstantExpr& e) { return std::abs(static_cast<double>(e.value)); },
                        [&](const LoadExpr& e) {
                          double most = 1;
                          for (const CellId cell : e.place.cells) {
                            if (cell.value >= system.cells.size()) continue;  // a named condition
                            most = std::max({most, std::abs(static_cast<double>(system.at(cell).lo)),
                                             std::abs(static_cast<double>(system.at(cell).hi))});
                          }
                          return most;
                        },
                        [](const TempExpr&) { return 0.0; },  // values were put in its place
                        [&](const UnaryExpr& e) { return e.op == UnaryOp::Not ? 1.0 : of(e.operand); },
                        [&](const BinaryExpr& e) {
                          if (e.op == BinaryOp::Add || e.op == BinaryOp::Subtract) return of(e.left) + of(e.right);
                          if (e.op == BinaryOp::Multiply) return of(e.left) * of(e.right);
                          if (e.op == BinaryOp::Divide) return of(e.left);
                          return e.op == BinaryOp::Modulo ? of(e.right) : 1.0;
                        },
                        [&](const ConditionalExpr& e) { return std::max(of(e.then_value), of(e.else_value)); },
                        [](const LookupExpr& e) {
                          double most = 0;
                          for (const std::int64_t entry : e.table)
                            most = std::max(most, std::abs(static_cast<double>(entry)));
                          return most;
                        },
                        [](const SelfActivationExpr&) { return 16.0; },
                        [](const CurrentCpuExpr&) { return 16.0; },
                        [](const IdleExpr&) { return 1.0; },
                    },
                    expr);
}

}  // namespace

bool needs_wide_numbers(const GuardedSystem& guarded) {
  const TransitionSystem& system = guarded.system;
  std::vector<double> known;  // parts stand before what contains them
  for (std::size_t i = 0; i < system.expressions.size(); ++i) {
    known.push_back(magnitude(system, system.expressions[ExprId(i)], known));
  }
  bool wide = false;
  const auto look = [&](ExprId root) {
    if (!root.valid()) return;
    for_each_expr(system.expressions, root, [&](ExprId id, const Expr&) { wide = wide || known[id.value] > kLimit; });
  };
  for (const NamedCondition& condition : guarded.conditions) look(condition.formula);
  for (const GuardedCommand& command : guarded.commands) {
    look(command.guard);
    for (const Update& assign : command.updates) look(assign.value);
    for (const GuardedCheck& check : command.checks) look(check.holds);
  }
  for (const auto* properties : {&guarded.invariants, &guarded.reachable}) {
    for (const GuardedProperty& property : *properties) look(property.formula);
  }
  return wide;
}

}  // namespace quiesce::checker
