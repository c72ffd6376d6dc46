// What the grader of lessons takes for an answer, and how it sees that the exercise was left out or changed.
#include "checker/teach/grade.h"

#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checker/teach/lesson.h"

namespace quiesce::checker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::map<std::string, std::string> small_files() {
  return {{"lesson.md",
           "---\ntitle: Counting\norder: 1\nfamily: language\nminutes: 5\ntask: Count to one.\nstart: small.S.counted\n"
           "wrong: two | small.S.never_two | It counts to two.\n"
           "hint: a\nhint: b\nhint: c\nwithout: atomic | No CPU has it.\n---\n\nText.\n"},
          {"start.part", "module small\n\nmachine M {\n  n: int 0..2 = 0\n\n  thread t { pass }\n}\n"},
          {"right.part", "module small\n\nmachine M {\n  n: int 0..2 = 0\n\n  thread t { n = 1 }\n}\n"},
          {"two.part", "module small\n\nmachine M {\n  n: int 0..2 = 0\n\n  thread t { n = 1  n = 2 }\n}\n"},
          {"exercise.part",
           "system S {\n  m: M()\n  never never_two: m.n == 2\n  reachable counted: m.n == 1\n}\n\ncheck S\n  expect "
           "holds\n"}};
}

Lesson small() { return *read_lesson("small", small_files()); }

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

Grade graded(const std::string& answer) {
  static const Lesson lesson = small();
  return grade(lesson, "small.qsm", answer, {});
}

std::string right_answer() { return lesson_design(small(), small().right); }

TEST(Grade, RightIsRight) {
  const Grade found = graded(right_answer());
  EXPECT_EQ(found.mark, Mark::Right);
  EXPECT_THAT(found.sentences, ElementsAre());
  EXPECT_FALSE(found.exercise_changed);
  EXPECT_EQ(found.cases, 1u);
}

TEST(Grade, NamesTheMistakeThatBreaksTheSameRules) {
  const Lesson lesson = small();
  const Grade found = grade(lesson, "small.qsm", lesson_design(lesson, lesson.mistakes[0].part), {});
  EXPECT_EQ(found.mark, Mark::Wrong);
  EXPECT_THAT(found.mistakes, ElementsAre(&lesson.mistakes[0]));
  EXPECT_FALSE(found.is_start);
  ASSERT_TRUE(found.story.has_value());
  EXPECT_EQ(found.check, 1u);
}

TEST(Grade, WhatIsNotReachedAnyMoreIsWrongWithoutAStory) {
  const Grade found = graded(lesson_design(small(), small().start));
  EXPECT_EQ(found.mark, Mark::Wrong);
  EXPECT_THAT(found.sentences, ElementsAre("No run comes to 'm.n == 1' (small.S.counted): in S."));
}

TEST(Grade, ChangesBelowTheLineDoNotCount) {
  const Grade weaker = graded(replaced(lesson_design(small(), small().mistakes[0].part), "m.n == 2", "false"));
  EXPECT_EQ(weaker.mark, Mark::Wrong);
  EXPECT_TRUE(weaker.exercise_changed);
  const Grade gone = graded(small().right + "\n" + std::string(kPartsMeetHere) + "\n");
  EXPECT_EQ(gone.mark, Mark::Right);
  EXPECT_TRUE(gone.exercise_changed);
}

TEST(Grade, BlanksAndLineEndsBelowTheLineAreNoChange) {
  std::string answer = right_answer() + "\n\n";
  for (std::size_t at = answer.find('\n'); at != std::string::npos; at = answer.find('\n', at + 2)) {
    answer.insert(at, "\r");
  }
  const Grade found = graded(answer);
  EXPECT_EQ(found.mark, Mark::Right) << (found.sentences.empty() ? "" : found.sentences.front());
  EXPECT_FALSE(found.exercise_changed);
}

TEST(Grade, WithoutTheLineNothingCanBeGraded) {
  const Grade found = graded(replaced(right_answer(), std::string(kPartsMeetHere), "// ---"));
  EXPECT_EQ(found.mark, Mark::NoDesign);
  EXPECT_THAT(found.sentences, ElementsAre(HasSubstr("is missing")));
}

TEST(Grade, PartMayNotChangeWhatIsChecked) {
  for (const char* foreign : {"check S expect holds", "with x = true", "param x: bool = true", "system T { }",
                              "rule small.r { title \"r\" }", "levels { A, pin B }"}) {
    const Grade found = graded(replaced(right_answer(), "machine M", std::string(foreign) + "\n\nmachine M"));
    EXPECT_EQ(found.mark, Mark::NoDesign) << foreign;
    EXPECT_THAT(found.sentences, ElementsAre(HasSubstr("Line 3: your part may not have"))) << foreign;
  }
}

TEST(Grade, FirstLinesStayAsTheyAre) {
  for (const char* other : {"module other", "module small\nuse std"}) {
    const Grade found = graded(replaced(right_answer(), "module small", other));
    EXPECT_EQ(found.mark, Mark::NoDesign) << other;
    EXPECT_THAT(found.sentences, ElementsAre(HasSubstr("must be those of the exercise: module small"))) << other;
  }
}

TEST(Grade, BannedWordsAreSeenInCodeOnly) {
  const Grade used = graded(replaced(right_answer(), "n = 1", "atomic { n = 1 }"));
  EXPECT_EQ(used.mark, Mark::NoDesign);
  EXPECT_THAT(used.sentences, ElementsAre(HasSubstr("do without 'atomic' here. No CPU has it.")));
  EXPECT_EQ(graded(replaced(right_answer(), "thread t", "// not atomic\n  thread t")).mark, Mark::Right);
}

TEST(Grade, StatementsToKeepAreCountedInCode) {
  std::map<std::string, std::string> files = small_files();
  files["lesson.md"] = replaced(files["lesson.md"], "hint: a", "keep: n = 1\nhint: a");
  const Lesson lesson = *read_lesson("small", files);
  const auto graded_with = [&](const std::string& statement) {
    return grade(lesson, "small.qsm", replaced(right_answer(), "n = 1", statement), {});
  };
  EXPECT_EQ(graded_with("n=1").mark, Mark::Right);
  EXPECT_EQ(graded_with("n = 1  n = 1").mark, Mark::Right);
  const Grade without = graded_with("n += 1  // n = 1");
  EXPECT_EQ(without.mark, Mark::NoDesign);
  EXPECT_THAT(without.sentences, ElementsAre("'n = 1' must stay, 1 time: the exercise is about it."));
}

TEST(Grade, ErrorsOfTheTextAreLeftToTheDesign) {
  const Grade found = graded(replaced(right_answer(), "n = 1", "m = 1"));
  EXPECT_EQ(found.mark, Mark::NoDesign);
  ASSERT_NE(found.design, nullptr);
  EXPECT_TRUE(found.design->diagnostics.has_errors());
}

TEST(Grade, LimitsAreNoAnswer) {
  CheckOptions options;
  options.search.limits.states = 1;
  const Lesson lesson = small();
  EXPECT_EQ(grade(lesson, "small.qsm", right_answer(), options).mark, Mark::Undecided);
}

TEST(Lesson, SaysWhatIsWrongWithItsFiles) {
  std::map<std::string, std::string> files = small_files();
  files.erase("right.part");
  EXPECT_EQ(read_lesson("small", files).error(), "lesson 'small': there is no 'right.part'");
  files = small_files();
  files["other.part"] = "";
  EXPECT_EQ(read_lesson("small", files).error(), "lesson 'small': its head names 5 files, but there are 6");
  files = small_files();
  files["lesson.md"] = replaced(files["lesson.md"], "hint: c\n", "");
  EXPECT_EQ(read_lesson("small", files).error(), "lesson 'small': its head lacks 'hint': there must be three");
  files = small_files();
  files["lesson.md"] = replaced(files["lesson.md"], "minutes: 5", "minutes: five");
  EXPECT_EQ(read_lesson("small", files).error(), "lesson 'small': 'minutes' must be a number, not 'five'");
  files = small_files();
  files["lesson.md"] = replaced(files["lesson.md"], "family", "clan");
  EXPECT_EQ(read_lesson("small", files).error(), "lesson 'small': its head has an unknown entry 'clan'");
  files = small_files();
  files["lesson.md"] = replaced(files["lesson.md"], "\n---\n", "\n");
  EXPECT_EQ(read_lesson("small", files).error(), "lesson 'small': no ':' in the line '' of its head");
}

}  // namespace
}  // namespace quiesce::checker
