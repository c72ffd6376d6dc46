#include "checker/teach/screen.h"

#include <algorithm>

#include <fmt/format.h>

#include "checker/report/layout.h"

namespace quiesce::checker {

namespace {

std::string about(const Lesson& lesson) { return fmt::format("{}, {} minutes", lesson.family, lesson.minutes); }

/// A line "What to do:    the command", with commands below each other.
std::string command_line(const std::string& what, const std::string& command) {
  return padded(what, 38) + "  " + command + "\n";
}

}  // namespace

std::string lesson_screen(const Lesson& lesson, const std::string& file, bool was_there) {
  const std::string title = fmt::format("{}. {}", lesson.order, lesson.title);
  const std::size_t taken = std::min(kLessonColumns - 2, title.size() + about(lesson).size());
  std::string out = title + std::string(kLessonColumns - taken, ' ') + about(lesson) + "\n\n" + lesson.text + "\n";
  out += wrapped("Your task: " + lesson.task, 0, kLessonColumns) + "\n";
  out += command_line(was_there ? "Your design (it was there, and stays):" : "The design; what is wrong with it:",
                      "quiesce check " + file);
  out += command_line("When you have mended it:", fmt::format("quiesce learn {} {}", lesson.name, file));
  return out + command_line("A hint; there are three:", fmt::format("quiesce learn {} --hint 1", lesson.name));
}

std::string lesson_list(const std::vector<Lesson>& lessons) {
  std::size_t names = 0;
  std::size_t titles = 0;
  for (const Lesson& lesson : lessons) {
    names = std::max(names, lesson.name.size());
    titles = std::max(titles, lesson.title.size());
  }
  std::string out;
  for (const Lesson& lesson : lessons) {
    out += fmt::format("{:>2}  {}  {}  {}\n", lesson.order, padded(lesson.name, names), padded(lesson.title, titles),
                       about(lesson));
  }
  return out + fmt::format("\nBegin with: quiesce learn {}\n", lessons.front().name);
}

}  // namespace quiesce::checker
