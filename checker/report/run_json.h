// Runs as JSON, for files that quiesce itself reads again: parts of swarms and stored results. (Runs for people and
// other programs: saved_run.h.)
#pragma once

#include <nlohmann/json.hpp>

#include "checker/result/result.h"

namespace quiesce::checker {

/// Adds "states", "steps" and, of a run with a loop, "loop" to an object.
void add_run(const Run& run, nlohmann::ordered_json& json);

/// The inverse. Throws a std::exception when something is missing or of another type; whether it is a run of a system
/// is for the caller to see.
Run run_of(const nlohmann::ordered_json& json);

}  // namespace quiesce::checker
