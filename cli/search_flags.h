// Options that `check` and `test` share: limits, engine, library. Declared once, so that both mean the same.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "checker/check.h"
#include "checker/load.h"

namespace CLI {
class App;
}

namespace quiesce::cli {

struct SearchFlags {
  checker::CheckOptions check;
  std::string library_directory;
  bool plain = false;
  bool no_color = false;
  std::string timing = "on";  // "off": leave time and memory out of reports, for comparing them

  /// Adds the options to a subcommand. `*this` must outlive its parsing.
  void add_to(CLI::App& command);
};

/// Adds `-D NAME=VALUE`, checked for the '='.
void add_defines(CLI::App& command, std::vector<std::string>& defines);

/// The pairs of `-D`; the last one of a name counts.
std::map<std::string, std::string> define_map(const std::vector<std::string>& defines);

/// Says on standard error what is wrong with the text or the options, and what warnings there are. True when the design
/// can be used.
bool report_problems(const checker::LoadedDesign& design, bool no_color);

}  // namespace quiesce::cli
