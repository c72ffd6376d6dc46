// Options for reports that programs read, shared by `check` and `test`: several files of several formats at once, from
// one outcome.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "checker/load.h"
#include "checker/report/checked_files.h"
#include "cli/exit_code.h"
#include "model/base/expected.h"

namespace CLI {
class App;
}

namespace quiesce::cli {

struct ReportFlags {
  std::string json;
  std::string junit;
  std::string sarif;
  std::string html;
  bool github = false;

  /// Adds the options to a subcommand. `*this` must outlive its parsing.
  void add_to(CLI::App& command);

  /// Whether any of them was given.
  bool wanted() const;

  /// That they fit together and the files can be written; else why not.
  model::Expected<void> consistent() const;

  /// Whether a report goes to standard output, where the text for people must then not go.
  bool takes_standard_output() const;

  /// Writes what was asked for. False when a file cannot be written: then standard error says why.
  bool write(const checker::CheckedFiles& checked) const;
};

/// `design` as part of a report, without checks. It must outlive that.
checker::CheckedFile checked_file(const checker::LoadedDesign& design);

/// A file that could not be read, and why.
checker::CheckedFile unreadable_file(const std::string& name, const std::string& problem);

/// No files yet, of this version of the program.
checker::CheckedFiles no_files(bool show_cost, bool is_test);

}  // namespace quiesce::cli
