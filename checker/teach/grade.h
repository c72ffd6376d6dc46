// Whether an answer to a lesson is right. Not the text is compared, but what the design does: the grader takes the
// student's part of the answer, puts its own copy of the exercise below it, and checks every case of that.
//
// An answer is right when all of this is so:
// (1) it is a design: its part reads, and declares nothing that would change what is checked (no system, check, `with`,
//     param, rule or levels; the same module name and the same `use`s as the start), has the statements that the lesson
//     wants kept, and uses no word that it bans;
// (2) every rule that the right variant is checked for holds in every case; the search of each was complete;
// (3) what the right variant exercises the answer exercises too, case by case: no rule has become 'not exercised' or
//     'vacuous', and what is `reachable` in the exercise is still reached. So leaving the exercise out is no answer.
// The mistakes of the lesson break rules of the same cases (tests/lessons shows it for each), so by (2) an answer has
// none of them.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checker/check.h"
#include "checker/load.h"
#include "checker/result/outcome.h"
#include "checker/teach/lesson.h"

namespace quiesce::checker {

enum class Mark {
  Right,
  Wrong,      // a rule is broken, or the exercise was left out
  NoDesign,   // the text cannot be graded
  Undecided,  // a limit or an interruption came first
};

struct Grade {
  Mark mark = Mark::NoDesign;
  std::vector<std::string> sentences;    // why it is not right, for the student; empty when it is right
  std::unique_ptr<LoadedDesign> design;  // what was graded; null when it was not loaded
  std::optional<CheckOutcome> story;     // Wrong: the case with the shortest run, alone; none when there is no run
  std::size_t check = 0;                 // of `story`: number in the text, from 1
  std::size_t case_number = 0;           // of `story`: number in the matrix of the check, from 1
  std::size_t case_count = 0;            // of that check
  std::vector<const Mistake*> mistakes;  // of the lesson: those that break the same rules; none for the start itself
  bool is_start = false;                 // the part is still as it was given
  bool exercise_changed = false;         // what the answer has below the line is not the exercise; it did not count
  std::size_t rules = 0;                 // Right: so many hold...
  std::size_t cases = 0;                 // ...in so many cases
};

/// Grades `answer`, a whole design, as the file `name`. The grade refers to `lesson`. Costs a check of every case, and
/// of the right variant when no rule is broken.
Grade grade(const Lesson& lesson, const std::string& name, const std::string& answer, const CheckOptions& options);

}  // namespace quiesce::checker
