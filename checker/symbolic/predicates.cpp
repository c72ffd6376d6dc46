#include "checker/symbolic/predicates.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "checker/smt/smtlib_text.h"
#include "checker/smt/solver.h"
#include "checker/symbolic/comparisons.h"
#include "checker/symbolic/numbers.h"
#include "model/base/overloaded.h"
#include "model/base/patience.h"
#include "model/guarded/number_width.h"
#include "model/guarded/open_initial.h"
#include "model/system/traverse.h"
#include "model/system/unbounded.h"

namespace quiesce::checker {

using namespace model;

namespace {

constexpr std::int64_t kMostStored = 32;   // values of a cell in which a number without bounds is stored
constexpr std::size_t kMostRelevant = 12;  // predicates that a command is asked about
constexpr std::size_t kMostChoices = 8;    // conditions in what it stores, beside these
constexpr const char* kNoPredicate = "a comparison with a number without bounds has no predicate";
constexpr std::size_t kMostWays = 4096;  // in which truth values go together
constexpr std::size_t kMostCommands = 20'000;

/// Calls `use` for every formula of the system.
template <typename Use>
void for_each_formula(const GuardedSystem& guarded, const Use& use) {
  for (const NamedCondition& one : guarded.conditions) use(one.formula);
  for (const GuardedCommand& command : guarded.commands) {
    use(command.guard);
    for (const Update& one : command.updates) use(one.value);
    for (const GuardedCheck& one : command.checks) use(one.holds);
  }
  for (const GuardedProperty& one : guarded.invariants) use(one.formula);
  for (const GuardedProperty& one : guarded.reachable) use(one.formula);
  if (guarded.leak) use(guarded.leak->condition);
  if (guarded.stuck) {
    for (const NamedCondition& one : guarded.stuck->conditions) use(one.formula);
    use(guarded.stuck->formula);
  }
  for (const ExprId one : open_initial(guarded.system).conditions) use(one);  // of params they stay true
}

bool meet(const std::set<CellId>& a, const std::set<CellId>& b) {
  return std::any_of(a.begin(), a.end(), [&](CellId cell) { return b.contains(cell); });
}

using Bits = std::vector<bool>;

/// The assertions of a text, of which the last ones are only looked at.
class Question {
 public:
  Question(const std::string& text, std::size_t looked_at, const SearchControl& control)
      : solver_(control, Solver::Kind::Incremental), terms_(solver_.read(text)) {
    looked_at_.assign(terms_.end() - static_cast<std::ptrdiff_t>(looked_at), terms_.end());
    for (std::size_t i = 0; i + looked_at < terms_.size(); ++i) solver_.assert_that(terms_[i]);
  }

  /// All combinations of truth values of what is looked at.
  std::vector<Bits> all() {
    std::vector<Bits> result;
    for (Answer answer = solver_.check(); answer != Answer::Unsatisfiable; answer = solver_.check()) {
      if (answer == Answer::Unknown) throw NotEncodable{"Z3 came to no answer about numbers without bounds"};
      Bits bits;
      for (const Term term : looked_at_) bits.push_back(solver_.is_true(term));
      std::vector<Term> other;
      for (std::size_t i = 0; i < bits.size(); ++i)
        other.push_back(bits[i] ? solver_.negation(looked_at_[i]) : looked_at_[i]);
      result.push_back(std::move(bits));
      if (result.size() > kMostWays) throw NotEncodable{"too many comparisons with numbers without bounds go together"};
      if (other.empty()) break;
      solver_.assert_that(solver_.any_of(other));
      ask_patience();
    }
    std::sort(result.begin(), result.end());
    return result;
  }

 private:
  Solver solver_;
  std::vector<Term> terms_;
  std::vector<Term> looked_at_;
};

/// A conjunction: for each of some predicates true, false, or nothing.
using PartialBits = std::vector<std::optional<bool>>;

bool matches(const PartialBits& part, const Bits& bits) {
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (part[i] && *part[i] != bits[i]) return false;
  }
  return true;
}

/// Conjunctions that are true of all of `wanted` and of none of `others`; as few claims as a greedy choice gives.
std::vector<PartialBits> parts_for(const std::vector<Bits>& wanted, const std::vector<Bits>& others) {
  std::vector<PartialBits> result;
  for (const Bits& bits : wanted) {
    if (std::any_of(result.begin(), result.end(), [&](const PartialBits& part) { return matches(part, bits); }))
      continue;
    PartialBits part(bits.begin(), bits.end());
    for (auto& claim : part) {
      const auto kept = std::exchange(claim, std::nullopt);
      if (std::any_of(others.begin(), others.end(), [&](const Bits& other) { return matches(part, other); }))
        claim = kept;
    }
    result.push_back(std::move(part));
  }
  return result;
}

/// Writes the abstraction.
class Abstractor {
 public:
  Abstractor(const GuardedSystem& concrete, const std::vector<ExprId>& predicates, const SearchControl& control)
      : concrete_(concrete),
        predicates_(predicates),
        control_(control),
        width_(number_width(concrete)),
        open_(concrete.system),
        first_(concrete.system.cells.size()) {
    for (std::size_t i = 0; i < predicates.size(); ++i) {
      position_[predicates[i].value] = i;
      cells_.push_back(cells_of(concrete.system.expressions, predicates[i]));
    }
  }

  GuardedSystem system() {
    result_.system = concrete_.system;
    result_.constant = concrete_.constant;
    declare();
    for (const NamedCondition& one : concrete_.conditions)
      result_.conditions.push_back({one.name, one.comment, abstract(one.formula)});
    for (std::size_t c = 0; c < concrete_.commands.size(); ++c) add(c);
    for (const Update& one : concrete_.floats) {
      for (const auto& cells : cells_) {
        if (cells.contains(one.cell)) throw NotEncodable{"a comparison with a number without bounds reads a CPU"};
      }
      result_.floats.push_back({one.cell, abstract(one.value)});
    }
    for (const GuardedProperty& one : concrete_.invariants)
      result_.invariants.push_back({one.property, abstract(one.formula)});
    for (const GuardedProperty& one : concrete_.reachable)
      result_.reachable.push_back({one.property, abstract(one.formula)});
    if (concrete_.leak) result_.leak = {concrete_.leak->rule, abstract(concrete_.leak->condition)};
    if (concrete_.stuck) add_stuck();
    result_.deadlock_free = concrete_.deadlock_free;
    result_.all_ended = abstract(concrete_.all_ended);
    result_.left_out = concrete_.left_out;
    begin();
    return std::move(result_);
  }

 private:
  ExprTable& table() { return result_.system.expressions; }

  void declare() {
    for (const CellId cell : unbounded_cells(concrete_.system)) {
      Cell& one = result_.system.cells[cell.value];
      one.lo = one.hi = one.rest = 0;
      result_.constant[cell.value] = 0;
    }
    for (std::size_t i = 0; i < predicates_.size(); ++i) {
      Cell cell;
      cell.name = fmt::format("predicate {}", i);
      result_.system.cells.push_back(std::move(cell));
      result_.constant.emplace_back();
    }
  }

  void add_stuck() {
    GuardedStuck stuck = *concrete_.stuck;
    for (NamedCondition& one : stuck.conditions) one.formula = abstract(one.formula);
    stuck.formula = abstract(stuck.formula);
    result_.stuck = std::move(stuck);
  }

  ExprId truth_of(std::size_t predicate) { return table().load(CellId(first_ + predicate)); }

  ExprId abstract(ExprId id) {
    if (const auto known = done_.find(id.value); known != done_.end()) return known->second;
    const ExprId result = rewritten(id);
    done_.emplace(id.value, result);
    return result;
  }

  ExprId rewritten(ExprId id) {
    if (const BinaryExpr* comparison = open_.comparison(id)) return decided(*comparison);
    const Expr expr = concrete_.system.expressions[id];
    return std::visit(Overloaded{
                          [&](const ConstantExpr&) { return id; },
                          [&](const LoadExpr& e) {
                            const CellId cell = e.place.cells.front();
                            if (cell.value < first_) return id;
                            return table().load(CellId(std::size_t{cell.value} + predicates_.size()));
                          },
                          [&](const UnaryExpr& e) {
                            return table().add(UnaryExpr{e.op, abstract(e.operand)});
                          },
                          [&](const BinaryExpr& e) {
                            const ExprId left = abstract(e.left);
                            return table().binary(e.op, left, abstract(e.right));
                          },
                          [&](const ConditionalExpr& e) {
                            const ExprId condition = abstract(e.condition);
                            const ExprId then_value = abstract(e.then_value);
                            return table().conditional(condition, then_value, abstract(e.else_value));
                          },
                          [&](const auto&) { return id; },  // constants: guarded commands have no other expressions
                      },
                      expr);
  }

  /// The truth of a comparison with a number without bounds.
  ExprId decided(const BinaryExpr& comparison) {
    const ExprId plain = without_choices(table(), comparison);
    if (plain == table().binary(comparison.op, comparison.left, comparison.right)) return predicate_for(comparison);
    if (plain.value >= concrete_.system.expressions.size()) throw NotEncodable{kNoPredicate};
    return abstract(plain);
  }

  ExprId predicate_for(const BinaryExpr& comparison) {
    const Atom atom = atom_of(table(), comparison);
    const ExprId truth = known_truth(atom.formula);
    return atom.is_negated ? table().negation(truth) : truth;
  }

  ExprId known_truth(ExprId formula) {
    if (table().is_constant(formula)) return formula;
    const auto found = position_.find(formula.value);
    if (found == position_.end()) throw NotEncodable{kNoPredicate};
    return truth_of(found->second);
  }

  // ------------------------------------------------------------------------------------------- commands

  void add(std::size_t number) {
    ask_patience();
    const GuardedCommand& command = concrete_.commands[number];
    GuardedCommand result = command;
    result.step.choices = {static_cast<std::int64_t>(number)};
    result.step.counted = {true};
    result.guard = abstract(command.guard);
    for (GuardedCheck& check : result.checks) check.holds = abstract(check.holds);
    result.updates.clear();
    std::vector<const Update*> stored;  // of numbers without bounds, in cells with bounds
    for (const Update& one : command.updates) {
      if (is_unbounded(concrete_.system.at(one.cell))) continue;
      if (open_.is_open(one.value)) {
        stored.push_back(&one);
      } else {
        result.updates.push_back({one.cell, abstract(one.value)});
      }
    }
    for (const auto& [condition, outcome] : outcomes(command)) {
      GuardedCommand way = result;
      way.guard = table().conjunction(way.guard, condition);
      for (const auto& [predicate, value] : outcome)
        way.updates.push_back({CellId(first_ + predicate), table().constant(value ? 1 : 0)});
      store(std::move(way), stored, 0);
    }
  }

  /// One command for each value that is stored.
  void store(GuardedCommand command, const std::vector<const Update*>& stored, std::size_t next) {
    if (next == stored.size()) {
      std::int64_t guard = 1;
      if (table().is_constant(command.guard, &guard) && guard == 0) return;
      std::sort(command.updates.begin(), command.updates.end(),
                [](const Update& a, const Update& b) { return a.cell < b.cell; });
      result_.commands.push_back(std::move(command));
      if (result_.commands.size() > kMostCommands) throw NotEncodable{"too many ways to change what is compared"};
      return;
    }
    const Update& one = *stored[next];
    const Cell& cell = concrete_.system.at(one.cell);
    for (std::int64_t value = cell.lo; value <= cell.hi; ++value) {
      GuardedCommand way = command;
      const ExprId is = decided({BinaryOp::Equal, one.value, table().constant(value)});
      way.guard = table().conjunction(way.guard, is);
      way.updates.push_back({one.cell, table().constant(value)});
      store(std::move(way), stored, next + 1);
    }
  }

  using Outcome = std::vector<std::pair<std::size_t, bool>>;  // predicates that it may change, and what they are then

  /// Under which condition which truth values are possible behind a command.
  std::vector<std::pair<ExprId, Outcome>> outcomes(const GuardedCommand& command) {
    std::set<CellId> changed;
    for (const Update& one : command.updates) changed.insert(one.cell);
    std::vector<std::size_t> affected;
    for (std::size_t i = 0; i < predicates_.size(); ++i) {
      if (meet(cells_[i], changed)) affected.push_back(i);
    }
    if (affected.empty() || command.ends_run) return {{table().constant(1), {}}};
    const std::vector<ExprId> relevant = relevant_to(command, affected);
    std::map<Bits, std::vector<Bits>> ways;  // by what is behind: what was before
    std::vector<Bits> before;
    for (const Bits& both : asked(command, relevant, affected)) {
      const auto half = both.begin() + static_cast<std::ptrdiff_t>(relevant.size());
      ways[Bits(half, both.end())].emplace_back(both.begin(), half);
      before.emplace_back(both.begin(), half);
    }
    std::vector<std::pair<ExprId, Outcome>> result;
    for (const auto& [behind, which] : ways) {
      const std::vector<Bits>& possible = which;
      std::vector<Bits> others;
      std::copy_if(before.begin(), before.end(), std::back_inserter(others), [&](const Bits& bits) {
        return std::find(possible.begin(), possible.end(), bits) == possible.end();
      });
      Outcome outcome;
      for (std::size_t i = 0; i < affected.size(); ++i) outcome.emplace_back(affected[i], behind[i]);
      result.emplace_back(any_of(parts_for(possible, others), relevant), std::move(outcome));
    }
    return result;
  }

  ExprId any_of(const std::vector<PartialBits>& parts, const std::vector<ExprId>& relevant) {
    ExprId any = table().constant(0);
    for (const PartialBits& part : parts) {
      ExprId all = table().constant(1);
      for (std::size_t i = 0; i < part.size(); ++i) {
        if (!part[i]) continue;
        const auto predicate = position_.find(relevant[i].value);
        const ExprId truth = predicate == position_.end() ? abstract(relevant[i]) : truth_of(predicate->second);
        all = table().conjunction(all, *part[i] ? truth : table().negation(truth));
      }
      any = table().disjunction(any, all);
    }
    return any;
  }

  /// What may tell what becomes of the affected predicates: these, the conditions under which a number is changed or
  /// one of several is read (an element by its index), and predicates about the same numbers.
  std::vector<ExprId> relevant_to(const GuardedCommand& command, const std::vector<std::size_t>& affected) const {
    std::set<CellId> cells;
    std::vector<ExprId> result;
    for (const std::size_t one : affected) {
      cells.insert(cells_[one].begin(), cells_[one].end());
      result.push_back(predicates_[one]);
    }
    const auto add = [&](ExprId formula) {
      if (std::find(result.begin(), result.end(), formula) == result.end()) result.push_back(formula);
    };
    const ExprTable& expressions = concrete_.system.expressions;
    std::size_t choices = 0;
    for (const Update& one : command.updates) {
      if (!cells.contains(one.cell)) continue;
      const std::set<CellId> read = cells_of(expressions, one.value);
      cells.insert(read.begin(), read.end());
      for_each_expr(expressions, one.value, [&](ExprId, const Expr& part) {
        const auto* choice = std::get_if<ConditionalExpr>(&part);
        if (choice != nullptr && choices++ < kMostChoices) add(choice->condition);
      });
    }
    for (std::size_t i = 0; i < predicates_.size() && result.size() < kMostRelevant; ++i) {
      if (meet(cells_[i], cells)) add(predicates_[i]);
    }
    return result;
  }

  std::vector<Bits> asked(const GuardedCommand& command, const std::vector<ExprId>& relevant,
                          const std::vector<std::size_t>& affected) const {
    SmtLibText text(concrete_, width_);
    StateTerms state = text.declare("s");
    text.assert_that(text.in_domain(state));
    text.assert_that(text.truth(state, command.guard));
    StateTerms next = text.after(state, command.updates);
    std::vector<std::string> terms;
    for (const ExprId one : relevant) terms.push_back(text.truth(state, one));
    for (const std::size_t one : affected) terms.push_back(text.truth(next, predicates_[one]));
    for (const std::string& term : terms) text.assert_that(term);
    return Question(text.text(), terms.size(), control_).all();
  }

  // -------------------------------------------------------------------------------------- initial states

  void begin() {
    for (const State& initial : concrete_.initial) {
      SmtLibText text(concrete_, width_);
      StateTerms state = text.declare("s");
      for (std::size_t i = 0; i < first_; ++i) {
        if (!is_unbounded(concrete_.system.cells[i])) text.assert_that(text.holds(state, CellId(i), initial[i]));
      }
      text.assert_that(text.begins_open(state));
      std::vector<std::string> terms;
      for (const ExprId one : predicates_) terms.push_back(text.truth(state, one));
      for (const std::string& term : terms) text.assert_that(term);
      for (const Bits& bits : Question(text.text(), terms.size(), control_).all()) {
        State abstract = initial;
        for (const CellId cell : unbounded_cells(concrete_.system)) abstract[cell.value] = 0;
        for (const bool bit : bits) abstract.push_back(bit ? 1 : 0);
        result_.initial.push_back(std::move(abstract));
      }
    }
  }

  const GuardedSystem& concrete_;
  const std::vector<ExprId>& predicates_;
  const SearchControl& control_;
  unsigned width_;
  OpenNumbers open_;
  std::size_t first_;  // cell of the first predicate
  std::unordered_map<std::uint32_t, std::size_t> position_;
  std::vector<std::set<CellId>> cells_;  // by predicate: what it reads
  std::unordered_map<std::uint32_t, ExprId> done_;
  GuardedSystem result_;
};

}  // namespace

std::vector<ExprId> predicates_of(GuardedSystem& concrete) {
  ExprTable& table = concrete.system.expressions;
  OpenNumbers open(concrete.system);
  std::vector<ExprId> formulas;
  for_each_formula(concrete, [&](ExprId formula) { formulas.push_back(formula); });
  for (const GuardedCommand& command : concrete.commands) {
    for (const Update& one : command.updates) {
      const Cell& cell = concrete.system.at(one.cell);
      if (is_unbounded(cell) || !open.is_open(one.value) || cell.hi - cell.lo >= kMostStored) continue;
      for (std::int64_t value = cell.lo; value <= cell.hi; ++value)
        formulas.push_back(table.binary(BinaryOp::Equal, one.value, table.constant(value)));
    }
  }
  std::set<ExprId> all;
  for (const ExprId formula : formulas) add_atoms(table, open, formula, all);
  return {all.begin(), all.end()};
}

Expected<GuardedSystem> abstracted(const GuardedSystem& concrete, const std::vector<ExprId>& predicates,
                                   const SearchControl& control) {
  try {
    return Abstractor(concrete, predicates, control).system();
  } catch (const NotEncodable& limit) {
    return unexpected(limit.why);
  }
}

}  // namespace quiesce::checker
