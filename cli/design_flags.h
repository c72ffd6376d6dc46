// Options of the commands that look at one design without searching it: `show` and `export`.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checker/load.h"
#include "cli/exit_code.h"

namespace CLI {
class App;
}

namespace quiesce::checker {
class SearchControl;
}

namespace quiesce::cli {

struct DesignFlags {
  std::string file;
  std::string system;
  std::vector<std::string> defines;
  std::string library_directory;
  model::types::WarningOptions warnings;
  std::optional<std::chrono::milliseconds> time;
  bool no_color = false;
  bool unbounded = false;  // for commands that can do with numbers without bounds

  /// Adds FILE, --system (with this help) and -D. `*this` must outlive the parsing, here and below.
  void add_to(CLI::App& command, const std::string& system_help);

  /// Adds --system and -D alone, for commands that take several files.
  void add_choice_to(CLI::App& command, const std::string& system_help);

  /// Adds --library and --no-color, which stand last in the help.
  void add_surroundings_to(CLI::App& command);

  /// Adds --time, of which the help is this.
  void add_time_to(CLI::App& command, const std::string& time_help);

  /// load(), where a text without a system is nothing wrong.
  std::unique_ptr<checker::LoadedDesign> load_text(checker::LoadOptions options, ExitCode* code) const;

  /// Loads the design as `options` and these flags say, unless it is interrupted. Null when it cannot be used: then
  /// standard error says why, and `code` is what the command ends with.
  std::unique_ptr<checker::LoadedDesign> load(checker::LoadOptions options, ExitCode* code) const;
};

/// Does `work`, which writes the steps of `system`, while `control` lets it. False when it was cut short: then standard
/// error says so, and that nothing was `done`: "exported", "shown".
bool write_steps(const checker::SearchControl& control, const std::string& system, const std::string& done,
                 const std::function<void()>& work);

}  // namespace quiesce::cli
