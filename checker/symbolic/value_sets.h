// Which numbers a cell can ever hold, whatever the order of steps: the least sets that contain the initial values and
// are closed under the updates of all commands, guards left aside. So levels are {0, 2, 5}, not 0..31, and some bits of
// a cell never change.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "checker/result/invariant.h"
#include "model/guarded/guarded_system.h"

namespace quiesce::checker {

/// By cell: the numbers, ascending, within its domain; none where they are too many to be listed.
using ValueSets = std::vector<std::optional<std::vector<std::int64_t>>>;

/// Cost: the size of the formulas times the sizes of the sets.
ValueSets value_sets(const model::GuardedSystem& guarded);

/// That each cell holds a number of its set, as clauses over its bits. Requires: sets of one system.
std::vector<InvariantClause> clauses_of(const model::GuardedSystem& guarded, const ValueSets& sets);

}  // namespace quiesce::checker
