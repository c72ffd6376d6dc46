// Variables as a user names them.
#pragma once

#include <cstddef>
#include <string>

#include "model/base/expected.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

/// The position of the variable that is called so, or whose name ends with '.' and this ("hw.enabled" for
/// "nic.hw.enabled"), when it is the only one. Nothing
/// when there is none or there are several: in a sentence, with the nearest name. Hidden variables have no names.
model::Expected<std::size_t> variable_named(const model::TransitionSystem& system, const std::string& name);

}  // namespace quiesce::checker
