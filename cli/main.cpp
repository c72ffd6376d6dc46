// The command `quiesce`: finds the subcommand, parses its options, and turns every way of failing into a sentence and
// an exit code. No exception leaves it.
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/console.h"
#include "model/base/diagnostic.h"
#include "model/base/internal_check.h"

namespace quiesce::cli {

namespace {

constexpr const char* kDescription =
    "A model checker for interrupt connect and disconnect protocols: finds every schedule of threads, interrupts,\n"
    "deferred calls and hardware in which a driver design breaks a rule, and shows the shortest.";

constexpr const char* kExamples =
    "Examples:\n"
    "  quiesce check my_driver.qsm                      every check of the file\n"
    "  quiesce check my_driver.qsm --for wdm.* -D processors=1\n"
    "  quiesce test specs                               compare every check with its 'expect'\n"
    "  quiesce fmt --check *.qsm                        for CI\n"
    "  quiesce show my_driver.qsm                       what the tool understood\n"
    "\n"
    "Exit codes: 0 all hold, 1 a rule is violated or vacuous, 2 the input is wrong, 3 undecided within the limits,\n"
    "4 an internal error.";

/// "did you mean '...'?" with a leading separator, or nothing.
std::string suggestion(const std::string& word, const std::vector<std::string>& candidates) {
  const auto near = model::nearest_name(word, candidates);
  return near ? fmt::format("; did you mean '{}'?", *near) : "";
}

std::vector<std::string> subcommand_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

/// What is left over after parsing: options that do not exist.
ExitCode report_leftover(const CLI::App& command, const std::string& word) {
  std::vector<std::string> options;
  for (const CLI::Option* option : command.get_options([](const CLI::Option*) { return true; })) {
    for (const std::string& name : option->get_lnames()) options.push_back("--" + name);
  }
  const std::string name = word.substr(0, word.find('='));
  report_error(fmt::format("{} has no option '{}'{}",
                           command.get_parent() == nullptr ? "quiesce" : "'quiesce " + command.get_name() + "'", name,
                           suggestion(name, options)));
  return ExitCode::WrongInput;
}

/// What is wrong with the command line. Of a number that is none CLI11 does not say what it expects.
std::string wording_of(const CLI::ParseError& error) {
  constexpr std::string_view kNoNumber = "Could not convert: ";
  const std::string text = error.what();
  const std::size_t end = text.find(" = ");
  if (!text.starts_with(kNoNumber) || end == std::string::npos) return text;
  return fmt::format("{}: '{}' is not a whole number", text.substr(kNoNumber.size(), end - kNoNumber.size()),
                     text.substr(end + 3));
}

ExitCode run(int argc, char** argv) {
  CLI::App app(kDescription, "quiesce");
  app.set_version_flag("--version", "quiesce " QUIESCE_VERSION, "print the version and end");
  app.set_help_flag("-h,--help", "print this help and end");
  app.footer(kExamples);
  app.get_formatter()->column_width(28);
  app.require_subcommand(0, 1);
  app.allow_extras();
  Action action;
  add_check(app, action);
  add_test(app, action);
  add_explain(app, action);
  add_simulate(app, action);
  add_graph(app, action);
  add_lint(app, action);
  add_fmt(app, action);
  add_show(app, action);
  add_export(app, action);
  add_merge(app, action);
  add_mend(app, action);
  add_mutate(app, action);
  add_prove(app, action);
  add_recheck(app, action);
  add_rules(app, action);
  add_doc(app, action);
  add_learn(app, action);
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    command->allow_extras();
    command->set_help_flag("-h,--help", "print this help and end");
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    app.exit(help);
    return ExitCode::AllHold;
  } catch (const CLI::CallForVersion&) {
    print("quiesce " QUIESCE_VERSION "\n");
    return ExitCode::AllHold;
  } catch (const CLI::ParseError& error) {
    const std::vector<CLI::App*> given = app.get_subcommands();
    report_error(wording_of(error));
    print_error(fmt::format("see 'quiesce {}--help'\n", given.empty() ? "" : given.front()->get_name() + " "));
    return ExitCode::WrongInput;
  }
  const std::vector<CLI::App*> given = app.get_subcommands();
  if (given.empty()) {
    const std::vector<std::string> rest = app.remaining();
    if (rest.empty()) {
      print(app.help());
      return ExitCode::AllHold;
    }
    if (rest.front().starts_with("-")) return report_leftover(app, rest.front());
    report_error(
        fmt::format("there is no command '{}'{}", rest.front(), suggestion(rest.front(), subcommand_names(app))));
    print_error("see 'quiesce --help'\n");
    return ExitCode::WrongInput;
  }
  for (const std::string& word : given.front()->remaining()) return report_leftover(*given.front(), word);
  for (const std::string& word : app.remaining()) return report_leftover(*given.front(), word);
  return action();
}

/// The command line as it can be pasted into a report.
std::string command_line(int argc, char** argv) {
  std::string line;
  for (int i = 0; i < argc; ++i) line += (i == 0 ? "" : " ") + std::string(argv[i]);
  return line;
}

ExitCode guarded(int argc, char** argv) {
  std::string what;
  try {
    return run(argc, argv);
  } catch (const std::bad_alloc&) {
    report_error("out of memory; a limit such as --memory 2GiB ends a search before that, with a report");
    return ExitCode::Undecided;
  } catch (const InternalError& error) {
    what = error.what();
  } catch (const std::exception& error) {
    what = fmt::format("unexpected exception: {}", error.what());
  }
  print_error(
      fmt::format("internal error: {}\n"
                  "This is a mistake in quiesce, not in your design. Please report it with the design and this line:\n"
                  "  {}    (quiesce " QUIESCE_VERSION ")\n",
                  what, command_line(argc, argv)));
  return ExitCode::InternalError;
}

}  // namespace

}  // namespace quiesce::cli

int main(int argc, char** argv) { return static_cast<int>(quiesce::cli::guarded(argc, argv)); }
