// What the differential tests compare: random systems, random designs, designs of the repository, one after the other.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "model/system/transition_system.h"
#include "tests/differential/random_design.h"
#include "tests/differential/random_system.h"

namespace quiesce {

/// Compares one system; false: enough was seen. `title` says where it came from, and of a random design its text.
using CompareOne = std::function<bool(const std::string& title, const model::TransitionSystem& system)>;

/// The random systems with the seeds from `first_seed` on, with their seed.
void for_each_random_system(std::uint64_t first_seed, int count, int size,
                            const std::function<bool(const std::string& title, const model::TransitionSystem& system,
                                                     std::uint64_t seed)>& compare,
                            ConditionKind kind = ConditionKind::Usual);

/// All cells of the random designs that `make` makes of the seeds from `first_seed` on.
void for_each_random_design(std::uint64_t first_seed, int count, int size, DesignMaker make, const CompareOne& compare);

/// Of each design below `folder` of the repository the first `cells`, which differ in parameters only.
void for_each_design(const std::string& folder, std::size_t cells, const CompareOne& compare);

}  // namespace quiesce
