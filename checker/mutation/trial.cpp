#include "checker/mutation/trial.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "checker/load.h"
#include "checker/report/sentences.h"
#include "checker/swarm_parts.h"
#include "model/base/internal_check.h"

namespace quiesce::checker {

namespace {

namespace fs = std::filesystem;

std::string real(const std::string& path) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(path, error);
  return error ? path : canonical.generic_string();
}

CheckOptions search_options(std::optional<std::uint64_t> states, const std::atomic<bool>* interrupt) {
  CheckOptions options;
  options.search.threads = 1;  // mutants are tried side by side
  options.search.interrupt = interrupt;
  options.search.limits.states = states;
  return options;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string problem_of(const LoadedDesign& design) {
  for (const model::Diagnostic& diagnostic : design.diagnostics.sorted()) {
    if (diagnostic.severity == model::Severity::Error) return diagnostic.code + ": " + diagnostic.message;
  }
  return design.problem;
}

}  // namespace

std::string Trials::add_design(const std::string& path, const std::string& text, const std::set<std::string>& wanted) {
  Design design;
  design.path = path;
  design.text = text;
  LoadOptions options;
  options.library_directory = library_directory_;
  options.check_systems_without_check = false;
  options.wanted = [&](const model::TransitionSystem& elaborated) {
    design.cases.push_back({system_fingerprint(elaborated), 0});
    return true;
  };
  const auto loaded = load_design(path, text, options);
  if (!loaded->ok()) return problem_of(*loaded);
  std::set<std::string> modules;
  for (const std::string& one : wanted) modules.insert(real(one));
  bool uses_one = false;
  for (std::uint32_t i = 0; i < loaded->sources.size(); ++i) {
    const std::string& name = loaded->sources.file(model::FileId(i)).name();
    const std::string canonical = real(name);
    design.modules.emplace(canonical, name);
    uses_one |= modules.contains(canonical);
  }
  if (!uses_one || design.cases.empty()) return "";
  std::size_t number = 0;
  for (LoadedCheck& check : loaded->checks) {
    for (CheckCase& case_ : check.cases) {
      if (case_.expect.empty()) case_.expect.emplace_back();  // a check without `expect` must hold
      const SearchResult found = checker::check(case_, search_options(std::nullopt, interrupt_));
      if (is_interrupted()) return "interrupted";
      if (const Comparison comparison = compare(case_.system, case_.expect, found);
          comparison.match != Match::AsExpected) {
        return "is not as expected: " + first_line(comparison_text(case_.system, comparison));
      }
      design.cases[number].states = found.statistics.distinct_states;
      design.states += found.statistics.distinct_states;
      for (const Expectation& expectation : case_.expect) {
        if (expectation.verdict == Verdict::Violated)
          design.breaks.insert(expectation.rules.begin(), expectation.rules.end());
      }
      ++number;
      case_.system = {};
    }
  }
  designs_.push_back(std::move(design));
  return "";
}

void Trials::prepare() {
  std::sort(designs_.begin(), designs_.end(), [](const Design& a, const Design& b) {
    return a.states != b.states ? a.states < b.states : a.path < b.path;
  });
}

std::size_t Trials::cases() const {
  std::size_t count = 0;
  for (const Design& design : designs_) count += design.cases.size();
  return count;
}

TrialResult Trials::try_mutant(const Mutant& mutant, const std::string& path, const std::string& text) const {
  TrialResult result;
  const std::string changed = mutated(text, mutant);
  std::vector<const Design*> order;
  for (const bool first : {true, false}) {
    for (const Design& design : designs_) {
      if (design.breaks.contains(mutant.rule) == first) order.push_back(&design);
    }
  }
  const std::string module = real(path);
  bool undecided = false;
  for (const Design* design : order) {
    const auto shown = design->modules.find(module);
    if (shown == design->modules.end()) continue;
    try_design(*design, shown->second, changed, result, undecided);
    if (result.notice != Notice::Missed) return result;
  }
  if (undecided) result.notice = Notice::Undecided;
  return result;
}

void Trials::try_design(const Design& design, const std::string& shown, const std::string& changed, TrialResult& result,
                        bool& undecided) const {
  std::vector<std::size_t> different;  // cases, in the order of the text
  std::size_t number = 0;
  LoadOptions options;
  options.library_directory = library_directory_;
  options.check_systems_without_check = false;
  options.texts = {{shown, changed}};
  options.wanted = [&](const model::TransitionSystem& elaborated) {
    const bool differs =
        number >= design.cases.size() || system_fingerprint(elaborated) != design.cases[number].elaborated;
    if (differs) different.push_back(number);
    ++number;
    return differs;
  };
  const auto loaded = load_design(design.path, design.text, options);
  if (!loaded->ok()) {
    // What the types refuse, they refuse in every design.
    result.notice = loaded->program == nullptr ? Notice::Refused : Notice::Noticed;
    result.design = design.path;
    result.difference = problem_of(*loaded);
    return;
  }
  std::vector<CheckCase*> cases;
  for (LoadedCheck& check : loaded->checks) {
    for (CheckCase& case_ : check.cases) cases.push_back(&case_);
  }
  QUIESCE_CHECK(number == design.cases.size() && cases.size() == different.size())
      << "a mutant of a module changed how many cases " << design.path << " has";
  result.differs |= !cases.empty();
  std::vector<std::size_t> order(cases.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return design.cases[different[a]].states < design.cases[different[b]].states;
  });
  for (const std::size_t i : order) {
    CheckCase& case_ = *cases[i];
    if (case_.expect.empty()) case_.expect.emplace_back();
    const std::uint64_t bound = std::max(kAlwaysSearched, kGrowth * design.cases[different[i]].states);
    const SearchResult found = checker::check(case_, search_options(bound, interrupt_));
    if (is_interrupted()) {
      result.notice = Notice::Interrupted;
      return;
    }
    const Comparison comparison = compare(case_.system, case_.expect, found);
    if (comparison.match == Match::AsExpected) continue;
    if (comparison.match == Match::Undecided) {
      undecided = true;
      continue;
    }
    result.notice = Notice::Noticed;
    result.design = design.path;
    result.difference = case_.title + ": " + first_line(comparison_text(case_.system, comparison));
    return;
  }
}

}  // namespace quiesce::checker
