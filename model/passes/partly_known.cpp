#include "model/passes/partly_known.h"

#include <cstddef>
#include <variant>

#include "model/base/overloaded.h"

namespace quiesce::model {
namespace {

constexpr int kMostNodes = 400;

class Evaluation {
 public:
  Evaluation(const TransitionSystem& system, const KnownNode& known) : system_(system), known_(known) {}

  std::optional<std::int64_t> of(ExprId id) {
    if (++nodes_ > kMostNodes) return std::nullopt;
    const Expr& expr = system_.at(id);
    if (const auto value = known_(expr)) return value;
    return std::visit(Overloaded{
                          [](const ConstantExpr& e) -> std::optional<std::int64_t> { return e.value; },
                          [&](const UnaryExpr& e) { return of(e); },
                          [&](const BinaryExpr& e) { return of(e); },
                          [&](const ConditionalExpr& e) { return of(e); },
                          // Known only where `known_` says so.
                          [](const LoadExpr&) -> std::optional<std::int64_t> { return std::nullopt; },
                          [](const TempExpr&) -> std::optional<std::int64_t> { return std::nullopt; },
                          [](const LookupExpr&) -> std::optional<std::int64_t> { return std::nullopt; },
                          [](const SelfActivationExpr&) -> std::optional<std::int64_t> { return std::nullopt; },
                          [](const CurrentCpuExpr&) -> std::optional<std::int64_t> { return std::nullopt; },
                          [](const IdleExpr&) -> std::optional<std::int64_t> { return std::nullopt; },
                      },
                      expr);
  }

 private:
  std::optional<std::int64_t> of(const UnaryExpr& expr) {
    const auto operand = of(expr.operand);
    return operand ? std::optional<std::int64_t>(apply(expr.op, *operand)) : std::nullopt;
  }

  std::optional<std::int64_t> of(const BinaryExpr& expr) {
    const auto left = of(expr.left);
    const bool joins = expr.op == BinaryOp::And || expr.op == BinaryOp::Or;
    const bool decides = expr.op == BinaryOp::Or;  // the truth value of an operand that decides alone
    if (joins && left && (*left != 0) == decides) return decides ? 1 : 0;
    const auto right = of(expr.right);
    if (joins && right && (*right != 0) == decides) return decides ? 1 : 0;
    return left && right ? std::optional<std::int64_t>(apply(expr.op, *left, *right)) : std::nullopt;
  }

  std::optional<std::int64_t> of(const ConditionalExpr& expr) {
    if (const auto condition = of(expr.condition)) return of(*condition != 0 ? expr.then_value : expr.else_value);
    const auto then_value = of(expr.then_value);
    return then_value && then_value == of(expr.else_value) ? then_value : std::nullopt;
  }

  const TransitionSystem& system_;
  const KnownNode& known_;
  int nodes_ = 0;
};

}  // namespace

std::optional<std::int64_t> partly_known(const TransitionSystem& system, ExprId root, const KnownNode& known) {
  return Evaluation(system, known).of(root);
}

}  // namespace quiesce::model
