#include "checker/result/outcome.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "model/base/internal_check.h"

namespace quiesce::checker {
namespace {

/// How long the run to a violation is: one without a run (a witness that does not exist) is the shortest, one whose run
/// was not found any more the longest.
std::size_t length_of(const RuleResult& rule, const SearchResult& result) {
  if (!rule.finding) return 0;
  const Finding& finding = result.findings[*rule.finding];
  return finding.no_run != LimitKind::None ? SIZE_MAX : finding.run.steps.size();
}

std::vector<BrokenRule> broken_rules(const std::vector<CaseOutcome>& cases) {
  std::vector<BrokenRule> broken;
  std::vector<std::size_t> lengths;  // in step
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const SearchResult& result = cases[i].result;
    std::vector<const RuleResult*> violated;
    for (const RuleResult& rule : result.rules) {
      if (rule.verdict == Verdict::Violated) violated.push_back(&rule);
    }
    // Rules without a finding come last.
    std::stable_sort(violated.begin(), violated.end(), [](const RuleResult* a, const RuleResult* b) {
      return a->finding.value_or(SIZE_MAX) < b->finding.value_or(SIZE_MAX);
    });
    for (const RuleResult* rule : violated) {
      const std::string& name = cases[i].system->at(rule->rule).name;
      const std::size_t length = length_of(*rule, result);
      auto known = std::find_if(broken.begin(), broken.end(), [&](const BrokenRule& one) { return one.name == name; });
      if (known == broken.end()) {
        known = broken.insert(broken.end(), BrokenRule{name, {}, i});
        lengths.push_back(length);
      }
      std::size_t& shortest = lengths[static_cast<std::size_t>(known - broken.begin())];
      if (length < shortest) {
        shortest = length;
        known->best = i;
      }
      known->cases.push_back(i);
    }
  }
  return broken;
}

/// The graver of two verdicts.
Verdict graver(Verdict a, Verdict b) {
  for (const Verdict verdict : {Verdict::Violated, Verdict::Unknown, Verdict::Vacuous}) {
    if (a == verdict || b == verdict) return verdict;
  }
  return Verdict::Holds;
}

}  // namespace

Verdict overall(const SearchResult& result) {
  Verdict verdict = Verdict::Holds;
  for (const RuleResult& rule : result.rules) verdict = graver(verdict, rule.verdict);
  return verdict;
}

CheckOutcome outcome_of(std::vector<CaseOutcome> cases) {
  QUIESCE_CHECK(!cases.empty()) << "a check without cases";
  CheckOutcome outcome;
  outcome.broken = broken_rules(cases);
  for (const CaseOutcome& case_ : cases) outcome.verdict = graver(outcome.verdict, overall(case_.result));
  outcome.cases = std::move(cases);
  return outcome;
}

const RuleResult* result_of(const model::TransitionSystem& system, const SearchResult& result,
                            const std::string& rule) {
  const auto found = std::find_if(result.rules.begin(), result.rules.end(),
                                  [&](const RuleResult& one) { return system.at(one.rule).name == rule; });
  return found == result.rules.end() ? nullptr : &*found;
}

std::vector<AlikeRules> alike_rules(const model::TransitionSystem& system, const SearchResult& result,
                                    Verdict verdict) {
  std::vector<AlikeRules> all;
  for (const RuleResult& rule : result.rules) {
    if (rule.verdict != verdict) continue;
    auto known = std::find_if(all.begin(), all.end(), [&](const AlikeRules& one) { return one.reason == rule.reason; });
    if (known == all.end()) known = all.insert(all.end(), AlikeRules{rule.reason, {}});
    known->rules.push_back(system.at(rule.rule).name);
  }
  return all;
}

const Finding* finding_of(const CaseOutcome& case_, const RuleResult& rule) {
  return rule.finding ? &case_.result.findings[*rule.finding] : nullptr;
}

std::optional<UnexpectedFinding> shortest_unexpected(const CaseOutcome& case_) {
  std::optional<UnexpectedFinding> shortest;
  for (const Difference& one : case_.comparison.differences) {
    if (one.found != Verdict::Violated || one.wanted == Verdict::Violated) continue;
    const RuleResult* rule = result_of(*case_.system, case_.result, one.rule);
    const Finding* finding = rule != nullptr ? finding_of(case_, *rule) : nullptr;
    const bool is_shorter =
        finding != nullptr && (!shortest || finding->run.steps.size() < shortest->finding->run.steps.size());
    if (is_shorter) shortest = UnexpectedFinding{one.rule, finding};
  }
  return shortest;
}

}  // namespace quiesce::checker
