// The cells of a `check`: one for every combination of the values that its `with` gives, and the values that
// `-D NAME=VALUE` gives to params. Each cell is elaborated on its own.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/base/diagnostic.h"
#include "model/elaborate/elaborate.h"
#include "model/types/typed_tree.h"

namespace quiesce::model {

/// One combination of values.
struct BoundCell {
  std::string title;              // "SharedLine with trigger = level, processors = 2"
  std::vector<Binding> bindings;  // `defines` first, then the check's
};

/// The params that `-D` names, with their values: NAME is a param ("MAX_SHARED" or "wdm.MAX_SHARED"); VALUE an int,
/// true, false or an enum constant. Nothing when a name or value is wrong (reported with code E0650 ff., nowhere).
std::optional<std::vector<Binding>> resolve_defines(const types::Program& program,
                                                    const std::map<std::string, std::string>& defines,
                                                    Diagnostics& diagnostics);

/// All cells of `check`, the last binding varying fastest. Nothing after a diagnostic.
std::optional<std::vector<BoundCell>> expand_cells(const types::Program& program, const types::CheckDecl& check,
                                                   const std::vector<Binding>& defines, Diagnostics& diagnostics);

}  // namespace quiesce::model
