// `quiesce explain RUN`: a saved run told again, or taken on a design that was changed.
#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "checker/files.h"
#include "checker/page.h"
#include "checker/report/diagrams.h"
#include "checker/report/layout.h"
#include "checker/report/story_text.h"
#include "checker/report/timeline.h"
#include "checker/report/timeline_svg.h"
#include "checker/report/why_not.h"
#include "checker/rerun.h"
#include "checker/why.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/search_flags.h"

namespace quiesce::cli {

namespace {

struct ExplainFlags {
  std::string run;
  std::string design;
  std::string format = "text";
  std::string html;
  std::string why_not;            // a context or an action
  std::optional<std::size_t> at;  // before this step of the story, from 1
  bool why = false;
  bool full = false;
  bool no_color = false;
};

/// A saved run with its design, and what becomes of it there.
struct Told {
  std::unique_ptr<checker::LoadedDesign> design;
  const checker::CheckCase* case_ = nullptr;
  const model::TransitionSystem* system = nullptr;
  checker::SavedRun saved;
  checker::Rerun rerun;
  checker::Story story;
  model::FileId own_file;  // that the check stands in
};

/// Null, with an error, when the run or its design cannot be used.
std::unique_ptr<Told> told(const ExplainFlags& flags) {
  auto result = std::make_unique<Told>();
  const auto text = checker::read_text(flags.run);
  if (!text) return report_error(text.error()), nullptr;
  auto saved = checker::read_saved_run(*text);
  if (!saved) return report_error(fmt::format("'{}': {}", flags.run, saved.error())), nullptr;
  result->saved = std::move(*saved);
  const std::string file = flags.design.empty() ? result->saved.design.file : flags.design;
  auto source = checker::read_text(file);
  if (!source) return report_error(source.error()), nullptr;
  result->design = checker::load_design(file, std::move(*source), checker::load_options_of(result->saved.design));
  if (!report_problems(*result->design, flags.no_color)) return nullptr;
  const auto case_ = checker::case_of(*result->design, result->saved.design);
  if (!case_) return report_error(case_.error()), nullptr;
  result->system = &checker::unreduced(**case_);
  result->case_ = *case_;
  result->own_file = (*case_)->span.file;
  result->rerun = checker::rerun(*result->system, result->saved, result->design->sources);
  checker::TellOptions options;
  if (!flags.full) options.own_file = (*case_)->span.file;
  result->story = checker::story_of(*result->system, result->rerun, result->design->sources, options);
  return result;
}

/// What became of the run, in a sentence or two.
std::string what_became(const Told& told) {
  const std::string rule = told.saved.rule;
  switch (told.rerun.end) {
    case checker::Rerun::End::Broken:
      return fmt::format("The run breaks {} as it did when it was saved.", rule);
    case checker::Rerun::End::Kept:
      return fmt::format("The run can be taken to its end, but it does not break {} any more.", rule);
    case checker::Rerun::End::Diverged:
      return fmt::format("The run cannot be taken to its end any more. At {}.", told.rerun.divergence);
  }
  return "";
}

std::string as_text(const Told& told, const ExplainFlags& flags) {
  const std::size_t width = report_width();
  const bool colour = colour_wanted(flags.no_color);
  const bool is_broken = told.rerun.end == checker::Rerun::End::Broken;
  std::string out = checker::inked(
      fmt::format("{}: {}, case {}", told.design->name, told.saved.design.system, told.saved.design.case_number),
      checker::Ink::Bold, colour);
  out += "\n\n" + checker::wrapped(what_became(told), 2, width) + "\n";
  checker::StoryLayout layout{width, colour, 0, "", ""};
  layout.is_told_as = is_broken ? "The run has" : "What could be taken has";
  return out + checker::story_text(*told.system, told.story, false, told.design->sources, layout);
}

std::string as_asked(const Told& told, const ExplainFlags& flags) {
  const model::LevelNames& levels = told.system->level_names;
  const std::string title = fmt::format("{} of {}", told.saved.rule, told.saved.design.system);
  if (flags.format == "mermaid") return checker::mermaid(levels, title, told.story, told.saved.rule);
  if (flags.format == "plantuml") return checker::plantuml(levels, title, told.story, told.saved.rule);
  if (flags.format == "svg") return checker::timeline_svg_file(levels, told.story, title);
  if (flags.format == "timeline") return checker::timeline_text(levels, told.story, report_width());
  return as_text(told, flags);
}

/// What would have made the difference in the run as it was taken.
std::optional<checker::Why> why_of(const Told& told) {
  const checker::OriginalRun& run = told.rerun.run;
  const bool is_broken = told.rerun.end == checker::Rerun::End::Broken && !told.saved.loop && !run.run.steps.empty();
  if (!is_broken) return std::nullopt;
  checker::WhyOptions options;
  options.own_file = told.own_file;
  return checker::why(*told.system, run, told.rerun.about.rule, told.design->sources, options);
}

std::string as_page(const Told& told) {
  checker::ToldRun run;
  run.system = told.system;
  run.sources = &told.design->sources;
  run.story = &told.story;
  run.file = told.design->name;
  run.rule = told.saved.rule;
  run.case_number = told.saved.design.case_number;
  run.note = what_became(told);
  run.tool_version = QUIESCE_VERSION;
  if (const auto why = why_of(told)) run.why = checker::why_sentences(*why, told.saved.rule);
  run.case_title = told.case_->title;
  run.case_span = told.case_->span;
  std::vector<model::State> states;
  for (const std::size_t at : told.rerun.run.reached) states.push_back(told.rerun.run.run.states[at]);
  return checker::page_of(run, states);
}

/// The state before step `at` of the story, from 1; behind the last step where that is one more than there are. Else a
/// sentence.
model::Expected<const model::State*> state_before(const Told& told, std::size_t at) {
  const checker::OriginalRun& run = told.rerun.run;
  const std::size_t steps = told.story.steps.size();
  if (at < 1 || at > run.reached.size()) {
    return model::unexpected(fmt::format("there is no state before step {}: what could be taken of the run has {}", at,
                                         checker::counted(steps, "step")));
  }
  return &run.run.states[run.reached[at - 1]];
}

ExitCode answer_why_not(const Told& told, const ExplainFlags& flags) {
  const std::size_t at = flags.at.value_or(told.rerun.run.reached.size());
  const auto state = state_before(told, at);
  if (!state) return report_error(state.error()), ExitCode::WrongInput;
  const model::Interpreter interpreter(*told.system);
  const auto answer = checker::why_not(interpreter, **state, flags.why_not, told.design->sources);
  if (!answer) return report_error(answer.error()), ExitCode::WrongInput;
  const bool is_behind = at > told.story.steps.size();
  print(fmt::format("{}: {}, {} {}:\n\n{}", told.design->name, told.saved.rule,
                    is_behind ? "after step" : "before step", is_behind ? at - 1 : at, checker::why_not_text(*answer)));
  return ExitCode::AllHold;
}

ExitCode run(const ExplainFlags& flags) {
  const std::unique_ptr<Told> known = told(flags);
  if (known == nullptr) return ExitCode::WrongInput;
  if (!flags.why_not.empty()) return answer_why_not(*known, flags);
  if (!flags.html.empty()) {
    const auto written = checker::write_atomically(flags.html, as_page(*known));
    if (!written) return report_error(written.error()), ExitCode::WrongInput;
  }
  print(as_asked(*known, flags));
  if (flags.why) print("\nWhy?\n" + checker::why_text(why_of(*known), known->saved.rule, report_width()));
  if (known->rerun.end == checker::Rerun::End::Broken) return ExitCode::AllHold;
  if (flags.format != "text") report_warning(what_became(*known));
  return ExitCode::Violated;
}

}  // namespace

void add_explain(CLI::App& app, Action& action) {
  auto flags = std::make_shared<ExplainFlags>();
  CLI::App* command = app.add_subcommand("explain", "show a run again that check has saved (--save-run)");
  command->add_option("RUN", flags->run, "the run")->required()->type_name("");
  command->add_option("--design", flags->design, "take it on this design instead: where does it go another way?")
      ->type_name("FILE");
  command->add_option("--format", flags->format, "text, timeline, svg, mermaid or plantuml (default: text)")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"text", "timeline", "svg", "mermaid", "plantuml"}));
  command->add_option("--html", flags->html, "write it to FILE too, as a page to step through it")->type_name("FILE");
  command
      ->add_option(
          "--why-not", flags->why_not,
          "why cannot this thread, handler or action act there? Which part of its condition is false, what masks "
          "it, which context holds its lock")
      ->type_name("CONTEXT");
  command->add_option("--at", flags->at, "before this step, from 1 (default: after the last one)")->type_name("STEP");
  command->add_flag("--why", flags->why,
                    "which other turn would have made the difference, and what every run that breaks the rule does");
  command->add_flag("--full", flags->full, "show every statement, also inside the library");
  add_no_color(*command, flags->no_color);
  command->footer(
      "Exit code: 0 the run breaks its rule as it did, 1 it does not, or goes another way, 2 the input is wrong.\n"
      "Example:   quiesce check nic.qsm --save-run run.json; quiesce explain run.json --why-not nic.isr --at 7");
  command->callback([flags, &action] { action = [flags] { return run(*flags); }; });
}

}  // namespace quiesce::cli
