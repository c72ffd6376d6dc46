// From a formula of linear time, future and past, to an automaton that accepts the words on which it holds.
#pragma once

#include "checker/automata/automaton.h"
#include "checker/automata/formula.h"

namespace quiesce::checker {

/// The automaton of `formula`, simplified (simplify.h). Requires: at most 64 atoms, numbered from 0 and below `atoms`.
///
/// A tableau whose states are sets of formulas yet to be fulfilled, with acceptance on transitions: Couvreur,
/// "On-the-fly Verification of Linear Temporal Logic", FM 1999 (a transition *promises* b when it puts off an a U b;
/// the set of b has the transitions that do not promise it). Transitions that another one makes superfluous are left
/// out and states with equal transitions are one: Gastin and Oddoux, "Fast LTL to Büchi Automata Translation", CAV
/// 2001, sections 4 and 5.
/// We add the past: for each Y a that may still be asked for, a state remembers whether a held in the position before.
/// Where it remembers "yes", the transition before had to fulfil a; where "no", its negation. So the past needs no
/// automaton of its own and may stand above and below the future; a formula of the past alone stays deterministic.
///
/// Nothing when more than 64 promises or remembered formulas are needed, or more than `most_states` states.
/// Cost: exponential in the size of the formula at worst.
struct Translation {
  bool is_too_large = false;
  Automaton automaton;
};
Translation translate(FormulaTable& formulas, FormulaId formula, std::uint32_t atoms, std::size_t most_states = 4096);

}  // namespace quiesce::checker
