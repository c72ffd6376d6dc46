// What became of a whole `check`: its cases with their results, and what follows from all of them together. Reports lay
// it out and decide nothing.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "checker/result/expectation.h"
#include "checker/result/exploration.h"
#include "checker/result/result.h"
#include "model/base/source.h"
#include "model/passes/reduce.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

/// How a search was asked for, as far as advice depends on it.
struct AskedFor {
  SearchOptions search;
  bool plain = false;  // steps were not merged
  bool slice = true;   // what does not matter was left out
};

/// A case of a check and what became of it.
struct CaseOutcome {
  std::string title;                                  // "SharedLine with trigger = level, processors = 2"
  model::Span span;                                   // the check, or the system when the text has no check
  const model::TransitionSystem* system = nullptr;    // what was searched
  const model::TransitionSystem* original = nullptr;  // what that was made from by reduction; null: nothing was reduced
  const model::BackMap* map = nullptr;                // the way back to it
  const model::TransitionSystem* infinite = nullptr;  // what runs with a loop are of; null: no rule asks for any
  const model::BackMap* infinite_map = nullptr;       // the way back from that to `original`
  model::ReductionStatistics reduction;               // what was left out of the system before
  SearchResult result;
  AskedFor asked;
  bool has_expectation = false;
  Comparison comparison;  // with what is expected; without an expectation as expected
};

/// A rule that some case breaks.
struct BrokenRule {
  std::string name;
  std::vector<std::size_t> cases;  // positions of the cases that break it, ascending
  std::size_t best = 0;            // the first one with the shortest run; one whose run is missing only if all are
};

struct CheckOutcome {
  std::vector<CaseOutcome> cases;  // in order, at least one
  std::vector<BrokenRule> broken;  // in the order of discovery of the first case that has it
  Verdict verdict = Verdict::Holds;
};

/// Puts the cases of one check together. Requires: at least one.
CheckOutcome outcome_of(std::vector<CaseOutcome> cases);

/// A rule that a case breaks although that is not expected.
struct UnexpectedFinding {
  std::string rule;
  const Finding* finding = nullptr;
};

/// The unexpected finding with the shortest run; nothing when no rule is broken unexpectedly, or none has a finding.
std::optional<UnexpectedFinding> shortest_unexpected(const CaseOutcome& case_);

/// The answer for a whole case: Violated when a rule is, else Unknown, Vacuous, Holds. NotExercised counts as Holds.
Verdict overall(const SearchResult& result);

/// What `result` says of the rule of this name; null when it is not among those checked.
const RuleResult* result_of(const model::TransitionSystem& system, const SearchResult& result, const std::string& rule);

/// What was found of `rule` in `case_`; null when it is not violated, or when no state is as a `reachable` wants it and
/// the rule says all.
const Finding* finding_of(const CaseOutcome& case_, const RuleResult& rule);

/// Rules of one verdict and one reason.
struct AlikeRules {
  Reason reason;
  std::vector<std::string> rules;  // in their order
};

/// The rules that have `verdict`, by reason, in the order of the first of each.
std::vector<AlikeRules> alike_rules(const model::TransitionSystem& system, const SearchResult& result, Verdict verdict);

}  // namespace quiesce::checker
