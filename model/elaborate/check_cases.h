// The cases of a `check`: one for every combination of the values that its `with` gives, and the values that
// `-D NAME=VALUE` gives to parameters. A parameter with such a value is fixed: what a check says of it does not count,
// whether it names this value or not, and cases that only it told apart are one. Each case is elaborated on its own.
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
struct BoundCase {
  std::string title;              // "SharedLine with trigger = level, processors = 2"
  std::vector<Binding> bindings;  // `defines` first, then the check's
};

/// The parameters that `-D` names, with their values: NAME is a parameter of one of `systems` (of all that have one of
/// this name), or else a param of a module ("MAX_SHARED" or "wdm.MAX_SHARED"); VALUE a number, true, false, a level, or
/// an enum constant, which may be qualified ("edge", "Trigger.edge", "wdm.Trigger.edge"). Nothing when a name or value
/// is wrong (reported with code E0650 ff., nowhere). Whether a number is in the parameter's range is only known when
/// the system is elaborated (E0610).
std::optional<std::vector<Binding>> resolve_defines(const types::Program& program,
                                                    const std::vector<const types::MachineDecl*>& systems,
                                                    const std::map<std::string, std::string>& defines,
                                                    Diagnostics& diagnostics);

/// All cases of `check`, the last binding varying fastest; parameters among `defines` do not vary. Nothing after a
/// diagnostic.
std::optional<std::vector<BoundCase>> expand_cases(const types::Program& program, const types::CheckDecl& check,
                                                   const std::vector<Binding>& defines, Diagnostics& diagnostics);

}  // namespace quiesce::model
