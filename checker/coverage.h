// From the facts of searches to coverage of the text: walks the typed tree of a design and looks up, for everything
// that can happen by the text, the cases where it did.
#pragma once

#include <functional>
#include <vector>

#include "checker/report/coverage_report.h"
#include "model/base/source.h"
#include "model/types/typed_tree.h"

namespace quiesce::checker {

/// The coverage of the files for which `is_shown` is true. Requires: at least one case_.
CoverageReport coverage_of(const model::types::Program& program, std::vector<CoverageCase> cases,
                           const std::function<bool(model::FileId)>& is_shown);

}  // namespace quiesce::checker
