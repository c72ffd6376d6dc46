// What a build should report: violations, broken expectations and mistakes in texts as one list, each with a place in
// a text of the user. Annotations and SARIF write this list; JUnit asks what became of each rule of each case.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "checker/report/checked_files.h"
#include "checker/report/story.h"

namespace quiesce::checker {

/// What a rule of a case means for a build.
enum class Standing {
  Passed,     // as it should be
  Failed,     // a mistake of the design, or not as expected
  Undecided,  // a limit came before it was known
  Skipped,    // nothing in the design has to do with it
};

/// A place as programs count it: lines and columns from 1, columns are code points.
struct Region {
  std::string file;      // as the user named it, or "library:wdm/line.qsm"
  std::size_t line = 1;  // of the begin
  std::size_t column = 1;
  std::size_t end_line = 1;
  std::size_t end_column = 1;  // one past the last
};

/// One thing that is wrong.
struct Complaint {
  const CheckedFile* file = nullptr;    // never null
  const CheckOutcome* check = nullptr;  // null: about the text
  const CaseOutcome* case_ = nullptr;   // the case whose run is shown; null: about the text
  const Finding* finding = nullptr;     // null: there is no run
  const model::Rule* rule = nullptr;    // null: about the text, or a rule that is not among those checked
  const model::Diagnostic* diagnostic = nullptr;
  std::string id;                  // the rule's name, or the code of a diagnostic; "input" when it has none
  std::string message;             // one sentence, without the id
  std::vector<std::string> cases;  // titles of the cases that it is about; none: about the text
  bool is_warning = false;
  bool is_undecided = false;  // nothing is known to be wrong, but it was not decided
  model::Span span;           // in the user's text where there is one; else nowhere
  std::optional<Story> story;
};

/// All complaints, in the order of files and checks; errors of a check before its warnings. A rule that several cases
/// break is one complaint. Costs a story for each rule broken.
std::vector<Complaint> complaints_about(const CheckedFiles& checked);

/// What `rule` of `case_` means; `is_test`: compared with what the check expects.
Standing standing_of(const CaseOutcome& case_, const RuleResult& rule, bool is_test);

/// The place of `span`. Requires: it is valid.
Region region_of(const model::SourceMap& sources, model::Span span);

/// Whether `span` lies in a text of the user, not in the library that comes with the program.
bool is_own(const model::SourceMap& sources, model::Span span);

/// Where in the user's texts the run of `story` comes last: the violation itself when it stands there, else the
/// statement that led to it. Nowhere when no statement of them takes part.
model::Span own_place(const model::SourceMap& sources, const Story& story);

/// "3 nic.isr (handler, cpu 0, DISPATCH)": what takes a step, for people.
std::string step_title(const model::LevelNames& levels, const StoryStep& step, std::size_t number);

/// `line` with what it changed: "enabled = true   [nic.hw.enabled: false → true]".
std::string line_text(const StoryLine& line);

}  // namespace quiesce::checker
