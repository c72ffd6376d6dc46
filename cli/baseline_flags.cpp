#include "cli/baseline_flags.h"

#include <utility>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "checker/files.h"
#include "checker/result/numbers.h"
#include "cli/console.h"

namespace quiesce::cli {

void BaselineFlags::add_to(CLI::App& command) {
  const std::string group = "Known findings (see docs/ci.md)";
  command.add_option("--baseline", compare, "what FILE knows does not fail; show what is new, and what is gone")
      ->type_name("FILE")
      ->group(group);
  command.add_option("--write-baseline", write, "write all findings to FILE, as known from now on")
      ->type_name("FILE")
      ->group(group);
}

bool BaselineUse::read() {
  if (!flags_.write.empty()) {
    if (const auto may = checker::may_be_written(flags_.write); !may) return report_error(may.error()), false;
  }
  if (flags_.compare.empty()) return true;
  const auto text = checker::read_text(flags_.compare);
  if (!text) return report_error(text.error()), false;
  auto baseline = checker::read_baseline(*text);
  if (!baseline) {
    report_error(fmt::format("'{}' is no baseline: {}", flags_.compare, baseline.error()));
    return false;
  }
  known_ = std::move(*baseline);
  return true;
}

ExitCode BaselineUse::settle(const checker::CheckedFiles& checked, ExitCode code, Looked looked) const {
  if (known_) {
    const checker::BaselineChanges changes =
        checker::compare_with(*known_, checked, looked.whole && !looked.interrupted);
    print("\n" + checker::baseline_text(changes));
    // What fails although it is no finding continues failing.
    const bool all_known = changes.added.empty() && !changes.known.empty();
    if (code == ExitCode::Violated && all_known)
      code = changes.undecided || looked.interrupted ? ExitCode::Undecided : ExitCode::AllHold;
  }
  return flags_.write.empty() ? code : write(checked, code, looked);
}

ExitCode BaselineUse::write(const checker::CheckedFiles& checked, ExitCode code, Looked looked) const {
  if (looked.interrupted) return report_error(fmt::format("interrupted: '{}' is not written", flags_.write)), code;
  if (code == ExitCode::WrongInput || !looked.whole) {
    report_error(fmt::format("'{}' is not written: {}", flags_.write,
                             looked.whole
                                 ? "a text cannot be used"
                                 : "it is about whole designs, so no check, case, system or rule may be chosen"));
    return worse(code, ExitCode::WrongInput);
  }
  const checker::Baseline found = checker::baseline_of(checked);
  const auto written = checker::write_atomically(flags_.write, checker::baseline_json(found));
  if (!written) return report_error(written.error()), worse(code, ExitCode::WrongInput);
  print(fmt::format("\n{}: {}\n", flags_.write, checker::counted(found.findings.size(), "known finding")));
  const bool undecided = checker::compare_with(found, checked, false).undecided;
  if (undecided) report_warning("what is undecided is not in the baseline");
  return code == ExitCode::Violated ? (undecided ? ExitCode::Undecided : ExitCode::AllHold) : code;
}

}  // namespace quiesce::cli
