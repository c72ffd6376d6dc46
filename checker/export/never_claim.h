// A generalized Büchi automaton as a never claim of Promela.
#pragma once

#include <string>
#include <vector>

#include "checker/automata/automaton.h"

namespace quiesce::checker {

/// The claim accepts the runs that `automaton` accepts and on which `round` is true again and again. It reads each
/// state in which `between` is false, once, and passes over the others. `atoms`: macros, by number.
///
/// SPIN has one acceptance set, of states: the sets of the automaton and `round` are waited for in turn (Choueka,
/// "Theories of automata on omega-tapes", 1974), so there are at most sets + 2 states for each of the automaton.
std::string never_claim(const std::string& name, const Automaton& automaton, const std::vector<std::string>& atoms,
                        const std::string& between, const std::string& round);

}  // namespace quiesce::checker
