// `quiesce merge FILE...`: the parts of a swarm, from several machines, as one report.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "checker/check.h"
#include "checker/files.h"
#include "checker/load.h"
#include "checker/report/text_report.h"
#include "checker/swarm_parts.h"
#include "checker/swarm_search.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/search_flags.h"

namespace quiesce::cli {

namespace {

struct MergeFlags {
  std::vector<std::string> files;
  std::string design;
  bool quiet = false;
  bool full = false;
  bool no_color = false;
  std::string timing = "on";
};

std::optional<std::vector<checker::SwarmPart>> read_parts(const MergeFlags& flags) {
  std::vector<checker::SwarmPart> parts;
  for (const std::string& path : flags.files) {
    auto part = checker::read_part(path);
    if (!part) {
      report_error(part.error());
      return std::nullopt;
    }
    parts.push_back(std::move(*part));
  }
  if (const auto one = checker::are_one_swarm(parts, flags.files); !one) {
    report_error(one.error());
    return std::nullopt;
  }
  return parts;
}

/// The design as it was loaded for the search; null after a report of what is wrong.
std::unique_ptr<checker::LoadedDesign> load(const MergeFlags& flags, const checker::SwarmDesign& searched) {
  const std::string file = flags.design.empty() ? searched.file : flags.design;
  auto text = checker::read_text(file);
  if (!text) {
    report_error(text.error() + (flags.design.empty() ? "; say with --design FILE where the design is" : ""));
    return nullptr;
  }
  checker::LoadOptions options;
  options.plain = searched.plain;
  options.slice = searched.slice;
  options.library_directory = searched.library_directory;
  options.defines = searched.defines;
  options.rules = searched.rules;
  if (!searched.system.empty()) options.system = searched.system;
  if (searched.check != 0) options.check = searched.check;
  auto design = checker::load_design(file, std::move(*text), options);
  if (!report_problems(*design, flags.no_color)) return nullptr;
  return design;
}

ExitCode run(const MergeFlags& flags) {
  const std::optional<std::vector<checker::SwarmPart>> parts = read_parts(flags);
  if (!parts) return ExitCode::WrongInput;
  const checker::SwarmDesign& searched = parts->front().design;
  const auto design = load(flags, searched);
  if (design == nullptr) return ExitCode::WrongInput;
  const checker::CheckCase* case_ = nullptr;
  for (const checker::LoadedCheck& check : design->checks) {
    for (const checker::CheckCase& candidate : check.cases) {
      if (case_ == nullptr && checker::system_fingerprint(candidate.system) == searched.fingerprint) case_ = &candidate;
    }
  }
  if (case_ == nullptr) {
    report_error(fmt::format("'{}' is not the design that was searched, or was changed since; its runs say nothing now",
                             design->name));
    return ExitCode::WrongInput;
  }
  auto result = checker::merged(case_->system, *parts);
  if (!result) {
    report_error(result.error());
    return ExitCode::WrongInput;
  }
  std::vector<checker::CaseOutcome> cases;
  cases.push_back(checker::case_outcome(*case_, std::move(*result), {{}, searched.plain, searched.slice}));
  const checker::CheckOutcome outcome = checker::outcome_of(std::move(cases));
  checker::TextOptions text = text_options(flags.no_color, flags.timing);
  text.quiet = flags.quiet;
  text.full = flags.full;
  print(checker::check_report(outcome, design->sources, text));
  return exit_code_of(outcome.verdict);
}

}  // namespace

void add_merge(CLI::App& app, Action& action) {
  auto flags = std::make_shared<MergeFlags>();
  CLI::App* command = app.add_subcommand("merge", "put the parts of a divided swarm together");
  command->add_option("FILE", flags->files, "what 'check --search swarm --part I/N --result FILE' wrote: all N parts")
      ->required()
      ->type_name("");
  command->add_option("--design", flags->design, "where the design is (default: as the parts name it)")
      ->type_name("FILE");
  command->add_flag("--quiet,-q", flags->quiet, "verdicts only: no stories");
  command->add_flag("--full", flags->full, "show every statement of a story, also inside the library");
  add_no_color(*command, flags->no_color);
  add_timing(*command, flags->timing);
  command->footer(
      "The runs of all parts are replayed and the shortest of each rule is shown. A hunt never says that a rule "
      "holds.\n"
      "Exit code: 1 a rule is violated, 2 the files do not fit together or the design was changed, 3 undecided.\n"
      "Example:   quiesce check big.qsm --search swarm --part 1/2 --result one.json     (on one machine)\n"
      "           quiesce check big.qsm --search swarm --part 2/2 --result two.json     (on another)\n"
      "           quiesce merge one.json two.json");
  command->callback([flags, &action] { action = [flags] { return run(*flags); }; });
}

}  // namespace quiesce::cli
