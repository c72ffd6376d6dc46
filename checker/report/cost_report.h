// The lines of a report about what a check cost, how far it came, and what reductions saved.
#pragma once

#include <string>
#include <vector>

#include "checker/report/text_report.h"
#include "checker/result/outcome.h"
#include "model/base/source.h"

namespace quiesce::checker {

/// Of all cases together; a line each, indented. Requires: at least one case.
std::string cost_report(const std::vector<CaseOutcome>& cases, const model::SourceMap& sources,
                        const TextOptions& options);

}  // namespace quiesce::checker
