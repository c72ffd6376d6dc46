// `quiesce prove FILE [CHECK...]`: the checks of a file, decided by proof where that is faster than search.
#include <algorithm>
#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "checker/certificate.h"
#include "checker/check_all.h"
#include "checker/for_which.h"
#include "checker/load.h"
#include "checker/prove.h"
#include "checker/prove_unbounded.h"
#include "checker/report/sentences.h"
#include "checker/report/text_report.h"
#include "checker/result/memory_budget.h"
#include "cli/amounts.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/design_flags.h"
#include "cli/search_flags.h"
#include "cli/whole_number.h"
#include "model/system/unbounded.h"

namespace quiesce::cli {

namespace {

struct ProveFlags {
  DesignFlags design;
  std::vector<std::size_t> checks;
  std::vector<std::string> rules;
  checker::ProveOptions prove;
  bool slice = true;
  bool plain = false;
  bool quiet = false;
  bool full = false;
  std::string timing = "on";
  std::string certificate;                                   // a directory; empty: none
  std::string for_which;                                     // a param; empty: none
  std::optional<std::chrono::steady_clock::time_point> end;  // of the whole command

  /// For the next case: it has the time that is left.
  checker::ProveOptions options() const {
    checker::ProveOptions result = prove;
    if (end) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(*end - std::chrono::steady_clock::now());
      result.check.search.limits.time = std::max(left, std::chrono::milliseconds(1));
    }
    return result;
  }

  checker::LoadOptions load_options() const {
    checker::LoadOptions options;
    options.plain = plain;
    options.slice = slice && !plain;
    options.rules = rules;
    return options;
  }
};

/// Whether the check with this position was asked for.
bool is_wanted(const ProveFlags& flags, std::size_t position) {
  return flags.checks.empty() ||
         std::find(flags.checks.begin(), flags.checks.end(), position + 1) != flags.checks.end();
}

/// Writes certificates of cases, each into a folder of its own where there are several.
class Certificates {
 public:
  Certificates(const checker::LoadedDesign& design, const ProveFlags& flags, const std::atomic<bool>& interrupted)
      : design_(design), flags_(flags), control_(checker::Limits{}, &interrupted) {
    for (std::size_t i = 0; i < design.checks.size(); ++i)
      cases_ += is_wanted(flags, i) ? design.checks[i].cases.size() : 0;
  }

  /// Of one case; what is to be said of it.
  std::string write(std::size_t check, std::size_t cell, const checker::UnboundedResult& found) const {
    if (flags_.certificate.empty()) return "";
    const std::string where = folder_of(check, cell);
    if (!found.result.proof) return fmt::format("  no certificate in {}: nothing was proved by an invariant\n", where);
    checker::CertificateSubject subject{flags_.design.file, flags_.load_options(), check, cell};
    subject.options.defines = define_map(flags_.design.defines);
    subject.options.library_directory = flags_.design.library_directory;
    if (!flags_.design.system.empty()) subject.options.system = flags_.design.system;
    const auto written = checker::write_certificate(where, subject, design_.checks[check].cases[cell].system,
                                                    *found.result.proof, design_.sources, control_, found.predicates);
    if (!written) return fmt::format("  no certificate in {}: {}\n", where, written.error());
    return fmt::format("  certificate in {}: quiesce recheck {}\n", where, where);
  }

 private:
  std::string folder_of(std::size_t check, std::size_t cell) const {
    if (cases_ <= 1) return flags_.certificate;
    return fmt::format("{}/check_{:02}_case_{:02}", flags_.certificate, check + 1, cell + 1);
  }

  const checker::LoadedDesign& design_;
  const ProveFlags& flags_;
  checker::SearchControl control_;
  std::size_t cases_ = 0;
};

std::string joined(const std::vector<std::string>& parts) {
  std::string result;
  for (const std::string& part : parts) result += (result.empty() ? "" : ", ") + part;
  return result;
}

/// What is said of one case with --for-which.
std::string for_which_text(const checker::CheckCase& case_, const std::string& param, const checker::ForWhich& found) {
  std::string result = fmt::format("check {}\n", case_.title);
  const std::string condition = checker::condition_text(param, found.holds);
  if (found.holds.empty()) {
    result += fmt::format("  no value of {} was found with which the rules hold\n", param);
  } else if (condition.empty()) {
    result += fmt::format("  holds for every value of {}: proved\n", param);
  } else {
    result += fmt::format("  holds for which {}: proved\n", condition);
  }
  std::vector<std::string> parts;
  constexpr std::size_t kMostShown = 10;
  for (const std::int64_t value : found.broken) parts.push_back(std::to_string(value));
  if (parts.size() > kMostShown) {
    const std::string more = fmt::format("... ({} more)", parts.size() - kMostShown);
    parts.resize(kMostShown);
    parts.push_back(more);
  }
  if (!parts.empty()) result += fmt::format("  a run breaks a rule with {} = {}\n", param, joined(parts));
  if (!condition.empty()) {
    result += found.is_exact ? "  these are all values that it may have\n"
                             : "  with other values that it may have it was not decided\n";
  }
  if (found.cut_short) result += "  a limit was reached, or Z3 came to no answer: there may be more values\n";
  parts.clear();
  for (const model::RuleId rule : found.left_out) parts.push_back(case_.system.at(rule).name);
  if (!parts.empty()) result += fmt::format("  not part of it, since no formula says it: {}\n", joined(parts));
  return result;
}

/// Says for each case of the check for which values of the param it holds.
ExitCode run_for_which(const checker::LoadedCheck& check, const ProveFlags& flags,
                       const std::atomic<bool>& interrupted) {
  ExitCode code = ExitCode::AllHold;
  for (const checker::CheckCase& one : check.cases) {
    if (interrupted) return worse(code, ExitCode::Undecided);
    const checker::ForWhich found = checker::for_which(one, flags.for_which, flags.options());
    if (found.problem) {
      report_error(checker::trouble_text(found.problem));
      return ExitCode::WrongInput;
    }
    print(for_which_text(one, flags.for_which, found));
    const bool holds_always = checker::condition_text(flags.for_which, found.holds).empty() && found.left_out.empty();
    if (!holds_always) code = worse(code, found.broken.empty() ? ExitCode::Undecided : ExitCode::Violated);
  }
  return code;
}

/// Decides the cases of one check and prints its report.
ExitCode run_check(const checker::LoadedDesign& design, std::size_t position, const ProveFlags& flags,
                   const Certificates& certificates, const std::atomic<bool>& interrupted) {
  const checker::LoadedCheck& check = design.checks[position];
  std::string about_certificates;
  std::list<checker::CheckCase> with_values;  // cases with values for numbers without bounds
  const auto decide = [&](const checker::CheckCase& asked) -> model::Expected<checker::CaseOutcome> {
    const bool has_bounds = model::unbounded_cells(asked.system).empty();
    checker::UnboundedResult found;
    if (has_bounds) {
      found.result = checker::prove(asked.system, flags.options());
    } else {
      found = checker::prove_unbounded(with_values.emplace_back(asked), flags.options());
    }
    if (!found.result.problem) {
      if (found.result.warning) report_warning(checker::trouble_text(found.result.warning));
      const auto number = static_cast<std::size_t>(&asked - check.cases.data());
      about_certificates += certificates.write(position, number, found);
    }
    const checker::AskedFor how{flags.prove.check.search, flags.plain, flags.slice};
    return checker::case_outcome(has_bounds ? asked : with_values.back(), std::move(found.result), how);
  };
  const auto checked = checker::check_all(check.cases, decide, {.interrupt = &interrupted});
  if (!checked) {
    report_error(checked.error());
    return ExitCode::WrongInput;
  }
  checker::TextOptions text = text_options(flags.design.no_color, flags.timing);
  text.quiet = flags.quiet;
  text.full = flags.full;
  print(checker::check_report(checked->outcome, design.sources, text));
  if (check.expect_left_out) print("  'expect' is not compared, since -D changes what is checked\n");
  print(about_certificates);
  return worse(exit_code_of(checked->outcome), report_left(checked->left, check));
}

/// That the options fit together; else why not.
model::Expected<void> consistent(const ProveFlags& flags) {
  using checker::ProofEngine;
  if (flags.prove.bound && flags.prove.engine != ProofEngine::Bounded)
    return model::unexpected("--bound says how long runs may be: add --engine bmc, or leave it out");
  if (flags.certificate.empty()) return {};
  if (flags.design.file == "-")
    return model::unexpected("--certificate names the design by its file: write it to a file first");
  if (flags.prove.engine == ProofEngine::Explicit || flags.prove.engine == ProofEngine::Bounded)
    return model::unexpected("--certificate needs an engine that finds invariants: --engine ic3, or auto");
  if (!flags.for_which.empty())
    return model::unexpected(
        "--for-which proves several things: write the condition into 'where', and prove that with --certificate");
  return {};
}

ExitCode run(ProveFlags flags) {
  const std::atomic<bool>& interrupted = catch_interrupts();
  flags.prove.check.search.interrupt = &interrupted;
  flags.prove.check.search.limits.time = flags.design.time;
  if (flags.design.time) flags.end = std::chrono::steady_clock::now() + *flags.design.time;
  flags.prove.check.search.partial_order = !flags.plain;
  flags.prove.check.search.symmetry = !flags.plain;
  if (const auto fit = consistent(flags); !fit) {
    report_error(fit.error());
    return ExitCode::WrongInput;
  }
  flags.design.unbounded = true;
  flags.prove.certify = !flags.certificate.empty();
  ExitCode code = ExitCode::AllHold;
  const auto design = flags.design.load(flags.load_options(), &code);
  if (!design) return code;
  code = ExitCode::AllHold;
  for (const std::size_t number : flags.checks) {
    if (number > design->checks.size()) {
      report_error(fmt::format("there is no check {}: '{}' has {}", number, flags.design.file, design->checks.size()));
      return ExitCode::WrongInput;
    }
  }
  const Certificates certificates(*design, flags, interrupted);
  bool first = true;
  for (std::size_t i = 0; i < design->checks.size(); ++i) {
    if (!is_wanted(flags, i)) continue;
    if (interrupted && !first) return worse(code, ExitCode::Undecided);
    if (!first) print("\n");
    first = false;
    code = worse(code, flags.for_which.empty() ? run_check(*design, i, flags, certificates, interrupted)
                                               : run_for_which(design->checks[i], flags, interrupted));
    if (code == ExitCode::WrongInput) return code;
  }
  return code;
}

void add_engine(CLI::App& command, ProveFlags& flags) {
  command
      .add_option_function<std::string>(
          "--engine",
          [&flags](const std::string& name) {
            using checker::ProofEngine;
            const std::vector<std::pair<std::string, ProofEngine>> names = {{"auto", ProofEngine::Auto},
                                                                            {"explicit", ProofEngine::Explicit},
                                                                            {"ic3", ProofEngine::Ic3},
                                                                            {"bmc", ProofEngine::Bounded}};
            const auto one =
                std::find_if(names.begin(), names.end(), [&](const auto& pair) { return pair.first == name; });
            if (one == names.end()) {
              throw CLI::ValidationError("--engine",
                                         fmt::format("there is no '{}': use auto, explicit, ic3 or bmc", name));
            }
            flags.prove.engine = one->second;
          },
          "auto (the default: explicit and ic3 side by side), explicit, ic3, bmc (runs of bounded length)")
      ->type_name("NAME");
}

void add_amounts(CLI::App& command, ProveFlags& flags) {
  checker::SearchOptions& search = flags.prove.check.search;
  flags.design.add_time_to(command,
                           "give up when all cases together take longer: 10s, 2m; what is not decided is 'unknown'");
  command
      .add_option_function<std::string>(
          "--memory",
          [&search](const std::string& text) {
            search.limits.memory_bytes = parse_memory(text);
            if (!search.limits.memory_bytes || *search.limits.memory_bytes < checker::kLeastMemory) {
              throw CLI::ValidationError("--memory",
                                         fmt::format("'{}' is not an amount of memory such as 500MiB or 2GiB, at "
                                                     "least {}MiB",
                                                     text, checker::kLeastMemory >> 20));
            }
          },
          "give up when the process needs more than this: 500MiB, 2GiB")
      ->type_name("SIZE");
  command
      .add_option_function<std::string>(
          "--bound",
          [&flags](const std::string& text) {
            const auto bound = parse_count(text);
            if (!bound || *bound > UINT32_MAX)
              throw CLI::ValidationError("--bound", fmt::format("'{}' is not a number of steps", text));
            flags.prove.bound = static_cast<std::uint32_t>(*bound);
          },
          "bmc: look at runs of at most this many steps")
      ->type_name("N");
}

}  // namespace

void add_prove(CLI::App& app, Action& action) {
  auto flags = std::make_shared<ProveFlags>();
  CLI::App* command =
      app.add_subcommand("prove", "decide checks by proof: IC3, or explicit search where that is faster");
  flags->design.add_to(*command, "only checks of this system (with default parameters if no check names it)");
  command->add_option("CHECK", flags->checks, "numbers of checks of the file, from 1 (default: all)")
      ->check(from_one())
      ->type_name("");
  command->add_option("--for", flags->rules, "decide these rules instead: wdm.*, core.stuck; comma between several")
      ->type_name("RULE")
      ->delimiter(',')
      ->allow_extra_args(false);
  add_engine(*command, *flags);
  add_amounts(*command, *flags);
  command
      ->add_option("--certificate", flags->certificate,
                   "write here what proves the rules, for 'quiesce recheck' (several cases: a folder each)")
      ->type_name("DIR");
  command
      ->add_option("--for-which", flags->for_which,
                   "say for which values of this open param the rules hold: a condition, proved")
      ->type_name("PARAM");
  command->add_flag("--quiet,-q", flags->quiet, "verdicts only: no stories");
  command->add_flag("--full", flags->full, "show every statement of a story, also inside the library");
  command->add_flag("--plain", flags->plain, "no merging of steps: states and steps as in docs/semantics.md");
  command->add_flag_callback(
      "--no-slice", [flags = flags.get()] { flags->slice = false; }, "keep what the rules do not depend on");
  add_timing(*command, flags->timing);
  flags->design.add_surroundings_to(*command);
  command->footer(
      "Exit code: 0 all hold, 1 a rule is violated or vacuous, 2 the input is wrong, 3 undecided within the limits.\n"
      "docs/engines.md says what each engine can say. Example:   quiesce prove my_driver.qsm --for 'wdm.*' --time 60s");
  command->callback([flags, &action] { action = [flags] { return run(*flags); }; });
}

}  // namespace quiesce::cli
