// A story as text: one line a statement, what it changed beside it.
#pragma once

#include <cstddef>
#include <string>

#include "checker/report/story.h"

namespace quiesce::checker {

/// How a story is laid out.
struct StoryLayout {
  std::size_t width = 110;
  bool colour = false;
  std::size_t from = 0;         // the steps before are those of the story of `as`, which was shown already
  std::string as = {};          // a rule
  std::string is_told_as = {};  // how it begins, instead of what is said of shortest runs: "The run has"
};

/// The text of `story` with its violation, ended by an empty line. `is_shortest`: the run is known to be the shortest
/// that breaks the rule. Steps of plumbing that follow each other are one line.
std::string story_text(const model::TransitionSystem& system, const Story& story, bool is_shortest,
                       const model::SourceMap& sources, const StoryLayout& layout);

}  // namespace quiesce::checker
