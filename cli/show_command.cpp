// `quiesce show FILE`: what the tool understood.
#include <atomic>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "checker/liveness/print_automata.h"
#include "checker/load.h"
#include "checker/result/search_control.h"
#include "checker/smt/initial_solver.h"
#include "checker/successor/print_packing.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/design_flags.h"
#include "model/base/expected.h"
#include "model/guarded/print.h"
#include "model/system/print.h"

namespace quiesce::cli {

namespace {

struct ShowFlags {
  DesignFlags design;
  bool transition_system = false;
  bool reduced = false;
  bool packing = false;
  bool guarded = false;
  bool automaton = false;
};

ExitCode run(const ShowFlags& flags) {
  checker::LoadOptions options;
  options.plain = !flags.reduced && !flags.packing;
  options.only_systems = true;
  const std::atomic<bool>& interrupted = catch_interrupts();
  checker::Limits limits;
  limits.time = flags.design.time;
  const checker::SearchControl control(limits, &interrupted);
  ExitCode code = ExitCode::AllHold;
  const auto design = flags.design.load(options, &code);
  if (!design) return code;
  bool first = true;
  for (const checker::LoadedCheck& check : design->checks) {
    if (interrupted) {
      report_error(fmt::format("interrupted before {} was shown; --system NAME shows one system alone", check.system));
      return ExitCode::Undecided;
    }
    const model::TransitionSystem& system = check.cases.front().system;
    const model::PrintOptions print_options{&design->sources};
    if (!first) print("\n");
    first = false;
    if (flags.packing) {
      print(model::print_heading(system) + "\n" + checker::print_packing(checker::PackedSystem(system)));
      continue;
    }
    if (flags.automaton) {
      print(checker::print_automata(system));
      continue;
    }
    if (flags.guarded) {
      model::Expected<std::string> shown;
      const bool done = write_steps(control, check.system, "shown", [&] {
        const auto print_it = [&](const auto& guarded) { return model::print_guarded(guarded, &design->sources); };
        shown = checker::guarded_by_solver(system).map(print_it);
      });
      if (!done) return ExitCode::Undecided;
      if (!shown) {
        report_error(fmt::format("system {} cannot be shown: {}", check.system, shown.error()));
        return ExitCode::WrongInput;
      }
      print(*shown);
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
  flags->design.add_to(*command, "show only this system");
  command->add_flag("--transition-system", flags->transition_system, "print all of the transition system");
  command->add_flag("--guarded", flags->guarded,
                    "print the steps as guarded commands: conditions and assignments, as for other checkers");
  command->add_flag("--automaton", flags->automaton,
                    "print the automata of the runs that break properties of infinite runs, in the HOA format");
  command->add_flag("--reduced", flags->reduced, "after the reduction of steps, as it is searched");
  command->add_flag("--packing", flags->packing,
                    "how states are packed, and which steps run from the table of commands, as it is searched");
  flags->design.add_time_to(*command, "give up when loading takes longer: 10s, 2m");
  flags->design.add_surroundings_to(*command);
  command->footer(
      "Systems are shown with default parameters; where one has none, with the value of the first check that gives "
      "it;\n"
      "-D gives others.\n"
      "Example:   quiesce show my_driver.qsm -D processors=1");
  command->callback([flags, &action] { action = [flags] { return run(*flags); }; });
}

}  // namespace quiesce::cli
