// Finds instances that are interchangeable: devices on a line, clients of a port, elements of an array of machines.
//
// A *renaming* exchanges two instances of one machine, with all that is below them: cells, contexts, activations,
// actions, locks, and every number that names one of them. It is a symmetry when it maps the transition system onto
// itself; then states that differ by it have the same future up to it, and one of them is enough (Emerson and Sistla,
// "Symmetry and model checking", 1996; Ip and Dill, "Better verification through symmetry", 1996, ask the author for
// scalarsets; here they are found).
//
// Names only propose the renaming. What proves it is a comparison of the two texts, program by program and expression
// by expression: `e` in one corresponds to `e'` in the other under a map of numbers m when the value of e' in the
// renamed state is m(the value of e), for every state that breaks no core rule. The map of an expression follows from
// its parts: a cell of type `ref` holds the number of an instance, a table of constants by instance maps as its entries
// show, a choice among instances may have its order changed. Where an expression would be garbage (a null reference was
// followed) no correspondence is needed; that it is not evaluated then follows from conditions that were passed before
// it and from the properties of the core rules that elaboration puts beside every guard.
//
// The proof is sound and not complete: whatever it does not recognise makes instances not interchangeable, and is said.
#pragma once

#include "checker/result/instance_symmetry.h"
#include "checker/result/search_control.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

/// The classes of interchangeable instances of a valid system, and what keeps other instances of one array apart.
/// Deterministic. Cost: a few passes over all programs per instance of an array. With a `control` it throws
/// SearchStopped at a limit.
InstanceSymmetry find_symmetry(const model::TransitionSystem& system, const SearchControl* control = nullptr);

}  // namespace quiesce::checker
