// `quiesce graph FILE`: the states of a design as a graph: whole, projected on some variables, or those of a saved run.
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "checker/files.h"
#include "checker/graph/flow_picture.h"
#include "checker/graph/state_picture.h"
#include "checker/graph/write_picture.h"
#include "checker/report/layout.h"
#include "checker/report/progress.h"
#include "checker/report/saved_run.h"
#include "checker/report/variable_named.h"
#include "checker/rerun.h"
#include "cli/amounts.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/design_flags.h"
#include "cli/search_flags.h"
#include "cli/whole_number.h"

namespace quiesce::cli {

namespace {

struct GraphFlags {
  DesignFlags design;
  std::size_t check = 0;
  std::size_t case_ = 1;
  std::vector<std::string> on;
  std::string run;
  std::string flow;
  std::string format = "dot";
  std::string output;
  std::size_t nodes = 100;
  std::uint64_t states = 10'000'000;
};

/// A design with the system to draw, and the run when one is drawn.
struct Drawn {
  std::unique_ptr<checker::LoadedDesign> design;
  const model::TransitionSystem* system = nullptr;
  std::optional<checker::Rerun> rerun;
  std::string rule;  // that the run breaks
};

ExitCode failed(const std::string& problem, ExitCode code = ExitCode::WrongInput) {
  report_error(problem);
  return code;
}

ExitCode load_case(const GraphFlags& flags, Drawn& drawn) {
  checker::LoadOptions options;
  options.plain = true;
  if (flags.check != 0) options.check = flags.check;
  ExitCode code = ExitCode::AllHold;
  drawn.design = flags.design.load(options, &code);
  if (!drawn.design) return code;
  if (flags.check == 0 && drawn.design->systems.size() > 1 && flags.design.system.empty()) {
    return failed(fmt::format("'{}' has several systems ({}): choose one with --system or --check", drawn.design->name,
                              checker::joined(drawn.design->systems)));
  }
  const checker::LoadedCheck& check = drawn.design->checks.front();
  if (flags.case_ < 1 || flags.case_ > check.cases.size()) {
    return failed(fmt::format("there is no case {}: the check has {}", flags.case_, check.cases.size()));
  }
  drawn.system = &checker::unreduced(check.cases[flags.case_ - 1]);
  return ExitCode::AllHold;
}

ExitCode load_run(const GraphFlags& flags, Drawn& drawn) {
  const auto text = checker::read_text(flags.run);
  if (!text) return failed(text.error());
  const auto saved = checker::read_saved_run(*text);
  if (!saved) return failed(fmt::format("'{}': {}", flags.run, saved.error()));
  ExitCode code = ExitCode::AllHold;
  drawn.design = flags.design.load(checker::load_options_of(saved->design), &code);
  if (!drawn.design) return code;
  const auto case_ = checker::case_of(*drawn.design, saved->design);
  if (!case_) return failed(case_.error());
  drawn.system = &checker::unreduced(**case_);
  drawn.rerun = checker::rerun(*drawn.system, *saved, drawn.design->sources);
  if (drawn.rerun->end == checker::Rerun::End::Diverged) {
    report_warning(fmt::format("the run cannot be taken to its end any more: {}", drawn.rerun->divergence));
  } else if (drawn.rerun->end == checker::Rerun::End::Broken) {
    drawn.rule = saved->rule;
  }
  return ExitCode::AllHold;
}

ExitCode write(const GraphFlags& flags, const checker::StatePicture& picture) {
  model::Expected<std::string> text = flags.format == "svg"       ? checker::svg_by_dot(picture)
                                      : flags.format == "graphml" ? checker::graphml_text(picture)
                                                                  : checker::dot_text(picture);
  if (!text) return failed(text.error());
  if (flags.output.empty()) {
    print(*text);
  } else if (const auto written = checker::write_atomically(flags.output, *text); !written) {
    return failed(written.error());
  }
  if (picture.limit == checker::LimitKind::None) return ExitCode::AllHold;
  report_warning(fmt::format("only {} were visited, then the limit came ({}): nodes and edges may be missing",
                             checker::counted(picture.states, "state"), checker::limit_name(picture.limit)));
  return ExitCode::Undecided;
}

ExitCode run(const GraphFlags& flags) {
  Drawn drawn;
  if (!flags.flow.empty() && !(flags.on.empty() && flags.run.empty())) {
    return failed("--flow draws one thread or handler: it goes with neither --on nor --run");
  }
  const ExitCode loaded = flags.run.empty() ? load_case(flags, drawn) : load_run(flags, drawn);
  if (loaded != ExitCode::AllHold) return loaded;
  const model::SourceMap& sources = drawn.design->sources;
  if (!flags.flow.empty()) {
    const auto flow = checker::flow_picture(*drawn.system, flags.flow, sources, flags.nodes);
    return flow ? write(flags, *flow) : failed(flow.error());
  }
  checker::PictureOptions options;
  for (const std::string& name : flags.on) {
    const auto variable = checker::variable_named(*drawn.system, name);
    if (!variable) return failed(variable.error());
    options.variables.push_back(*variable);
  }
  options.most_nodes = flags.nodes;
  options.limits.time = flags.design.time;
  options.limits.states = flags.states;
  options.interrupt = &catch_interrupts();
  const auto picture = drawn.rerun
                           ? checker::picture_of_run(*drawn.system, sources, drawn.rerun->run.run, drawn.rule, options)
                           : checker::picture_of_states(*drawn.system, sources, options);
  return picture ? write(flags, *picture) : failed(picture.error());
}

}  // namespace

void add_graph(CLI::App& app, Action& action) {
  auto flags = std::make_shared<GraphFlags>();
  CLI::App* command =
      app.add_subcommand("graph", "draw states as a graph: whole, of some variables, or of a saved run");
  flags->design.add_to(*command, "draw this system");
  command->add_option("--check", flags->check, "draw the system of the check with this number, from 1")->type_name("N");
  command->add_option("--case", flags->case_, "the case of the check, from 1 (default: 1)")->type_name("N");
  command
      ->add_option("--on", flags->on, "states with equal values of these variables are one node; comma between several")
      ->type_name("VARIABLE")
      ->delimiter(',')
      ->allow_extra_args(false);
  command->add_option("--run", flags->run, "only the states of this run, which check has saved (--save-run)")
      ->type_name("RUN");
  command->add_option("--flow", flags->flow, "instead of states the control flow of this thread or handler")
      ->type_name("CONTEXT");
  command
      ->add_option("--format", flags->format, "dot, graphml or svg (by Graphviz, where it is installed; default: dot)")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"dot", "graphml", "svg"}).description(""));
  command->add_option("-o,--output", flags->output, "write to this file instead of standard output")->type_name("FILE");
  command->add_option("--nodes", flags->nodes, "draw so many nodes at most (default: 100)")
      ->check(from_one())
      ->type_name("N");
  command->add_option("--states", flags->states, "look at so many states at most (default: 10000000)")->type_name("N");
  flags->design.add_time_to(*command, "look at states for so long at most: 10s, 2m");
  flags->design.add_surroundings_to(*command);
  command->footer(
      "Exit code: 0 drawn, 2 the input is wrong or there are too many nodes, 3 drawn, but a limit came first.\n"
      "Example:   quiesce graph nic.qsm --on hw.enabled,intr.state --format svg -o nic.svg");
  command->callback([flags, &action] { action = [flags] { return run(*flags); }; });
}

}  // namespace quiesce::cli
