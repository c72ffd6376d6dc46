// The pass of the reduction (reduce.h) that slices: what cannot matter to the rules asked for is not part of the state.
// Its idea is Weiser's ("Program slicing", ICSE 1981), decided cell by cell as hardware checkers compute a cone of
// influence.
//
// Asked for are the rules that are checked and all core rules, which end runs and so are always judged. In the cone are
//   - cells that decide what may step: location, level, CPU, affinity, lock holders and what they restore, life of
//     objects, and whatever conditions of handlers, `on`, guards of locations and `any where` read;
//   - what properties and checks of the rules asked for read;
//   - what a condition reads that can block a step, or that decides between two ways through a program which differ in
//     anything that counts (assignments to the cone, checks, where the context continues);
//   - what the value or the index of an assignment to the cone reads;
//   - all cells of a variable of which one is in the cone (stories print whole variables), of all activations of a
//     handler and of all CPUs (renaming moves them).
// Everything else goes: assignments to other cells, choices that only they need, branches that decide nothing, checks
// and properties of rules that were not asked for, and actions that do nothing any more. The cells stay in the table,
// with one possible value, and their variables are hidden.
//
// Why the verdicts stay: the map that forgets the other cells takes every step of the system to a step of the slice
// with the same checks, or (an action that was dropped) to no step at all; and every step of the slice comes from one
// from each state that is mapped to its source. So both reach the same states of the cone, with the same checks passed
// and broken on the way. core.stuck reads guards, locks, where contexts stand, and which cells of guards may still
// write; all of these are in the cone, and for its cells the same assignments stand in the same programs. Whether a
// state can step at all is asked by deadlock_free and life.leaked: where one of them is asked for, actions stay. A step
// that mentions `cpu()` keeps its CPU (Program::uses_cpu) even when the mention goes.
#pragma once

#include "model/passes/back_map.h"
#include "model/passes/reduction_statistics.h"
#include "model/system/transition_system.h"

namespace quiesce::model {

/// `system` without what cannot matter. Locations and contexts all stay; what is left of them is often silent
/// (merge_steps.h), and merging may show that a branch decides nothing. The map names the actions that are left and the
/// cells that went: where there are some it is worth while to merge and slice again. Cost: a few passes over all
/// programs, as many as dependencies are deep.
Passed slice(TransitionSystem system, ReductionStatistics& statistics);

}  // namespace quiesce::model
