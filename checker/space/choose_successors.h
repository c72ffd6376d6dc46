// Commands or bytecode: which makes the next states of a system faster is measured on the first states that a search
// visits. Both make the same, from the same packed states, but not in the same order; so that no result depends on how
// fast a machine happened to be, nothing is measured where the order can be seen.
#pragma once

#include "checker/result/exploration.h"
#include "checker/successor/packed_expander.h"

namespace quiesce::checker {

/// Whether the order in which the next states of a state are made shows in the facts of a search: in all hunts, where a
/// storage may take one state for another, and where a limit on states ends the search within a layer.
bool is_order_seen(const SearchOptions& options);

/// Whether bytecode expanded the first thousand or so states in less time than the commands of `system`. False where
/// there are few states, since then neither matters. Cost: a few milliseconds.
bool is_bytecode_faster(const PackedSystem& system);

}  // namespace quiesce::checker
