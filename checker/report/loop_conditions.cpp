#include "checker/report/loop_conditions.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "checker/evidence/lasso.h"
#include "model/interpret/evaluate.h"
#include "model/system/print_expression.h"
#include "model/system/traverse.h"

namespace quiesce::checker {

using model::BinaryOp;
using model::Expr;
using model::ExprId;
using model::Interpreter;
using model::TemporalNode;
using model::TemporalProperty;
using model::TransitionSystem;

namespace {

constexpr std::size_t kMostParts = 6;  // more explain nothing

/// The property of several instances of one text that is false on the run; null where none is.
const TemporalProperty* broken_by(const Interpreter& interpreter, const Finding& finding) {
  for (const TemporalProperty& property : interpreter.system().temporal) {
    const model::Violation& violation = finding.violation;
    if (property.formula.empty() || property.always_possible || property.rule != violation.rule) continue;
    if (property.span != violation.span || property.message != violation.message) continue;
    if (!holds_on(interpreter, property, finding.run.states, *finding.run.loop)) return &property;
  }
  return nullptr;
}

/// Adds what `id` is made of by the operators of logic, each once.
void take_parts(const TransitionSystem& system, ExprId id, std::vector<ExprId>& parts) {
  const Expr& expr = system.at(id);
  if (const auto* unary = std::get_if<model::UnaryExpr>(&expr); unary != nullptr && unary->op == model::UnaryOp::Not) {
    return take_parts(system, unary->operand, parts);
  }
  const auto* binary = std::get_if<model::BinaryExpr>(&expr);
  if (binary != nullptr && (binary->op == BinaryOp::And || binary->op == BinaryOp::Or)) {
    take_parts(system, binary->left, parts);
    return take_parts(system, binary->right, parts);
  }
  const bool is_known = std::find(parts.begin(), parts.end(), id) != parts.end();
  if (!is_known && !system.expressions.is_constant(id)) parts.push_back(id);
}

/// Whether `id` reads as in the text: not where a function or a quantifier was unfolded into case distinctions.
bool is_readable(const TransitionSystem& system, ExprId id) {
  bool result = true;
  model::for_each_expr(system.expressions, id, [&](ExprId, const Expr& expr) {
    result = result && !std::holds_alternative<model::ConditionalExpr>(expr) &&
             !std::holds_alternative<model::LookupExpr>(expr);
  });
  return result;
}

/// "each state of the loop", "3 of the 8 states of the loop".
std::string share_of_states(std::size_t count, std::size_t all) {
  if (count == 0) return "no state of the loop";
  return count == all ? "each state of the loop" : fmt::format("{} of the {} states of the loop", count, all);
}

}  // namespace

std::vector<std::string> loop_conditions(const Interpreter& interpreter, const Finding& finding) {
  const TransitionSystem& system = interpreter.system();
  const TemporalProperty* property = broken_by(interpreter, finding);
  if (property == nullptr) return {};
  std::vector<ExprId> parts;
  for (const TemporalNode& node : property->formula) {
    if (node.op == model::TemporalOperator::Atom) take_parts(system, node.atom, parts);
  }
  if (parts.size() > kMostParts) return {};
  const std::size_t begin = *finding.run.loop;
  const std::size_t end = std::max(finding.run.states.size() - 1, begin + 1);
  const model::ExprPrinter printer(system);
  std::vector<std::string> result;
  for (const ExprId part : parts) {
    if (!is_readable(system, part)) continue;
    std::size_t count = 0;
    for (std::size_t i = begin; i < end; ++i) {
      count += model::evaluate(part, {system, finding.run.states[i]}) != 0 ? 1 : 0;
    }
    std::string told =
        fmt::format("{} is true in {}", printer.print(part, model::kOr), share_of_states(count, end - begin));
    if (std::find(result.begin(), result.end(), told) == result.end()) result.push_back(std::move(told));
  }
  return result;
}

}  // namespace quiesce::checker
