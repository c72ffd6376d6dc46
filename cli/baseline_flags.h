// --baseline and --write-baseline of `check` and `test`: findings that are known do not fail the build.
#pragma once

#include <optional>
#include <string>

#include "checker/report/baseline.h"
#include "checker/report/checked_files.h"
#include "cli/exit_code.h"

namespace CLI {
class App;
}

namespace quiesce::cli {

struct BaselineFlags {
  std::string compare;  // the file to compare with; empty: none
  std::string write;    // the file to write; empty: none

  /// Adds the options to a subcommand. `*this` must outlive its parsing.
  void add_to(CLI::App& command);

  /// Whether any of them was given.
  bool wanted() const { return !compare.empty() || !write.empty(); }
};

/// What a command has looked at.
struct Looked {
  bool whole = true;         // at all checks of the designs, with all their rules
  bool interrupted = false;  // and not at all of that
};

/// The baseline of one command: read before anything is searched, compared and written at the end.
class BaselineUse {
 public:
  explicit BaselineUse(const BaselineFlags& flags) : flags_(flags) {}

  /// Reads the baseline to compare with, and sees whether the new one can be written. False when either cannot be done:
  /// then standard error says why.
  bool read();

  /// What it knows; null without --baseline. Lives as long as this.
  const checker::Baseline* known() const { return known_ ? &*known_ : nullptr; }

  /// Reports the changes, writes the new baseline, and says what the command ends with: `code`, but without known
  /// findings in it.
  ExitCode settle(const checker::CheckedFiles& checked, ExitCode code, Looked looked) const;

 private:
  ExitCode write(const checker::CheckedFiles& checked, ExitCode code, Looked looked) const;

  const BaselineFlags& flags_;
  std::optional<checker::Baseline> known_;
};

}  // namespace quiesce::cli
