#include "checker/symbolic/formula_bits.h"

#include <utility>

#include "model/base/overloaded.h"

namespace quiesce::checker {

FormulaBits::FormulaBits(const model::GuardedSystem& guarded, Arithmetic& arithmetic, std::vector<Number> cells,
                         std::vector<Signal> members)
    : guarded_(guarded),
      arithmetic_(arithmetic),
      cells_(std::move(cells)),
      members_(std::move(members)),
      known_(guarded.system.expressions.size()) {}

const Number& FormulaBits::number(model::ExprId formula) {
  std::optional<Number>& known = known_[formula.value];
  if (!known) known = translated(guarded_.system.at(formula));
  return *known;
}

Number FormulaBits::translated(const model::Expr& expr) {
  const auto foreign = [](const auto&) -> Number { throw NotEncodable{"a formula is not of guarded commands"}; };
  return std::visit(
      Overloaded{
          [](const model::ConstantExpr& e) { return Arithmetic::constant(e.value); },
          [&](const model::LoadExpr& e) {
            const model::CellId cell = e.place.cells.front();
            if (cell.value < cells_.size()) return cells_[cell.value];
            const model::NamedCondition* condition = guarded_.condition(cell);
            return Arithmetic::truth(condition != nullptr ? truth(condition->formula)
                                                          : members_.at(guarded_.member(cell)));
          },
          [&](const model::UnaryExpr& e) { return arithmetic_.apply(e.op, number(e.operand)); },
          [&](const model::BinaryExpr& e) { return arithmetic_.apply(e.op, number(e.left), number(e.right)); },
          [&](const model::ConditionalExpr& e) {
            return arithmetic_.choice(truth(e.condition), number(e.then_value), number(e.else_value));
          },
          [&](const model::TempExpr& e) { return foreign(e); },
          [&](const model::LookupExpr& e) { return foreign(e); },
          [&](const model::SelfActivationExpr& e) { return foreign(e); },
          [&](const model::CurrentCpuExpr& e) { return foreign(e); },
          [&](const model::IdleExpr& e) { return foreign(e); },
      },
      expr);
}

}  // namespace quiesce::checker
