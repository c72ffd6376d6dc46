// `initially { }`: statements that are executed once, as part of the initial state.
#pragma once

#include "model/elaborate/design.h"
#include "model/elaborate/program_writer.h"

namespace quiesce::model {

/// Lowers all of them, of the instances before those of what contains them, in the order of the text, and appends what
/// they do to the initial values. What constants decide leaves nothing else behind. For the rest, hidden cells hold
/// what a branch, a choice or a check saw. A check that fails writes a cell that a property looks at: so an initial
/// state shows, in every engine, what was broken while it was made, and has no successors when that is a core rule.
///
/// Requires: the initial values and `any where` conditions of all variables are there, those of contexts are not.
void lower_initially(Design& design, CodeNotes& notes);

}  // namespace quiesce::model
