// What a design can never do because of the values of its variables: conditions that are never or always true, steps,
// branches, handlers and actions that are never possible, statements that always break a core rule, properties that are
// about nothing.
//
// A short search shows most of what is possible. What it does not show is asked of value sets (value_analysis.h): only
// what these exclude is claimed, with the values that exclude it. So no claim is wrong, and none needs a long search to
// be understood; what follows from more than the values of single variables is left to `quiesce check`.
#pragma once

#include <memory>
#include <vector>

#include "checker/lint/finding.h"
#include "checker/result/search_control.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

/// Adds the claims for all systems of one text. Requires: systems with every step of the text (LoadOptions::plain),
/// which outlive the call. Systems that are too large for guarded commands, and limits of `control`, refute what they
/// would have been asked about. Cost: a search of 20,000 states a system; where something is left to be asked, about as
/// many questions to Z3 as the system has guarded commands.
void find_impossible(const std::vector<const model::TransitionSystem*>& systems, const LintScope& scope,
                     const SearchControl& control, LintClaims& claims);

}  // namespace quiesce::checker
