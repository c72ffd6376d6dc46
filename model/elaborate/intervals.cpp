// Interval arithmetic over expressions of the transition system (see design.h).
#include "model/elaborate/design.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "model/base/check.h"
#include "model/base/overloaded.h"
#include "model/elaborate/expressions.h"
#include "model/types/builtin.h"

namespace quiesce::model {

namespace {

constexpr std::int64_t kUnbounded = std::int64_t{1} << 40;  // sums of two such still fit

Domain hull(Domain a, Domain b) { return Domain{std::min(a.lo, b.lo), std::max(a.hi, b.hi)}; }

Domain interval_of_binary(const TransitionSystem& system, const BinaryExpr& binary) {
  switch (binary.op) {
    case BinaryOp::And:
    case BinaryOp::Or:
    case BinaryOp::Equal:
    case BinaryOp::NotEqual:
    case BinaryOp::Less:
    case BinaryOp::LessEqual:
    case BinaryOp::Greater:
    case BinaryOp::GreaterEqual:
      return Domain{0, 1};
    case BinaryOp::Add:
    case BinaryOp::Subtract:
    case BinaryOp::Multiply:
    case BinaryOp::Divide:
    case BinaryOp::Modulo:
      break;
  }
  const Domain a = interval_of(system, binary.left);
  const Domain b = interval_of(system, binary.right);
  const auto clamp = [](std::int64_t x) { return std::clamp<std::int64_t>(x, -kUnbounded, kUnbounded); };
  if (binary.op == BinaryOp::Add) return Domain{clamp(a.lo + b.lo), clamp(a.hi + b.hi)};
  if (binary.op == BinaryOp::Subtract) return Domain{clamp(a.lo - b.hi), clamp(a.hi - b.lo)};
  if (binary.op == BinaryOp::Multiply) {
    const std::int64_t limit = std::int64_t{1} << 31;
    if (a.lo < -limit || a.hi > limit || b.lo < -limit || b.hi > limit) return Domain{-kUnbounded, kUnbounded};
    const std::int64_t products[] = {a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi};
    return Domain{clamp(*std::min_element(products, products + 4)), clamp(*std::max_element(products, products + 4))};
  }
  if (binary.op == BinaryOp::Divide) {
    const std::int64_t most = std::max(std::abs(a.lo), std::abs(a.hi));
    return Domain{a.lo >= 0 && b.lo >= 0 ? 0 : -most, most};
  }
  const std::int64_t most = std::max(std::abs(b.lo), std::abs(b.hi));
  return Domain{a.lo >= 0 ? 0 : -most, most};
}

}  // namespace

Domain interval_of(const TransitionSystem& system, ExprId expr) {
  const Expr& node = system.at(expr);
  if (const auto* constant = std::get_if<ConstantExpr>(&node)) return Domain{constant->value, constant->value};
  if (const auto* load = std::get_if<LoadExpr>(&node)) {
    if (load->place.cells[0].value >= kFirstPlaceholder) return Domain{0, 1};
    Domain result{system.at(load->place.cells[0]).lo, system.at(load->place.cells[0]).hi};
    for (const CellId cell : load->place.cells) result = hull(result, Domain{system.at(cell).lo, system.at(cell).hi});
    return result;
  }
  if (const auto* unary = std::get_if<UnaryExpr>(&node)) {
    if (unary->op == UnaryOp::Not) return Domain{0, 1};
    const Domain operand = interval_of(system, unary->operand);
    return Domain{-operand.hi, -operand.lo};
  }
  if (const auto* binary = std::get_if<BinaryExpr>(&node)) return interval_of_binary(system, *binary);
  if (const auto* conditional = std::get_if<ConditionalExpr>(&node)) {
    return hull(interval_of(system, conditional->then_value), interval_of(system, conditional->else_value));
  }
  if (const auto* lookup = std::get_if<LookupExpr>(&node)) {
    const auto [lo, hi] = std::minmax_element(lookup->table.begin(), lookup->table.end());
    return Domain{*lo, *hi};
  }
  if (std::holds_alternative<IdleExpr>(node)) return Domain{0, 1};
  if (std::holds_alternative<CurrentCpuExpr>(node)) return Domain{1, system.cpus};
  if (std::holds_alternative<SelfActivationExpr>(node)) return Domain{0, 15};
  return Domain{-kUnbounded, kUnbounded};  // scratch registers
}

}  // namespace quiesce::model
