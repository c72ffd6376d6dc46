#include "checker/evidence/recheck.h"

#include <utility>

#include "checker/smt/smtlib_text.h"
#include "checker/smt/solver.h"

namespace quiesce::checker {

namespace {

/// The text of an obligation with its cases as further assertions, which are not asserted by reading.
std::string text_with_cases(const Obligation& obligation) {
  std::string result = obligation.text;
  for (const ForbiddenCase& one : obligation.cases) result += "(assert " + one.term + ")\n";
  return result;
}

}  // namespace

bool recheck(const Obligation& obligation, const SearchControl& control, RecheckResult& result) {
  ++result.questions;
  result.cases += obligation.cases.size();
  Solver solver(control, obligation.integers ? Solver::Kind::Integers : Solver::Kind::Thorough);
  std::vector<Term> terms = solver.read(text_with_cases(obligation));
  const std::vector<Term> cases(terms.end() - static_cast<std::ptrdiff_t>(obligation.cases.size()), terms.end());
  terms.resize(terms.size() - cases.size());
  for (const Term term : terms) solver.assert_that(term);
  solver.assert_that(solver.any_of(cases));
  switch (solver.check()) {
    case Answer::Unsatisfiable:
      return true;
    case Answer::Unknown:
      result.outcome = RecheckResult::Outcome::Undecided;
      result.problem = obligation.what + ": Z3 came to no answer";
      return false;
    case Answer::Satisfiable:
      break;
  }
  result.outcome = RecheckResult::Outcome::Refused;
  result.problem = obligation.what;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (!solver.is_true(cases[i])) continue;
    result.problem += ": " + obligation.cases[i].what;
    break;
  }
  return false;
}

RecheckResult recheck(const model::GuardedSystem& guarded, const InductiveInvariant& invariant,
                      const std::vector<model::RuleId>& rules, const SearchControl& control,
                      const std::function<bool()>& goes_on) {
  RecheckResult result;
  const auto ask = [&](const Obligation& one) {
    if (goes_on()) return recheck(one, control, result);
    result.outcome = RecheckResult::Outcome::Undecided;
    return false;
  };
  for_each_question(guarded, invariant, rules, ask);
  if (result.outcome == RecheckResult::Outcome::Accepted) return result;
  // Smaller questions say what is wrong, and may be answered where larger ones are not.
  result = {};
  for_each_obligation(guarded, invariant, rules, nullptr, ask);
  return result;
}

}  // namespace quiesce::checker
