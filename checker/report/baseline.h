// A baseline: the findings that a build knows of and does not fail for. It is a file of the repository, so that a
// design with old mistakes can be checked from today on: what is new fails, what is gone is reported.
//
// A finding is a broken rule, a vacuous one, or (of a test) a rule that is not as expected. It is known when the
// baseline has one with the same fingerprint (fingerprint.h) that breaks in all the cases in which it breaks now: a
// rule that breaks in a case in which it held is new. Mistakes in a text and what is undecided are no findings; no
// baseline covers them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "checker/report/checked_files.h"
#include "checker/report/complaints.h"
#include "model/base/expected.h"

namespace quiesce::checker {

struct KnownFinding {
  std::string design;              // the file of the command line, as it was named
  std::string rule;                // its name
  std::string fingerprint;         // fingerprint_of()
  std::string message;             // for people
  std::vector<std::string> cases;  // titles of the cases, ascending, each once

  bool operator==(const KnownFinding&) const = default;
};

struct Baseline {
  std::vector<KnownFinding> findings;  // by design, rule and fingerprint, ascending; one for each fingerprint
};

/// Whether a baseline can cover the complaint.
bool is_finding(const Complaint& complaint);

/// Whether `baseline` knows the finding in all of its cases. Requires: is_finding().
bool is_known(const Baseline& baseline, const Complaint& complaint);

/// The findings of a command, as a baseline. Costs a story for each rule broken, as complaints_about() does.
Baseline baseline_of(const CheckedFiles& checked);

/// The text of the file: JSON, a finding a line, the same for the same findings.
std::string baseline_json(const Baseline& baseline);

/// The inverse. Nothing when the text is not of that form; the sentence says why.
model::Expected<Baseline> read_baseline(std::string_view text);

/// What has become of a baseline.
struct BaselineChanges {
  std::vector<KnownFinding> known;  // found, and in the baseline
  std::vector<KnownFinding> added;  // found, and not there in all of their cases
  std::vector<KnownFinding>
      gone;                 // there, and not found any more, or in fewer cases: of designs that were checked whole
  bool undecided = false;   // a limit left something open, or a file could not be used
  std::size_t cut_off = 0;  // cases in which rules are undecided because a core rule that is broken ends runs
};

/// Compares what was found with `baseline`. `whole`: all checks of the designs were made, with all their rules. Of a
/// design of which something is undecided nothing is said to be gone.
BaselineChanges compare_with(const Baseline& baseline, const CheckedFiles& checked, bool whole);

/// The changes for people: a line with the counts, and one for each finding that is new or gone.
std::string baseline_text(const BaselineChanges& changes);

}  // namespace quiesce::checker
