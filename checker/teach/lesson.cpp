#include "checker/teach/lesson.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "model/base/internal_check.h"
#include "model/base/library.h"

namespace quiesce::checker {

namespace {

using model::Expected;
using model::unexpected;

using Files = std::map<std::string, std::string>;

std::string_view trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// "a | b" at each `separator`, without blanks around the parts.
std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// The first line of `rest`, which loses it.
std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return line;
}

/// Reads one lesson; the first thing that is wrong is kept.
class LessonReader {
 public:
  LessonReader(const std::string& name, const Files& files) : files_(files) { lesson_.name = name; }

  Expected<Lesson> read();

 private:
  void read_head(std::string_view& rest);
  void read_entry(std::string_view key, std::string_view value);
  void read_mistake(std::string_view value);
  std::size_t number(std::string_view key, std::string_view value);
  std::string file(const std::string& name);
  void require_entries();
  void fail(std::string why) {
    if (problem_.empty()) problem_ = fmt::format("lesson '{}': {}", lesson_.name, why);
  }

  const Files& files_;
  Lesson lesson_;
  std::string problem_;
};

Expected<Lesson> LessonReader::read() {
  const std::string whole = file("lesson.md");
  std::string_view rest = whole;
  read_head(rest);
  while (!rest.empty() && rest.front() == '\n') rest.remove_prefix(1);
  lesson_.text = rest;
  lesson_.start = file("start.part");
  lesson_.right = file("right.part");
  lesson_.exercise = file("exercise.part");
  for (Mistake& mistake : lesson_.mistakes) mistake.part = file(mistake.name + ".part");
  require_entries();
  const std::size_t known = 4 + lesson_.mistakes.size();
  if (files_.size() != known) fail(fmt::format("its head names {} files, but there are {}", known, files_.size()));
  if (!problem_.empty()) return unexpected(problem_);
  return std::move(lesson_);
}

void LessonReader::read_head(std::string_view& rest) {
  if (take_line(rest) != "---") return fail("'lesson.md' must begin with a line '---'");
  while (!rest.empty()) {
    const std::string_view line = take_line(rest);
    if (line == "---") return;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return fail(fmt::format("no ':' in the line '{}' of its head", line));
    read_entry(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
  }
  fail("its head has no end: a line '---'");
}

void LessonReader::read_entry(std::string_view key, std::string_view value) {
  if (key == "title") {
    lesson_.title = value;
  } else if (key == "order") {
    lesson_.order = number(key, value);
  } else if (key == "family") {
    lesson_.family = value;
  } else if (key == "minutes") {
    lesson_.minutes = number(key, value);
  } else if (key == "task") {
    lesson_.task = value;
  } else if (key == "hint") {
    lesson_.hints.emplace_back(value);
  } else if (key == "start") {
    lesson_.broken = split(value, ',');
  } else if (key == "wrong") {
    read_mistake(value);
  } else if (key == "keep") {
    lesson_.keep.emplace_back(value);
  } else if (key == "without") {
    const std::vector<std::string> parts = split(value, '|');
    if (parts.size() != 2) return fail("'without' must be 'WORD | REASON'");
    lesson_.without.push_back({parts[0], parts[1]});
  } else {
    fail(fmt::format("its head has an unknown entry '{}'", key));
  }
}

void LessonReader::read_mistake(std::string_view value) {
  const std::vector<std::string> parts = split(value, '|');
  if (parts.size() != 3) return fail("'wrong' must be 'NAME | RULE, ... | SENTENCE'");
  lesson_.mistakes.push_back({parts[0], split(parts[1], ','), parts[2], ""});
}

std::size_t LessonReader::number(std::string_view key, std::string_view value) {
  std::size_t read = 0;
  const auto end = std::from_chars(value.data(), value.data() + value.size(), read);
  if (end.ec != std::errc() || end.ptr != value.data() + value.size()) {
    fail(fmt::format("'{}' must be a number, not '{}'", key, value));
  }
  return read;
}

std::string LessonReader::file(const std::string& name) {
  const auto found = files_.find(name);
  if (found == files_.end()) {
    fail(fmt::format("there is no '{}'", name));
    return "";
  }
  return found->second;
}

void LessonReader::require_entries() {
  const std::pair<const char*, bool> required[] = {
      {"title", !lesson_.title.empty()},    {"order", lesson_.order > 0},        {"family", !lesson_.family.empty()},
      {"minutes", lesson_.minutes > 0},     {"task", !lesson_.task.empty()},     {"start", !lesson_.broken.empty()},
      {"wrong", !lesson_.mistakes.empty()}, {"hint", lesson_.hints.size() == 3},
  };
  for (const auto& [entry, is_there] : required) {
    if (!is_there)
      fail(fmt::format("its head lacks '{}'{}", entry,
                       std::string_view(entry) == "hint" ? ": there must be three" : ""));
  }
}

}  // namespace

std::string lesson_design(const Lesson& lesson, const std::string& part) {
  return fmt::format("{}\n{}\n\n{}", part, kPartsMeetHere, lesson.exercise);
}

std::optional<DesignParts> parts_of(const std::string& design) {
  std::string_view rest = design;
  while (!rest.empty()) {
    const std::size_t begin = design.size() - rest.size();
    if (trimmed(take_line(rest)) != kPartsMeetHere) continue;
    return DesignParts{design.substr(0, begin), std::string(rest)};
  }
  return std::nullopt;
}

Expected<Lesson> read_lesson(const std::string& name, const Files& files) { return LessonReader(name, files).read(); }

std::vector<Lesson> all_lessons() {
  std::map<std::string, Files> folders;
  for (const model::LibraryFile& file : model::embedded_lessons()) {
    const std::size_t slash = file.path.find('/');
    folders[std::string(file.path.substr(0, slash))][std::string(file.path.substr(slash + 1))] = file.text;
  }
  std::vector<Lesson> lessons;
  for (const auto& [name, files] : folders) {
    Expected<Lesson> lesson = read_lesson(name, files);
    QUIESCE_CHECK(lesson.has_value()) << lesson.error();
    lessons.push_back(std::move(*lesson));
  }
  std::sort(lessons.begin(), lessons.end(), [](const Lesson& a, const Lesson& b) { return a.order < b.order; });
  return lessons;
}

}  // namespace quiesce::checker
