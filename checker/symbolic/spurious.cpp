#include "checker/symbolic/spurious.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "checker/smt/smtlib_text.h"
#include "checker/smt/solver.h"
#include "checker/symbolic/comparisons.h"
#include "model/base/overloaded.h"
#include "model/guarded/number_width.h"
#include "model/system/traverse.h"
#include "model/system/unbounded.h"

namespace quiesce::checker {

using namespace model;

namespace {

constexpr std::size_t kMostFurther = 24;  // new predicates at once

/// A formula over the state before some updates, from one over the state behind them.
class Before {
 public:
  Before(GuardedSystem& guarded, const std::vector<Update>& updates) : guarded_(guarded), updates_(updates) {}

  /// Nothing where a named condition is part of it.
  std::optional<ExprId> of(ExprId formula) {
    const std::size_t cells = guarded_.system.cells.size();
    for (const CellId cell : cells_of(table(), formula)) {
      if (cell.value >= cells) return std::nullopt;
    }
    return rewritten(formula);
  }

 private:
  ExprTable& table() { return guarded_.system.expressions; }
  ExprId rewritten(ExprId id) {
    const Expr expr = table()[id];
    return std::visit(Overloaded{
                          [&](const LoadExpr& e) {
                            for (const Update& one : updates_) {
                              if (one.cell == e.place.cells.front()) return one.value;
                            }
                            return id;
                          },
                          [&](const UnaryExpr& e) {
                            return table().add(UnaryExpr{e.op, rewritten(e.operand)});
                          },
                          [&](const BinaryExpr& e) {
                            const ExprId left = rewritten(e.left);
                            return table().binary(e.op, left, rewritten(e.right));
                          },
                          [&](const ConditionalExpr& e) {
                            const ExprId condition = rewritten(e.condition);
                            const ExprId then_value = rewritten(e.then_value);
                            return table().conditional(condition, then_value, rewritten(e.else_value));
                          },
                          [&](const auto&) { return id; },  // constants: guarded commands have no other expressions
                      },
                      expr);
  }

  GuardedSystem& guarded_;
  const std::vector<Update>& updates_;
};

class Concretizer {
 public:
  Concretizer(GuardedSystem& concrete, const std::vector<ExprId>& predicates, const Finding& finding,
              const SearchControl& control)
      : concrete_(concrete),
        predicates_(predicates),
        finding_(finding),
        control_(control),
        width_(number_width(concrete)) {
    for (const Step& step : finding.run.steps) {
      commands_.push_back(&concrete.commands[static_cast<std::size_t>(step.choices.front())]);
    }
  }

  Concretized answer() {
    Concretized result;
    if (finding_.run.states.empty()) return result;
    std::size_t length = commands_.size();
    switch (ask(length, finding_.rule.valid(), &result.values)) {
      case Answer::Satisfiable:
        if (!result.values.empty()) result.answer = Concretized::Answer::Real;
        return result;
      case Answer::Unknown:
        return result;
      case Answer::Unsatisfiable:
        break;
    }
    result.answer = Concretized::Answer::Spurious;
    // The shortest part that is impossible by itself.
    while (length > 0 && ask(length, false, nullptr) == Answer::Unsatisfiable) --length;
    result.further = further(length);
    return result;
  }

 private:
  /// Whether the first `length` steps are possible, and `breaks` the rule.
  Answer ask(std::size_t length, bool breaks, std::map<CellId, std::int32_t>* values) {
    SmtLibText text(concrete_, width_);
    const StateTerms first = text.declare("s");
    StateTerms state = first;
    const State& initial = finding_.run.states.front();
    for (std::size_t i = 0; i < concrete_.system.cells.size(); ++i) {
      if (!is_unbounded(concrete_.system.cells[i])) text.assert_that(text.holds(state, CellId(i), initial[i]));
    }
    text.assert_that(text.begins_open(state));
    std::vector<std::string> broken;
    broken_by(text, state, broken);
    for (std::size_t i = 0; i < length; ++i) {
      const GuardedCommand& command = *commands_[i];
      text.assert_that(text.truth(state, command.guard));
      broken_by(text, state, command, broken);
      if (command.ends_run) break;
      StateTerms updated = text.after(state, command.updates);
      state = text.after(updated, concrete_.floats);
      broken_by(text, state, broken);
    }
    if (breaks) text.assert_that(SmtLibText::any_of(broken));
    const std::vector<CellId> open = unbounded_cells(concrete_.system);
    text.line("(declare-fun value (Int) Bool)");
    for (const CellId cell : open) text.line(fmt::format("(assert (value {}))", first.cells[cell.value]));
    Solver solver(control_, Solver::Kind::Integers);
    const std::vector<Term> terms = solver.read(text.text());
    for (std::size_t i = 0; i + open.size() < terms.size(); ++i) solver.assert_that(terms[i]);
    const Answer answer = solver.check();
    if (answer == Answer::Satisfiable && values != nullptr) {
      for (std::size_t i = 0; i < open.size(); ++i) {
        const auto value = solver.integer(terms[terms.size() - open.size() + i]);
        if (!value || *value > (1 << 30) || *value < -(1 << 30)) return values->clear(), answer;
        (*values)[open[i]] = static_cast<std::int32_t>(*value);
      }
    }
    return answer;
  }

  void broken_by(SmtLibText& text, StateTerms& state, std::vector<std::string>& broken) const {
    for (const GuardedProperty& one : concrete_.invariants) {
      if (concrete_.system.at(one.property).rule == finding_.rule)
        broken.push_back(SmtLibText::negation(text.truth(state, one.formula)));
    }
  }
  void broken_by(SmtLibText& text, StateTerms& state, const GuardedCommand& command,
                 std::vector<std::string>& broken) const {
    if (command.ends_run && command.ends_run->rule == finding_.rule) broken.emplace_back("true");
    for (const GuardedCheck& one : command.checks) {
      if (one.broken.rule == finding_.rule) broken.push_back(SmtLibText::negation(text.truth(state, one.holds)));
    }
  }

  /// What the guard of step `length` compares (behind the run: the rule), as it has to be before each step before it.
  std::vector<ExprId> further(std::size_t length) {
    std::vector<ExprId> formulas;
    if (length < commands_.size()) formulas.push_back(commands_[length]->guard);
    if (length + 1 >= commands_.size()) {
      for (const GuardedProperty& one : concrete_.invariants) {
        if (concrete_.system.at(one.property).rule == finding_.rule) formulas.push_back(one.formula);
      }
      if (!commands_.empty()) {
        for (const GuardedCheck& one : commands_.back()->checks) formulas.push_back(one.holds);
      }
    }
    ExprTable& table = concrete_.system.expressions;
    OpenNumbers numbers(concrete_.system);
    std::set<ExprId> open;
    for (const ExprId formula : formulas) add_atoms(table, numbers, formula, open);
    std::vector<ExprId> result;
    for (std::size_t i = std::min(length, commands_.size()); i-- > 0 && result.size() < kMostFurther;) {
      std::set<ExprId> earlier;
      for (const ExprId one : open) {
        const auto before = Before(concrete_, commands_[i]->updates).of(one);
        if (before) add_atoms(table, numbers, *before, earlier);
      }
      for (const ExprId formula : earlier) {
        const bool is_known = std::find(predicates_.begin(), predicates_.end(), formula) != predicates_.end() ||
                              std::find(result.begin(), result.end(), formula) != result.end();
        if (!is_known) result.push_back(formula);
      }
      open = std::move(earlier);
    }
    return result;
  }

  GuardedSystem& concrete_;
  const std::vector<ExprId>& predicates_;
  const Finding& finding_;
  const SearchControl& control_;
  unsigned width_;
  std::vector<const GuardedCommand*> commands_;
};

}  // namespace

Concretized concretized(GuardedSystem& concrete, const std::vector<ExprId>& predicates, const Finding& finding,
                        const SearchControl& control) {
  return Concretizer(concrete, predicates, finding, control).answer();
}

}  // namespace quiesce::checker
