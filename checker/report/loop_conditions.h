// How often what a formula asks for is true in the loop that breaks it: the formula is written of parameters and
// members, and a reader wants to know of which device they are and which hope is in vain.
#pragma once

#include <string>
#include <vector>

#include "checker/result/result.h"
#include "model/interpret/interpreter.h"

namespace quiesce::checker {

/// Of the property that `finding` breaks, the parts of its conditions with instances for what they name, in the order
/// of the formula: "nic.hw.requesting is true in each state of the loop", "... in no state ...", "... in 3 of its 8
/// states".
/// Requires: the run of `finding` has a loop and was confirmed. Cost: evaluates the formula on the run.
std::vector<std::string> loop_conditions(const model::Interpreter& interpreter, const Finding& finding);

}  // namespace quiesce::checker
