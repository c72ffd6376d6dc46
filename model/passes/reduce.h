// The default reduction of steps (docs/semantics.md, Reduction of steps; `--plain` leaves it out): a pass from one
// transition system to a smaller one with the same verdicts. Stands between elaboration and the engines. Its passes are
// slice.h, merge_steps.h, drop_unreachable.h, movers.h and forget_dead.h, in this order; the first three again while
// slicing finds more.
//
// (0) Slicing. What cannot matter to the rules asked for is left out (slice.h).
// (1) Merging. A location is *silent* when its step is an ordinary statement (Location::mergeable) that nothing else
//     can notice or disturb: it cannot block or end, writes only cells that no other context, action, condition or
//     property mentions, reads only those, its own level, and cells that only its context ever writes, and leads
//     only to places that no expression distinguishes from it (SeenPlaces in location_numbers.h: `at l` sees its
//     context leave l).
//     A step to a silent location runs its program in the same step, and so does the start of a handler. This is a
//     partial order reduction decided on the text: a silent step commutes with all steps of others, so the states in
//     between show nothing new (compare Lipton, "Reduction", CACM 1975: silent steps are both movers). Of every cycle
//     of silent locations one stays, so that a context that does nothing without end is still seen to.
//     The checks of a silent location guard its copies: where one fails, the step stops in front of the location,
//     which then takes its own step and breaks the rule there. So a violation never hides states in between, and it
//     is found exactly where a schedule lets its statement run.
// (2) Forgetting. A cell that only one context mentions is given its rest value by each step after which it is written
//     before it is read on every way (liveness, Aho and others, "Compilers", 9.2.5). Initial values of cells that are
//     dead from the start are dropped, so an `any` that nothing reads does not multiply initial states. Such
//     assignments are marked (AssignOp::forgets).
//
// Locations that can no longer be reached are dropped (those that check a rule and never could be reached stay, for
// the verdict `not exercised`) and the others renumbered; comparisons of location cells with location numbers follow.
// Everything else (cells, rules, functions, their order) keeps its index; slicing drops actions and properties. Each
// pass returns the way back (back_map.h), and `reduce` returns them composed.
//
// Limit: a state that breaks core.stuck ends its runs. A silent step can lead to a wait, or decide that nothing will
// ever change something, so merging may reach the stuck state a step earlier; a rule that another context would have
// broken in just that step is then `unknown (cut off by core.stuck)` instead of violated, beside the violation of
// core.stuck itself. Where deadlock_free is asked for such steps are not silent, and all verdicts are those without
// merging.
#pragma once

#include "model/passes/back_map.h"
#include "model/passes/reduction_statistics.h"
#include "model/system/transition_system.h"

namespace quiesce::model {

struct ReduceOptions {
  bool slice = true;   // leave out what cannot matter to the rules asked for
  bool movers = true;  // merge movers (movers.h)
};

/// What a reduction makes.
struct Reduced {
  TransitionSystem system;
  BackMap map;  // what it stands for in the system that was reduced
  ReductionStatistics statistics;
};

/// The reduced system. Requires: `system` is valid (validate.h); so is the result.
/// Cost: about linear in operations times cells / 64.
Reduced reduce(TransitionSystem system, const ReduceOptions& options = {});

/// The system on which infinite runs are searched: with the same steps, only dead cells forgotten. What is forgotten is
/// never read again, so that a state and the one without it have the same steps, conditions and fairness
/// (docs/reductions.md, Infinite runs). With the way back.
Passed reduce_for_infinite_runs(const TransitionSystem& system);

}  // namespace quiesce::model
