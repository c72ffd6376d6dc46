#include "tests/verdicts/agreement.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <regex>
#include <sstream>

#include <gtest/gtest.h>

#include "checker/report/sentences.h"
#include "model/syntax/format.h"
#include "model/syntax/parser.h"
#include "model/system/print.h"
#include "model/system/validate.h"

namespace quiesce::checker {

std::ostream& operator<<(std::ostream& out, const Numbers& numbers) {
  return out << "states " << numbers.states << " steps " << numbers.steps << " depth " << numbers.depth;
}

std::vector<Numbers> pinned_numbers(const std::string& text) {
  static const std::regex kLine(R"(// plain: states (\d+) steps (\d+) depth (\d+))");
  std::vector<Numbers> result;
  for (std::sregex_iterator at(text.begin(), text.end(), kLine), end; at != end; ++at) {
    result.push_back({std::stoull((*at)[1]), std::stoull((*at)[2]), static_cast<std::uint32_t>(std::stoul((*at)[3]))});
  }
  return result;
}

std::vector<std::string> designs_below(const std::string& directory) {
  const std::filesystem::path root(QUIESCE_SOURCE_DIR);
  std::vector<std::string> result;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / directory)) {
    if (entry.path().extension() == ".qsm" && entry.path().parent_path().filename() == "designs") {
      result.push_back(entry.path().lexically_relative(root).generic_string());
    }
  }
  std::sort(result.begin(), result.end());
  return result;
}

std::string read_design(const std::string& path) {
  std::ifstream in(std::filesystem::path(QUIESCE_SOURCE_DIR) / path);
  EXPECT_TRUE(in) << "cannot read " << path;
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string test_name(const std::string& path) {
  const std::filesystem::path file(path);
  const std::string family = file.parent_path().parent_path().filename().string();
  std::string name = (family == "verdicts" ? "" : family + "_") + file.stem().string();
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return !std::isalnum(c) && c != '_'; }, '_');
  return name;
}

namespace {

std::vector<CheckCase*> cases_of(LoadedDesign& design) {
  std::vector<CheckCase*> result;
  for (LoadedCheck& check : design.checks) {
    for (CheckCase& case_ : check.cases) result.push_back(&case_);
  }
  return result;
}

std::unique_ptr<LoadedDesign> load(const std::string& path, const std::string& text, bool plain) {
  LoadOptions options;
  options.plain = plain;
  std::unique_ptr<LoadedDesign> design = load_design(path, text, options);
  if (!design->ok()) {
    ADD_FAILURE() << design->problem << render(design->diagnostics, design->sources);
    return nullptr;
  }
  return design;
}

}  // namespace

Twice load_twice(const std::string& path, const std::string& text) {
  Twice result;
  result.plain = load(path, text, true);
  result.reduced = load(path, text, false);
  if (result.plain == nullptr || result.reduced == nullptr) return result;
  result.plain_cases = cases_of(*result.plain);
  result.reduced_cases = cases_of(*result.reduced);
  EXPECT_EQ(result.plain_cases.size(), result.reduced_cases.size());
  return result;
}

std::map<std::string, std::string> verdicts(const CheckCase& case_, const SearchResult& result, bool with_lengths) {
  std::map<std::string, std::string> by_rule;
  for (const RuleResult& rule : result.rules) {
    std::string text = verdict_name(rule.verdict);
    if (const std::string why = reason_text(case_.system, rule.reason); !why.empty()) text += " (" + why + ")";
    if (with_lengths && rule.finding) {
      text += ", " + std::to_string(result.findings[*rule.finding].run.steps.size()) + " steps";
    }
    by_rule[case_.system.at(rule.rule).name] = text;
  }
  return by_rule;
}

SearchResult search(const CheckCase& case_, Engine engine, const Limits& limits) {
  CheckOptions options;
  options.engine = engine;
  options.search.limits = limits;
  return check(case_, options);
}

Numbers numbers_of(const SearchResult& result) {
  return {result.statistics.distinct_states, result.statistics.generated_steps, result.statistics.depth};
}

void expect_valid(const CheckCase& plain, const CheckCase& reduced) {
  for (const std::string& sentence : model::validate(plain.system)) ADD_FAILURE() << "plain system: " << sentence;
  for (const std::string& sentence : model::validate(reduced.system)) ADD_FAILURE() << "reduced system: " << sentence;
}

void expect_expectation(const CheckCase& case_, const SearchResult& result) {
  EXPECT_EQ(comparison_text(case_.system, compare(case_.system, case_.expect, result)), "");
}

void expect_only_loses(const CheckCase& case_, const SearchResult& cut, const SearchResult& whole) {
  ASSERT_EQ(cut.rules.size(), whole.rules.size());
  for (std::size_t i = 0; i < cut.rules.size(); ++i) {
    if (cut.rules[i].verdict == Verdict::Unknown) continue;
    EXPECT_EQ(verdict_name(cut.rules[i].verdict), std::string(verdict_name(whole.rules[i].verdict)))
        << case_.system.at(cut.rules[i].rule).name;
  }
}

void expect_limits_only_lose(const CheckCase& case_, const SearchResult& whole, Engine engine) {
  std::vector<Limits> tight;
  for (const std::uint64_t states : {std::uint64_t{1}, whole.statistics.distinct_states / 2}) {
    Limits limits;
    limits.states = states;
    tight.push_back(limits);
  }
  for (const std::uint32_t depth : {std::uint32_t{0}, whole.statistics.depth / 2}) {
    Limits limits;
    limits.depth = depth;
    tight.push_back(limits);
  }
  Limits no_time;
  no_time.time = std::chrono::milliseconds(0);
  tight.push_back(no_time);
  Limits no_memory;
  no_memory.memory_bytes = 1;
  tight.push_back(no_memory);

  for (const Limits& limits : tight) {
    SCOPED_TRACE(testing::Message() << "states " << limits.states.value_or(0) << ", depth " << limits.depth.value_or(0)
                                    << ", time " << limits.time.has_value() << ", memory "
                                    << limits.memory_bytes.has_value());
    const SearchResult cut = search(case_, engine, limits);
    expect_only_loses(case_, cut, whole);
  }
}

void expect_formatted_means_the_same(const std::string& path, const std::string& text, const Twice& design) {
  model::SourceMap sources;
  model::Diagnostics diagnostics;
  const auto file = model::syntax::parse(sources.add(path, text), sources, diagnostics);
  ASSERT_FALSE(diagnostics.has_errors()) << render(diagnostics, sources);
  const std::string formatted = model::syntax::format(*file, sources);

  model::SourceMap again_sources;
  const auto again = model::syntax::parse(again_sources.add(path, formatted), again_sources, diagnostics);
  EXPECT_EQ(model::syntax::format(*again, again_sources), formatted) << "formatting twice changes the text";

  const Twice same = load_twice(path, formatted);
  ASSERT_EQ(same.plain_cases.size(), design.plain_cases.size());
  for (std::size_t i = 0; i < same.plain_cases.size(); ++i) {
    EXPECT_EQ(same.plain_cases[i]->title, design.plain_cases[i]->title);
    EXPECT_EQ(model::print_system(same.plain_cases[i]->system), model::print_system(design.plain_cases[i]->system));
  }
}

}  // namespace quiesce::checker
