#include "model/guarded/program_ways.h"

#include <utility>

#include <fmt/format.h>

#include "model/base/internal_check.h"
#include "model/base/overloaded.h"
#include "model/base/patience.h"

namespace quiesce::model {

ProgramWays::ProgramWays(const Formulas& formulas, bool with_errors) : Formulas(formulas), with_errors_(with_errors) {
  for (const RuleId rule : system().checked) is_checked_.insert(rule.value);
}

// ---------------------------------------------------------------------------------------- expressions

ExprId ProgramWays::value_of(CellId id, const Way& way) {
  const auto found = way.cells.find(id.value);
  return found == way.cells.end() ? cell(id) : found->second;
}

ExprId ProgramWays::load(const Place& place, const Way& way, const Surroundings& around, Done& done) {
  if (place.cells.size() == 1 || !place.index.valid()) return value_of(place.cells.front(), way);
  const ExprId index = rewrite(place.index, way, around, done);
  std::int64_t position = 0;
  const auto size = static_cast<std::int64_t>(place.cells.size());
  if (table().is_constant(index, &position)) {
    return value_of(place.cells[static_cast<std::size_t>(position >= 0 && position < size ? position : 0)], way);
  }
  ExprId result = value_of(place.cells.front(), way);
  for (std::int64_t i = size - 1; i > 0; --i) {
    const ExprId candidate = value_of(place.cells[static_cast<std::size_t>(i)], way);
    result = table().conditional(table().equal(index, constant(i)), candidate, result);
  }
  return result;
}

ExprId ProgramWays::rewrite(ExprId id, const Way& way, const Surroundings& around) {
  Done done;
  return rewrite(id, way, around, done);
}

ExprId ProgramWays::rewrite(ExprId id, const Way& way, const Surroundings& around, Done& done) {
  if (const auto found = done.find(id.value); found != done.end()) return found->second;
  const Expr expr = table()[id];  // a copy: the table grows
  const auto again = [&](ExprId part) { return rewrite(part, way, around, done); };
  const ExprId result = std::visit(Overloaded{[&](const ConstantExpr&) { return id; },
                                              [&](const LoadExpr& e) { return load(e.place, way, around, done); },
                                              [&](const TempExpr& e) { return way.temps.at(e.temp.value); },
                                              [&](const UnaryExpr& e) {
                                                return table().add(UnaryExpr{e.op, again(e.operand)});
                                              },
                                              [&](const BinaryExpr& e) {
                                                const ExprId left = again(e.left);
                                                return table().binary(e.op, left, again(e.right));
                                              },
                                              [&](const ConditionalExpr& e) {
                                                const ExprId condition = again(e.condition);
                                                const ExprId then_value = again(e.then_value);
                                                return table().conditional(condition, then_value, again(e.else_value));
                                              },
                                              [&](const LookupExpr& e) {
                                                const ExprId index = again(e.index);
                                                ExprId chain = constant(e.table.front());
                                                for (std::size_t i = e.table.size(); i-- > 1;) {
                                                  if (e.table[i] == e.table.front()) continue;
                                                  const ExprId here =
                                                      table().equal(index, constant(static_cast<std::int64_t>(i)));
                                                  chain = table().conditional(here, constant(e.table[i]), chain);
                                                }
                                                return chain;
                                              },
                                              [&](const SelfActivationExpr&) { return constant(around.activation); },
                                              [&](const CurrentCpuExpr&) {
                                                QUIESCE_CHECK(around.cpu.valid()) << "cpu() where no context runs";
                                                return around.cpu;
                                              },
                                              [&](const IdleExpr& e) {
                                                ExprId all = yes();
                                                for (const CellId location : system().at(e.context).location_cell) {
                                                  all = conj(all, table().equal(value_of(location, way), constant(0)));
                                                }
                                                return all;
                                              }},
                                   expr);
  done.emplace(id.value, result);
  return result;
}

ExprId ProgramWays::value(ExprId id, const Surroundings& around) { return rewrite(id, Way{}, around); }

// ------------------------------------------------------------------------------------------- programs

std::vector<Way> ProgramWays::ways(const Program& program, Way begin, const Surroundings& around,
                                   std::optional<CellId> location) {
  std::vector<Way> found;
  begin.temps.assign(program.temps, no());
  if (!begin.guard.valid()) begin.guard = yes();
  run(program, std::move(begin), around, location, found);
  return found;
}

void ProgramWays::finish(Way way, std::vector<Way>& found) {
  if (found.size() + result().commands.size() > kMaxGuardedCommands) {
    throw TooLarge{fmt::format("there are more than {} ways through its steps", kMaxGuardedCommands)};
  }
  found.push_back(std::move(way));
}

void ProgramWays::run(const Program& program, Way way, const Surroundings& around, std::optional<CellId> location,
                      std::vector<Way>& found) {
  while (!is_false(way.guard)) {
    ask_patience();
    const Op& op = program.ops[way.position];
    ++way.position;
    if (const auto* assign = std::get_if<AssignOp>(&op)) {
      store(assign->place, rewrite(assign->value, way, around), way, around);
    } else if (const auto* let = std::get_if<LetOp>(&op)) {
      way.temps[let->temp.value] = rewrite(let->value, way, around);
    } else if (const auto* choose = std::get_if<ChooseOp>(&op)) {
      for (std::int64_t value = choose->lo; value <= choose->hi; ++value) {
        Way fork = way;
        fork.temps[choose->temp.value] = constant(value);
        fork.choices.push_back(value);
        fork.counted.push_back(choose->counted);
        run(program, std::move(fork), around, location, found);
      }
      return;
    } else if (const auto* branch = std::get_if<BranchOp>(&op)) {
      const ExprId condition = rewrite(branch->condition, way, around);
      Way other = way;
      other.guard = conj(other.guard, negation(condition));
      other.position = branch->otherwise;
      way.guard = conj(way.guard, condition);
      if (!is_false(way.guard)) run(program, way, around, location, found);
      way = std::move(other);
    } else if (const auto* jump = std::get_if<JumpOp>(&op)) {
      way.position = jump->target;
    } else if (const auto* check = std::get_if<CheckOp>(&op)) {
      const ExprId holds = rewrite(check->condition, way, around);
      const Rule& rule = system().at(check->rule);
      Violation broken_rule{check->rule, check->span, check->message};
      if (!rule.core) {
        if (is_checked_.count(check->rule.value) != 0 && !is_true(holds))
          way.checks.push_back({holds, std::move(broken_rule)});
        continue;
      }
      if (with_errors_) {
        Way broken = way;
        broken.guard = conj(broken.guard, negation(holds));
        broken.ends_run = std::move(broken_rule);
        if (!is_false(broken.guard)) finish(std::move(broken), found);
      }
      way.guard = conj(way.guard, holds);
    } else if (const auto* assume = std::get_if<AssumeOp>(&op)) {
      way.guard = conj(way.guard, rewrite(assume->condition, way, around));
    } else if (const auto* go = std::get_if<GotoOp>(&op)) {
      way.cells[location->value] = constant(system().at(go->location).number);
      return finish(std::move(way), found);
    } else if (std::holds_alternative<EndOp>(op)) {
      way.ended = true;
      if (location) way.cells[location->value] = no();
      return finish(std::move(way), found);
    }
    // StatementOp, EnterOp and LeaveOp tell stories and change nothing.
  }
}

void ProgramWays::store(const Place& place, ExprId value, Way& way, const Surroundings& around) {
  if (place.cells.size() == 1 || !place.index.valid()) {
    way.cells[place.cells.front().value] = value;
    return;
  }
  const ExprId index = rewrite(place.index, way, around);
  const auto size = static_cast<std::int64_t>(place.cells.size());
  std::int64_t position = 0;
  if (table().is_constant(index, &position)) {
    way.cells[place.cells[static_cast<std::size_t>(position >= 0 && position < size ? position : 0)].value] = value;
    return;
  }
  // An index outside means the first cell; a check before has made sure that it is not outside.
  ExprId elsewhere = no();
  for (std::int64_t i = 1; i < size; ++i) {
    const ExprId here = table().equal(index, constant(i));
    elsewhere = disj(elsewhere, here);
    const CellId target = place.cells[static_cast<std::size_t>(i)];
    way.cells[target.value] = table().conditional(here, value, value_of(target, way));
  }
  const CellId first = place.cells.front();
  way.cells[first.value] = table().conditional(elsewhere, value_of(first, way), value);
}

}  // namespace quiesce::model
