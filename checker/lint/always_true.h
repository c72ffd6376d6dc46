// Checks and properties that no state can break, by the ranges of their variables alone.
#pragma once

#include "checker/lint/finding.h"
#include "checker/result/search_control.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

/// W0609: claims about the `require`, `assert`, `invariant` and `never` of `system`: they cannot fail, whatever values
/// their variables hold. One question to Z3 for each. Those that parameters decide are no mistake.
void find_always_true(const model::TransitionSystem& system, const LintScope& scope, const SearchControl& control,
                      LintClaims& claims);

}  // namespace quiesce::checker
