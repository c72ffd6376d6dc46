// Searches the infinite runs of a system for one on which a property is false (docs/semantics.md, 13): all states as a
// graph, its product with the automaton of the negated formula, fair loops in it. While the graph grows it is looked at
// each time that it has three times as many states, so that a run near the beginning is found long before all states are there.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "checker/result/exploration.h"
#include "checker/result/result.h"

namespace quiesce::checker {

/// What was found out about one property of TransitionSystem::temporal.
struct TemporalAnswer {
  Verdict verdict = Verdict::Unknown;  // never NotExercised
  Reason reason;
  std::optional<Finding> finding;  // Violated; its run is yet to be confirmed (checker/evidence/lasso.h)
};

struct InfiniteRuns {
  std::vector<TemporalAnswer> answers;  // by property; of rules that are not checked: Unknown
  Statistics statistics;                // of the graph of states
  bool is_settled = false;              // all states were visited, or each property that was asked for is violated
};

/// Requires: the system was not reduced, or by reduce_for_infinite_runs only.
/// `Holds` is said of a property only when the whole product was searched and no core rule cuts runs off. A search that
/// comes to its end tells a run with a shortest stem; one that is stopped tells what it found by then.
/// With options.after_first it ends a while after the first violation; `before`: what the check took until now.
InfiniteRuns search_infinite_runs(const model::TransitionSystem& system, const SearchOptions& options,
                                  std::chrono::nanoseconds before = {});

}  // namespace quiesce::checker
