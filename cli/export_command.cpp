// `quiesce export FILE --to LANGUAGE`: the transition system as text for another model checker.
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "checker/export/export.h"
#include "checker/files.h"
#include "checker/load.h"
#include "checker/result/search_control.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/design_flags.h"
#include "cli/whole_number.h"
#include "model/passes/merge_for_infinite_runs.h"

namespace quiesce::cli {

namespace {

struct ExportFlags {
  DesignFlags design;
  std::string language;
  std::size_t check = 0;
  std::string output;
  bool plain = false;
  bool no_slice = false;
  bool count = false;
  bool infinite = false;
};

const std::map<std::string, checker::ExportLanguage>& languages() {
  static const std::map<std::string, checker::ExportLanguage> all = {{"promela", checker::ExportLanguage::Promela},
                                                                     {"murphi", checker::ExportLanguage::Murphi},
                                                                     {"aiger", checker::ExportLanguage::Aiger},
                                                                     {"btor2", checker::ExportLanguage::Btor2},
                                                                     {"smtlib2", checker::ExportLanguage::SmtLib2}};
  return all;
}

/// What is exported, as a reader of the text wants to know it.
std::string origin(const ExportFlags& flags, const checker::CheckCase& case_) {
  std::string result = fmt::format("{}: system {}", flags.design.file, case_.system.name);
  for (std::size_t i = 0; i < case_.system.parameters.size(); ++i) {
    const model::ParameterValue& parameter = case_.system.parameters[i];
    result += fmt::format("{}{} = {}", i == 0 ? " with " : ", ", parameter.name, parameter.value);
  }
  if (flags.infinite) return result + "; rules about infinite runs.";
  result += flags.plain ? "; every step of the text" : "; steps merged as 'quiesce check' does";
  return result + (flags.count ? "; without properties." : ".");
}

model::Expected<std::string> exported_text(const ExportFlags& flags, const checker::CheckCase& case_,
                                           const checker::ExportOptions& options) {
  if (!flags.infinite) return checker::export_system(case_.system, options);
  if (!case_.infinite) return model::unexpected("no rule that is asked for is about infinite runs");
  const auto merged = flags.plain ? std::nullopt : model::merge_for_infinite_runs(*case_.infinite);
  return checker::export_infinite_runs(merged ? *merged : *case_.infinite, options);
}

/// What is wrong with flags that do not go together; "" when nothing is.
std::string problem_of(const ExportFlags& flags) {
  if (!flags.infinite) return "";
  if (languages().at(flags.language) != checker::ExportLanguage::Promela) {
    return "--infinite writes for SPIN: it needs --to promela";
  }
  return flags.count ? "--infinite and --count do not go together: states are multiplied by what is asked" : "";
}

ExitCode run(const ExportFlags& flags) {
  if (const std::string problem = problem_of(flags); !problem.empty()) {
    report_error(problem);
    return ExitCode::WrongInput;
  }
  checker::LoadOptions options;
  options.plain = flags.plain;
  options.slice = !flags.plain && !flags.no_slice;
  if (flags.check != 0) {
    options.check = flags.check;
  } else {
    options.only_systems = true;
  }
  checker::Limits limits;
  limits.time = flags.design.time;
  const checker::SearchControl control(limits, &catch_interrupts());
  ExitCode code = ExitCode::AllHold;
  const auto design = flags.design.load(options, &code);
  if (!design) return code;
  if (design->checks.size() > 1) {
    std::string names;
    for (const checker::LoadedCheck& check : design->checks) names += (names.empty() ? "" : ", ") + check.system;
    report_error(fmt::format("'{}' has several systems ({}): choose one with --system", flags.design.file, names));
    return ExitCode::WrongInput;
  }
  const checker::LoadedCheck& check = design->checks.front();
  if (check.cases.size() > 1) {
    report_error(fmt::format("check {} is a matrix of {} cases: choose values with --system and -D instead",
                             flags.check, check.cases.size()));
    return ExitCode::WrongInput;
  }
  checker::ExportOptions export_options;
  export_options.language = languages().at(flags.language);
  export_options.count = flags.count;
  export_options.sources = &design->sources;
  export_options.origin = origin(flags, check.cases.front());
  model::Expected<std::string> exported;
  const bool done = write_steps(control, check.system, "exported",
                                [&] { exported = exported_text(flags, check.cases.front(), export_options); });
  if (!done) return ExitCode::Undecided;
  if (!exported) {
    report_error(
        fmt::format("system {} cannot be exported: {}{}", check.system, exported.error(),
                    flags.plain || flags.infinite ? "" : "; with --plain there are more steps, but smaller ones"));
    return ExitCode::WrongInput;
  }
  if (flags.output.empty()) {
    print(*exported);
  } else if (const auto written = checker::write_atomically(flags.output, *exported); !written) {
    report_error(written.error());
    return ExitCode::WrongInput;
  }
  return ExitCode::AllHold;
}

}  // namespace

void add_export(CLI::App& app, Action& action) {
  auto flags = std::make_shared<ExportFlags>();
  CLI::App* command = app.add_subcommand("export", "write the steps for another model checker: SPIN, Rumur, ABC, Z3");
  flags->design.add_to(*command, "export this system, with default parameters");
  command
      ->add_option("--to", flags->language,
                   "promela (SPIN), murphi (Rumur, CMurphi), aiger (ABC and other engines for hardware; binary), btor2 "
                   "(likewise, as text) or smtlib2 (Horn clauses, for Z3)")
      ->required()
      ->check(CLI::IsMember({"promela", "murphi", "aiger", "btor2", "smtlib2"}).description(""))
      ->type_name("LANGUAGE");
  command->add_option("--check", flags->check, "export the system of the check with this number, from 1")
      ->check(from_one())
      ->type_name("N");
  command->add_flag("--plain", flags->plain, "no merging of steps: states and steps as in docs/semantics.md");
  command->add_flag("--no-slice", flags->no_slice, "keep what the rules checked do not depend on");
  command->add_flag("--count", flags->count,
                    "no properties and assertions: for comparing numbers of states with 'quiesce check'");
  command->add_flag(
      "--infinite", flags->infinite,
      "the rules about infinite runs, with their fairness, instead of those about states: for SPIN's search for "
      "acceptance cycles");
  command->add_option("-o,--output", flags->output, "write to this file instead of standard output")->type_name("FILE");
  flags->design.add_time_to(*command, "give up when it takes longer: 10s, 2m; the exit code is then 3");
  flags->design.add_surroundings_to(*command);
  command->footer(
      "The text says at its head how it is run. docs/export.md says what is in it, and what is not.\n"
      "Example:   quiesce export my_driver.qsm --to murphi -D processors=1 -o my_driver.m");
  command->callback([flags, &action] { action = [flags] { return run(*flags); }; });
}

}  // namespace quiesce::cli
