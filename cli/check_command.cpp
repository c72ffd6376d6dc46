// `quiesce check FILE...`: every check of the files, each with its report.
#include <algorithm>
#include <cctype>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "checker/check.h"
#include "checker/check_all.h"
#include "checker/coverage.h"
#include "checker/files.h"
#include "checker/load.h"
#include "checker/mend/mend_file.h"
#include "checker/mend/mend_report.h"
#include "checker/report/coverage_report.h"
#include "checker/report/layout.h"
#include "checker/report/saved_run.h"
#include "checker/report/sentences.h"
#include "checker/report/text_report.h"
#include "checker/report/told_story.h"
#include "checker/swarm_search.h"
#include "checker/why.h"
#include "cli/amounts.h"
#include "cli/baseline_flags.h"
#include "cli/cache_flags.h"
#include "cli/check_again.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/progress.h"
#include "cli/report_flags.h"
#include "cli/search_flags.h"
#include "model/base/internal_check.h"
#include "model/base/word.h"

namespace quiesce::cli {

namespace {

struct CheckFlags {
  std::vector<std::string> files;
  SearchFlags search;
  ReportFlags reports;
  BaselineFlags baseline;
  CacheFlags cache;
  std::vector<std::string> defines;
  std::vector<std::string> rules;
  std::string system;
  std::size_t check = 0;
  std::size_t case_ = 0;
  bool timeline = false;
  bool mend = false;
  bool why = false;
  std::string save_run;
  bool stop_at_first = false;
  bool all = false;
  std::chrono::milliseconds after_first{10'000};
  bool quiet = false;
  bool full = false;
  ProgressMode progress = ProgressMode::Auto;
  bool coverage = false;
  bool coverage_library = false;
  std::string coverage_json;
  std::string coverage_lcov;

  /// Whether only a part of the designs is checked, or of their rules.
  bool is_selection() const { return check != 0 || case_ != 0 || !system.empty() || !rules.empty(); }

  bool wants_coverage() const {
    return coverage || coverage_library || !coverage_json.empty() || !coverage_lcov.empty();
  }
};

std::size_t most_cases(const checker::LoadedDesign& design) {
  std::size_t most = 0;
  for (const checker::LoadedCheck& check : design.checks) most = std::max(most, check.cases.size());
  return most;
}

/// The command that makes `check` again.
std::string command_of(const checker::LoadedDesign& design, const checker::LoadedCheck& check,
                       const CheckFlags& flags) {
  const bool is_alone = design.checks.size() == 1 && flags.check == 0 && flags.system.empty();
  return check_again(design, check, is_alone, flags.defines, flags.search);
}

checker::LoadOptions load_options(const CheckFlags& flags, const std::atomic<bool>& interrupted) {
  checker::LoadOptions options = flags.search.load_options();
  options.interrupt = &interrupted;
  options.defines = define_map(flags.defines);
  options.rules = flags.rules;
  options.coverage = flags.wants_coverage();
  if (!flags.system.empty()) options.system = flags.system;
  if (flags.check != 0) options.check = flags.check;
  return options;
}

/// All texts are read before anything is searched: a mistake in the last file is reported at once. Where one
/// cannot be used standard error says why, and `code` what the command ends with.
std::vector<std::unique_ptr<checker::LoadedDesign>> load_all(const CheckFlags& flags,
                                                             const std::atomic<bool>& interrupted,
                                                             checker::CheckedFiles* checked, ExitCode* code) {
  const checker::LoadOptions options = load_options(flags, interrupted);
  std::vector<std::unique_ptr<checker::LoadedDesign>> designs;
  const auto bad = [&](ExitCode why) { *code = worse(*code, why); };
  for (const std::string& path : flags.files) {
    auto text = checker::read_text(path);
    if (!text) {
      report_error(text.error());
      checked->files.push_back(unreadable_file(path, text.error()));
      bad(ExitCode::WrongInput);
      continue;
    }
    designs.push_back(checker::load_design(path, std::move(*text), options));
    const checker::LoadedDesign& design = *designs.back();
    const std::size_t most = most_cases(design);
    checked->files.push_back(checked_file(design));
    if (!report_problems(design, flags.search.no_color)) {
      const bool cut_short = design.cut_short != checker::LimitKind::None;
      bad(cut_short ? ExitCode::Undecided : ExitCode::WrongInput);
      if (cut_short) break;
    } else if (design.checks.empty()) {
      checked->files.back().problem = fmt::format(
          "'{}' has no system to check: add 'system Name {{ ... }}' with the instances, and 'check Name'", path);
      report_error(checked->files.back().problem);
      bad(ExitCode::WrongInput);
    } else if (flags.case_ > most) {
      checked->files.back().problem = fmt::format("there is no case {}: the checks of '{}' have {} at most",
                                                  flags.case_, path, checker::counted(most, "case"));
      report_error(checked->files.back().problem);
      bad(ExitCode::WrongInput);
    }
  }
  return designs;
}

/// How a design was loaded, for the files of swarms.
checker::SwarmDesign searched_design(const checker::LoadedDesign& design, const CheckFlags& flags) {
  checker::SwarmDesign searched;
  searched.file = design.name;
  searched.system = flags.system;
  searched.check = flags.check;
  searched.rules = flags.rules;
  searched.defines = define_map(flags.defines);
  const checker::LoadOptions load = flags.search.load_options();
  searched.library_directory = load.library_directory;
  searched.plain = load.plain;
  searched.slice = load.slice;
  return searched;
}

/// A search that ends sooner needs no first look, which would take as long as all of it.
constexpr std::chrono::milliseconds kFirstLookAfter{1000};

/// How long a search goes on after the first violation; nothing where the user bounds it, or wants it whole.
std::optional<std::chrono::milliseconds> after_first(const CheckFlags& flags) {
  const checker::SearchOptions& search = flags.search.check.search;
  const checker::Limits& limits = search.limits;
  const bool is_bounded = limits.time || limits.memory_bytes || limits.states || limits.depth;
  const bool is_kept = !search.checkpoint.empty() || !search.resume.empty();
  // A known finding is no reason to end.
  if (flags.all || flags.stop_at_first || is_bounded || is_kept || flags.baseline.wanted()) return std::nullopt;
  return flags.after_first;
}

/// Whether a limit ended the search, of states or of infinite runs.
bool was_stopped(const checker::SearchResult& result) {
  if (result.limit != checker::LimitKind::None) return true;
  return std::any_of(result.rules.begin(), result.rules.end(), [](const checker::RuleResult& rule) {
    const auto* why = std::get_if<checker::Incomplete>(&rule.reason);
    return why != nullptr && why->limit != checker::LimitKind::None;
  });
}

checker::SwarmAsked swarm_asked(const SearchFlags& flags) {
  return {flags.given("--seed"), flags.given("--searches"), flags.given("--part"), flags.given("--depth")};
}

/// Writes the run of the first story that is told of `outcome`.
ExitCode save_run(const checker::LoadedDesign& design, const checker::LoadedCheck& check,
                  const checker::CheckOutcome& outcome, const CheckFlags& flags) {
  for (const checker::BrokenRule& rule : outcome.broken) {
    const checker::CaseOutcome& best = outcome.cases[rule.best];
    const checker::Finding* finding =
        checker::finding_of(best, *checker::result_of(*best.system, best.result, rule.name));
    if (finding == nullptr || finding->no_run != checker::LimitKind::None || finding->run.states.empty()) continue;
    auto saved = checker::saved_run(best, *finding, design.sources);
    if (!saved) return report_error(saved.error()), ExitCode::InternalError;
    saved->tool_version = QUIESCE_VERSION;
    saved->design.file = design.name;
    saved->design.library = flags.search.library_directory;
    saved->design.defines = define_map(flags.defines);
    saved->design.check = check.number;
    saved->design.case_number = flags.case_ != 0 ? flags.case_ : rule.best + 1;
    const auto written = checker::write_atomically(flags.save_run, checker::saved_run_json(*saved));
    if (!written) return report_error(written.error()), ExitCode::WrongInput;
    return ExitCode::AllHold;
  }
  report_error(fmt::format("no run could be saved to '{}': none was found for what is broken", flags.save_run));
  return ExitCode::WrongInput;
}

checker::CheckOptions check_options(const CheckFlags& flags, const std::atomic<bool>& interrupted) {
  checker::CheckOptions options = flags.search.check_options();
  options.search.stop_at_first = flags.stop_at_first;
  options.search.after_first = after_first(flags);
  options.search.first_look_after = kFirstLookAfter;
  options.search.interrupt = &interrupted;
  options.search.measure_multipliers = !flags.quiet;
  return options;
}

/// Searches one case of a check, and shows how far the search is.
model::Expected<checker::CaseOutcome> search_case(const checker::LoadedDesign& design,
                                                  const checker::LoadedCheck& check, const checker::CheckCase& case_,
                                                  const CheckFlags& flags, checker::CheckOptions options,
                                                  checker::OutcomeCache* cache) {
  const checker::AskedFor asked{options.search, flags.search.plain, flags.search.slice};
  Progress progress(flags.progress, case_.title);
  progress.watch(options.search);
  const bool keeps_part = options.search.order == checker::Order::Swarm && !flags.search.single_search_option().empty();
  auto result = keeps_part ? checker::search_part(case_, options, swarm_asked(flags.search), flags.search.swarm_file(),
                                                  searched_design(design, flags))
                           : check_with(cache, design, check, case_, options);
  progress.finish(result ? *result : checker::SearchResult());
  if (!result) return model::unexpected(result.error());
  if (result->warning && !result->problem) report_warning(checker::trouble_text(result->warning));
  return checker::case_outcome(case_, std::move(*result), asked);
}

/// Searches the cases of one check, prints its report and adds the outcome to `file`.
ExitCode run_check(const checker::LoadedDesign& design, const checker::LoadedCheck& check, const CheckFlags& flags,
                   const std::atomic<bool>& interrupted, checker::OutcomeCache* cache, checker::CheckedFile* file,
                   bool* saved) {
  const checker::CheckOptions options = check_options(flags, interrupted);
  checker::CheckAllOptions which{.stop_at_first = flags.stop_at_first, .interrupt = &interrupted};
  if (flags.case_ != 0) which.only_case = flags.case_ - 1;
  auto checked = checker::check_all(
      check.cases,
      [&](const checker::CheckCase& case_) { return search_case(design, check, case_, flags, options, cache); }, which);
  if (!checked) {
    report_error(checked.error());
    return ExitCode::WrongInput;
  }
  ExitCode code = exit_code_of(checked->outcome);
  checker::TextOptions text = text_options(flags.search.no_color, flags.search.timing);
  text.quiet = flags.quiet;
  text.full = flags.full;
  text.timeline = flags.timeline;
  text.command = command_of(design, check, flags);
  if (!flags.why && !flags.quiet) {
    text.telling_turn = [&](const checker::CaseOutcome& case_, const checker::Finding& finding) {
      return checker::telling_turn(case_, finding, design.sources);
    };
  }
  if (flags.case_ != 0 && check.cases.size() > 1) {
    text.case_number = flags.case_;
    text.case_count = check.cases.size();
    text.command += fmt::format(" --case {}", flags.case_);
  }
  file->checks.push_back(std::move(checked->outcome));
  const checker::CheckOutcome& outcome = file->checks.back();
  if (!flags.save_run.empty() && !outcome.broken.empty() && !*saved) {
    *saved = true;
    code = worse(code, save_run(design, check, outcome, flags));
  }
  print(checker::check_report(outcome, design.sources, text));
  if (check.expect_left_out) print("  'expect' is not compared, since -D changes what is checked\n");
  const checker::SearchResult& last = outcome.cases.back().result;
  const bool swarms = options.search.order == checker::Order::Swarm;
  const std::string kept = swarms ? flags.search.swarm_file() : options.search.checkpoint;
  if (!kept.empty() && was_stopped(last) && !last.warning) {
    print(fmt::format("  continue from here with {}--resume {}\n", swarms ? "--search swarm " : "", kept));
  }
  return worse(code, report_left(checked->left, check));
}

/// Searches all cases of a design once more for what they execute, and reports it.
ExitCode run_coverage(const checker::LoadedDesign& design, const CheckFlags& flags,
                      const std::atomic<bool>& interrupted) {
  if (interrupted) {
    print("\ninterrupted: no coverage\n");
    return ExitCode::Undecided;
  }
  checker::CheckOptions options = flags.search.check_options();
  options.search.interrupt = &interrupted;
  std::vector<checker::CoverageCase> cases;
  for (const checker::LoadedCheck& check : design.checks) {
    for (const checker::CheckCase& case_ : check.cases) {
      Progress progress(flags.progress, "coverage of " + case_.title);
      progress.watch(options.search);
      cases.push_back({case_.title, case_.original ? &*case_.original : &case_.system, checker::cover(case_, options)});
      options.search.progress = nullptr;
    }
  }
  const checker::CoverageReport report =
      checker::coverage_of(*design.program, std::move(cases),
                           [&](model::FileId file) { return flags.coverage_library || !design.is_library(file); });
  if (flags.coverage || flags.coverage_library) {
    print("\n" + checker::coverage_text(report, design.sources, report_width(), colour_wanted(flags.search.no_color)));
  }
  const auto written = [&](const std::string& path, const std::string& text) {
    if (path.empty()) return true;
    const auto done = checker::write_atomically(path, text);
    if (!done) report_error(done.error());
    return done.has_value();
  };
  if (!flags.coverage_json.empty() && !written(flags.coverage_json, checker::coverage_json(report, design.sources))) {
    return ExitCode::WrongInput;
  }
  if (!flags.coverage_lcov.empty() && !written(flags.coverage_lcov, checker::coverage_lcov(report, design.sources))) {
    return ExitCode::WrongInput;
  }
  return ExitCode::AllHold;
}

/// Looks for mends of the checks of `file` that were just made, prints them and keeps them for reports.
void run_mends(const checker::LoadedDesign& design, const CheckFlags& flags, const std::atomic<bool>& interrupted,
               checker::CheckedFile* file) {
  checker::MendOptions options;
  options.threads = flags.search.check.search.threads;
  options.time = flags.search.check.search.limits.time.value_or(checker::kMendTime);
  options.interrupt = &interrupted;
  const auto found = checker::find_mends_of_file(design, file->checks, load_options(flags, interrupted),
                                                 flags.search.check_options(), options);
  file->fixes = checker::fixes_of(found);
  for (const checker::CheckMends& mends : found) {
    const checker::LoadedCheck& check = design.checks[mends.check];
    const std::string name = own_name(check.system);
    const std::string title = check.from_text ? fmt::format("check {}, {}", check.number, name) : "system " + name;
    print("\n" + checker::mend_report(mends.result, title, flags.search.timing == "on"));
  }
}

/// Says of each broken rule what would have made the difference in the run that is told, where that is verified.
void run_whys(const checker::LoadedDesign& design, const checker::CheckedFile& file) {
  for (const checker::CheckOutcome& outcome : file.checks) {
    for (const checker::BrokenRule& broken : outcome.broken) {
      const checker::CaseOutcome& best = outcome.cases[broken.best];
      const checker::RuleResult* rule = checker::result_of(*best.system, best.result, broken.name);
      const checker::Finding* finding = rule != nullptr ? checker::finding_of(best, *rule) : nullptr;
      const auto why = finding != nullptr ? checker::why_of(best, *finding, design.sources) : std::nullopt;
      const std::string head = fmt::format("Why {}, {}:", broken.name, best.title);
      print("\n" + head + "\n" + checker::why_text(why, broken.name, report_width()));
    }
  }
}

/// One file cannot keep several searches.
bool is_single_search(const std::vector<std::unique_ptr<checker::LoadedDesign>>& designs, const CheckFlags& flags) {
  const std::string option = flags.search.single_search_option();
  if (option.empty()) return true;
  std::size_t cases = 0;
  std::string titles;
  for (const auto& design : designs) {
    for (const checker::LoadedCheck& check : design->checks) {
      for (const checker::CheckCase& case_ : check.cases) {
        if (++cases <= 3) titles += (cases == 1 ? "" : ", ") + case_.title;
      }
    }
  }
  if (cases <= 1 || (flags.case_ != 0 && designs.size() == 1 && designs.front()->checks.size() == 1)) return true;
  report_error(
      fmt::format("{} is for one search, but there are {} ({}{}): choose one with --check, --system and -D NAME=VALUE",
                  option, cases, titles, cases > 3 ? ", ..." : ""));
  return false;
}

/// Checks all designs; each file of `checked` gets its outcomes, in the same order.
ExitCode run_checks(const std::vector<std::unique_ptr<checker::LoadedDesign>>& designs, const CheckFlags& flags,
                    const std::atomic<bool>& interrupted, checker::OutcomeCache* cache,
                    checker::CheckedFiles* checked) {
  ExitCode code = ExitCode::AllHold;
  bool first = true;
  bool saved = false;
  for (std::size_t i = 0; i < designs.size(); ++i) {
    const checker::LoadedDesign& design = *designs[i];
    for (const checker::LoadedCheck& check : design.checks) {
      if (flags.case_ > check.cases.size()) continue;
      if (interrupted && !first) return worse(code, ExitCode::Undecided);
      if (!first) print("\n");
      first = false;
      code = worse(code, run_check(design, check, flags, interrupted, cache, &checked->files[i], &saved));
      if (flags.stop_at_first && code == ExitCode::Violated) return code;
    }
    if (flags.why) run_whys(design, checked->files[i]);
    if (flags.mend) run_mends(design, flags, interrupted, &checked->files[i]);
    if (flags.wants_coverage()) code = worse(code, run_coverage(design, flags, interrupted));
  }
  return code;
}

/// That the options fit together and the files can be written; else why not.
model::Expected<void> consistent(const CheckFlags& flags) {
  if (const auto fit = flags.search.consistent(); !fit) return fit;
  const checker::SearchOptions& search = flags.search.check.search;
  if (search.order == checker::Order::BreadthFirst && checker::is_part(search.resume))
    return model::unexpected(fmt::format("'{}' holds what a swarm has done: add --search swarm", search.resume));
  if (const auto fit = flags.reports.consistent(); !fit) return fit;
  if (!flags.save_run.empty()) {
    if (const auto may = checker::may_be_written(flags.save_run); !may) return may;
  }
  if (flags.mend && (flags.case_ != 0 || flags.stop_at_first || !flags.search.single_search_option().empty())) {
    return model::unexpected(
        "--mend is for whole checks: leave out --case, --stop-at-first and options for one search");
  }
  if (flags.baseline.wanted() && flags.stop_at_first) {
    return model::unexpected(
        "a search that stops at the first violation cannot know what is new: leave out --stop-at-first");
  }
  const std::string single = flags.search.single_search_option();
  if (!flags.cache.folder.empty() && !single.empty()) {
    return model::unexpected(
        fmt::format("{} keeps a search that was not finished, --cache results: leave one out", single));
  }
  return {};
}

ExitCode run(const CheckFlags& flags) {
  const std::atomic<bool>& interrupted = catch_interrupts();
  if (const auto fit = consistent(flags); !fit) {
    report_error(fit.error());
    return ExitCode::WrongInput;
  }
  BaselineUse baseline(flags.baseline);
  if (!baseline.read()) return ExitCode::WrongInput;
  if (flags.reports.takes_standard_output()) give_up_standard_output();
  ExitCode code = ExitCode::AllHold;
  checker::CheckedFiles checked = no_files(flags.search.timing == "on", false);
  checked.full = flags.full;
  checked.baseline = baseline.known();
  const auto designs = load_all(flags, interrupted, &checked, &code);
  if (code == ExitCode::AllHold) {
    if (!is_single_search(designs, flags)) return ExitCode::WrongInput;
    const auto cache = flags.cache.open();
    code = run_checks(designs, flags, interrupted, cache.get(), &checked);
    if (cache != nullptr) print("\n" + cache_text(cache.get()));
  }
  if (flags.baseline.wanted()) code = baseline.settle(checked, code, {!flags.is_selection(), interrupted});
  return flags.reports.write(checked) ? code : worse(code, ExitCode::WrongInput);
}

}  // namespace

void add_check(CLI::App& app, Action& action) {
  auto flags = std::make_shared<CheckFlags>();
  CLI::App* command = app.add_subcommand("check", "search for runs that break a rule, and show the shortest");
  command->add_option("FILE", flags->files, "designs; '-' reads standard input")->required()->type_name("");
  command
      ->add_option("--system", flags->system, "check only this system (with default parameters if no check names it)")
      ->type_name("NAME");
  command->add_option("--check", flags->check, "check only the check with this number, from 1")->type_name("N");
  command->add_option("--case", flags->case_, "check only the case with this number in the matrix, from 1")
      ->type_name("N");
  command->add_option("--for", flags->rules, "check these rules instead: wdm.*, core.stuck; comma between several")
      ->type_name("RULE")
      ->delimiter(',')
      ->allow_extra_args(false);
  add_defines(*command, flags->defines);
  command->add_flag("--stop-at-first", flags->stop_at_first, "stop at the first violation instead of one run per rule");
  command->add_flag("--all", flags->all, "search everything, however long after the first violation");
  command
      ->add_option_function<std::string>(
          "--after-first",
          [flags](const std::string& text) {
            const auto time = parse_duration(text);
            if (!time) throw CLI::ValidationError("--after-first", fmt::format("'{}' is not a time such as 10s", text));
            flags->after_first = *time;
          },
          "without limits a search ends this long after a violation, or as long again as that took (default: 10s)")
      ->type_name("TIME");
  command->add_flag("--quiet,-q", flags->quiet, "verdicts only: no stories");
  command->add_flag("--timeline", flags->timeline, "below each story a timeline of CPUs and levels");
  command->add_flag("--why", flags->why,
                    "which other turn would have made the difference, and what every run that breaks the rule does");
  command->add_flag("--mend", flags->mend,
                    "look for small changes of the design under which all rules hold (--time; default: 60s a check)");
  command->add_flag("--full", flags->full, "show every statement of a story, also inside the library");
  add_progress(*command, flags->progress);
  const std::string coverage = "Coverage (costs one more search, with the same limits)";
  command
      ->add_flag("--coverage", flags->coverage, "what of the text no run executes: actions, handlers, lines, choices")
      ->group(coverage);
  command->add_flag("--coverage-library", flags->coverage_library, "the same, of the library's text too")
      ->group(coverage);
  command->add_option("--coverage-json", flags->coverage_json, "write it to FILE as JSON")
      ->type_name("FILE")
      ->group(coverage);
  command->add_option("--coverage-lcov", flags->coverage_lcov, "write it to FILE as a trace of lcov, for genhtml")
      ->type_name("FILE")
      ->group(coverage);
  command->add_option("--save-run", flags->save_run, "write the run of the first story to FILE, for 'quiesce explain'")
      ->type_name("FILE");
  flags->reports.add_to(*command);
  flags->baseline.add_to(*command);
  flags->cache.add_to(*command);
  flags->search.add_to(*command);
  flags->search.add_files_to(*command);
  command->footer(
      "Exit code: 0 all hold, 1 a rule is violated or vacuous, 2 the input is wrong, 3 undecided within the limits.\n"
      "Example:   quiesce check my_driver.qsm --for 'wdm.*' -D processors=1 --time 30s");
  command->callback([flags, &action] { action = [flags] { return run(*flags); }; });
}

}  // namespace quiesce::cli
