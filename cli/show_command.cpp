// `quiesce show FILE`: what the tool understood.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "checker/load.h"
#include "checker/successor/print_packing.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/input.h"
#include "cli/search_flags.h"
#include "model/system/print.h"

namespace quiesce::cli {

namespace {

struct ShowFlags {
  std::string file;
  std::string system;
  std::string library_directory;
  std::vector<std::string> defines;
  bool transition_system = false;
  bool reduced = false;
  bool packing = false;
  bool no_color = false;
};

ExitCode run(const ShowFlags& flags) {
  std::string problem;
  std::optional<std::string> text = read_text(flags.file, &problem);
  if (!text) {
    report_error(problem);
    return ExitCode::WrongInput;
  }
  checker::LoadOptions options;
  options.plain = !flags.reduced && !flags.packing;
  options.library_directory = flags.library_directory;
  options.defines = define_map(flags.defines);
  options.only_systems = true;
  if (!flags.system.empty()) options.system = flags.system;
  const auto design = checker::load_design(flags.file, std::move(*text), options);
  if (!report_problems(*design, flags.no_color)) return ExitCode::WrongInput;
  if (design->checks.empty()) {
    report_error(fmt::format("'{}' has no system to show: add 'system Name {{ ... }}' with the instances", flags.file));
    return ExitCode::WrongInput;
  }
  bool first = true;
  for (const checker::LoadedCheck& check : design->checks) {
    const model::TransitionSystem& system = check.cells.front().system;
    const model::PrintOptions print_options{&design->sources};
    if (!first) print("\n");
    first = false;
    if (flags.packing) {
      print(model::print_heading(system) + "\n" + checker::print_packing(checker::PackedSystem(system)));
      continue;
    }
    if (flags.transition_system) {
      print(model::print_system(system, print_options));
      continue;
    }
    print(model::print_heading(system) + "\n" + model::print_instances(system) + "\n" + model::print_variables(system) +
          "\n" + model::print_control_flow(system, print_options) + "\n" + model::print_rules(system, print_options));
  }
  return ExitCode::AllHold;
}

}  // namespace

void add_show(CLI::App& app, Action& action) {
  auto flags = std::make_shared<ShowFlags>();
  CLI::App* command =
      app.add_subcommand("show", "print what was understood: instances, variables, control flow, rules");
  command->add_option("FILE", flags->file, "the design; '-' reads standard input")->required()->type_name("");
  command->add_option("--system", flags->system, "show only this system")->type_name("NAME");
  add_defines(*command, flags->defines);
  command->add_flag("--transition-system", flags->transition_system, "print all of the transition system");
  command->add_flag("--reduced", flags->reduced, "after the reduction of steps, as it is searched");
  command->add_flag("--packing", flags->packing,
                    "how states are packed, and which steps run from the rule table, as it is searched");
  command->add_option("--library", flags->library_directory, "take modules from DIR instead of the built-in library")
      ->check(CLI::ExistingDirectory)
      ->type_name("DIR");
  command->add_flag("--no-color", flags->no_color, "no colours on a terminal either");
  command->footer(
      "Systems are shown with default parameters; -D gives others.\n"
      "Example:   quiesce show my_driver.qsm -D processors=1");
  command->callback([flags, &action] { action = [flags] { return run(*flags); }; });
}

}  // namespace quiesce::cli
