// The last stage of elaboration: locations that take no step are merged into what follows them, unreachable ones are
// dropped, truths about locations (`at LABEL`, an object in use) become expressions, locations get their numbers.
#pragma once

#include "model/elaborate/design.h"
#include "model/elaborate/program_writer.h"

namespace quiesce::model {

/// Completes the transition system of `design`. False after a diagnostic (a loop that takes no step).
bool complete(Design& design, CodeNotes& notes);

}  // namespace quiesce::model
