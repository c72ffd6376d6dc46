// Smaller automata for the same words.
#pragma once

#include "checker/automata/automaton.h"

namespace quiesce::checker {

/// An automaton that accepts the same words and has at most as many states, transitions and acceptance sets:
///   - states from which nothing is accepted go;
///   - marks count only on cycles that can accept; sets that another set implies there go;
///   - states that simulate each other directly are one, and a transition is left out where another from its state
///     reads at least the same letters, has at least the same marks and leads to a state that simulates its target
///     (Somenzi and Bloem, CAV 2000, section 4, for marks on transitions).
/// Cost: O(transitions^2) for each of at most `states` rounds; simulation is left out above 200 states.
Automaton simplified(Automaton automaton);

}  // namespace quiesce::checker
