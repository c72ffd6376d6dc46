// `quiesce test DIR|FILE...`: compares every check with what it expects. A check without `expect` must hold.
#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "checker/check.h"
#include "checker/check_all.h"
#include "checker/files.h"
#include "checker/load.h"
#include "checker/report/layout.h"
#include "checker/report/sentences.h"
#include "checker/report/story_text.h"
#include "checker/report/text_report.h"
#include "checker/report/told_story.h"
#include "cli/baseline_flags.h"
#include "cli/cache_flags.h"
#include "cli/check_again.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/progress.h"
#include "cli/report_flags.h"
#include "cli/search_flags.h"

namespace quiesce::cli {

namespace {

struct TestFlags {
  std::vector<std::string> paths;
  SearchFlags search;
  ReportFlags reports;
  BaselineFlags baseline;
  CacheFlags cache;
  bool counts = false;
  ProgressMode progress = ProgressMode::Auto;
};

/// What became of one file.
struct FileOutcome {
  ExitCode code = ExitCode::AllHold;
  std::size_t cases = 0;
  std::string details;  // lines below the file's own
};

class Tester {
 public:
  Tester(const TestFlags& flags, const std::atomic<bool>& interrupted, const checker::Baseline* baseline)
      : flags_(flags),
        interrupted_(interrupted),
        cache_(flags.cache.open()),
        colour_(colour_wanted(flags.search.no_color)),
        checked_(no_files(flags.search.timing == "on", true)) {
    checked_.baseline = baseline;
  }

  FileOutcome test(const std::string& path);
  bool colour() const { return colour_; }
  /// What was found so far, when a report of it is wanted.
  const checker::CheckedFiles& checked() const { return checked_; }
  const checker::OutcomeCache* cache() const { return cache_.get(); }

 private:
  void keep(std::unique_ptr<checker::LoadedDesign> design);
  void test_checks(const checker::LoadedDesign& design, FileOutcome& outcome);
  std::string unexpected_story(const checker::LoadedDesign& design, const checker::LoadedCheck& check,
                               const checker::CheckCase& case_, const checker::CaseOutcome& found);
  checker::SearchResult search(const checker::LoadedDesign& design, const checker::LoadedCheck& check,
                               const checker::CheckCase& case_, checker::CheckOptions options);
  checker::CaseOutcome test_case(const checker::LoadedDesign& design, const checker::LoadedCheck& check,
                                 const checker::CheckCase& case_, FileOutcome& outcome);

  const TestFlags& flags_;
  const std::atomic<bool>& interrupted_;
  const std::unique_ptr<checker::OutcomeCache> cache_;
  const bool colour_;
  checker::CheckedFiles checked_;
  std::vector<std::unique_ptr<checker::LoadedDesign>> designs_;  // that checked_ refers to
  std::set<std::string> told_;  // rules of the check that is being tested of which a run was shown
};

FileOutcome Tester::test(const std::string& path) {
  FileOutcome outcome;
  auto text = checker::read_text(path);
  if (!text) {
    outcome.code = ExitCode::WrongInput;
    outcome.details = fmt::format("        {}\n", text.error());
    checked_.files.push_back(unreadable_file(path, text.error()));
    return outcome;
  }
  checker::LoadOptions options = flags_.search.load_options();
  options.check_systems_without_check = false;
  options.expect_holds = true;
  options.interrupt = &interrupted_;
  auto design = checker::load_design(path, std::move(*text), options);
  checked_.files.push_back(checked_file(*design));
  if (!design->ok()) {
    outcome.code = design->cut_short != checker::LimitKind::None ? ExitCode::Undecided : ExitCode::WrongInput;
    outcome.details = model::render(design->diagnostics, design->sources, colour_);
    if (!design->problem.empty()) outcome.details += fmt::format("        {}\n", design->problem);
    keep(std::move(design));
    return outcome;
  }
  outcome.details = model::render(design->diagnostics, design->sources, colour_);  // warnings
  test_checks(*design, outcome);
  keep(std::move(design));
  return outcome;
}

/// Keeps what a report of `design` needs until it is written; nothing when none is wanted.
void Tester::keep(std::unique_ptr<checker::LoadedDesign> design) {
  if (flags_.reports.wanted() || flags_.baseline.wanted()) {
    designs_.push_back(std::move(design));
  } else {
    checked_.files.clear();
  }
}

void Tester::test_checks(const checker::LoadedDesign& design, FileOutcome& outcome) {
  for (const checker::LoadedCheck& check : design.checks) {
    if (!interrupted_) {
      told_.clear();
      const auto decide = [&](const checker::CheckCase& case_) { return test_case(design, check, case_, outcome); };
      auto checked = checker::check_all(check.cases, decide, {.interrupt = &interrupted_});
      if (!checked) {
        outcome.code = ExitCode::WrongInput;
        outcome.details += fmt::format("        {}\n", checked.error());
        return;
      }
      checked_.files.back().checks.push_back(std::move(checked->outcome));
    }
    if (interrupted_) outcome.code = worse(outcome.code, ExitCode::Undecided);
  }
}

/// The shortest run of those that break a rule unexpectedly, with the command that finds it alone; empty when there is
/// none, or when the check has shown one of that rule.
std::string Tester::unexpected_story(const checker::LoadedDesign& design, const checker::LoadedCheck& check,
                                     const checker::CheckCase& case_, const checker::CaseOutcome& found) {
  const auto shortest = checker::shortest_unexpected(found);
  if (!shortest || !told_.insert(shortest->rule).second) return "";
  const auto story = checker::told_story(found, *shortest->finding, design.sources, false);
  if (!story) return "";
  const bool is_shortest = checker::is_known_shortest(found, *shortest->finding);
  const checker::StoryLayout layout{
      report_width(), colour_, 0, "",
      fmt::format("The {}run that breaks {} has", is_shortest ? "shortest " : "", shortest->rule)};
  std::string command = check_again(design, check, design.checks.size() == 1, {}, flags_.search);
  if (check.cases.size() > 1) command += fmt::format(" --case {}", &case_ - check.cases.data() + 1);
  const model::TransitionSystem& system = checker::searched_system(found, *shortest->finding);
  return "\n" + checker::story_text(system, *story, is_shortest, design.sources, layout) +
         fmt::format("  This alone: {} --for {}\n\n", command, shortest->rule);
}

checker::SearchResult Tester::search(const checker::LoadedDesign& design, const checker::LoadedCheck& check,
                                     const checker::CheckCase& case_, checker::CheckOptions options) {
  Progress progress(flags_.progress, fmt::format("{}: {}", design.name, case_.title));
  progress.watch(options.search);
  checker::SearchResult result = check_with(cache_.get(), design, check, case_, options);
  progress.finish(result);
  return result;
}

checker::CaseOutcome Tester::test_case(const checker::LoadedDesign& design, const checker::LoadedCheck& check,
                                       const checker::CheckCase& case_, FileOutcome& outcome) {
  checker::CheckOptions options = flags_.search.check_options();
  options.search.interrupt = &interrupted_;
  ++outcome.cases;
  const checker::AskedFor asked{options.search, flags_.search.plain, flags_.search.slice};
  checker::CaseOutcome found = checker::case_outcome(case_, search(design, check, case_, options), asked);
  const checker::Comparison& comparison = found.comparison;
  const std::string line = std::to_string(design.sources.file(case_.span.file).position(case_.span.begin).line);
  if (comparison.match != checker::Match::AsExpected) {
    const bool undecided = comparison.match == checker::Match::Undecided;
    outcome.code = worse(outcome.code, undecided ? ExitCode::Undecided : ExitCode::Violated);
    outcome.details += fmt::format("        line {}: check {}\n", line, case_.title);
    outcome.details += checker::wrapped(checker::comparison_text(case_.system, comparison), 12, report_width());
    outcome.details += unexpected_story(design, check, case_, found);
  }
  if (flags_.counts) {
    const checker::Statistics& s = found.result.statistics;
    outcome.details += fmt::format("        line {}: {}: {}, {}, depth {}\n", line, case_.title,
                                   checker::counted(s.distinct_states, "distinct state"),
                                   checker::counted(s.generated_steps, "generated step"), checker::grouped(s.depth));
  }
  return found;
}

ExitCode run(const TestFlags& flags) {
  for (const auto& fit : {flags.search.consistent(), flags.reports.consistent()}) {
    if (fit) continue;
    report_error(fit.error());
    return ExitCode::WrongInput;
  }
  BaselineUse baseline(flags.baseline);
  if (!baseline.read()) return ExitCode::WrongInput;
  if (flags.reports.takes_standard_output()) give_up_standard_output();
  const auto files = checker::expand_directories(flags.paths);
  if (!files) {
    report_error(files.error());
    return ExitCode::WrongInput;
  }
  if (files->empty()) {
    report_error("there is no .qsm file below what was named");
    return ExitCode::WrongInput;
  }
  const std::atomic<bool>& interrupted = catch_interrupts();
  Tester tester(flags, interrupted, baseline.known());
  ExitCode code = ExitCode::AllHold;
  std::size_t cases = 0, failed = 0, wrong = 0, undecided = 0, tested = 0;
  std::size_t width = 0;
  for (const std::string& file : *files) width = std::max(width, file.size());
  for (const std::string& file : *files) {
    if (interrupted) {
      code = worse(code, ExitCode::Undecided);
      break;
    }
    const FileOutcome outcome = tester.test(file);
    code = worse(code, outcome.code);
    cases += outcome.cases;
    if (outcome.code == ExitCode::AllHold && outcome.cases == 0) continue;  // a module without checks
    ++tested;
    std::string mark;
    switch (outcome.code) {
      case ExitCode::AllHold:
        mark = checker::inked("ok     ", checker::Ink::Good, tester.colour());
        break;
      case ExitCode::Violated:
        mark = checker::inked("FAILED ", checker::Ink::Bad, tester.colour());
        ++failed;
        break;
      case ExitCode::Undecided:
        mark = checker::inked("unknown", checker::Ink::Doubtful, tester.colour());
        ++undecided;
        break;
      case ExitCode::WrongInput:
      case ExitCode::InternalError:
        mark = checker::inked("ERROR  ", checker::Ink::Bad, tester.colour());
        ++wrong;
        break;
    }
    const std::string count = outcome.cases == 0 ? "" : checker::counted(outcome.cases, "case");
    std::string line = mark + " " + (count.empty() ? file : checker::padded(file, width + 2) + count);
    print(line + "\n" + outcome.details);
  }
  std::string summary = fmt::format("{}, {}: ", checker::counted(tested, "file"), checker::counted(cases, "case"));
  if (failed + wrong + undecided == 0 && code == ExitCode::AllHold) {
    summary += tested == 0 ? "nothing to compare" : "all as expected";
  } else {
    std::string parts;
    const auto add = [&](std::size_t number, const char* what) {
      if (number > 0) parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", number, what);
    };
    add(failed, "not as expected");
    add(wrong, "with errors");
    add(undecided, "undecided");
    if (interrupted) parts += parts.empty() ? "interrupted" : ", interrupted";
    summary += parts;
  }
  print(summary + "\n" + cache_text(tester.cache()));
  if (cases == 0 && code == ExitCode::AllHold)
    code = ExitCode::WrongInput;  // a test that compares nothing tests nothing
  if (flags.baseline.wanted()) code = baseline.settle(tester.checked(), code, {true, interrupted});
  return flags.reports.write(tester.checked()) ? code : worse(code, ExitCode::WrongInput);
}

}  // namespace

void add_test(CLI::App& app, Action& action) {
  auto flags = std::make_shared<TestFlags>();
  CLI::App* command = app.add_subcommand("test", "compare every check with what it expects");
  command->add_option("PATH", flags->paths, "designs, or folders: all .qsm files below")->required()->type_name("");
  command->add_flag("--counts", flags->counts, "print distinct states, generated steps and depth of every case");
  add_progress(*command, flags->progress);
  flags->reports.add_to(*command);
  flags->baseline.add_to(*command);
  flags->cache.add_to(*command);
  flags->search.add_to(*command);
  command->footer(
      "A check without 'expect' must hold. Files without checks are passed over.\n"
      "Exit code: 0 all as expected, 1 not, 2 a text is wrong or nothing was compared, 3 undecided within the limits.\n"
      "Example:   quiesce test specs");
  command->callback([flags, &action] { action = [flags] { return run(*flags); }; });
}

}  // namespace quiesce::cli
