// Checks of designs as transition systems: of every design of the repository, and of texts.
#pragma once

#include <string>
#include <vector>

#include "model/system/transition_system.h"

namespace quiesce {

struct DesignCase {
  std::string title;  // file and cell
  model::TransitionSystem system;
};

/// The .qsm files below `folder` of the repository (paths relative to it), sorted.
std::vector<std::string> design_files(const std::string& folder);

/// The cells of all checks of a text, exactly as docs/semantics.md says (not reduced). `problem` says why there are
/// none: the first error.
std::vector<DesignCase> cases_of_text(const std::string& name, const std::string& text, std::string* problem);

/// The cells of all checks of one file. `problem` says why there are none: the first diagnostic.
std::vector<DesignCase> design_cases(const std::string& file, std::string* problem);

}  // namespace quiesce
