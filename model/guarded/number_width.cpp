#include "model/guarded/number_width.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "model/system/magnitude.h"
#include "model/system/traverse.h"
#include "model/system/unbounded.h"

namespace quiesce::model {

namespace {

/// Of what each expression of the table can be, by its number.
class Magnitudes {
 public:
  explicit Magnitudes(const GuardedSystem& guarded) : table_(guarded.system.expressions) {
    const TransitionSystem& system = guarded.system;
    known_ = magnitudes(system, [&](CellId id) {
      const bool is_condition = id.value >= system.cells.size();
      return is_condition ? 1 : magnitude(system.at(id));
    });
    // What reads a number without bounds is no bit-vector: its parts with bounds are.
    const std::vector<char> is_open = reads_unbounded(system);
    for (std::size_t i = 0; i < known_.size(); ++i) {
      if (is_open[i] != 0) known_[i] = 1;
    }
  }

  /// The greatest of all parts of a formula.
  Magnitude most(ExprId formula) const {
    Magnitude result = 0;
    for_each_expr(table_, formula, [&](ExprId id, const Expr&) { result = std::max(result, known_[id.value]); });
    return result;
  }

 private:
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
  if (guarded.stuck) {
    for (const NamedCondition& condition : guarded.stuck->conditions) look(condition.formula);
    look(guarded.stuck->formula);
  }
  return bits_for(most);
}

}  // namespace quiesce::model
