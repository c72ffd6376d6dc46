#include "checker/check_all.h"

#include <utility>

#include "checker/report/sentences.h"

namespace quiesce::checker {

model::Expected<CheckedCases> check_all(const std::vector<CheckCase>& cases, const DecideCase& decide,
                                        const CheckAllOptions& options) {
  CheckedCases checked;
  std::vector<CaseOutcome> outcomes;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (options.only_case && *options.only_case != i) continue;
    if (options.interrupt != nullptr && *options.interrupt && !outcomes.empty()) {
      ++checked.left;
      continue;
    }
    model::Expected<CaseOutcome> outcome = decide(cases[i]);
    if (!outcome) return model::unexpected(outcome.error());
    if (outcome->result.problem) return model::unexpected(trouble_text(outcome->result.problem));
    outcomes.push_back(std::move(*outcome));
    if (options.stop_at_first && overall(outcomes.back().result) == Verdict::Violated) break;
  }
  checked.outcome = outcome_of(std::move(outcomes));
  return checked;
}

model::Expected<CheckedCases> check_all(const std::vector<CheckCase>& cases, const CheckOptions& how,
                                        const CheckAllOptions& options) {
  const auto decide = [&](const CheckCase& case_) -> model::Expected<CaseOutcome> {
    return case_outcome(case_, check(case_, how), {how.search});
  };
  return check_all(cases, decide, options);
}

}  // namespace quiesce::checker
