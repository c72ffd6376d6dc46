// What one command found in all files that it was given: the input of the reports that programs read (outcome_json.h,
// junit.h, sarif.h, annotations.h). Plain data that refers to loaded designs, which must outlive it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "checker/result/outcome.h"
#include "model/base/diagnostic.h"
#include "model/base/source.h"

namespace quiesce::checker {

/// A change of the file that mends one of its checks (checker/mend).
struct ProposedFix {
  struct Lines {
    std::size_t first = 0;  // line of the text, from 0; where lines are only added: before this line
    std::size_t removed = 0;
    std::vector<std::string> added;  // without line breaks
  };
  std::string what;  // it does, in words
  std::vector<Lines> changes;
};

/// A file of the command line and what became of it.
struct CheckedFile {
  std::string name;                             // as the user named it
  const model::SourceMap* sources = nullptr;    // null: the file could not be read
  std::vector<model::Diagnostic> diagnostics;   // about its text and the modules that it uses, in source order
  std::string problem;                          // why it could not be used, where no diagnostic says so; else empty
  bool cut_short = false;                       // `problem` is a limit or an interruption, not a mistake
  std::vector<CheckOutcome> checks;             // in the order of the text; empty after errors
  std::vector<std::vector<ProposedFix>> fixes;  // of the first checks, where they were looked for; may be shorter
};

struct Baseline;

/// All files of one command, and how reports of them look.
struct CheckedFiles {
  std::vector<CheckedFile> files;
  std::string tool_version;            // "0.1.0"
  bool is_test = false;                // checks were compared with what they expect, rather than their rules judged
  bool show_cost = true;               // time and memory, which differ from run to run
  const Baseline* baseline = nullptr;  // findings that were known before; null: none are
  bool full = false;                   // stories show every statement, also inside the library
};

}  // namespace quiesce::checker
