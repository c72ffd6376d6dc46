// `quiesce lint FILE...`: what is probably not meant in a design.
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "checker/files.h"
#include "checker/lint_design.h"
#include "checker/load.h"
#include "checker/result/search_control.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/design_flags.h"
#include "cli/search_flags.h"

namespace quiesce::cli {

namespace {

struct LintFlags {
  DesignFlags design;
  std::vector<std::string> files;
};

/// One file: its findings, and how many there are.
ExitCode run_file(const LintFlags& flags, const std::string& file, const checker::SearchControl& control,
                  std::size_t* findings) {
  DesignFlags one = flags.design;
  one.file = file;
  ExitCode code = ExitCode::AllHold;
  const auto design = one.load_text(checker::lint_options({}), &code);
  if (!design) return code;
  const model::Diagnostics found = checker::lint(*design, one.warnings, control, &catch_interrupts());
  const std::size_t count = found.sorted().size();
  if (*findings > 0 && count > 0) print("\n");
  print(model::render(found, design->sources, colour_wanted(one.no_color)));
  *findings += count;
  if (control.reason() != checker::LimitKind::None) return ExitCode::Undecided;
  return found.has_errors() ? ExitCode::WrongInput : count > 0 ? ExitCode::Violated : ExitCode::AllHold;
}

ExitCode run(const LintFlags& flags) {
  const auto files = checker::expand_directories(flags.files);
  if (!files) {
    report_error(files.error());
    return ExitCode::WrongInput;
  }
  checker::Limits limits;
  limits.time = flags.design.time;
  const checker::SearchControl control(limits, &catch_interrupts());
  ExitCode code = ExitCode::AllHold;
  std::size_t findings = 0;
  for (const std::string& file : *files) code = worse(code, run_file(flags, file, control, &findings));
  if (code == ExitCode::Undecided) report_error("stopped by a limit: there may be more to say");
  if (code == ExitCode::AllHold)
    print(fmt::format("nothing to say about {} file{}\n", files->size(), files->size() == 1 ? "" : "s"));
  return code;
}

}  // namespace

void add_lint(CLI::App& app, Action& action) {
  auto flags = std::make_shared<LintFlags>();
  CLI::App* command =
      app.add_subcommand("lint", "what is probably not meant: conditions never true, steps never taken");
  command->add_option("FILE", flags->files, "designs, or folders of designs")->required()->type_name("");
  flags->design.add_choice_to(*command, "only this system");
  flags->design.add_time_to(*command, "give up when it takes longer: 10s, 2m; the exit code is then 3");
  flags->design.add_surroundings_to(*command);
  command->footer(
      "Findings have codes (docs/lint.md), are allowed where they stand ('// quiesce: allow W0601 because ...') and "
      "denied\n"
      "as other warnings. Exit codes: 0 nothing found, 1 something found, 2 wrong input or denied, 3 a limit.");
  command->callback([flags, &action] { action = [flags] { return run(*flags); }; });
}

}  // namespace quiesce::cli
