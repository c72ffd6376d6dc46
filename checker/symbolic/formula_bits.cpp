#include "checker/symbolic/formula_bits.h"

#include <utility>

#include "model/base/overloaded.h"

namespace quiesce::checker {

FormulaBits::FormulaBits(const model::GuardedSystem& guarded, Arithmetic& arithmetic, std::vector<Number> cells)
    : guarded_(guarded), arithmetic_(arithmetic), cells_(std::move(cells)), known_(guarded.system.expressions.size()) {}

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
            const std::size_t cell = e.place.cells.front().value;
            if (cell < cells_.size()) return cells_[cell];
            return Arithmetic::truth(truth(guarded_.conditions[cell - cells_.size()].formula));
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
