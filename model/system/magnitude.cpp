#include "model/system/magnitude.h"

#include <algorithm>

#include "model/base/overloaded.h"

namespace quiesce::model {

namespace {

constexpr Magnitude kMostOfAnother = 64;  // CPUs, activations and truths are fewer

Magnitude sum(Magnitude a, Magnitude b) { return a > kBeyond - b ? kBeyond : a + b; }
Magnitude product(Magnitude a, Magnitude b) { return b != 0 && a > kBeyond / b ? kBeyond : std::min(a * b, kBeyond); }

/// Parts stand before what contains them.
class Walk {
 public:
  Walk(const TransitionSystem& system, const std::function<Magnitude(CellId)>& of_cell)
      : table_(system.expressions), of_cell_(of_cell) {}

  std::vector<Magnitude> all() {
    for (std::size_t i = 0; i < table_.size(); ++i) known_.push_back(of(table_[ExprId(i)]));
    return std::move(known_);
  }

 private:
  Magnitude known(ExprId id) const { return known_[id.value]; }

  Magnitude of(const Expr& expr) const {
    return std::visit(Overloaded{
                          [](const ConstantExpr& e) { return magnitude(e.value); },
                          [&](const LoadExpr& e) { return of(e.place); },
                          [](const TempExpr&) { return kBeyond; },
                          [&](const UnaryExpr& e) { return e.op == UnaryOp::Not ? 1 : known(e.operand); },
                          [&](const BinaryExpr& e) { return of(e); },
                          [&](const ConditionalExpr& e) { return std::max(known(e.then_value), known(e.else_value)); },
                          [](const LookupExpr& e) {
                            Magnitude most = 0;
                            for (const std::int64_t one : e.table) most = std::max(most, magnitude(one));
                            return most;
                          },
                          [](const SelfActivationExpr&) { return kMostOfAnother; },
                          [](const CurrentCpuExpr&) { return kMostOfAnother; },
                          [](const IdleExpr&) { return kMostOfAnother; },
                      },
                      expr);
  }

  Magnitude of(const Place& place) const {
    Magnitude most = 0;
    for (const CellId cell : place.cells) most = std::max(most, of_cell_(cell));
    return most;
  }

  Magnitude of(const BinaryExpr& e) const {
    switch (e.op) {
      case BinaryOp::Add:
      case BinaryOp::Subtract:
        return sum(known(e.left), known(e.right));
      case BinaryOp::Multiply:
        return product(known(e.left), known(e.right));
      case BinaryOp::Divide:
      case BinaryOp::Modulo:
        return known(e.left);
      case BinaryOp::And:
      case BinaryOp::Or:
      case BinaryOp::Equal:
      case BinaryOp::NotEqual:
      case BinaryOp::Less:
      case BinaryOp::LessEqual:
      case BinaryOp::Greater:
      case BinaryOp::GreaterEqual:
        return 1;
    }
    return kBeyond;
  }

  const ExprTable& table_;
  const std::function<Magnitude(CellId)>& of_cell_;
  std::vector<Magnitude> known_;
};

}  // namespace

Magnitude magnitude(std::int64_t value) {
  return value < 0 ? ~static_cast<Magnitude>(value) + 1 : static_cast<Magnitude>(value);
}

Magnitude magnitude(const Cell& cell) { return std::max(magnitude(cell.lo), magnitude(cell.hi)); }

std::vector<Magnitude> magnitudes(const TransitionSystem& system, const std::function<Magnitude(CellId)>& of_cell) {
  return Walk(system, of_cell).all();
}

}  // namespace quiesce::model
