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

ExprId without_choices(ExprTable& table, const BinaryExpr& comparison) {
  for (const bool is_left : {true, false}) {
    const Expr side = table[is_left ? comparison.left : comparison.right];  // a copy: the table grows
    const auto* choice = std::get_if<ConditionalExpr>(&side);
    if (choice == nullptr) continue;
    const auto with = [&](ExprId value) {
      return without_choices(table,
                             {comparison.op, is_left ? value : comparison.left, is_left ? comparison.right : value});
    };
    const ExprId then_formula = with(choice->then_value);
    return table.conditional(choice->condition, then_formula, with(choice->else_value));
  }
  return table.binary(comparison.op, comparison.left, comparison.right);
}

void add_atoms(ExprTable& table, OpenNumbers& numbers, ExprId formula, std::set<ExprId>& atoms) {
  std::vector<std::pair<ExprId, BinaryExpr>> found;
  for_each_expr(table, formula, [&](ExprId id, const Expr&) {
    if (const BinaryExpr* comparison = numbers.comparison(id)) found.emplace_back(id, *comparison);
  });
  for (const auto& [id, comparison] : found) {
    const ExprId plain = without_choices(table, comparison);
    if (plain != id) {
      add_atoms(table, numbers, plain, atoms);
      continue;
    }
    const ExprId atom = atom_of(table, comparison).formula;
    if (!table.is_constant(atom)) atoms.insert(atom);
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
