// The front door of lint: what is probably not meant in a design that was loaded, as warnings (docs/lint.md).
#pragma once

#include <atomic>

#include "checker/load.h"
#include "checker/result/search_control.h"
#include "model/base/diagnostic.h"

namespace quiesce::checker {

/// How `design` is to be loaded for lint, from what the user asked for.
LoadOptions lint_options(LoadOptions options);

/// The warnings W0601 and above about the design's own file, as its text and `warnings` allow and deny them. Requires:
/// the design was loaded without errors, with lint_options(). At a limit of `control` what was not examined by then is
/// not warned of. `interrupt` is the one of `control`.
model::Diagnostics lint(const LoadedDesign& design, const model::types::WarningOptions& warnings,
                        const SearchControl& control, const std::atomic<bool>* interrupt);

}  // namespace quiesce::checker
