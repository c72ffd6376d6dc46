// Parts of a swarm, put together again: what several machines found, or one that was interrupted, as one result.
#pragma once

#include <string>
#include <vector>

#include "checker/check.h"
#include "checker/report/swarm_file.h"
#include "model/base/expected.h"

namespace quiesce::checker {

/// Equal for equal transition systems, wherever their text stands. 128 bits as 32 hexadecimal digits.
std::string system_fingerprint(const model::TransitionSystem& system);

/// What check() did on a part of a swarm, to be written down. `design.fingerprint` and `design.title` are filled in.
SwarmPart part_of(const CheckCase& case_, const SearchOptions& options, const SearchResult& result, SwarmDesign design);

/// What both did together, of the same part. Findings with the shorter run stay.
SwarmPart joined(const SwarmPart& before, const SwarmPart& now);

/// That `parts` are all parts of one swarm; else why not. `names` are those of the files.
model::Expected<void> are_one_swarm(const std::vector<SwarmPart>& parts, const std::vector<std::string>& names);

/// The result of all searches of `parts` together. Every run is replayed with the reference interpreter; nothing when
/// one is none of `system`. Requires: parts of this very system.
model::Expected<SearchResult> merged(const model::TransitionSystem& system, const std::vector<SwarmPart>& parts);

}  // namespace quiesce::checker
