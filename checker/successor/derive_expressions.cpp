// Expressions over cells whose numbers are not known: what they are worth, on what that depends, and what is left of
// them.
#include "checker/successor/derive_commands.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "model/base/internal_check.h"
#include "model/base/overloaded.h"

namespace quiesce::checker {

using namespace model;

namespace {

// Visits of expressions per program; the first of all programs together, about a tenth of a second, are free.
constexpr std::uint64_t kMaxWork = 60000;
constexpr std::uint64_t kFreeWork = 4000000;
constexpr std::uint64_t kNewExpression = 16;  // what expressions for an element cost beside the visits

/// Once much was spent, what costs most is left in bytecode: it is found again and again that it costs much.
std::uint64_t most_work(std::uint64_t spent) {
  if (spent < kFreeWork) return kMaxWork;
  return spent < 4 * kFreeWork ? kMaxWork / 20 : kMaxWork / 200;
}

}  // namespace

bool CommandDerivation::spend() {
  ++work_;
  if (work_ > most_work(all_work_ + work_)) give_up("taking it apart takes too long");
  return failure_.empty();
}

const ValueSet& CommandDerivation::possible(std::uint32_t cell) {
  if (loaded_[cell] != epoch_) {
    loaded_[cell] = epoch_;
    ValueSet set;
    if (size_[cell] > ValueSet::kMax) {
      single_[cell] = kUnknown;
    } else {
      const CellId id(std::size_t{cell});
      if (at_rest_.contains(id)) {
        set = ValueSet::single(system_.cells[cell].rest - lo_[cell]);
      } else if (owner_[cell] >= 0 && owner_[cell] == context_ && location_.valid() &&
                 owner_slot_[cell] == static_cast<std::uint32_t>(activation_)) {
        set = local_[location_.value][own_position_[cell]];
      } else {
        set = global_[class_of_[cell]];
      }
      single_[cell] = set.is_single() ? lo_[cell] + set.least() : kUnknown;
    }
    base_[cell] = set;
    possible_[cell] = set;
  }
  return possible_[cell];
}

void CommandDerivation::restrict(std::uint32_t cell, const ValueSet& values) {
  Undo undo;
  undo.kind = Undo::Kind::Possible;
  undo.index = cell;
  undo.set = possible(cell);
  undo_.push_back(undo);
  possible_[cell] = values;
  single_[cell] = values.is_single() ? lo_[cell] + values.least() : kUnknown;
}

CommandDerivation::Valued CommandDerivation::cell_value(std::uint32_t cell, Mode mode) {
  if (mode == Mode::Program && env_[cell].is_written) {
    if (env_[cell].known) return {true, env_[cell].value};
    return evaluate(env_[cell].expr, Mode::Before);
  }
  possible(cell);
  return {single_[cell] != kUnknown, single_[cell]};
}

CommandDerivation::Valued CommandDerivation::evaluate(ExprId id, Mode mode) {
  if (!spend()) return {true, 0};
  return std::visit(
      Overloaded{
          [](const ConstantExpr& e) {
            return Valued{true, e.value};
          },
          [&](const LoadExpr& e) {
            std::int64_t index = 0;
            if (e.place.index.valid()) {
              const Valued at = evaluate(e.place.index, mode);
              if (!at.known) return Valued{};
              index = at.value;
            }
            return cell_value(element(e.place, index), mode);
          },
          [&](const TempExpr& e) {
            const Written& temp = temps_[e.temp.value];
            return temp.known ? Valued{true, temp.value} : evaluate(temp.expr, Mode::Before);
          },
          [&](const UnaryExpr& e) {
            const Valued operand = evaluate(e.operand, mode);
            return operand.known ? Valued{true, apply(e.op, operand.value)} : Valued{};
          },
          [&](const BinaryExpr& e) {
            const Valued left = evaluate(e.left, mode);
            const bool is_logic = e.op == BinaryOp::And || e.op == BinaryOp::Or;
            const bool decisive = e.op == BinaryOp::Or;
            if (is_logic && left.known && (left.value != 0) == decisive) return Valued{true, decisive};
            const Valued right = evaluate(e.right, mode);
            if (is_logic && right.known && (right.value != 0) == decisive) return Valued{true, decisive};
            return left.known && right.known ? Valued{true, apply(e.op, left.value, right.value)} : Valued{};
          },
          [&](const ConditionalExpr& e) {
            const Valued condition = evaluate(e.condition, mode);
            if (condition.known) return evaluate(condition.value != 0 ? e.then_value : e.else_value, mode);
            const Valued yes = evaluate(e.then_value, mode);
            if (!yes.known) return Valued{};
            const Valued no = evaluate(e.else_value, mode);
            return no.known && no.value == yes.value ? yes : Valued{};
          },
          [&](const LookupExpr& e) {
            const Valued index = evaluate(e.index, mode);
            if (!index.known) return Valued{};
            const bool inside = index.value > 0 && index.value < static_cast<std::int64_t>(e.table.size());
            return Valued{true, e.table[inside ? static_cast<std::size_t>(index.value) : 0]};
          },
          [&](const SelfActivationExpr&) {
            return Valued{true, activation_};
          },
          [&](const CurrentCpuExpr&) {
            return Valued{true, cpu_};
          },
          [&](const IdleExpr& e) {
            bool known = true;
            for (CellId cell : system_.at(e.context).location_cell) {
              const Valued location = cell_value(cell.value, mode);
              if (location.known && location.value != 0) return Valued{true, 0};
              if (!location.known && size_[cell.value] <= ValueSet::kMax &&
                  !(mode == Mode::Program && env_[cell.value].is_written) &&
                  !possible(cell.value).contains(-lo_[cell.value])) {
                return Valued{true, 0};
              }
              known = known && location.known;
            }
            return known ? Valued{true, 1} : Valued{};
          },
      },
      table_[id]);
}

std::uint32_t CommandDerivation::blocking_cell_of(std::uint32_t cell, Mode mode) {
  if (mode == Mode::Program && env_[cell].is_written) {
    return env_[cell].known ? kNoCell : blocking_cell(env_[cell].expr, Mode::Before);
  }
  possible(cell);
  return single_[cell] == kUnknown ? cell : kNoCell;
}

/// A cell on which the value of `id` depends, with what is known: the first in the order of evaluation.
std::uint32_t CommandDerivation::blocking_cell(ExprId id, Mode mode) {
  if (evaluate(id, mode).known) return kNoCell;
  return std::visit(Overloaded{
                        [](const ConstantExpr&) { return kNoCell; },
                        [&](const LoadExpr& e) {
                          std::int64_t index = 0;
                          if (e.place.index.valid()) {
                            const Valued at = evaluate(e.place.index, mode);
                            if (!at.known) return blocking_cell(e.place.index, mode);
                            index = at.value;
                          }
                          return blocking_cell_of(element(e.place, index), mode);
                        },
                        [&](const TempExpr& e) { return blocking_cell(temps_[e.temp.value].expr, Mode::Before); },
                        [&](const UnaryExpr& e) { return blocking_cell(e.operand, mode); },
                        [&](const BinaryExpr& e) {
                          const std::uint32_t left = blocking_cell(e.left, mode);
                          return left != kNoCell ? left : blocking_cell(e.right, mode);
                        },
                        [&](const ConditionalExpr& e) {
                          const std::uint32_t condition = blocking_cell(e.condition, mode);
                          if (condition != kNoCell) return condition;
                          return blocking_cell(evaluate(e.condition, mode).value != 0 ? e.then_value : e.else_value,
                                               mode);
                        },
                        [&](const LookupExpr& e) { return blocking_cell(e.index, mode); },
                        [](const SelfActivationExpr&) { return kNoCell; },
                        [](const CurrentCpuExpr&) { return kNoCell; },
                        [&](const IdleExpr& e) {
                          for (CellId cell : system_.at(e.context).location_cell) {
                            const std::uint32_t blocking = blocking_cell_of(cell.value, mode);
                            if (blocking != kNoCell) return blocking;
                          }
                          return kNoCell;
                        },
                    },
                    table_[id]);
}

ExprId CommandDerivation::residual_of(std::uint32_t cell, Mode mode) {
  if (mode == Mode::Program && env_[cell].is_written) {
    return env_[cell].known ? table_.constant(env_[cell].value) : residual(env_[cell].expr, Mode::Before);
  }
  possible(cell);
  return single_[cell] == kUnknown ? table_.load(CellId(std::size_t{cell})) : table_.constant(single_[cell]);
}

/// `id` as an expression over the cells before the step, with all that is known put in.
ExprId CommandDerivation::residual(ExprId id, Mode mode) {
  const Valued value = evaluate(id, mode);
  if (value.known) return table_.constant(value.value);
  return std::visit(Overloaded{
                        [&](const ConstantExpr&) { return id; },
                        [&](const LoadExpr& e) {
                          if (!e.place.index.valid()) return residual_of(e.place.cells[0].value, mode);
                          const Valued at = evaluate(e.place.index, mode);
                          if (at.known) return residual_of(element(e.place, at.value), mode);
                          // An element chosen by something unknown: as a choice among what the elements are.
                          const ExprId index = residual(e.place.index, mode);
                          ExprId result = residual_of(e.place.cells[0].value, mode);
                          for (std::size_t i = 1; i < e.place.cells.size(); ++i) {
                            work_ += kNewExpression;
                            if (!spend()) return id;
                            const ExprId is_it = table_.equal(index, table_.constant(static_cast<std::int64_t>(i)));
                            result = table_.conditional(is_it, residual_of(e.place.cells[i].value, mode), result);
                          }
                          return result;
                        },
                        [&](const TempExpr& e) { return residual(temps_[e.temp.value].expr, Mode::Before); },
                        [&](const UnaryExpr& e) {
                          return table_.add(UnaryExpr{e.op, residual(e.operand, mode)});
                        },
                        [&](const BinaryExpr& e) {
                          const ExprId left = residual(e.left, mode);
                          return table_.binary(e.op, left, residual(e.right, mode));
                        },
                        [&](const ConditionalExpr& e) {
                          const ExprId condition = residual(e.condition, mode);
                          const ExprId yes = residual(e.then_value, mode);
                          return table_.conditional(condition, yes, residual(e.else_value, mode));
                        },
                        [&](const LookupExpr& e) {
                          return table_.add(LookupExpr{e.table, residual(e.index, mode)});
                        },
                        [&](const SelfActivationExpr&) { return id; },
                        [&](const CurrentCpuExpr&) { return id; },
                        [&](const IdleExpr& e) {
                          ExprId all = table_.constant(1);
                          for (CellId cell : system_.at(e.context).location_cell) {
                            all = table_.conjunction(all,
                                                     table_.equal(residual_of(cell.value, mode), table_.constant(0)));
                          }
                          return all;
                        },
                    },
                    Expr(table_[id]));
}

CommandDerivation::Mark CommandDerivation::mark() const {
  return {undo_.size(), reached_.size(), failed_.size(), choices_.size(), written_.size()};
}

void CommandDerivation::restore(const Mark& mark) {
  while (undo_.size() > mark.undo) {
    const Undo& undo = undo_.back();
    switch (undo.kind) {
      case Undo::Kind::Possible:
        possible_[undo.index] = undo.set;
        single_[undo.index] = undo.set.is_single() ? lo_[undo.index] + undo.set.least() : kUnknown;
        break;
      case Undo::Kind::Env:
        env_[undo.index] = undo.written;
        break;
      case Undo::Kind::Temp:
        temps_[undo.index] = undo.written;
        break;
    }
    undo_.pop_back();
  }
  reached_.resize(mark.reached);
  failed_.resize(mark.failed);
  choices_.resize(mark.choices);
  written_.resize(mark.written);
}

/// Calls `next` with each value (or truth) that `expr` can have, with the cells restricted to where it has it.
void CommandDerivation::resolve(ExprId expr, Mode mode, bool as_truth, const Continuation& next) {
  if (!failure_.empty()) return;
  const Valued value = evaluate(expr, mode);
  if (value.known) return next(as_truth ? static_cast<std::int64_t>(value.value != 0) : value.value);
  const std::uint32_t cell = blocking_cell(expr, mode);
  QUIESCE_CHECK(cell != kNoCell || !failure_.empty()) << "an expression that depends on nothing";
  if (!failure_.empty()) return;
  if (size_[cell] > ValueSet::kMax) {
    return give_up(fmt::format("'{}' has a domain of {} values", system_.cells[cell].name, size_[cell]));
  }
  struct Part {
    bool known = false;
    std::int64_t value = 0;
    ExprId rest;
    ValueSet values;
  };
  std::vector<Part> parts;
  const ValueSet among = possible(cell);
  among.for_each([&](std::int64_t position) {
    if (!failure_.empty()) return;
    const Mark before = mark();
    restrict(cell, ValueSet::single(position));
    const Valued now = evaluate(expr, mode);
    Part part;
    part.known = now.known;
    if (now.known) {
      part.value = as_truth ? static_cast<std::int64_t>(now.value != 0) : now.value;
    } else {
      part.rest = residual(expr, mode);
    }
    restore(before);
    for (Part& other : parts) {
      if (other.known == part.known && other.value == part.value && other.rest == part.rest) {
        other.values.insert(position);
        return;
      }
    }
    part.values.insert(position);
    parts.push_back(part);
  });
  for (const Part& part : parts) {
    if (!failure_.empty()) return;
    const Mark before = mark();
    restrict(cell, part.values);
    if (part.known) {
      next(part.value);
    } else {
      // What is left does not depend on the cell any more.
      resolve(part.rest, Mode::Before, as_truth, next);
    }
    restore(before);
  }
}

}  // namespace quiesce::checker
