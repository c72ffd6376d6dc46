// The default reduction of steps (docs/semantics.md, Reduction of steps; `--plain` leaves it out): a pass from one
// transition system to a smaller one with the same verdicts. Stands between elaboration and the engines. Its passes are
// slice.h, merge_steps.h, drop_unreachable.h and forget_dead.h, in this order; the first three again while slicing
// finds more.
//
// (0) Slicing. What cannot matter to the rules asked for is left out (slice.h).
// (1) Merging. A location is *silent* when its step is an ordinary statement (Location::mergeable) that nothing else
//     can notice or disturb: it cannot block or end, writes only cells that no other context, action, condition or
//     property mentions, reads only those, its own level, and cells that only its context ever writes, and leads
//     only to places that nothing can tell from it (SeenPlaces in location_numbers.h: `at l` sees its context leave l).
//     A step to a silent location runs its program in the same step. This is a partial order reduction decided
//     on the text: a silent step commutes with all steps of others, so the states in between show nothing new
//     (compare Lipton, "Reduction", CACM 1975: silent steps are both movers). Of every cycle of silent locations
//     one stays, so that a context that does nothing for ever is still seen to.
//     The checks of a silent location guard its copies: where one fails, the step stops in front of the location,
//     which then takes its own step and breaks the rule there. So a violation never hides states in between, and it
//     is found exactly where a schedule lets its statement run.
// (2) Forgetting. A cell that only one context mentions is given its rest value by each step after which it is written
//     before it is read on every way (liveness, Aho and others, "Compilers", 9.2.5). Initial values of cells that are
//     dead from the start are dropped, so an `any` that nothing reads does not multiply initial states. Such assignments
//     are marked (AssignOp::forgets).
//
// Locations that can no longer be reached are dropped (those that check a rule and never could be reached stay, for
// the verdict `not exercised`) and the others renumbered; comparisons of location cells with location numbers follow.
// Everything else (cells, rules, functions, their order) keeps its index; slicing drops actions and properties.
//
// Limit: a state that breaks core.stuck ends its runs. A silent step can lead to a wait, or decide that nothing will
// ever change something, so merging may reach the stuck state a step earlier; a rule that another context would have
// broken in just that step is then `unknown (cut off by core.stuck)` instead of violated, beside the violation of
// core.stuck itself. Where deadlock_free is asked for such steps are not silent, and all verdicts are those without
// merging.
#pragma once

#include <cstddef>

#include "model/system/transition_system.h"

namespace quiesce::model {

/// What a reduction did.
struct ReductionStatistics {
  std::size_t locations_before = 0;
  std::size_t locations_after = 0;
  std::size_t merged = 0;            // Gotos replaced by a copy of their target's program
  std::size_t left_alone = 0;        // Gotos to silent locations that stay, because the copy would be too long
  std::size_t forgotten = 0;         // assignments added that give a dead cell its rest value
  std::size_t initial_dropped = 0;   // initial values dropped
  std::size_t variables = 0;         // of the text, before slicing
  std::size_t variables_sliced = 0;  // do not matter to the rules asked for
  std::size_t actions = 0;           // before slicing
  std::size_t actions_sliced = 0;    // do not matter either
};

struct ReduceOptions {
  bool slice = true;  // leave out what cannot matter to the rules asked for
};

/// The reduced system. Requires: `system` is valid (validate.h); so is the result.
/// Cost: about linear in operations times cells / 64.
TransitionSystem reduce(const TransitionSystem& system, const ReduceOptions& options = {},
                        ReductionStatistics* statistics = nullptr);

}  // namespace quiesce::model
