// The automata that the search of infinite runs uses, for reading and for other tools.
#pragma once

#include <string>

#include "model/system/transition_system.h"

namespace quiesce::checker {

/// For each formula over infinite runs the automaton of its negation in the HOA format, which accepts the runs that
/// break it.
/// Atoms are named by their conditions. `always_possible` has none.
std::string print_automata(const model::TransitionSystem& system);

}  // namespace quiesce::checker
