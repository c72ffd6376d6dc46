// A lesson: a text of one screen, a design to mend, hints, a right variant and wrong ones. Lessons are the folders of
// specs/lessons/, which are part of the program; specs/lessons/README.md says what a folder holds.
//
// A design of a lesson is in two parts with a line between them (kPartsMeetHere): above it the student's part, below it
// the exercise, the system and its checks. The exercise is the same in all variants and is kept once, so that a grader
// can put its own copy below whatever a student hands in (grade.h).
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/expected.h"

namespace quiesce::checker {

/// The line that ends the student's part of a design.
inline constexpr std::string_view kPartsMeetHere =
    "// ------ The exercise: what stands below this line is not yours to change.";

/// A wrong variant: a mistake that is near.
struct Mistake {
  std::string name;                // "too_low": specs/lessons/LESSON/too_low.part
  std::vector<std::string> rules;  // the rules that it breaks, all of them
  std::string sentence;            // what is wrong with it, for students who make it
  std::string part;                // the student's part
};

/// A word that answers do without, since it would leave the exercise out.
struct BannedWord {
  std::string word;    // "atomic"
  std::string reason;  // a sentence
};

struct Lesson {
  std::string name;                 // of its folder: "levels"
  std::string title;                // "What a level is"
  std::size_t order = 0;            // lessons are taken in ascending order, from 1
  std::string family;               // "wdm"; "language" where none is used
  std::size_t minutes = 0;          // that a student needs
  std::string text;                 // Markdown: paragraphs, lists, indented code; ends with a line break
  std::string task;                 // what to do, a sentence or two
  std::vector<std::string> hints;   // three, the later the plainer
  std::vector<std::string> keep;    // statements that answers have as often as the right variant, or more
  std::vector<BannedWord> without;  // in the order of the head
  std::vector<std::string> broken;  // rules that the start breaks, all of them
  std::string start;                // the student's part as it is given
  std::string right;                // mended
  std::vector<Mistake> mistakes;    // at least one
  std::string exercise;             // what stands below the line
};

/// The whole design with this student's part, which ends with a line break.
std::string lesson_design(const Lesson& lesson, const std::string& part);

/// A design in its two parts; nothing when the line between them is missing. The first part ends with a line break.
struct DesignParts {
  std::string part;
  std::string exercise;
};
std::optional<DesignParts> parts_of(const std::string& design);

/// The lesson of the folder `name` with these files, by their names. Nothing when its head or a file is missing or
/// wrong:
/// "lesson 'levels': there is no 'right.part'".
model::Expected<Lesson> read_lesson(const std::string& name, const std::map<std::string, std::string>& files);

/// The lessons that are part of the program, in their order. One that cannot be read is an internal error.
std::vector<Lesson> all_lessons();

}  // namespace quiesce::checker
