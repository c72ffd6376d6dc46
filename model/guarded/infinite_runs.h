// What infinite runs need beside the guarded commands of a system (docs/semantics.md, 13): what fairness owes in a
// state, where a run may stop, and the conditions of formulas, all as formulas over one state. Written from the
// semantics like guarded_system.h, and as independent of the search for infinite runs as that is of the search for
// states.
#pragma once

#include <vector>

#include "model/guarded/guarded_system.h"

namespace quiesce::model {

/// A fair run takes steps of `taker` again and again, or `owed` is false
///   - again and again, when it is owed weakly,
///   - from some state on, when it is owed strongly.
struct GuardedFairness {
  Actor taker;  // of Start any activation: the number is 0
  bool is_strong = false;
  ExprId owed;  // over a state; never constantly false
};

/// A property of infinite runs with conditions of the guarded system.
struct GuardedTemporal {
  std::size_t property = 0;           // in TransitionSystem::temporal
  std::vector<TemporalNode> formula;  // as there, but atoms are formulas of the guarded system, without `quiet`:
                                      // where a run stops, observers are reset
};

struct GuardedInfiniteRuns {
  /// Of the system with its observers at work. Commands that break core rules are there, so that it can be seen what is
  /// possible: no run continues after them. Renamings only where no handler has several activations: of activations
  /// each is owed steps of its own.
  GuardedSystem guarded;
  std::vector<GuardedFairness> fairness;  // a taker may have one of each kind
  std::vector<Actor> sporadic;            // takers of which a fair run takes no steps from some state on
  ExprId may_stop;                        // nothing is owed, and the state breaks no core rule
  std::vector<CellId> observers;          // 0 again behind the last state of a run that stops, where it repeats
  std::vector<GuardedTemporal> temporal;  // of rules asked for; not always_possible, nor what cannot be checked
  std::vector<RuleId> always_possible;    // rules asked for that have such a property
};

/// The actor of a command, as `GuardedFairness::taker` has it.
Actor taker_of(const GuardedCommand& command);

/// `system`: as infinite runs are searched on (reduce_for_infinite_runs), or with observers at work (observe_events).
/// Errors, patience and cost as of guarded_system().
Expected<GuardedInfiniteRuns> guarded_infinite_runs(const TransitionSystem& system, InitialGuide* guide = nullptr);

}  // namespace quiesce::model
