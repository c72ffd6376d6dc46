// What a `check` expects of a result, and how a result differs from it: data, of which reports make sentences
// (checker/report/sentences.h).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "checker/result/result.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

/// 'expect violated A, B, ...'.
struct Expectation {
  Verdict verdict = Verdict::Holds;  // Holds, Violated or Vacuous
  std::vector<std::string> rules;
  bool at_least = false;  // ends in '...'
};

/// One rule that is not as expected, or several that are unknown for one reason.
struct Difference {
  std::string rule;
  Verdict wanted = Verdict::Holds;
  std::optional<Verdict> found;  // none: the rule is not among those checked
  Reason reason;                 // of `found`
  std::size_t alike = 1;         // so many rules, of which `rule` is the first
};

/// Undecided: the search is not complete, and nothing that was found contradicts what is expected.
enum class Match { AsExpected, Different, Undecided };

struct Comparison {
  Match match = Match::AsExpected;
  std::vector<Difference> differences;  // Different: at least one, those named by expectations first
  Reason undecided;                     // Undecided: why
};

/// Compares the result of a search over `system` with all of `expectations`; without any everything is as expected.
Comparison compare(const model::TransitionSystem& system, const std::vector<Expectation>& expectations,
                   const SearchResult& result);

}  // namespace quiesce::checker
