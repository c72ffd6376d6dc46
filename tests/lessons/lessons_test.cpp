// Every lesson of specs/lessons/: its text fits a screen, its designs are laid out and free of warnings, the start is
// not right, the right variant is, each wrong one breaks what the head says, and what does less is not right either.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checker/check.h"
#include "checker/load.h"
#include "checker/teach/grade.h"
#include "checker/teach/handout.h"
#include "checker/teach/lesson.h"
#include "checker/teach/screen.h"
#include "model/base/diagnostic.h"
#include "model/base/library.h"
#include "model/syntax/format.h"
#include "model/syntax/parser.h"

namespace quiesce::checker {
namespace {

const std::vector<Lesson>& lessons() {
  static const std::vector<Lesson> all = all_lessons();
  return all;
}

/// The student's parts of all variants, by name.
std::vector<std::pair<std::string, std::string>> variants(const Lesson& lesson) {
  std::vector<std::pair<std::string, std::string>> all = {{"start", lesson.start}, {"right", lesson.right}};
  for (const Mistake& mistake : lesson.mistakes) all.emplace_back(mistake.name, mistake.part);
  return all;
}

/// The systems are small: one thread is faster than waking several.
CheckOptions on_one_thread() {
  CheckOptions options;
  options.search.threads = 1;
  return options;
}

/// The rules that a design breaks in some case; "undecided" among them when a search was cut short by a limit.
std::set<std::string> broken_by(const std::string& design) {
  const auto loaded = load_design("lesson.qsm", design, {});
  EXPECT_TRUE(loaded->ok()) << model::render(loaded->diagnostics, loaded->sources) << loaded->problem;
  EXPECT_EQ(model::render(loaded->diagnostics, loaded->sources), "") << "a lesson raises no warnings";
  std::set<std::string> broken;
  for (const LoadedCheck& check : loaded->checks) {
    for (const CheckCase& case_ : check.cases) {
      const SearchResult result = checker::check(case_, on_one_thread());
      if (result.limit != LimitKind::None) broken.insert("undecided");
      for (const RuleResult& rule : result.rules) {
        if (rule.verdict == Verdict::Violated) broken.insert(case_.system.at(rule.rule).name);
      }
    }
  }
  return broken;
}

std::set<std::string> as_set(const std::vector<std::string>& rules) { return {rules.begin(), rules.end()}; }

std::string formatted(const std::string& design) {
  model::SourceMap sources;
  model::Diagnostics diagnostics;
  const model::FileId file = sources.add("lesson.qsm", design);
  const auto tree = model::syntax::parse(file, sources, diagnostics);
  return model::syntax::format(*tree, sources);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

class Lessons : public ::testing::TestWithParam<std::size_t> {
 protected:
  const Lesson& lesson() const { return lessons()[GetParam()]; }
  Grade graded(const std::string& part) const {
    return grade(lesson(), "answer.qsm", lesson_design(lesson(), part), on_one_thread());
  }
};

TEST_P(Lessons, FitsOnAScreen) {
  const std::vector<std::string> lines = lines_of(lesson_screen(lesson(), lesson().name + ".qsm", true));
  EXPECT_LE(lines.size(), kLessonLines);
  for (const std::string& line : lines) EXPECT_LE(line.size(), kLessonColumns) << line;
}

TEST_P(Lessons, DesignsAreLaidOut) {
  for (const auto& [name, part] : variants(lesson())) {
    const std::string design = lesson_design(lesson(), part);
    EXPECT_EQ(formatted(design), design) << name;
  }
}

TEST_P(Lessons, StartIsNotRight) {
  EXPECT_EQ(broken_by(lesson_design(lesson(), lesson().start)), as_set(lesson().broken));
  const Grade found = graded(lesson().start);
  EXPECT_EQ(found.mark, Mark::Wrong);
  EXPECT_TRUE(found.story.has_value());
  EXPECT_TRUE(found.is_start);
}

TEST_P(Lessons, RightVariantIsRight) {
  EXPECT_EQ(broken_by(lesson_design(lesson(), lesson().right)), std::set<std::string>());
  const Grade found = graded(lesson().right);
  EXPECT_EQ(found.mark, Mark::Right) << (found.sentences.empty() ? "" : found.sentences.front());
  EXPECT_FALSE(found.exercise_changed);
}

TEST_P(Lessons, WrongVariantsAreWrongAsTheHeadSays) {
  for (const Mistake& mistake : lesson().mistakes) {
    EXPECT_EQ(broken_by(lesson_design(lesson(), mistake.part)), as_set(mistake.rules)) << mistake.name;
    const Grade found = graded(mistake.part);
    EXPECT_EQ(found.mark, Mark::Wrong) << mistake.name;
    EXPECT_THAT(found.mistakes, ::testing::Contains(&mistake)) << mistake.name;
  }
}

/// Statements that the right variants could do without, with the reason.
const std::map<std::string, std::string>& dispensable() {
  static const std::map<std::string, std::string> statements = {
      {"waiting: served = false", "it is so from the beginning, and 'stop' is called once"},
      {"printer: if port.owner == me { return false }  // the thread that took it asks the peripheral itself",
       "the port cannot be taken at interrupt level then"},
      {"phone: callback.unmark_pending()", "nothing waits for a request that was refused"},
      {"callback: requests = 1", "it stands for what a program keeps"},
      {"callback: requests = 0", "it stands for what a program keeps"},
      {"callback: if queued != S_OK { second.unmark_pending() }", "no request is refused here"},
      {"callback: if queued != S_OK { callback.unmark_pending() }", "no request is refused here"},
      {"teardown: stopping = false", "the card is started once"},
      {"teardown: stopping = true", "a device that is disabled does not request anything"},
  };
  return statements;
}

TEST_P(Lessons, NothingOfTheRightVariantCanBeLeftOut) {
  const std::vector<std::string> lines = lines_of(lesson().right);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string& line = lines[i];
    const std::size_t indent = line.find_first_not_of(' ');
    const bool is_statement =
        indent != std::string::npos && indent >= 4 && line.back() != '{' && line[indent] != '}' && line[indent] != '/';
    if (!is_statement || dispensable().contains(lesson().name + ": " + line.substr(indent))) continue;
    std::string part;
    for (std::size_t j = 0; j < lines.size(); ++j) part += j == i ? "" : lines[j] + "\n";
    EXPECT_NE(graded(part).mark, Mark::Right) << lesson().name << ": " << line.substr(indent);
  }
}

TEST_P(Lessons, EmptyBodiesAreNotRight) {
  // Every function and thread keeps its head and loses its statements.
  std::string part;
  for (const std::string& line : lines_of(lesson().right)) {
    const std::size_t indent = line.find_first_not_of(' ');
    if (indent != std::string::npos && indent >= 4) {
      if (line.find("return") == std::string::npos) continue;
      part += line.substr(0, indent) + line.substr(line.find("return"));
      if (part.back() == '}') part.resize(part.size() - 2);
    } else {
      part += line;
    }
    part += "\n";
  }
  EXPECT_NE(graded(part).mark, Mark::Right) << part;
}

TEST_P(Lessons, HandOutHasNoAnswers) {
  const std::string page = handout_html({lesson()});
  EXPECT_NE(page.find(lesson().title.substr(0, 8)), std::string::npos);
  for (const std::string& hint : lesson().hints) EXPECT_EQ(page.find(hint), std::string::npos);
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(page.find("http"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(All, Lessons, ::testing::Range(std::size_t{0}, lessons().size()),
                         [](const auto& one) { return lessons()[one.param].name; });

TEST(AllLessons, AreNumberedFromOneAndCoverTheFamilies) {
  ASSERT_GE(lessons().size(), 12u);
  std::set<std::string> families;
  for (std::size_t i = 0; i < lessons().size(); ++i) {
    EXPECT_EQ(lessons()[i].order, i + 1) << lessons()[i].name;
    families.insert(lessons()[i].family);
  }
  EXPECT_EQ(families,
            (std::set<std::string>{"devicetopology", "language", "parallel", "portabledevice", "portcls", "wdm"}));
  EXPECT_EQ(lessons().front().minutes, 5u);
}

TEST(AllLessons, AreInTheProgramByteForByte) {
  const std::filesystem::path folder = std::filesystem::path(QUIESCE_SOURCE_DIR) / "specs/lessons";
  std::map<std::string, std::string> on_disk;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || entry.path().parent_path() == folder) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    on_disk[std::filesystem::relative(entry.path(), folder).generic_string()] = {std::istreambuf_iterator<char>(file),
                                                                                 std::istreambuf_iterator<char>()};
  }
  std::map<std::string, std::string> embedded;
  for (const model::LibraryFile& file : model::embedded_lessons()) embedded.emplace(file.path, file.text);
  EXPECT_EQ(embedded, on_disk);
}

TEST(AllLessons, AreNoDesignsOfTheLibrary) {
  const std::filesystem::path folder = std::filesystem::path(QUIESCE_SOURCE_DIR) / "specs/lessons";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    EXPECT_NE(entry.path().extension(), ".qsm") << entry.path();
  }
}

}  // namespace
}  // namespace quiesce::checker
