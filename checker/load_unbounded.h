// load_design() for prove(), which decides numbers without bounds too; everything else refuses them (E0643).
#pragma once

#include <memory>
#include <string>

#include "checker/load.h"

namespace quiesce::checker {

/// As load_design(), but cases whose system has numbers without bounds (model/system/unbounded.h) are loaded as well:
/// only prove_unbounded() may get them.
std::unique_ptr<LoadedDesign> load_unbounded(const std::string& name, std::string text, const LoadOptions& options);

}  // namespace quiesce::checker
