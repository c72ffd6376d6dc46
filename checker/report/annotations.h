// Workflow commands of GitHub Actions: lines which the runner finds in the output of a step and shows beside the text
// in a pull request (docs.github.com, "Workflow commands for GitHub Actions").
#pragma once

#include <string>

#include "checker/report/checked_files.h"

namespace quiesce::checker {

/// A line "::error file=nic.qsm,line=12,col=5,endLine=12,endColumn=9,title=wdm.no_storm::what" for each complaint
/// (complaints.h); `warning` for warnings and what is undecided. GitHub shows ten of each kind for a step: the gravest
/// of a check come first.
std::string annotations(const CheckedFiles& checked);

}  // namespace quiesce::checker
