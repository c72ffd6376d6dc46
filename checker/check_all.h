// All cases of one check, one after the other, as one outcome: what every command that searches or proves a whole check
// goes through.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "checker/check.h"
#include "checker/result/outcome.h"
#include "model/base/expected.h"

namespace quiesce::checker {

/// Which cases of a check are taken.
struct CheckAllOptions {
  std::optional<std::size_t> only_case = {};     // its position; the others are passed over
  bool stop_at_first = false;                    // leave out the cases after the first one that breaks a rule
  const std::atomic<bool>* interrupt = nullptr;  // once set, no further case is begun; the first one is in any case
};

/// What became of a check.
struct CheckedCases {
  CheckOutcome outcome;  // of the cases that were taken
  std::size_t left = 0;  // cases that were not begun, since the check was interrupted
};

/// How one case is decided: the outcome, or in a sentence why there is none.
using DecideCase = std::function<model::Expected<CaseOutcome>(const CheckCase& case_)>;

/// Lets `decide` decide the cases in their order. Ends, with a sentence, at the first one that has no outcome or whose
/// SearchResult::problem is set.
///
/// Requires: at least one case is taken. The outcome refers to the systems that `decide` names, which are those of
/// `cases` when it uses case_outcome().
model::Expected<CheckedCases> check_all(const std::vector<CheckCase>& cases, const DecideCase& decide,
                                        const CheckAllOptions& options);

/// The same with check(case_, how) for every case of a design that was loaded neither plain nor without slicing.
model::Expected<CheckedCases> check_all(const std::vector<CheckCase>& cases, const CheckOptions& how,
                                        const CheckAllOptions& options);

}  // namespace quiesce::checker
