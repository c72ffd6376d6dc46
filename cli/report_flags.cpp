#include "cli/report_flags.h"

#include <algorithm>
#include <functional>
#include <utility>

#include <CLI/CLI.hpp>

#include "checker/files.h"
#include "checker/page.h"
#include "checker/report/annotations.h"
#include "checker/report/junit.h"
#include "checker/report/outcome_json.h"
#include "checker/report/sarif.h"
#include "cli/console.h"

namespace quiesce::cli {

namespace {

/// A file to write and the writer of its format.
using Target = std::pair<const std::string*, std::string (*)(const checker::CheckedFiles&)>;

std::vector<Target> targets(const ReportFlags& flags) {
  return {{&flags.json, checker::outcome_json},
          {&flags.junit, checker::junit_xml},
          {&flags.sarif, checker::sarif},
          {&flags.html, checker::page_of}};
}

bool written(const std::string& path, const std::string& text) {
  if (path == "-") {
    print_report(text);
    return true;
  }
  const auto done = checker::write_atomically(path, text);
  if (!done) report_error(done.error());
  return done.has_value();
}

}  // namespace

void ReportFlags::add_to(CLI::App& command) {
  command
      .add_option("--html", html, "write FILE as a page with all verdicts, each run to be stepped through, timelines")
      ->type_name("FILE");
  const std::string group = "Reports for programs ('-' is standard output; see docs/ci.md)";
  command.add_option("--json", json, "write the whole outcome to FILE as JSON")->type_name("FILE")->group(group);
  command.add_option("--junit", junit, "write FILE as XML of JUnit: a test case for each rule of each case")
      ->type_name("FILE")
      ->group(group);
  command.add_option("--sarif", sarif, "write FILE as SARIF 2.1.0, for code scanning")->type_name("FILE")->group(group);
  command.add_flag("--github", github, "print what is wrong as annotations of GitHub Actions")->group(group);
}

bool ReportFlags::wanted() const {
  const std::vector<Target> all = targets(*this);
  return github || std::any_of(all.begin(), all.end(), [](const Target& one) { return !one.first->empty(); });
}

model::Expected<void> ReportFlags::consistent() const {
  const std::vector<Target> all = targets(*this);
  const auto streams = std::count_if(all.begin(), all.end(), [](const Target& one) { return *one.first == "-"; });
  if (streams > 1) return model::unexpected("only one report can go to standard output: name a file for the others");
  for (const Target& one : all) {
    if (one.first->empty() || *one.first == "-") continue;
    if (const auto may = checker::may_be_written(*one.first); !may) return may;
  }
  return {};
}

bool ReportFlags::takes_standard_output() const {
  const std::vector<Target> all = targets(*this);
  return std::any_of(all.begin(), all.end(), [](const Target& one) { return *one.first == "-"; });
}

bool ReportFlags::write(const checker::CheckedFiles& checked) const {
  bool all_written = true;
  for (const auto& [path, writer] : targets(*this)) {
    if (!path->empty()) all_written &= written(*path, writer(checked));
  }
  if (github) print(checker::annotations(checked));
  return all_written;
}

checker::CheckedFile checked_file(const checker::LoadedDesign& design) {
  checker::CheckedFile file;
  file.name = design.name;
  file.sources = &design.sources;
  file.diagnostics = design.diagnostics.sorted();
  file.problem = design.problem;
  file.cut_short = design.cut_short != checker::LimitKind::None;
  return file;
}

checker::CheckedFile unreadable_file(const std::string& name, const std::string& problem) {
  checker::CheckedFile file;
  file.name = name;
  file.problem = problem;
  return file;
}

checker::CheckedFiles no_files(bool show_cost, bool is_test) {
  checker::CheckedFiles none;
  none.tool_version = QUIESCE_VERSION;
  none.show_cost = show_cost;
  none.is_test = is_test;
  return none;
}

}  // namespace quiesce::cli
