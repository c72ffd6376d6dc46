// Checks the structure of a transition system: everything that engines take for granted and never test again.
// Used by tests and by debug builds after elaboration and after every pass.
#pragma once

#include <string>
#include <vector>

#include "model/system/transition_system.h"

namespace quiesce::model {

/// One sentence for each broken invariant, in the order of the tables; empty when the system is well formed:
///   - every index is inside its table; sub-expressions have smaller ids; places have an index exactly when they have
///     several candidates; lookup tables are not empty;
///   - domains contain their rest value, and cells of kind Cpu, Location and Slot reach just as far as they can;
///   - contexts: location numbers are 1, 2, ... in order, one location, level, CPU cell per activation, consecutive
///     slots, a start program for handlers only, a handler below the pin level has no `on`, an urgent one has one;
///   - programs: jumps go forward and stay inside, every way ends with Goto or End, Goto stays in its context, a start
///     program ends with Goto only and an action with End only, temps are set on every way before they are used,
///     choices have lo <= hi, `uses_cpu` is set where an expression mentions the current CPU;
///   - conditions, guards and properties mention no temp, activation or current CPU (guards of locations: no temp);
///   - the expressions of initial values mention only cells.
/// Linear in the size of the system, times the number of temps for programs.
std::vector<std::string> validate(const TransitionSystem& system);

}  // namespace quiesce::model
