// Findings of lint that the words of a text show: no types, no steps.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "checker/lint/finding.h"
#include "model/base/source.h"
#include "model/types/typed_tree.h"

namespace quiesce::checker {

/// W0612 branches that do the same, W0613 variables that nothing reads, W0615 a value compared with or assigned to
/// itself. Of one file. A name that stands for several things counts as read where any of them may be, so that what is
/// found is certain. O(length of the text).
std::vector<LintFinding> find_in_text(const model::types::Program& program, const model::SourceMap& sources,
                                      model::FileId file);

/// The names of the file that are given the result of a call somewhere.
std::set<std::string> names_of_results(const model::SourceMap& sources, model::FileId file);

}  // namespace quiesce::checker
