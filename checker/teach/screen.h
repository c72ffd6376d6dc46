// Lessons on a terminal: one fits on a screen of 24 lines of 80 columns (tests/lessons measures each).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "checker/teach/lesson.h"

namespace quiesce::checker {

/// The columns and lines that a lesson may take.
inline constexpr std::size_t kLessonColumns = 80;
inline constexpr std::size_t kLessonLines = 24;

/// Title, text, task and the commands to continue with, for a student whose design is in `file`. `was_there`: it was
/// not written now.
std::string lesson_screen(const Lesson& lesson, const std::string& file, bool was_there);

/// One line for each lesson, and where to begin. Requires: at least one.
std::string lesson_list(const std::vector<Lesson>& lessons);

}  // namespace quiesce::checker
