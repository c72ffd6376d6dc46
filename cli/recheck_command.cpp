// `quiesce recheck DIRECTORY`: a certificate is checked again, and is about the design that it names.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include "checker/certificate.h"
#include "checker/smt/solver.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/search_flags.h"

namespace quiesce::cli {

namespace {

using Outcome = checker::RecheckResult::Outcome;

struct RecheckFlags {
  std::string directory;
  checker::CertificateOptions options;
  bool only_z3 = false;
  std::optional<std::chrono::milliseconds> time;
};

std::vector<std::string> solvers(const checker::CertificateReport& report) {
  std::vector<std::string> result = {"Z3 " + checker::solver_version()};
  if (report.asked_sat) result.emplace_back("CaDiCaL");
  if (report.asked_other) result.emplace_back("cvc5");
  return result;
}

std::string text_of(const checker::CertificateReport& report) {
  std::string result = fmt::format("{}, system {}: ", report.design, report.system);
  switch (report.result.outcome) {
    case Outcome::Accepted:
      result += fmt::format("accepted\n  {} obligations with {} cases; {} {} that none is possible\n",
                            report.result.questions, report.result.cases, fmt::join(solvers(report), " and "),
                            solvers(report).size() > 1 ? "say" : "says");
      result += fmt::format("  proved: {}\n", fmt::join(report.rules, ", "));
      break;
    case Outcome::Refused:
      return result + fmt::format("refused\n  {}\n", report.result.problem);
    case Outcome::Undecided:
      return result + fmt::format("undecided\n  {}\n", report.result.problem);
  }
  if (!report.left_out.empty()) result += fmt::format("  not part of it: {}\n", fmt::join(report.left_out, ", "));
  result += fmt::format("  about {}\n  trusted: {}\n", report.about, report.trusted);
  return result;
}

ExitCode code_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::Accepted:
      return ExitCode::AllHold;
    case Outcome::Refused:
      return ExitCode::Violated;
    case Outcome::Undecided:
      return ExitCode::Undecided;
  }
  return ExitCode::InternalError;
}

ExitCode run(const RecheckFlags& flags) {
  checker::Limits limits;
  limits.time = flags.time;
  const checker::SearchControl control(limits, &catch_interrupts());
  checker::CertificateOptions options = flags.options;
  options.other_solver = !flags.only_z3;
  std::vector<std::string> directories = checker::certificates_in(flags.directory);
  if (directories.empty()) directories.push_back(flags.directory);  // the error says what is missing
  ExitCode code = ExitCode::AllHold;
  for (const std::string& directory : directories) {
    const auto report = checker::recheck_certificate(directory, options, control);
    if (!report) {
      report_error(report.error());
      return ExitCode::WrongInput;
    }
    if (directories.size() > 1) print(directory + ": ");
    print(text_of(*report));
    code = worse(code, code_of(report->result.outcome));
  }
  return code;
}

}  // namespace

void add_recheck(CLI::App& app, Action& action) {
  auto flags = std::make_shared<RecheckFlags>();
  CLI::App* command = app.add_subcommand("recheck", "check a certificate again, with Z3 and with cvc5");
  command->add_option("DIRECTORY", flags->directory, "where the certificate is, or several in a folder each")
      ->required()
      ->type_name("");
  command
      ->add_option("--design", flags->options.design, "the design, where it is not the file that the certificate names")
      ->type_name("FILE");
  command->add_flag("--only-z3", flags->only_z3, "do not ask cvc5, which is asked where it is installed");
  add_time(*command, flags->time, "give up when it takes longer: 10s, 2m; the exit code is then 3");
  add_library(*command, flags->options.library_directory);
  command->footer(
      "The design is read again, and what has to be shown is made from it again: a certificate that says something "
      "else\n"
      "is refused. Exit codes: 0 accepted, 1 refused, 2 no certificate or no design, 3 undecided.");
  command->callback([flags, &action] { action = [flags] { return run(*flags); }; });
}

}  // namespace quiesce::cli
