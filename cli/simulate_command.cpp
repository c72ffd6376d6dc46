// `quiesce simulate FILE`: a design stepped by hand. Reads one command a line from standard input, so that a session
// can be a script too.
#include <unistd.h>

#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <sstream>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "checker/files.h"
#include "checker/report/layout.h"
#include "checker/rerun.h"
#include "checker/simulation.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/design_flags.h"

namespace quiesce::cli {

namespace {

constexpr std::size_t kMostStates = 50'000;  // looked at by `until`; the interpreter visits some ten thousand a second

struct SimulateFlags {
  DesignFlags design;
  std::size_t check = 0;
  std::size_t case_ = 1;
  std::uint64_t seed = 1;
  std::string run;                // saved; empty: begin at the begin
  std::optional<std::size_t> at;  // before this step of its story, from 1
};

constexpr const char* kHelp =
    "  N             take step N of those offered\n"
    "  list          what can be done now (also: an empty line)\n"
    "  back [N]      take N steps back (1)\n"
    "  jump N        go to the state after N steps of those taken\n"
    "  random [N]    take N steps at random (1), up to a violation\n"
    "  until X = V   take a shortest way to where a variable has a value; also != < <= > >=\n"
    "  until broken  take a shortest way to a violation\n"
    "  state [NAME]  the variables whose names begin so\n"
    "  watch NAME    show these variables after every step; watch alone: no more\n"
    "  why           what cannot continue, and why\n"
    "  why-not NAME  why this context or action cannot act: each false part, each mask\n"
    "  history       the steps taken\n"
    "  help, quit\n";

class Session {
 public:
  Session(checker::Simulation& simulation, std::uint64_t seed) : simulation_(simulation), random_(seed) {}

  void run(bool is_shown) {
    list();
    for (std::string line; prompt(is_shown) && std::getline(std::cin, line);) {
      if (!is_shown) print("> " + line + "\n");  // a script is seen beside its answers
      if (!execute(line)) break;
    }
  }

 private:
  bool prompt(bool is_shown) const {
    if (is_shown) print(fmt::format("{}> ", simulation_.steps()));
    return true;
  }

  /// False: the session is over.
  bool execute(const std::string& line) {
    std::istringstream words(line);
    std::string word, rest;
    words >> word;
    std::getline(words >> std::ws, rest);
    if (word == "quit" || word == "q") return false;
    if (word.empty() || word == "list" || word == "l") return list(), true;
    if (word.find_first_not_of("0123456789") == std::string::npos) return take(word), true;
    static const std::map<std::string, void (Session::*)(const std::string&)> kCommands = {
        {"back", &Session::back},     {"b", &Session::back},         {"jump", &Session::jump},
        {"random", &Session::random}, {"until", &Session::until},    {"state", &Session::state},
        {"watch", &Session::watch},   {"why", &Session::why},        {"history", &Session::history},
        {"help", &Session::help},     {"why-not", &Session::why_not}};
    const auto known = kCommands.find(word);
    if (known == kCommands.end()) {
      print(fmt::format("there is no command '{}'; 'help' lists all\n", word));
    } else {
      (this->*known->second)(rest);
    }
    return true;
  }

  /// A number, `otherwise` when there is none; nothing, with a message, when it is something else.
  static std::optional<std::size_t> number(const std::string& text, std::size_t otherwise) {
    if (text.empty()) return otherwise;
    if (text.find_first_not_of("0123456789") == std::string::npos && text.size() < 10) return std::stoul(text);
    print(fmt::format("'{}' is not a number\n", text));
    return std::nullopt;
  }

  void list() {
    std::string out = fmt::format("after {}:\n", checker::counted(simulation_.steps(), "step"));
    for (const std::string& name : watched_) {
      for (const std::string& value : simulation_.values(name)) out += "  " + value + "\n";
    }
    for (const std::string& rule : simulation_.broken()) out += "  ✗ " + rule + " is broken\n";
    const auto& offers = simulation_.offers();
    for (std::size_t i = 0; i < offers.size(); ++i) {
      out += fmt::format("{:>4}  {}: {}", i + 1, offers[i].who, offers[i].text);
      if (!offers[i].place.empty()) out += fmt::format("   ({})", offers[i].place);
      if (!offers[i].breaks.empty()) out += fmt::format("   ✗ {}", checker::joined(offers[i].breaks));
      out += "\n";
    }
    if (offers.empty()) out += "  nothing can step: 'why' says why, 'back' goes back\n";
    print(out);
  }

  void take(const std::string& text) {
    const auto which = number(text, 0);
    if (!which) return;
    if (*which < 1 || *which > simulation_.offers().size()) {
      print(fmt::format("there is no step {}: 'list' shows what can be done\n", text));
      return;
    }
    simulation_.take(*which - 1);
    list();
  }

  void back(const std::string& text) {
    const auto count = number(text, 1);
    if (!count) return;
    simulation_.jump(simulation_.steps() - std::min(*count, simulation_.steps()));
    list();
  }

  void jump(const std::string& text) {
    const auto to = number(text, 0);
    if (!to) return;
    if (*to > simulation_.steps()) return print(fmt::format("only {} steps were taken\n", simulation_.steps()));
    simulation_.jump(*to);
    list();
  }

  void random(const std::string& text) {
    const auto count = number(text, 1);
    if (!count) return;
    simulation_.walk(*count, random_);
    list();
  }

  void until(const std::string& text) {
    std::optional<checker::Watch> wanted;
    if (text != "broken") {
      auto watch = simulation_.watch(text);
      if (!watch) return print(watch.error() + "\n");
      wanted = std::move(*watch);
    }
    if (!simulation_.run_to(wanted, kMostStates)) {
      return print(fmt::format("no way there was found among {} states\n", checker::grouped(kMostStates)));
    }
    list();
  }

  void state(const std::string& text) {
    const std::vector<std::string> values = simulation_.values(text);
    if (values.empty()) print(fmt::format("no variable begins with '{}'\n", text));
    for (const std::string& value : values) print("  " + value + "\n");
  }

  void watch(const std::string& text) {
    if (text.empty()) return watched_.clear();
    if (simulation_.values(text).empty()) return print(fmt::format("no variable begins with '{}'\n", text));
    watched_.push_back(text);
    state(text);
  }

  void why(const std::string&) {
    const std::vector<std::string> blocked = simulation_.blocked();
    if (blocked.empty()) print(simulation_.offers().empty() ? "  nothing runs\n" : "  all that run can go on\n");
    for (const std::string& one : blocked) print("  " + one + "\n");
  }

  void why_not(const std::string& text) {
    if (text.empty()) return print("name a thread, a handler or an action: 'why-not NAME'\n");
    const auto answer = simulation_.why_not(text);
    print(answer ? checker::why_not_text(*answer) : answer.error() + "\n");
  }

  void history(const std::string&) {
    std::size_t number = 0;
    for (const std::string& line : simulation_.history()) print(fmt::format("{:>4}  {}\n", ++number, line));
  }

  void help(const std::string&) { print(kHelp); }

  checker::Simulation& simulation_;
  std::mt19937_64 random_;
  std::vector<std::string> watched_;
};

void step_by_hand(checker::Simulation& simulation, const SimulateFlags& flags) {
  Session(simulation, flags.seed).run(isatty(STDIN_FILENO) != 0);
}

/// Goes on from a saved run: from its end, or from the state before a step of its story.
ExitCode resume(const SimulateFlags& flags) {
  const auto text = checker::read_text(flags.run);
  if (!text) return report_error(text.error()), ExitCode::WrongInput;
  const auto saved = checker::read_saved_run(*text);
  if (!saved) return report_error(fmt::format("'{}': {}", flags.run, saved.error())), ExitCode::WrongInput;
  ExitCode code = ExitCode::AllHold;
  const auto design = flags.design.load(checker::load_options_of(saved->design), &code);
  if (!design) return code;
  const auto case_ = checker::case_of(*design, saved->design);
  if (!case_) return report_error(case_.error()), ExitCode::WrongInput;
  const model::TransitionSystem& system = checker::unreduced(**case_);
  const checker::Rerun rerun = checker::rerun(system, *saved, design->sources);
  const checker::OriginalRun& run = rerun.run;
  if (rerun.end == checker::Rerun::End::Diverged) {
    report_warning(fmt::format("the run cannot be taken to its end any more: {}", rerun.divergence));
  }
  if (run.run.states.empty()) return ExitCode::WrongInput;
  if (flags.at && (*flags.at < 1 || *flags.at > run.reached.size())) {
    report_error(fmt::format("there is no state before step {}: what could be taken of the run has {}", *flags.at,
                             checker::counted(rerun.steps, "step")));
    return ExitCode::WrongInput;
  }
  checker::Simulation simulation(system, design->sources);
  simulation.follow(run.run, flags.at ? run.reached[*flags.at - 1] : run.run.steps.size());
  print(fmt::format("{}: {}; the run that breaks {}, {}; 'help' lists the commands\n", design->name, (*case_)->title,
                    saved->rule,
                    flags.at                                     ? fmt::format("before step {} of its story", *flags.at)
                    : rerun.end == checker::Rerun::End::Diverged ? "as far as it can be taken"
                                                                 : "at its end"));
  step_by_hand(simulation, flags);
  return ExitCode::AllHold;
}

ExitCode run(const SimulateFlags& flags) {
  if (flags.design.file == "-") {
    report_error("standard input is for the commands: give the design as a file");
    return ExitCode::WrongInput;
  }
  if (flags.at && flags.run.empty()) {
    report_error("--at names a step of a saved run: add --run RUN");
    return ExitCode::WrongInput;
  }
  if (!flags.run.empty()) return resume(flags);
  checker::LoadOptions options;
  if (flags.check != 0) options.check = flags.check;
  ExitCode code = ExitCode::AllHold;
  const auto design = flags.design.load(options, &code);
  if (!design) return code;
  const checker::LoadedCheck& check = design->checks.front();
  if (flags.case_ < 1 || flags.case_ > check.cases.size()) {
    report_error(fmt::format("there is no case {}: the check has {}", flags.case_, check.cases.size()));
    return ExitCode::WrongInput;
  }
  const checker::CheckCase& case_ = check.cases[flags.case_ - 1];
  checker::Simulation simulation(checker::unreduced(case_), design->sources);
  if (!simulation.has_state()) {
    report_error("there is no initial state: nothing fulfils every 'any where'");
    return ExitCode::WrongInput;
  }
  print(fmt::format("{}: {}; 'help' lists the commands\n", design->name, case_.title));
  step_by_hand(simulation, flags);
  return ExitCode::AllHold;
}

}  // namespace

void add_simulate(CLI::App& app, Action& action) {
  auto flags = std::make_shared<SimulateFlags>();
  CLI::App* command = app.add_subcommand("simulate", "step through a design: choose what happens next");
  flags->design.add_to(*command, "step through this system");
  command->add_option("--check", flags->check, "step through the system of this check, from 1")->type_name("N");
  command->add_option("--case", flags->case_, "of a check with a matrix, from 1")->type_name("N");
  command->add_option("--run", flags->run, "go on from this run, which check has saved (--save-run), from its end")
      ->type_name("RUN");
  command->add_option("--at", flags->at, "with --run: from the state before this step of its story, from 1")
      ->type_name("STEP");
  command->add_option("--seed", flags->seed, "for 'random' (default: 1)")->type_name("N");
  flags->design.add_surroundings_to(*command);
  command->footer(std::string("Commands, one a line on standard input:\n") + kHelp +
                  "Example:   echo 'until broken' | quiesce simulate nic.qsm");
  command->callback([flags, &action] { action = [flags] { return run(*flags); }; });
}

}  // namespace quiesce::cli
