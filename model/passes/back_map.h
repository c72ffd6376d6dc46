// The way back from a system that a pass made to the one that it was made from, its *original*: what its parts stand
// for, and what a state of it says about a state of the original. Passes return one each, and maps are composed, so
// what is found in a reduced system can be said of the system of the text: runs (checker/evidence/original_run.h), and
// whatever else names a state or a step.
//
// Two states *correspond* when every context stands at places that stand for each other and every other cell holds the
// same number, but for those that are sliced, and those that are dead where their context stands. A run of the new
// system is a run of the original: initial states correspond to initial states, and a step from a state leads where one
// step of the same actor leads the original from each corresponding state, followed, where that comes to places that a
// step may pass, by further steps of the same context.
//
// Where the original's context cannot take a further step at once, because it has no CPU or an urgent handler comes
// first, it takes it as soon as it can: nothing notices whether it has, and until then the states correspond but for
// the place and the own cells of this activation.
//
// Contexts, cells, variables, rules, functions and instances have the same index on both sides of every pass; location
// and action indices, and the numbers in location cells, change.
#pragma once

#include <cstdint>
#include <vector>

#include "model/system/cell_set.h"
#include "model/system/transition_system.h"

namespace quiesce::model {

struct BackMap {
  std::vector<LocationId> locations;  // per location: the original's
  std::vector<ActionId> actions;      // per action: the original's
  CellSet sliced;                     // cells that are no part of the state any more: the original's hold anything
  std::vector<bool> passed;           // per location of the original: a step may pass through it without ending
  std::vector<CellSet> own;           // per context: what it may write in passing; nothing else notices
  std::vector<CellSet> dead;  // per location: cells of its context that rest there, whatever the original's hold
  std::vector<CellSet> dead_at_rest;  // per context: likewise while it does not run
};

/// The map of a system to itself.
BackMap identity_map(const TransitionSystem& system);

/// The way from the result of the pass of `second` to the original of `first`, of which the original of `second` is the
/// result. O(locations x cells / 64).
BackMap composed(const BackMap& first, const BackMap& second);

/// What a pass returns.
struct Passed {
  TransitionSystem system;
  BackMap map;
};

/// Of a pass that leaves the system as it is. Passes that rely on a step moving its own context only do so where one moves
/// another one, too (model/system/joint_steps.h).
Passed unchanged(TransitionSystem system);

}  // namespace quiesce::model
