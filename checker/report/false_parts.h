// Which parts of a condition are false, with what they read: "nic.count == 0 (nic.count is 2)".
#pragma once

#include <string>
#include <vector>

#include "model/interpret/evaluate.h"

namespace quiesce::checker {

/// The conjuncts of `condition` that are false in `environment`, each with the values that it reads; also those of the
/// negation of a disjunction. Empty where the condition is true. O(size of the condition).
std::vector<std::string> false_parts(model::ExprId condition, const model::Environment& environment);

}  // namespace quiesce::checker
