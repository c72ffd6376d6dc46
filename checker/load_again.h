// load_design() for programs that load one design over and over, each time with a small change of its own text.
#pragma once

#include <memory>
#include <string>

#include "checker/load.h"
#include "model/types/parsed_texts.h"

namespace quiesce::checker {

/// Likewise, but the modules that the design uses are parsed once: `parsed` keeps their trees from one load to the
/// next.
/// Thread safe when each call has its own options.
std::unique_ptr<LoadedDesign> load_again(const std::string& name, std::string text, const LoadOptions& options,
                                         model::types::ParsedTexts& parsed);

}  // namespace quiesce::checker
