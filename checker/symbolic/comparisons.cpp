#include "checker/symbolic/comparisons.h"

#include <utility>
#include <variant>

#include "model/base/overloaded.h"
#include "model/system/traverse.h"
#include "model/system/unbounded.h"

namespace quiesce::checker {

using namespace model;

bool OpenNumbers::is_open(ExprId id) {
  while (known_.size() <= id.value) known_.push_back(look(system_.expressions[ExprId(known_.size())]));
  return known_[id.value];
}

const BinaryExpr* OpenNumbers::comparison(ExprId id) {
  const auto* binary = std::get_if<BinaryExpr>(&system_.expressions[id]);
  if (binary == nullptr || !is_comparison(binary->op)) return nullptr;
  return is_open(binary->left) || is_open(binary->right) ? binary : nullptr;
}

bool OpenNumbers::look(const Expr& expr) const {
  return std::visit(Overloaded{
                        [&](const LoadExpr& e) {
                          const CellId cell = e.place.cells.front();
                          return cell.value < system_.cells.size() && is_unbounded(system_.at(cell));
                        },
                        [&](const UnaryExpr& e) { return e.op == UnaryOp::Negate && known(e.operand); },
                        [&](const BinaryExpr& e) {
                          const bool is_number = !is_comparison(e.op) && e.op != BinaryOp::And && e.op != BinaryOp::Or;
                          return is_number && (known(e.left) || known(e.right));
                        },
                        [&](const ConditionalExpr& e) { return known(e.then_value) || known(e.else_value); },
                        [](const auto&) { return false; },  // constants: guarded commands have no other expressions
                    },
                    expr);
}

Atom atom_of(ExprTable& table, BinaryExpr e) {
  switch (e.op) {
    case BinaryOp::Greater:
      return {table.binary(BinaryOp::Less, e.right, e.left), false};
    case BinaryOp::GreaterEqual:
      return {table.binary(BinaryOp::Less, e.left, e.right), true};
    case BinaryOp::LessEqual:
      return {table.binary(BinaryOp::Less, e.right, e.left), true};
    case BinaryOp::Equal:
    case BinaryOp::NotEqual:
      if (e.right < e.left) std::swap(e.left, e.right);
      return {table.binary(BinaryOp::Equal, e.left, e.right), e.op == BinaryOp::NotEqual};
    default:
      return {table.binary(e.op, e.left, e.right), false};
  }
}

std::set<CellId> cells_of(const ExprTable& table, ExprId formula) {
  std::set<CellId> result;
  for_each_expr(table, formula, [&](ExprId, const Expr& part) {
    if (const auto* load = std::get_if<LoadExpr>(&part)) result.insert(load->place.cells.front());
  });
  return result;
}

}  // namespace quiesce::checker
