// Options that `check` and `test` share: limits, engine, order, storage, library. Declared once, so that both mean the
// same, and judged once: what is unsound, meaningless or not available is refused, never ignored.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "checker/check.h"
#include "checker/load.h"
#include "cli/exit_code.h"
#include "model/base/expected.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace quiesce::cli {

struct SearchFlags {
  checker::CheckOptions check;
  std::string library_directory;
  bool plain = false;
  bool unreduced = false;  // --engine reference: as plain, but counts are not asked for
  bool slice = true;
  bool no_color = false;
  std::string result;  // --result: a swarm's part goes there
  model::types::WarningOptions warnings;
  std::string timing = "on";  // "off": leave time and memory out of reports, for comparing them

  /// Adds the options to a subcommand. `*this` must outlive its parsing.
  void add_to(CLI::App& command);

  /// Adds those that are for one search alone: --checkpoint, --resume, --part, --result.
  void add_files_to(CLI::App& command);

  /// That the options given fit together; else one sentence that says what to do. Requires: the options are parsed.
  model::Expected<void> consistent() const;

  /// Options that are for one search alone, as the user gave them ("--checkpoint"); empty: none.
  std::string single_search_option() const;

  /// Whether the user gave an option ("--seed") or it has its default.
  bool given(const std::string& option) const;

  /// Where a swarm writes what it has done; empty: nowhere.
  const std::string& swarm_file() const { return result.empty() ? check.search.resume : result; }

  /// What check() shall do, and what load_design() shall do as far as these options say it.
  checker::CheckOptions check_options() const;
  checker::LoadOptions load_options() const;

 private:
  const CLI::App* command_ = nullptr;
};

/// Adds `--time TIME`.
CLI::Option* add_time(CLI::App& command, std::optional<std::chrono::milliseconds>& time, const std::string& help);

/// Adds `--timing on|off`.
void add_timing(CLI::App& command, std::string& timing);

/// Adds `--library DIR`.
void add_library(CLI::App& command, std::string& directory);

/// Adds `--no-color`.
void add_no_color(CLI::App& command, bool& no_color);

/// Adds `--deny CODE` and `--allow CODE`; a code that no warning has is refused.
void add_warnings(CLI::App& command, model::types::WarningOptions& warnings);

/// Adds `-D NAME=VALUE`, checked for the '='.
void add_defines(CLI::App& command, std::vector<std::string>& defines);

/// The pairs of `-D`; the last one of a name counts.
std::map<std::string, std::string> define_map(const std::vector<std::string>& defines);

/// Says on standard error what is wrong with the text or the options, and what warnings there are. True when the design
/// can be used.
bool report_problems(const checker::LoadedDesign& design, bool no_color);

/// Says how many cases of `check` were not begun, since it was interrupted; nothing for none. What the check returns
/// then.
ExitCode report_left(std::size_t left, const checker::LoadedCheck& check);

}  // namespace quiesce::cli
