#include "checker/smt/initial_solver.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <unordered_map>

#include <fmt/format.h>

#include "checker/result/search_control.h"
#include "checker/smt/smtlib_text.h"
#include "checker/smt/solver.h"
#include "model/guarded/initial_formulas.h"

namespace quiesce::checker {

using namespace model;

namespace {

constexpr std::size_t kMostUnanswered = 8;

/// What trying so many combinations takes, at some 50 ns each; in few sizes, since changing it costs.
std::chrono::milliseconds time_of(std::uint64_t tries) {
  std::chrono::milliseconds result{8};
  while (result.count() < 250 && tries / 20'000 > static_cast<std::uint64_t>(result.count())) result *= 2;
  return result;
}

}  // namespace

/// One Z3 that knows the conditions and is asked about ranges.
class InitialSolver::Questions {
 public:
  explicit Questions(const InitialFormulas& formulas)
      : control_(Limits{}, nullptr), solver_(control_, Solver::Kind::Incremental) {
    SmtLibText text(formulas.guarded, formulas.width);
    StateTerms state = at_rest(formulas, text);
    for (const InitialFormulas::Assign& assign : formulas.assigns) apply(assign, text, state);
    const std::size_t numbers = opens_.size();
    for (const ExprId condition : formulas.conditions) text.assert_that(text.truth(state, condition));
    const std::vector<Term> terms = solver_.read(text.text());
    for (auto& [number, open] : opens_) open.term = terms[open.position];
    for (std::size_t i = numbers; i < terms.size(); ++i) solver_.assert_that(terms[i]);
    for (const auto& [number, open] : opens_) confine({number, open.lo, open.hi}, open);
  }

  Answer answer(const std::vector<InitialRange>& ranges, std::chrono::milliseconds time) {
    std::vector<Term> also;
    for (const InitialRange& range : ranges) {
      const auto open = opens_.find(range.assign);
      if (open != opens_.end()) say(range, open->second, also);
    }
    const Answer answer = solver_.check(also, time);
    if (answer == Answer::Satisfiable) {
      for (auto& [number, open] : opens_) open.last = solver_.value(open.term);
    }
    return answer;
  }

  /// Whether the solution that was found last lies there.
  bool is_known(const std::vector<InitialRange>& ranges) const {
    return std::all_of(ranges.begin(), ranges.end(), [&](const InitialRange& range) {
      const auto open = opens_.find(range.assign);
      return open == opens_.end() ||
             (open->second.last && *open->second.last >= range.lo && *open->second.last <= range.hi);
    });
  }

 private:
  /// An assignment that may give several values.
  struct Open {
    std::size_t position = 0;  // among the assertions of the text
    bool is_truth = false;
    std::int64_t lo = 0;
    std::int64_t hi = 0;
    Term term;
    std::optional<std::int64_t> last;  // in the solution found last
  };

  static StateTerms at_rest(const InitialFormulas& formulas, const SmtLibText& text) {
    StateTerms state;
    const std::vector<Cell>& cells = formulas.guarded.system.cells;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const bool is_truth = text.sort_of(CellId(i)) == "Bool";
      const char* const truth = cells[i].rest != 0 ? "true" : "false";
      state.cells.push_back(is_truth ? truth : text.literal(cells[i].rest));
    }
    return state;
  }

  void apply(const InitialFormulas::Assign& assign, SmtLibText& text, StateTerms& state) {
    if (assign.value.valid()) {
      state = text.after(state, {{assign.cell, assign.value}});
      return;
    }
    const std::string name = fmt::format("i{}", assign.number);
    const std::string sort = text.sort_of(assign.cell);
    text.line(fmt::format("(declare-const {} {})", name, sort));
    Open& open = opens_[assign.number];
    open = {opens_.size() - 1, sort == "Bool", assign.lo, assign.hi, {}, {}};
    if (open.is_truth) {
      text.assert_that(name);
    } else {
      text.assert_value(name);
    }
    StateTerms next;
    next.cells = std::move(state.cells);
    next.cells[assign.cell.value] = name;
    state = std::move(next);
  }

  void confine(const InitialRange& range, const Open& open) {
    std::vector<Term> also;
    say(range, open, also);
    for (const Term term : also) solver_.assert_that(term);
  }

  void say(const InitialRange& range, const Open& open, std::vector<Term>& out) {
    if (range.lo == range.hi) {
      out.push_back(solver_.is(open.term, range.lo));
    } else if (range.lo > range.hi) {
      out.push_back(solver_.any_of({}));
    } else if (!open.is_truth) {
      out.push_back(solver_.at_least(open.term, range.lo));
      out.push_back(solver_.at_most(open.term, range.hi));
    }
  }

  const SearchControl control_;
  Solver solver_;
  std::unordered_map<std::size_t, Open> opens_;  // by number of the assignment
};

InitialSolver::InitialSolver(const TransitionSystem& system, std::uint64_t tried_unasked)
    : system_(system), tried_unasked_(tried_unasked) {}

InitialSolver::~InitialSolver() = default;

bool InitialSolver::may_begin(const std::vector<InitialRange>& ranges, std::uint64_t tries) {
  if (is_given_up_) return true;
  if (z3_ == nullptr) {
    const std::optional<InitialFormulas> formulas = initial_formulas(system_);
    is_given_up_ = !formulas.has_value();
    if (is_given_up_) return true;
    z3_ = std::make_unique<Questions>(*formulas);
  }
  return z3_->is_known(ranges) || ask(ranges, tries);
}

bool InitialSolver::ask(const std::vector<InitialRange>& ranges, std::uint64_t tries) {
  const Answer answer = z3_->answer(ranges, time_of(tries));
  unanswered_ = answer == Answer::Unknown ? unanswered_ + 1 : 0;
  if (unanswered_ >= kMostUnanswered) {
    is_given_up_ = true;
    z3_.reset();
  }
  return answer != Answer::Unsatisfiable;
}

Expected<GuardedSystem> guarded_by_solver(const TransitionSystem& system, bool with_errors) {
  InitialSolver guide(system);
  return guarded_system(system, with_errors, &guide);
}

}  // namespace quiesce::checker
