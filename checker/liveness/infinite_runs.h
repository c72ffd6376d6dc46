// Searches the infinite runs of a system for one on which a property is false (docs/semantics.md, 13): all states as a
// graph, its product with the automaton of the negated formula, fair loops in it. While the graph grows it is looked at
// each time that it has three times as many states, so that a run near the beginning is found long before all states
// are there.
#pragma once

#include <chrono>
#include <optional>
#include <string>
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
  bool was_stopped = false;             // at a limit
  bool is_resumed = false;              // it went on from options.resume
  std::optional<Trouble> problem;       // why that cannot be continued; nothing was searched then
  std::optional<Trouble> warning;       // that options.checkpoint could not be written
  bool is_settled = false;              // all states were visited, or each property that was asked for is violated
};

struct InfiniteRunsAsked {
  std::chrono::nanoseconds before{};  // what the check took until now
  std::vector<bool> decided = {};     // by property: nothing is asked of these; none: of all
  bool only_what_holds = false;       // runs are of no use: it ends when each property is known to be violated
  bool no_state_breaks_core = false;  // known of all states of the system that can be reached
};

/// Requires: the system was not reduced, or by reduce_for_infinite_runs, or by merge_for_infinite_runs after that.
/// `Holds` is said of a property only when the whole product was searched and no core rule cuts runs off. A search that
/// comes to its end tells a run with a shortest stem; one that is stopped tells what it found by then.
/// With options.after_first it ends a while after the first violation. options.resume, when it is not empty, is a file
/// of which is_graph_checkpoint() holds: where that is of another system, the search begins anew and writes nothing.
/// Else, where a limit ends the search, and now and then, options.checkpoint is written.
InfiniteRuns search_infinite_runs(const model::TransitionSystem& system, const SearchOptions& options,
                                  const InfiniteRunsAsked& asked = {});

}  // namespace quiesce::checker
