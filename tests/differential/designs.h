// Every check of every design of the repository as transition systems, for tests that want many real ones.
#pragma once

#include <string>
#include <vector>

#include "model/system/transition_system.h"

namespace quiesce {

struct DesignCell {
  std::string title;  // file and cell
  model::TransitionSystem system;
};

/// The .qsm files below `folder` of the repository (paths relative to it), sorted.
std::vector<std::string> design_files(const std::string& folder);

/// The cells of all checks of one file. `problem` says why there are none: the first diagnostic.
std::vector<DesignCell> design_cells(const std::string& file, std::string* problem);

}  // namespace quiesce
