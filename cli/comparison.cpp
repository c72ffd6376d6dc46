#include "cli/comparison.h"

#include <algorithm>
#include <utility>

namespace quiesce::cli {

using checker::RuleResult;
using checker::Verdict;

namespace {

/// Whether a rule is violated of which nobody expects it: that stays so, however far a search goes.
bool has_unexpected_violation(const checker::CheckCell& cell, const checker::SearchResult& result) {
  std::vector<std::string> expected;
  for (const checker::CheckCell::Expectation& expectation : cell.expect) {
    if (expectation.verdict != Verdict::Violated) continue;
    if (expectation.at_least) return false;
    expected.insert(expected.end(), expectation.rules.begin(), expectation.rules.end());
  }
  return std::any_of(result.rules.begin(), result.rules.end(), [&](const RuleResult& rule) {
    if (rule.verdict != Verdict::Violated) return false;
    // An incomplete search calls no rule violated but with a run in hand.
    return std::find(expected.begin(), expected.end(), cell.system.at(rule.rule).name) == expected.end();
  });
}

}  // namespace

ExitCode exit_code_of(checker::Verdict verdict) {
  switch (verdict) {
    case checker::Verdict::Holds:
    case checker::Verdict::NotExercised:
      return ExitCode::AllHold;
    case checker::Verdict::Violated:
    case checker::Verdict::Vacuous:
      return ExitCode::Violated;
    case checker::Verdict::Unknown:
      return ExitCode::Undecided;
  }
  return ExitCode::InternalError;
}

Comparison compare(const checker::CheckCell& cell, const checker::SearchResult& result) {
  Comparison comparison;
  const auto met = checker::meets_expectation(cell, result);
  if (met) return comparison;
  comparison.difference = met.error();
  comparison.match = Match::Different;
  if (!result.complete && !has_unexpected_violation(cell, result)) {
    comparison.match = Match::Undecided;
    const auto cut = std::find_if(result.rules.begin(), result.rules.end(),
                                  [](const RuleResult& rule) { return rule.verdict == Verdict::Unknown; });
    comparison.difference = "undecided";
    if (cut != result.rules.end() && !cut->reason.empty()) comparison.difference += ": " + cut->reason;
  }
  return comparison;
}

void identify(const checker::CheckCell& cell, checker::CellOutcome& outcome) {
  outcome.title = cell.title;
  outcome.span = cell.span;
  outcome.system = &cell.system;
  outcome.reduction = cell.reduction;
  outcome.has_expectation = !cell.expect.empty();
  if (!outcome.has_expectation) return;
  Comparison comparison = compare(cell, outcome.result);
  outcome.undecided = comparison.match == Match::Undecided;
  if (comparison.match == Match::Different) outcome.difference = std::move(comparison.difference);
}

}  // namespace quiesce::cli
