#include "model/guarded/number_width.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <vector>

#include "model/base/overloaded.h"
#include "model/system/traverse.h"
#include "model/system/unbounded.h"

namespace quiesce::model {

namespace {

/// The absolute value of a number, or an upper bound of some; saturates.
using Magnitude = std::uint64_t;

constexpr Magnitude kMost = std::numeric_limits<Magnitude>::max();

Magnitude magnitude(std::int64_t value) {
  return value < 0 ? ~static_cast<Magnitude>(value) + 1 : static_cast<Magnitude>(value);
}

Magnitude sum(Magnitude a, Magnitude b) { return a > kMost - b ? kMost : a + b; }
Magnitude product(Magnitude a, Magnitude b) { return b != 0 && a > kMost / b ? kMost : a * b; }

Magnitude magnitude(const Cell& cell) { return std::max(magnitude(cell.lo), magnitude(cell.hi)); }

/// Of what each expression of the table can be, by its number; parts stand before what contains them.
class Magnitudes {
 public:
  explicit Magnitudes(const GuardedSystem& guarded) : guarded_(guarded), table_(guarded.system.expressions) {
    // What reads a number without bounds is no bit-vector: its parts with bounds are.
    const std::vector<char> is_open = reads_unbounded(guarded.system);
    for (std::size_t i = 0; i < table_.size(); ++i) known_.push_back(is_open[i] != 0 ? 1 : of(table_[ExprId(i)]));
  }

  /// The greatest of all parts of a formula.
  Magnitude most(ExprId formula) const {
    Magnitude result = 0;
    for_each_expr(table_, formula, [&](ExprId id, const Expr&) { result = std::max(result, known_[id.value]); });
    return result;
  }

 private:
  Magnitude known(ExprId id) const { return known_[id.value]; }

  Magnitude of(const Expr& expr) const {
    return std::visit(Overloaded{
                          [](const ConstantExpr& e) { return magnitude(e.value); },
                          [&](const LoadExpr& e) { return of(e.place); },
                          [&](const UnaryExpr& e) { return e.op == UnaryOp::Not ? 1 : known(e.operand); },
                          [&](const BinaryExpr& e) { return of(e); },
                          [&](const ConditionalExpr& e) { return std::max(known(e.then_value), known(e.else_value)); },
                          // No formula of a guarded system contains these.
                          [](const TempExpr&) { return kMost; },
                          [](const LookupExpr&) { return kMost; },
                          [](const SelfActivationExpr&) { return kMost; },
                          [](const CurrentCpuExpr&) { return kMost; },
                          [](const IdleExpr&) { return kMost; },
                      },
                      expr);
  }

  Magnitude of(const Place& place) const {
    Magnitude result = 1;
    for (const CellId cell : place.cells) {
      const bool is_condition = cell.value >= guarded_.system.cells.size();
      if (!is_condition) result = std::max(result, magnitude(guarded_.system.at(cell)));
    }
    return result;
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
    return kMost;
  }

  const GuardedSystem& guarded_;
  const ExprTable& table_;
  std::vector<Magnitude> known_;
};

unsigned bits_for(Magnitude most) { return static_cast<unsigned>(std::min<std::size_t>(64, std::bit_width(most) + 1)); }

}  // namespace

unsigned number_width(const GuardedSystem& guarded, const std::vector<ExprId>& formulas) {
  const Magnitudes magnitudes(guarded);
  Magnitude most = 1;
  for (std::size_t i = 0; i < guarded.system.cells.size(); ++i) {
    const Cell& cell = guarded.system.cells[i];
    if (!guarded.constant[i] && !is_unbounded(cell)) most = std::max(most, magnitude(cell));
  }
  for (const ExprId formula : formulas) most = std::max(most, magnitudes.most(formula));
  return bits_for(most);
}

unsigned number_width(const GuardedSystem& guarded) {
  const Magnitudes magnitudes(guarded);
  Magnitude most = 1;
  const auto look = [&](ExprId formula) { most = std::max(most, magnitudes.most(formula)); };
  for (const Cell& cell : guarded.system.cells) {
    if (!is_unbounded(cell)) most = std::max(most, magnitude(cell));
  }
  for (const NamedCondition& condition : guarded.conditions) look(condition.formula);
  for (const GuardedCommand& command : guarded.commands) {
    look(command.guard);
    for (const Update& update : command.updates) look(update.value);
    for (const GuardedCheck& check : command.checks) look(check.holds);
  }
  for (const Update& update : guarded.floats) look(update.value);
  for (const auto* properties : {&guarded.invariants, &guarded.reachable}) {
    for (const GuardedProperty& property : *properties) look(property.formula);
  }
  look(guarded.all_ended);
  return bits_for(most);
}

}  // namespace quiesce::model
