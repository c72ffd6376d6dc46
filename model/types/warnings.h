// Warnings: findings about a text that is right but probably not meant. Each has a code 'W0...'; it changes neither
// verdicts nor the exit code, unless it is denied. A text allows one where it stands, with a reason:
//
//     // quiesce: allow W0404 because the guide shows it in the next chapter
//
// on the line before, or behind what it is about. An allowance that meets no warning is itself one, so that none stays
// behind when its cause is gone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/base/diagnostic.h"
#include "model/types/module_loader.h"

namespace quiesce::model::types {

/// Codes; "all" stands for every warning. A code counts before "all", and a denial before an allowance.
struct WarningOptions {
  std::vector<std::string> allow;  // say nothing of these
  std::vector<std::string> deny;   // these are errors
};

/// All codes of warnings, sorted.
const std::vector<std::string_view>& warning_codes();

/// The findings once the texts and `options` have been heard: without warnings that are allowed, with errors in place
/// of those that are denied, and with a warning for each allowance of the root module that is wrong or allows nothing.
/// With errors among the findings nothing is said about allowances, since warnings may be missing.
Diagnostics settled(const Diagnostics& found, const LoadedModules& modules, const WarningOptions& options);

/// The same for the findings of lint (W0601 and above) in one file, which is read for its allowances. settled() leaves
/// it to this to say that an allowance of such a code allows nothing.
Diagnostics settled_lint(const Diagnostics& found, const syntax::File& file, const SourceMap& sources,
                         const WarningOptions& options);

}  // namespace quiesce::model::types
