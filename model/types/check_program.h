// Names and types: the syntax trees of all modules to the typed tree (typed_tree.h), with a diagnostic for
// whatever does not fit. Codes: E02xx names, E03xx types, E04xx statements and where they may stand, E05xx
// modules, checks and rules.
#pragma once

#include <memory>

#include "model/base/diagnostic.h"
#include "model/types/module_loader.h"
#include "model/types/typed_tree.h"

namespace quiesce::model::types {

/// The checked program, with the checks of the root module only; null when `diagnostics` has errors (those of
/// the parser among them). The result owns all it points to and does not need `modules` any more.
std::unique_ptr<Program> check_program(const LoadedModules& modules, Diagnostics& diagnostics);

}  // namespace quiesce::model::types
