// How a system is packed and what of it runs from the command table, as text for `quiesce show --packing`. The same
// system gives the same bytes on every machine.
#pragma once

#include <string>

#include "checker/successor/packed_expander.h"

namespace quiesce::checker {

/// Requires: a system with a table.
std::string print_packing(const PackedSystem& system);

}  // namespace quiesce::checker
