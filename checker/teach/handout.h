// Lessons as a page to print or to hand out: the text, the task, the design to mend and how to have it graded. One file
// of HTML without scripts and without anything to load. Neither hints nor variants stand in it.
#pragma once

#include <string>
#include <vector>

#include "checker/teach/lesson.h"

namespace quiesce::checker {

/// The page of these lessons, in their order; each begins on a new sheet when it is printed. Requires: at least one.
std::string handout_html(const std::vector<Lesson>& lessons);

}  // namespace quiesce::checker
