#include "checker/evidence/obligations.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "checker/smt/smtlib_text.h"
#include "model/base/contains.h"
#include "model/base/internal_check.h"
#include "model/guarded/formula_text.h"
#include "model/guarded/number_width.h"
#include "model/guarded/print.h"
#include "model/system/traverse.h"
#include "model/system/unbounded.h"

namespace quiesce::checker {

using namespace model;

namespace {

// Of one text: fewer make Z3 read the invariant again and again, more gain nothing and are interrupted later.
constexpr std::size_t kStepsOfQuestion = 200;

/// A copy of the system of which the table has the predicates of the invariant; none when there are none.
std::optional<GuardedSystem> with_predicates(const GuardedSystem& guarded, const std::vector<std::string>& texts,
                                             std::vector<ExprId>& predicates) {
  if (texts.empty()) return std::nullopt;
  GuardedSystem result = guarded;
  for (const std::string& one : texts) {
    const Expected<ExprId> formula = read_formula(result, one);
    QUIESCE_CHECK(formula.has_value()) << "an invariant with a predicate that is none: " << one;
    predicates.push_back(*formula);
  }
  return result;
}

class Obligations {
 public:
  Obligations(const GuardedSystem& guarded, const InductiveInvariant& invariant,
              const std::vector<std::string>& predicates, const std::vector<RuleId>& rules, const SourceMap* sources)
      : own_(with_predicates(guarded, predicates, predicates_)),
        guarded_(own_ ? *own_ : guarded),
        invariant_(invariant),
        rules_(rules),
        sources_(sources),
        width_(number_width(guarded)),
        has_integers_(!unbounded_cells(guarded.system).empty()),
        scheduling_cells_(guarded.system.cells.size()) {
    for (const Context& context : guarded.system.contexts) {
      for (const auto* cells : {&context.location_cell, &context.level_cell, &context.cpu_cell}) {
        for (const CellId cell : *cells) scheduling_cells_[cell.value] = 1;
      }
    }
  }

  Obligation initial() const {
    SmtLibText text(guarded_, width_);
    StateTerms state = text.declare("s");
    text.comment("The state is an initial one.");
    std::vector<std::string> any;
    for (const State& one : guarded_.initial) any.push_back(is_state(text, state, one));
    text.assert_that(SmtLibText::any_of(any));
    text.assert_that(text.begins_open(state));
    Obligation result{"initial", "the initial states", "", {}, has_integers_};
    result.cases.push_back({SmtLibText::negation(text.in_domain(state)), "a number outside of its domain"});
    result.cases.push_back(
        {SmtLibText::negation(text.scheduled(state)), "levels and CPUs that do not belong together"});
    for (std::size_t i = 0; i < invariant_.clauses.size(); ++i) {
      result.cases.push_back({SmtLibText::negation(clause(text, state, i)), name_of_clause(i) + " is not true"});
    }
    result.text = text.text();
    return result;
  }

  Obligation step(std::size_t number) const {
    const GuardedCommand& command = guarded_.commands[number];
    Obligation result{
        fmt::format("step_{:04}", number), "the step " + name_of(guarded_, command, sources_), "", {}, has_integers_};
    SmtLibText text(guarded_, width_);
    StateTerms state = assumed(text);
    text.comment("The step is enabled.");
    text.assert_that(text.truth(state, command.guard));
    broken_rules(text, state, command, result);
    if (!command.ends_run) kept(text, state, command, result);
    result.text = text.text();
    return result;
  }

  /// Steps from `first` to before `end` in one text, with a case for each of them.
  Obligation steps(std::size_t first, std::size_t end) const {
    Obligation result{fmt::format("steps_{:04}", first), "some step", "", {}, has_integers_};
    SmtLibText text(guarded_, width_);
    StateTerms state = assumed(text);
    for (std::size_t i = first; i < end; ++i) {
      const GuardedCommand& command = guarded_.commands[i];
      Obligation one;
      broken_rules(text, state, command, one);
      std::vector<std::string> parts = {text.truth(state, command.guard)};
      if (!command.ends_run) kept(text, state, command, one, &parts);
      if (one.cases.empty()) continue;
      std::vector<std::string> any;
      for (ForbiddenCase& wrong : one.cases) any.push_back(std::move(wrong.term));
      parts.push_back(SmtLibText::any_of(any));
      result.cases.push_back({SmtLibText::all_of(parts), "the step " + name_of(guarded_, command, sources_)});
    }
    result.text = text.text();
    return result;
  }

  Obligation properties() const {
    Obligation result{"properties", "the properties", "", {}, has_integers_};
    SmtLibText text(guarded_, width_);
    StateTerms state = assumed(text);
    for (const GuardedProperty& one : guarded_.invariants) {
      if (!contains(rules_, guarded_.system.at(one.property).rule)) continue;
      result.cases.push_back({SmtLibText::negation(text.truth(state, one.formula)), broken(name_of(guarded_, one))});
    }
    result.text = text.text();
    return result;
  }

  Obligation deadlock() const {
    Obligation result{"deadlock", "a step is possible until all has ended", "", {}, has_integers_};
    SmtLibText text(guarded_, width_);
    StateTerms state = assumed(text);
    text.comment("Not all has ended, no core rule is broken, and no step is enabled.");
    text.assert_that(SmtLibText::negation(text.truth(state, guarded_.all_ended)));
    nothing_steps(text, state);
    result.cases.push_back({"true", "a deadlock"});
    result.text = text.text();
    return result;
  }

  Obligation leak() const {
    Obligation result{"leak", "nothing is live where all has ended", "", {}, has_integers_};
    SmtLibText text(guarded_, width_);
    StateTerms state = assumed(text);
    text.comment("Nothing runs, an object is live, no core rule is broken, and no step is enabled.");
    text.assert_that(text.truth(state, guarded_.leak->condition));
    nothing_steps(text, state);
    result.cases.push_back({"true", "a leak"});
    result.text = text.text();
    return result;
  }

  Obligation stuck() const {
    Obligation result{"stuck", "no set of contexts is stuck", "", {}, has_integers_};
    SmtLibText text(guarded_, width_);
    StateTerms state = assumed(text);
    text.declare_members();
    result.cases.push_back({text.truth(state, guarded_.stuck->formula), "a stuck set"});
    result.text = text.text();
    return result;
  }

  bool asks_for_leak() const { return guarded_.leak && contains(rules_, guarded_.leak->rule); }
  bool asks_for_stuck() const { return guarded_.stuck && contains(rules_, guarded_.stuck->rule); }

  bool asks_for_deadlock() const {
    return guarded_.deadlock_free &&
           std::any_of(guarded_.system.properties.begin(), guarded_.system.properties.end(), [&](const Property& one) {
             return one.kind == PropertyKind::DeadlockFree && contains(rules_, one.rule);
           });
  }

 private:
  void nothing_steps(SmtLibText& text, StateTerms& state) const {
    for (const GuardedProperty& one : guarded_.invariants) {
      const bool core = guarded_.system.at(guarded_.system.at(one.property).rule).core;
      if (core) text.assert_that(text.truth(state, one.formula));
    }
    for (const GuardedCommand& command : guarded_.commands) {
      text.assert_that(SmtLibText::negation(text.truth(state, command.guard)));
    }
  }

  static std::string name_of_clause(std::size_t i) { return fmt::format("clause {} of the invariant", i + 1); }
  static std::string broken(const std::string& rule) { return rule + " is broken"; }

  std::string clause(SmtLibText& text, StateTerms& state, std::size_t i) const {
    std::vector<std::string> terms;
    for (const CellBit& one : invariant_.clauses[i].literals) {
      const auto predicate = predicate_of(one);
      const std::string bit = predicate ? text.truth(state, *predicate) : text.bit(state, one.cell, one.bit);
      std::string claim = one.value ? bit : SmtLibText::negation(bit);
      if (claim == "true") return claim;
      if (claim != "false") terms.push_back(std::move(claim));
    }
    return SmtLibText::any_of(terms);
  }

  /// The predicate that a literal is about, if it is about one.
  std::optional<ExprId> predicate_of(const CellBit& literal) const {
    const std::size_t cells = guarded_.system.cells.size();
    if (literal.cell.value < cells) return std::nullopt;
    return predicates_[literal.cell.value - cells];
  }

  bool mentions(const CellBit& literal, const std::vector<char>& changed) const {
    const auto predicate = predicate_of(literal);
    if (!predicate) return changed[literal.cell.value] != 0;
    bool found = false;
    for_each_expr(guarded_.system.expressions, *predicate, [&](ExprId, const Expr& part) {
      const auto* load = std::get_if<LoadExpr>(&part);
      found = found || (load != nullptr && changed[load->place.cells.front().value] != 0);
    });
    return found;
  }

  /// A state of which the invariant is true.
  StateTerms assumed(SmtLibText& text) const {
    StateTerms state = text.declare("s");
    text.comment("Numbers are in their domains; levels and CPUs belong together.");
    text.assert_that(text.in_domain(state));
    text.assert_that(text.scheduled(state));
    text.comment("The invariant.");
    for (std::size_t i = 0; i < invariant_.clauses.size(); ++i) text.assert_that(clause(text, state, i));
    return state;
  }

  std::string is_state(SmtLibText& text, const StateTerms& state, const State& values) const {
    std::vector<std::string> terms;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (is_unbounded(guarded_.system.cells[i])) continue;
      std::string holds = text.holds(state, CellId(i), values[i]);
      if (holds != "true") terms.push_back(std::move(holds));
    }
    return SmtLibText::all_of(terms);
  }

  void broken_rules(SmtLibText& text, StateTerms& state, const GuardedCommand& command, Obligation& result) const {
    if (command.ends_run && contains(rules_, command.ends_run->rule)) {
      result.cases.push_back({"true", broken(name_of(guarded_, *command.ends_run))});
    }
    for (const GuardedCheck& check : command.checks) {
      if (!contains(rules_, check.broken.rule)) continue;
      const std::string holds = text.truth(state, check.holds);
      result.cases.push_back({SmtLibText::negation(holds), broken(name_of(guarded_, check.broken))});
    }
  }

  /// The cases in which the step leads to a state without the invariant, as far as it mentions what the step changes.
  /// That numbers stay in their domains is asserted, or becomes a part of `within`.
  void kept(SmtLibText& text, StateTerms& state, const GuardedCommand& command, Obligation& result,
            std::vector<std::string>* within = nullptr) const {
    for (const Update& update : command.updates) {
      const auto& constant = guarded_.constant[update.cell.value];
      if (!constant) continue;
      result.cases.push_back({SmtLibText::negation(text.is(state, update.value, *constant)), "a constant changes"});
    }
    StateTerms updated = text.after(state, command.updates);
    StateTerms next = text.after(updated, guarded_.floats);
    std::vector<char> changed(next.cells.size());
    bool scheduling = false;
    if (within == nullptr) text.comment("Numbers stay in their domains.");
    for (std::size_t i = 0; i < changed.size(); ++i) {
      if (next.cells[i] == state.cells[i]) continue;
      changed[i] = 1;
      scheduling = scheduling || scheduling_cells_[i] != 0;
      std::string holds = text.in_domain(next, CellId(i));
      if (holds.empty()) continue;
      if (within == nullptr) {
        text.assert_that(holds);
      } else {
        within->push_back(std::move(holds));
      }
    }
    if (scheduling) {
      result.cases.push_back(
          {SmtLibText::negation(text.scheduled(next)), "levels and CPUs that do not belong together"});
    }
    for (std::size_t i = 0; i < invariant_.clauses.size(); ++i) {
      const auto& literals = invariant_.clauses[i].literals;
      if (std::none_of(literals.begin(), literals.end(), [&](const CellBit& one) { return mentions(one, changed); }))
        continue;
      const std::string after = clause(text, next, i);
      if (after != "true") result.cases.push_back({SmtLibText::negation(after), name_of_clause(i) + " is not kept"});
    }
  }

  std::vector<ExprId> predicates_;    // of the invariant
  std::optional<GuardedSystem> own_;  // with these in its table, when there are any
  const GuardedSystem& guarded_;
  const InductiveInvariant& invariant_;
  const std::vector<RuleId>& rules_;
  const SourceMap* sources_;
  unsigned width_;
  bool has_integers_;
  std::vector<char> scheduling_cells_;  // by cell: assumptions (2) and (3) mention it
};

}  // namespace

std::vector<RuleId> provable_rules(const GuardedSystem& guarded) {
  std::vector<RuleId> result;
  for (const RuleId rule : guarded.system.checked) {
    const bool asks_for_witness =
        std::any_of(guarded.reachable.begin(), guarded.reachable.end(),
                    [&](const GuardedProperty& one) { return guarded.system.at(one.property).rule == rule; });
    const bool is_leak = guarded.leak && guarded.leak->rule == rule;
    const bool is_stuck = guarded.stuck && guarded.stuck->rule == rule;
    if (is_leak || is_stuck || (!asks_for_witness && !contains(guarded.left_out, rule))) result.push_back(rule);
  }
  return result;
}

std::vector<RuleId> claimable_rules(const GuardedSystem& guarded) {
  std::set<RuleId> breakable;
  for (const GuardedCommand& command : guarded.commands) {
    if (command.ends_run) breakable.insert(command.ends_run->rule);
    for (const GuardedCheck& check : command.checks) breakable.insert(check.broken.rule);
  }
  for (const GuardedProperty& one : guarded.invariants) breakable.insert(guarded.system.at(one.property).rule);
  for (const Property& one : guarded.system.properties) {
    if (one.kind == PropertyKind::DeadlockFree && guarded.deadlock_free) breakable.insert(one.rule);
  }
  if (guarded.leak) breakable.insert(guarded.leak->rule);
  if (guarded.stuck) breakable.insert(guarded.stuck->rule);
  const std::vector<RuleId> asked = provable_rules(guarded);
  std::vector<RuleId> result;
  for (const RuleId rule : breakable) {
    if (contains(asked, rule) || guarded.system.at(rule).core) result.push_back(rule);
  }
  return result;
}

namespace {

/// What must be impossible in a state itself.
template <typename HandOn>
void for_each_claim_of_states(const Obligations& all, const HandOn& hand_on) {
  if (!hand_on(all.properties())) return;
  if (all.asks_for_deadlock() && !hand_on(all.deadlock())) return;
  if (all.asks_for_leak() && !hand_on(all.leak())) return;
  if (all.asks_for_stuck()) hand_on(all.stuck());
}

}  // namespace

void for_each_obligation(const GuardedSystem& guarded, const InductiveInvariant& invariant,
                         const std::vector<RuleId>& rules, const SourceMap* sources,
                         const std::function<bool(Obligation)>& use, const std::vector<std::string>& predicates) {
  const Obligations all(guarded, invariant, predicates, rules, sources);
  const auto hand_on = [&](Obligation one) { return one.cases.empty() || use(std::move(one)); };
  if (!hand_on(all.initial())) return;
  for (std::size_t i = 0; i < guarded.commands.size(); ++i) {
    if (!hand_on(all.step(i))) return;
  }
  for_each_claim_of_states(all, hand_on);
}

void for_each_question(const GuardedSystem& guarded, const InductiveInvariant& invariant,
                       const std::vector<RuleId>& rules, const std::function<bool(Obligation)>& use) {
  const Obligations all(guarded, invariant, {}, rules, nullptr);
  const auto hand_on = [&](Obligation one) { return one.cases.empty() || use(std::move(one)); };
  if (!hand_on(all.initial())) return;
  const std::size_t commands = guarded.commands.size();
  for (std::size_t i = 0; i < commands; i += kStepsOfQuestion) {
    if (!hand_on(all.steps(i, std::min(i + kStepsOfQuestion, commands)))) return;
  }
  for_each_claim_of_states(all, hand_on);
}

std::string script_of(const Obligation& obligation) {
  std::string result = fmt::format("; {}\n; Each answer is to be unsat.\n(set-logic {})\n{}", obligation.what,
                                   obligation.integers ? "ALL" : "QF_BV", obligation.text);
  for (const ForbiddenCase& one : obligation.cases) {
    result += fmt::format("; {}\n(push 1)\n(assert {})\n(check-sat)\n(pop 1)\n", one.what, one.term);
  }
  return result;
}

}  // namespace quiesce::checker
