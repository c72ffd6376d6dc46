// A run as a picture (SVG 1.1 with CSS): lanes for the CPUs with the levels as heights, bars for what is there, and
// below them bars for locks, lines and what else changes. The same rows and columns as the timeline in plain text.
#pragma once

#include <string>

#include "checker/report/story.h"

namespace quiesce::checker {

/// An `svg` element of class "timeline" without style, for a page that has one (checker/report/html/). A column is
/// `data-column` wide and the first one begins at `data-gutter`; an element of class "now" as wide as a column marks
/// the step at hand when a page moves it there, and one of class "labels" can be moved along when the picture is
/// scrolled.
/// `name` is what screen readers say. Empty for a run without steps.
std::string timeline_svg(const model::LevelNames& levels, const Story& story, const std::string& name);

/// The same as a file of its own, with its style.
std::string timeline_svg_file(const model::LevelNames& levels, const Story& story, const std::string& name);

}  // namespace quiesce::checker
