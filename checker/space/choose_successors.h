// Commands or bytecode: which makes the next states of a system faster is measured on the first states that a search
// visits. Both make the same, from the same packed states, so nothing but time depends on the choice.
#pragma once

#include "checker/successor/packed_expander.h"

namespace quiesce::checker {

/// Whether bytecode expanded the first thousand or so states in less time than the commands of `system`. False where
/// there are few states, since then neither matters. Cost: a few milliseconds.
bool is_bytecode_faster(const PackedSystem& system);

}  // namespace quiesce::checker
