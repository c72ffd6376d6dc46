#include "checker/export/horn.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "checker/smt/smtlib_text.h"
#include "model/base/patience.h"
#include "model/guarded/print.h"

namespace quiesce::checker {
namespace {

using model::Cell;
using model::CellId;
using model::ExprId;
using model::GuardedCommand;
using model::GuardedSystem;
using model::RuleId;

class HornWriter {
 public:
  HornWriter(const GuardedSystem& guarded, const ExportOptions& options)
      : guarded_(guarded), options_(options), text_(guarded, 1, SmtLibText::Style::Clauses) {
    for (std::size_t i = 0; i < guarded.system.cells.size(); ++i) {
      if (!guarded.constant[i]) cells_.emplace_back(i);
    }
  }

  std::string text() {
    head();
    for (const model::State& state : guarded_.initial) initial(state);
    for (const GuardedCommand& command : guarded_.commands) {
      model::ask_patience(command.span);
      step(command);
    }
    if (!options_.count) {
      for (const model::GuardedProperty& one : guarded_.invariants) property(one);
      if (guarded_.deadlock_free) deadlock();
    }
    text_.line("(check-sat)");
    return text_.text();
  }

 private:
  bool is_asked_for(RuleId rule) const {
    const auto& checked = guarded_.system.checked;
    return std::find(checked.begin(), checked.end(), rule) != checked.end();
  }

  void head() {
    text_.comment(options_.origin.empty() ? "written by quiesce export" : options_.origin);
    text_.comment(
        "The answer 'sat' says that no run breaks a rule below, 'unsat' that some run does. For example: z3 FILE");
    for (const RuleId rule : guarded_.left_out) {
      text_.comment("Not said by clauses: " + guarded_.system.at(rule).name);
    }
    for (const CellId id : cells_) {
      const Cell& cell = guarded_.system.at(id);
      text_.comment(fmt::format("{} is {}, {}..{}", variable(id), cell.name, cell.lo, cell.hi));
    }
    text_.line("(set-logic HORN)");
    std::vector<std::string> sorts;
    for (const CellId cell : cells_) sorts.push_back(text_.sort_of(cell));
    text_.line(fmt::format("(declare-fun reached ({}) Bool)", fmt::join(sorts, " ")));
  }

  static std::string variable(CellId cell) { return fmt::format("s{}", cell.value); }

  /// The state before a step, in which nothing was written yet.
  StateTerms before() const {
    StateTerms state;
    for (std::size_t i = 0; i < guarded_.system.cells.size(); ++i) state.cells.push_back(variable(CellId(i)));
    return state;
  }

  std::string reached(const StateTerms& state) const {
    if (cells_.empty()) return "reached";
    std::vector<std::string> values;
    for (const CellId cell : cells_) values.push_back(state.cells[cell.value]);
    return fmt::format("(reached {})", fmt::join(values, " "));
  }

  void initial(const model::State& values) {
    StateTerms state = before();
    for (const CellId cell : cells_) {
      const std::int64_t value = values[cell.value];
      std::string& term = state.cells[cell.value];
      if (text_.sort_of(cell) == "Bool") {
        term = value != 0 ? "true" : "false";
      } else {
        term = value >= 0 ? std::to_string(value) : fmt::format("(- {})", -value);
      }
    }
    text_.assert_that(reached(state));
  }

  /// For every state: where it is reached and `parts` are true, `head` is.
  void clause(const StateTerms& state, std::vector<std::string> parts, const std::string& head) {
    parts.insert(parts.begin(), reached(state));
    const std::string body = text_.closed(fmt::format("(=> {} {})", SmtLibText::all_of(parts), head));
    if (cells_.empty()) return text_.assert_that(body);
    std::string variables;
    for (const CellId cell : cells_) variables += fmt::format("({} {})", variable(cell), text_.sort_of(cell));
    text_.assert_that(fmt::format("(forall ({}) {})", variables, body));
  }

  /// All at once; a number that leaves 0..1 where only these have a place is that of no reachable state.
  StateTerms after(StateTerms& before, const std::vector<model::Update>& updates) {
    StateTerms result;
    result.cells = before.cells;
    for (const model::Update& one : updates) {
      if (guarded_.constant[one.cell.value]) continue;
      const bool is_truth = text_.sort_of(one.cell) == "Bool";
      result.cells[one.cell.value] = is_truth ? text_.truth(before, one.value) : text_.integer(before, one.value);
    }
    return result;
  }

  void step(const GuardedCommand& command) {
    const std::string name = model::name_of(guarded_, command, options_.sources);
    if (!options_.count) breaks(command, name);
    if (command.ends_run) return;
    text_.comment(name);
    StateTerms state = before();
    const std::string guard = text_.truth(state, command.guard);
    StateTerms updated = after(state, command.updates);
    const StateTerms next = after(updated, guarded_.floats);
    clause(state, {guard}, reached(next));
  }

  void breaks(const GuardedCommand& command, const std::string& name) {
    if (command.ends_run && is_asked_for(command.ends_run->rule)) {
      text_.comment(fmt::format("{} breaks {}", name, model::name_of(guarded_, *command.ends_run)));
      StateTerms state = before();
      const std::string guard = text_.truth(state, command.guard);
      clause(state, {guard}, "false");
    }
    for (const model::GuardedCheck& check : command.checks) {
      text_.comment(fmt::format("{} checks {}", name, model::name_of(guarded_, check.broken)));
      StateTerms state = before();
      const std::string guard = text_.truth(state, command.guard);
      const std::string broken = SmtLibText::negation(text_.truth(state, check.holds));
      clause(state, {guard, broken}, "false");
    }
  }

  void property(const model::GuardedProperty& one) {
    if (!is_asked_for(guarded_.system.at(one.property).rule)) return;
    text_.comment(model::name_of(guarded_, one));
    StateTerms state = before();
    const std::string broken = SmtLibText::negation(text_.truth(state, one.formula));
    clause(state, {broken}, "false");
  }

  void deadlock() {
    text_.comment("a deadlock");
    StateTerms state = before();
    std::vector<std::string> parts = {SmtLibText::negation(text_.truth(state, guarded_.all_ended))};
    for (const GuardedCommand& command : guarded_.commands) {
      parts.push_back(SmtLibText::negation(text_.truth(state, command.guard)));
    }
    for (const model::GuardedProperty& one : guarded_.invariants) {
      const bool is_core = guarded_.system.at(guarded_.system.at(one.property).rule).core;
      if (is_core) parts.push_back(text_.truth(state, one.formula));
    }
    clause(state, std::move(parts), "false");
  }

  const GuardedSystem& guarded_;
  const ExportOptions& options_;
  SmtLibText text_;
  std::vector<CellId> cells_;  // that are not constant: the arguments of the predicate
};

}  // namespace

std::string horn_text(const GuardedSystem& guarded, const ExportOptions& options) {
  return HornWriter(guarded, options).text();
}

}  // namespace quiesce::checker
