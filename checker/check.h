// The front door of the explicit checker: a transition system in, verdicts out. load.h makes systems of a file, and
// prove.h decides rules by proof.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checker/result/coverage.h"
#include "checker/result/exploration.h"
#include "checker/result/outcome.h"
#include "checker/result/result.h"
#include "model/base/diagnostic.h"
#include "model/base/expected.h"
#include "model/passes/reduce.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

enum class Engine { Explicit, Reference };  // Reference: the slow yardstick, for systems loaded with LoadOptions::plain

/// One case of one `check`: a system with all parameters fixed, and what is expected of it.
struct CheckCase {
  std::string title;                                // "SharedLine with trigger = level, processors = 2"
  model::Span span;                                 // the check
  model::TransitionSystem system;                   // reduced unless `plain`
  model::ReductionStatistics reduction;             // what that did; all 0 when `plain`
  std::optional<model::TransitionSystem> original;  // before it was reduced; none when `plain`
  model::BackMap map;                               // the way back to it
  std::optional<model::TransitionSystem> infinite;  // what infinite runs are searched on; when a rule asks for any
  model::BackMap infinite_map;                      // the way back from it to `original`
  std::vector<Expectation> expect;                  // empty: nothing expected
};

struct CheckOptions {
  SearchOptions search;
  Engine engine = Engine::Explicit;
};

/// Explores one case, judges it, and replays every run with the reference interpreter. A run that does not replay is
/// an internal error (QUIESCE_CHECK), never a report.
///
/// With partial order reduction verdicts and runs are those of a search without it: where that search could end runs
/// elsewhere, or find shorter ones, it is made too, as deep as needed. Then it takes longer than either alone.
SearchResult check(const model::TransitionSystem& system, const CheckOptions& options);

/// The same, and then the infinite runs of the case, for the rules that speak of them, with what is left of the limits.
/// Their runs are confirmed likewise (checker/evidence/lasso.h).
SearchResult check(const CheckCase& case_, const CheckOptions& options);

/// What check() judges: the facts of the search, with all runs replayed.
Exploration explored(const model::TransitionSystem& system, const CheckOptions& options);

/// What of the text some run of the case executes, found by one more search with the same limits.
CoverageFacts cover(const CheckCase& case_, const CheckOptions& options);

/// `result` of `case_` as part of the outcome of its check, compared with what is expected of it.
CaseOutcome case_outcome(const CheckCase& case_, SearchResult result, AskedFor asked);

}  // namespace quiesce::checker
