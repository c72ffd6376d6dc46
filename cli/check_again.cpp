#include "cli/check_again.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include <fmt/format.h>

namespace quiesce::cli {

namespace {

/// "nic.qsm", or quoted where the shell would take it for something else.
std::string quoted(const std::string& text) {
  const bool is_plain = !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view("-_./=:,+@%").find(static_cast<char>(c)) != std::string_view::npos;
  });
  if (is_plain) return text;
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

}  // namespace

std::string check_again(const checker::LoadedDesign& design, const checker::LoadedCheck& check, bool is_alone,
                        const std::vector<std::string>& defines, const SearchFlags& flags) {
  std::string command = "quiesce check " + quoted(design.name);
  if (!flags.library_directory.empty()) command += " --library " + quoted(flags.library_directory);
  if (check.from_text && !is_alone) command += fmt::format(" --check {}", check.number);
  if (!check.from_text && !is_alone) command += " --system " + check.system;
  for (const std::string& define : defines) command += " -D " + quoted(define);
  const checker::SearchOptions& search = flags.check.search;
  if (search.order == checker::Order::DepthFirst) command += " --search dfs";
  if (search.order == checker::Order::FewInterruptions) {
    command += fmt::format(" --search interruptions --interruptions {}", search.interruptions);
  }
  if (search.order == checker::Order::Random) command += fmt::format(" --search random --seed {}", search.seed);
  if (search.order == checker::Order::Swarm) command += fmt::format(" --search swarm --seed {}", search.seed);
  if (search.limits.depth) command += fmt::format(" --depth {}", *search.limits.depth);
  return command;
}

}  // namespace quiesce::cli
