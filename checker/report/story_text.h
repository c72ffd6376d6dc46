// A story as text: one line a statement, what it changed beside it.
#pragma once

#include <cstddef>
#include <string>

#include "checker/report/story.h"

namespace quiesce::checker {

/// The text of `story` with its violation, in `width` columns, ended by an empty line. `is_shortest`: the run is known
/// to be the shortest that breaks the rule.
std::string story_text(const model::TransitionSystem& system, const Story& story, bool is_shortest,
                       const model::SourceMap& sources, std::size_t width, bool colour);

}  // namespace quiesce::checker
