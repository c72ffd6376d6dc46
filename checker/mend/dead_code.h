// Statements that no run executes. A change after which some are dead that were not - a call behind a `return`, a
// device that is never enabled - mends nothing, whatever the rules say.
#pragma once

#include <atomic>
#include <optional>
#include <set>
#include <string>

#include "checker/check.h"
#include "checker/load.h"

namespace quiesce::checker {

/// The statements of the own file of the design, as texts on one line, that no run of any case of its one check
/// executes. Those of `known` are not looked for: as soon as there are no others, an incomplete set is returned.
/// Nothing when a search does not come to its end. Cost: one search for each case, without slicing.
std::optional<std::set<std::string>> dead_statements(const LoadedDesign& design, const CheckOptions& options,
                                                     const std::set<std::string>* known);

}  // namespace quiesce::checker
