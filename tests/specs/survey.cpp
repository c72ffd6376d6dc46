#include "tests/specs/survey.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "checker/check.h"
#include "checker/load.h"
#include "checker/report/sentences.h"

namespace quiesce {

namespace {

namespace fs = std::filesystem;
using checker::CatalogueRule;
using checker::Verdict;

const fs::path& root() {
  static const fs::path path = QUIESCE_SOURCE_DIR;
  return path;
}

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

bool has_line(const std::string& text, const std::string& beginning) {
  return text.starts_with(beginning) || text.find("\n" + beginning) != std::string::npos;
}

checker::LoadOptions load_options() {
  checker::LoadOptions options;
  options.library_directory = (root() / "specs").generic_string();
  options.check_systems_without_check = false;
  return options;
}

std::string problem_of(const checker::LoadedDesign& design) {
  return design.ok() ? "" : model::render(design.diagnostics, design.sources) + design.problem;
}

CatalogueRule described(const model::types::RuleDecl& decl) {
  CatalogueRule rule;
  rule.name = decl.name;
  rule.family = decl.name.substr(0, decl.name.find('.'));
  rule.severity = decl.core ? "core" : decl.is_warning ? "warning" : "error";
  rule.title = decl.title;
  rule.because = decl.because;
  rule.citations = decl.citations;
  return rule;
}

/// Reads the rules of the family through a design that only uses it.
SurveyedFamily survey_family(const std::string& name, std::vector<CatalogueRule>& built_in) {
  SurveyedFamily family;
  family.name = name;
  const auto design =
      checker::load_design("catalogue.qsm", fmt::format("module catalogue\nuse {}\n", name), load_options());
  family.problem = problem_of(*design);
  if (!family.problem.empty()) return family;
  built_in.clear();  // the same whatever is used
  for (const auto& decl : design->program->rules) {
    CatalogueRule rule = described(*decl);
    if (!decl->span.valid()) {
      built_in.push_back(std::move(rule));
    } else if (rule.family == name && std::count(rule.name.begin(), rule.name.end(), '.') == 1) {
      family.rules.push_back(std::move(rule));  // and no property of a machine, which has a name of three parts
    }
  }
  return family;
}

SurveyedCell survey_cell(checker::CheckCase& case_, std::size_t check) {
  SurveyedCell surveyed;
  surveyed.check = check;
  surveyed.title = case_.title;
  const checker::SearchResult result = checker::check(case_, {});
  surveyed.statistics = result.statistics;
  surveyed.complete = result.complete;
  if (case_.expect.empty()) case_.expect.emplace_back();  // a check without `expect` must hold
  surveyed.difference = checker::comparison_text(case_.system, checker::compare(case_.system, case_.expect, result));
  for (const checker::RuleResult& rule : result.rules)
    surveyed.verdicts[case_.system.at(rule.rule).name] = rule.verdict;
  return surveyed;
}

void survey_design(SurveyedDesign& surveyed) {
  const auto design =
      checker::load_design((root() / surveyed.path).generic_string(), text_of(root() / surveyed.path), load_options());
  surveyed.problem = problem_of(*design);
  if (!surveyed.problem.empty()) return;
  for (const auto& rule : design->program->rules) {
    if (rule->name.substr(rule->name.rfind('.') + 1).starts_with("result_"))
      surveyed.result_rules.push_back(rule->name);
  }
  for (std::size_t i = 0; i < design->checks.size(); ++i) {
    for (checker::CheckCase& case_ : design->checks[i].cases) {
      surveyed.cases.push_back(survey_cell(case_, i + 1));
      case_.system = {};  // large ones need not wait for the others
    }
  }
}

Survey make_survey() {
  Survey survey;
  std::set<std::string> families;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root() / "specs")) {
    if (entry.path().extension() != ".qsm") continue;
    const std::string path = fs::relative(entry.path(), root()).generic_string();
    const std::string text = text_of(entry.path());
    if (has_line(text, "check ")) survey.designs.push_back({path, "", {}, {}});
    const fs::path folder = fs::path(path).parent_path();
    if (folder.parent_path() == "specs" && has_line(text, "rule ")) families.insert(folder.filename().string());
  }
  std::sort(survey.designs.begin(), survey.designs.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  for (const std::string& name : families) survey.families.push_back(survey_family(name, survey.built_in));

  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < survey.designs.size(); i = next++) survey_design(survey.designs[i]);
  };
  std::thread other(work);
  work();
  other.join();
  return survey;
}

}  // namespace

const Survey& survey() {
  static const Survey made = make_survey();
  return made;
}

checker::Catalogue catalogue_of(const Survey& survey) {
  std::map<std::string, std::set<std::string>> broken, kept;
  for (const SurveyedDesign& design : survey.designs) {
    for (const SurveyedCell& case_ : design.cases) {
      const bool right = std::none_of(case_.verdicts.begin(), case_.verdicts.end(),
                                      [](const auto& entry) { return entry.second == Verdict::Violated; });
      for (const auto& [rule, verdict] : case_.verdicts) {
        if (verdict == Verdict::Violated) broken[rule].insert(design.path);
        if (verdict == Verdict::Holds && right) kept[rule].insert(design.path);
      }
    }
  }
  checker::Catalogue catalogue = survey.built_in;
  for (const SurveyedFamily& family : survey.families)
    catalogue.insert(catalogue.end(), family.rules.begin(), family.rules.end());
  for (CatalogueRule& rule : catalogue) {
    rule.broken_by.assign(broken[rule.name].begin(), broken[rule.name].end());
    if (rule.severity == "core") continue;  // holds without being exercised
    rule.kept_by.assign(kept[rule.name].begin(), kept[rule.name].end());
  }
  return catalogue;
}

std::string counts_of(const Survey& survey) {
  std::string text = "# design, check, distinct states, generated steps, depth, case_. Generated: see README.md.\n";
  for (const SurveyedDesign& design : survey.designs) {
    const fs::path path = fs::path(design.path).lexically_relative("specs").replace_extension();
    text += "\n";
    for (const SurveyedCell& case_ : design.cases) {
      const checker::Statistics& s = case_.statistics;
      text += fmt::format("{} {}  {:>8} {:>8} {:>4}  {}{}\n", path.generic_string(), case_.check, s.distinct_states,
                          s.generated_steps, s.depth, case_.title, case_.complete ? "" : "  (not complete)");
    }
  }
  return text;
}

}  // namespace quiesce
