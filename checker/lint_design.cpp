#include "checker/lint_design.h"

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checker/lint/always_true.h"
#include "checker/lint/finding.h"
#include "checker/lint/value_findings.h"
#include "checker/lint_text.h"
#include "model/syntax/parser.h"

namespace quiesce::checker {

using namespace model;

namespace {

/// The file that the user named.
FileId own_file(const LoadedDesign& design) {
  for (std::size_t i = 0; i < design.sources.size(); ++i) {
    if (design.sources.file(FileId(i)).name() == design.name) return FileId(i);
  }
  return FileId();
}

/// "s" of "manager.run/nic.start/s" and of "nic.s".
std::string last_name(const std::string& name) {
  const std::size_t end = name.find_last_of("/.");
  return end == std::string::npos ? name : name.substr(end + 1);
}

/// Whether the finding is about a condition that the text asks in a place of its own. Others are parts of what a wait
/// or a call becomes.
bool is_of_text(const LintFinding& finding, const SourceMap& sources) {
  if (finding.code != "W0601" && finding.code != "W0602") return true;
  const std::string_view text = sources.text(finding.span);
  return text.starts_with("if") || text.starts_with("while");
}

std::vector<LintFinding> findings_in(const LoadedDesign& design, FileId file, const SearchControl& control,
                                     const std::atomic<bool>* interrupt) {
  const std::set<std::string> results = names_of_results(design.sources, file);
  const LintScope scope{[file](FileId other) { return other == file; },
                        [&, file](const Variable& variable) {
                          return !variable.span.valid() || variable.span.file != file ||
                                 results.count(last_name(variable.name)) != 0;
                        },
                        interrupt};
  LintClaims claims;
  std::vector<const TransitionSystem*> systems;
  for (const LoadedCheck& check : design.checks) {
    for (const CheckCase& one_case : check.cases) {
      systems.push_back(&one_case.system);
      find_always_true(one_case.system, scope, control, claims);
    }
  }
  find_impossible(systems, scope, control, claims);
  std::vector<LintFinding> result = claims.standing();
  std::erase_if(result, [&](const LintFinding& one) { return !is_of_text(one, design.sources); });
  for (LintFinding& one : find_in_text(*design.program, design.sources, file)) result.push_back(std::move(one));
  return result;
}

}  // namespace

LoadOptions lint_options(LoadOptions options) {
  options.plain = true;
  options.slice = false;
  return options;
}

Diagnostics lint(const LoadedDesign& design, const types::WarningOptions& warnings, const SearchControl& control,
                 const std::atomic<bool>* interrupt) {
  Diagnostics found;
  const FileId file = own_file(design);
  for (LintFinding& one : findings_in(design, file, control, interrupt)) {
    found.warning(std::move(one.code), one.span, std::move(one.message)).notes = std::move(one.notes);
  }
  Diagnostics known;
  return types::settled_lint(found, *syntax::parse(file, design.sources, known), design.sources, warnings);
}

}  // namespace quiesce::checker
