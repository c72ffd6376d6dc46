// The designs of this folder with what they expect; with and without the reduction the same; and at limits nothing but
// unknown.
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include <gtest/gtest.h>

#include "checker/check.h"
#include "checker/liveness/infinite_runs.h"
#include "checker/load.h"
#include "checker/report/sentences.h"
#include "checker/result/memory_budget.h"

namespace quiesce::checker {
namespace {

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::unique_ptr<LoadedDesign> load(const std::filesystem::path& path, bool plain) {
  LoadOptions options;
  options.plain = plain;
  auto design = load_design(path.generic_string(), text_of(path), options);
  EXPECT_TRUE(design->ok()) << design->problem << model::render(design->diagnostics, design->sources);
  return design;
}

std::vector<std::filesystem::path> designs() {
  std::vector<std::filesystem::path> result;
  for (const auto& entry : std::filesystem::directory_iterator(QUIESCE_SOURCE_DIR "/tests/liveness/designs")) {
    if (entry.path().extension() == ".qsm") result.push_back(entry.path());
  }
  std::sort(result.begin(), result.end());
  return result;
}

class Infinite : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(Infinite, IsAsExpected) {
  for (const bool plain : {false, true}) {
    const auto design = load(GetParam(), plain);
    for (const LoadedCheck& check : design->checks) {
      for (const CheckCase& case_ : check.cases) {
        const SearchResult result = checker::check(case_, {});
        EXPECT_EQ(comparison_text(case_.system, compare(case_.system, case_.expect, result)), "") << case_.title;
      }
    }
  }
}

TEST_P(Infinite, IsOnlyUnknownAtALimit) {
  const auto design = load(GetParam(), false);
  for (const LoadedCheck& check : design->checks) {
    for (const CheckCase& case_ : check.cases) {
      if (!case_.infinite) continue;
      const SearchResult whole = checker::check(case_, {});
      for (const bool by_depth : {false, true}) {
        CheckOptions options;
        if (by_depth) {
          options.search.limits.depth = 1;
        } else {
          options.search.limits.states = 2;
        }
        const SearchResult cut = checker::check(case_, options);
        for (std::size_t i = 0; i < cut.rules.size(); ++i) {
          if (cut.rules[i].verdict == Verdict::Unknown) continue;
          EXPECT_EQ(cut.rules[i].verdict, whole.rules[i].verdict) << case_.system.at(cut.rules[i].rule).name;
        }
      }
    }
  }
}

/// Nothing is said where the search was told to stop, not even that nothing runs.
void expect_nothing_said(const model::TransitionSystem& system) {
  const std::atomic<bool> interrupt{true};
  SearchOptions options;
  options.interrupt = &interrupt;
  for (const TemporalAnswer& answer : search_infinite_runs(system, options).answers) {
    EXPECT_EQ(answer.verdict, Verdict::Unknown);
    EXPECT_FALSE(answer.finding);
  }
}

TEST_P(Infinite, SaysNothingWhenInterrupted) {
  const auto design = load(GetParam(), false);
  for (const LoadedCheck& check : design->checks) {
    for (const CheckCase& case_ : check.cases) {
      if (case_.infinite) expect_nothing_said(*case_.infinite);
    }
  }
}

TEST(InfiniteRuns, ManyInitialStatesAreInterruptedToo) {
  const char* const text = R"(module many
system S {
  cpus 1
  a: int 0..99 = any
  b: int 0..99 = any
  c: int 0..99 = any where a * b == 7777
  thread t { a = 0 }
  ltl ends: eventually !running(t)
}
check S
)";
  const auto design = load_design("many.qsm", text, {});
  ASSERT_TRUE(design->ok());
  const CheckCase& case_ = design->checks.front().cases.front();
  ASSERT_TRUE(case_.infinite);
  expect_nothing_said(*case_.infinite);
}

/// Where some state breaks a core rule, runs end there: it is not known what they would have done.
TEST(InfiniteRuns, NothingHoldsBehindABrokenCoreRule) {
  const char* const text = R"(module cut
system S() {
  m: mutex
  y: bool = false
  thread holds_it { acquire m  await y  release m }
  thread waits { acquire m  release m }
  ltl never: always !y
}
check S
)";
  for (const bool plain : {false, true}) {
    LoadOptions options;
    options.plain = plain;
    const auto design = load_design("cut.qsm", text, options);
    ASSERT_TRUE(design->ok());
    const CheckCase& case_ = design->checks.front().cases.front();
    std::map<std::string, Verdict> verdicts;
    for (const RuleResult& rule : checker::check(case_, {}).rules) {
      verdicts[case_.system.at(rule.rule).name] = rule.verdict;
    }
    EXPECT_EQ(verdicts.at("core.stuck"), Verdict::Violated);
    EXPECT_EQ(verdicts.at("cut.S.never"), Verdict::Unknown);
  }
}

/// Memory may end behind the last state, when formulas are looked at: that is no reason to say that they hold.
TEST(InfiniteRuns, NothingHoldsWhereMemoryEnds) {
  const char* const text = R"(module counting
system S() {
  n: int 0..9000 = 0
  action up when n < 9000 fair { n = n + 1 }
  ltl low: eventually always n < 8900
}
check S
)";
  const auto design = load_design("counting.qsm", text, {});
  ASSERT_TRUE(design->ok());
  const model::TransitionSystem& system = *design->checks.front().cases.front().infinite;
  int ended_behind = 0, violated = 0;
  SearchOptions options;
  options.threads = 1;
  options.limits.memory_bytes = process_bytes();
  for (int i = 0; i < 2'000 && violated < 3; ++i) {
    *options.limits.memory_bytes += std::uint64_t{1} << 16;
    const InfiniteRuns runs = search_infinite_runs(system, options);
    ASSERT_EQ(runs.answers.size(), 1U);
    EXPECT_NE(runs.answers[0].verdict, Verdict::Holds);
    ended_behind += runs.is_settled && runs.answers[0].verdict == Verdict::Unknown ? 1 : 0;
    violated += runs.answers[0].verdict == Verdict::Violated ? 1 : 0;
  }
  EXPECT_EQ(violated, 3);
  EXPECT_GT(ended_behind, 0);
}

/// A device that is served, and one that is not.
constexpr const char* kTwoDevices = R"(module two
machine Device(deaf: bool) {
  cause: bool = true
  fn clear() { if !deaf { cause = false } }
  thread server { clear() }
}
system S {
  good: Device(false)
  other: Device(true)
  served: forall d: Device: forall n: 0..1 where n == 1: d.cause leads_to !d.cause
}
check S
)";

TEST(InfiniteRuns, AViolatedFormulaOfSeveralNamesItsInstance) {
  const auto design = load_design("two.qsm", kTwoDevices, {});
  ASSERT_TRUE(design->ok());
  const SearchResult result = checker::check(design->checks.front().cases.front(), {});
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_EQ(result.findings.front().violation.message, "the formula where d is other, n is 1");
}

TEST(InfiniteRuns, EventsCostTheSearchOfStatesNothing) {
  std::string text = kTwoDevices;
  text.replace(text.find("d.cause leads_to !d.cause"), 25, "called(d.clear) leads_to !d.cause");
  for (const bool plain : {false, true}) {
    LoadOptions options;
    options.plain = plain;
    const auto without = load_design("two.qsm", kTwoDevices, options), with = load_design("two.qsm", text, options);
    ASSERT_TRUE(without->ok() && with->ok());
    const SearchResult a = checker::check(without->checks.front().cases.front(), {});
    const SearchResult b = checker::check(with->checks.front().cases.front(), {});
    EXPECT_EQ(a.statistics.distinct_states, b.statistics.distinct_states);
    EXPECT_EQ(a.statistics.generated_steps, b.statistics.generated_steps);
    EXPECT_EQ(a.statistics.depth, b.statistics.depth);
    EXPECT_GT(b.infinite->distinct_states, a.infinite->distinct_states);
  }
}

INSTANTIATE_TEST_SUITE_P(Designs, Infinite, ::testing::ValuesIn(designs()),
                         [](const auto& parameter) { return parameter.param.stem().string(); });

}  // namespace
}  // namespace quiesce::checker
