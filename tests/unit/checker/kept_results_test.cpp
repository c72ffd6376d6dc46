// Results as text (checker/report/stored_result.h) and baselines (checker/report/baseline.h), of small designs.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checker/check.h"
#include "checker/load.h"
#include "checker/report/baseline.h"
#include "checker/report/stored_result.h"

namespace quiesce::checker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kCountDesign = R"(module count
rule count.low { title "It stays low" }
machine Counter(last: int 1..3) {
  n: int 0..3 = 0
  action tick when n < last { n = n + 1 }
}
system Count(last: int 1..3 = 2) {
  counter: Counter(last)
  invariant count.low: counter.n < 2
  ltl ends: eventually counter.n == 1
}
check Count with last in 1..3
)";

std::unique_ptr<LoadedDesign> loaded(const std::string& text) { return load_design("count.qsm", text, {}); }

const CheckCase& case_of(const LoadedDesign& design, std::size_t i) { return design.checks.front().cases[i]; }

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

TEST(StoredResult, IsReadBack) {
  const auto design = loaded(kCountDesign);
  ASSERT_TRUE(design->ok());
  for (std::size_t i = 0; i < 3; ++i) {
    const SearchResult result = check(case_of(*design, i), {});
    ASSERT_TRUE(is_final(result));
    EXPECT_EQ(result.findings.size(), i == 0 ? 1u : 2u) << "a run with a loop, and from 2 on one to a state";
    const std::string text = stored_result(result);
    const auto read = read_stored_result(case_of(*design, i).system, text);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(stored_result(*read), text);
    EXPECT_EQ(overall(*read), overall(result));
    EXPECT_EQ(read->findings.front().run.loop, result.findings.front().run.loop);
  }
}

TEST(StoredResult, IsOnlyOfACompleteSearch) {
  const auto design = loaded(kCountDesign);
  CheckOptions options;
  options.search.limits.states = 1;
  EXPECT_FALSE(is_final(check(case_of(*design, 2), options)));
  options = {};
  options.search.stop_at_first = true;
  EXPECT_FALSE(is_final(check(case_of(*design, 2), options)));
  options = {};
  options.search.order = Order::Random;
  EXPECT_FALSE(is_final(check(case_of(*design, 2), options)));
  options = {};
  options.search.storage = Storage::Compact;
  EXPECT_FALSE(is_final(check(case_of(*design, 2), options)));
}

TEST(StoredResult, RefusesWhatTheSystemHasNot) {
  const auto design = loaded(kCountDesign);
  const model::TransitionSystem& system = case_of(*design, 2).system;
  const std::string text = stored_result(check(case_of(*design, 2), {}));
  EXPECT_TRUE(read_stored_result(system, text).has_value());
  for (const auto& [what, with] : std::vector<std::pair<std::string, std::string>>{
           {"\"rules\":[[", "\"rules\":[[0,0,null,null],["},  // one too many
           {"\"rules\":[[", "\"rules\":[[9"},                 // another rule
           {"\"broken\":", "\"broken\":9"},
           {",1,null,0]", ",9,null,0]"},     // no verdict
           {",1,null,0]", ",1,null,7]"},     // no finding
           {",1,null,0]", ",0,null,0]"},     // a run for what holds
           {"\"actor\":[", "\"actor\":[7"},  // no actor
           {"\"statistics\"", "\"statistic\""},
           {"}", ""}}) {
    EXPECT_FALSE(read_stored_result(system, replaced(text, what, with)).has_value()) << with;
  }
}

/// A design with what was found, as a command has it.
struct Checked {
  std::unique_ptr<LoadedDesign> design;
  CheckedFiles files;
};

Checked checked(const std::string& text, const CheckOptions& options = {}) {
  Checked all;
  all.design = loaded(text);
  CheckedFile file;
  file.name = all.design->name;
  file.sources = &all.design->sources;
  file.diagnostics = all.design->diagnostics.sorted();
  for (const LoadedCheck& one : all.design->checks) {
    std::vector<CaseOutcome> cases;
    for (const CheckCase& case_ : one.cases) cases.push_back(case_outcome(case_, check(case_, options), {}));
    file.checks.push_back(outcome_of(std::move(cases)));
  }
  all.files.files.push_back(std::move(file));
  return all;
}

std::vector<std::string> rules_of(const std::vector<KnownFinding>& findings) {
  std::vector<std::string> rules;
  for (const KnownFinding& finding : findings) rules.push_back(finding.rule);
  return rules;
}

TEST(Baseline, IsReadBack) {
  const Baseline baseline = baseline_of(checked(kCountDesign).files);
  const auto read = read_baseline(baseline_json(baseline));
  ASSERT_TRUE(read.has_value()) << read.error();
  EXPECT_EQ(read->findings, baseline.findings);
  EXPECT_THAT(rules_of(baseline.findings), ElementsAre("count.Count.ends", "count.low"));
  EXPECT_TRUE(read_baseline(baseline_json({})).has_value());
}

TEST(Baseline, KnowsWhatHasOnlyMoved) {
  const Baseline baseline = baseline_of(checked(kCountDesign).files);
  const Checked moved = checked(replaced(kCountDesign, "system Count", "\n\n// moved\nsystem Count"));
  const BaselineChanges changes = compare_with(baseline, moved.files, true);
  EXPECT_EQ(changes.known.size(), 2u);
  EXPECT_TRUE(changes.added.empty());
  EXPECT_TRUE(changes.gone.empty());
  EXPECT_FALSE(changes.undecided);
}

TEST(Baseline, ACaseThatHeldIsNew) {
  const Baseline baseline = baseline_of(checked(replaced(kCountDesign, "last in 1..3", "last in 1..2")).files);
  const BaselineChanges changes = compare_with(baseline, checked(kCountDesign).files, true);
  ASSERT_EQ(rules_of(changes.added).size(), 2u);
  EXPECT_THAT(changes.added[1].cases, ElementsAre("Count with last = 3"));
  EXPECT_TRUE(changes.known.empty());
}

TEST(Baseline, ACaseThatHoldsNowIsGone) {
  const Baseline baseline = baseline_of(checked(kCountDesign).files);
  const Checked fewer = checked(replaced(kCountDesign, "last in 1..3", "last in 1..2"));
  const BaselineChanges changes = compare_with(baseline, fewer.files, true);
  ASSERT_EQ(changes.gone.size(), 2u);
  EXPECT_THAT(changes.gone[1].cases, ElementsAre("Count with last = 3"));
  EXPECT_EQ(changes.known.size(), 2u);
  EXPECT_TRUE(compare_with(baseline, fewer.files, false).gone.empty()) << "a part only was looked at";
}

TEST(Baseline, AnotherLineIsNew) {
  const Baseline baseline = baseline_of(checked(kCountDesign).files);
  const Checked other = checked(replaced(kCountDesign, "counter.n < 2", "counter.n <= 1"));
  const BaselineChanges changes = compare_with(baseline, other.files, true);
  EXPECT_THAT(rules_of(changes.added), ElementsAre("count.low"));
  EXPECT_THAT(rules_of(changes.gone), ElementsAre("count.low"));
  EXPECT_THAT(baseline_text(changes), HasSubstr("baseline: 1 known, 1 new, 1 gone\n"));
}

TEST(Baseline, OfWhatIsUndecidedNothingIsGone) {
  const Baseline baseline = baseline_of(checked(kCountDesign).files);
  CheckOptions options;
  options.search.limits.states = 1;
  const BaselineChanges changes = compare_with(baseline, checked(kCountDesign, options).files, true);
  EXPECT_TRUE(changes.undecided);
  EXPECT_TRUE(changes.gone.empty());
}

TEST(Baseline, TextsThatAreNoneAreRefused) {
  for (const char* text : {"", "{}", "[]", "{\"format\":\"quiesce baseline\"}",
                           "{\"format\":\"quiesce baseline\",\"version\":1,\"findings\":[{}]}"}) {
    EXPECT_FALSE(read_baseline(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace quiesce::checker
