// Runs that are found before all states are there, and when a search of infinite runs ends: at limits, and a while
// after the first violation.
#include <chrono>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "checker/check.h"
#include "checker/liveness/infinite_runs.h"
#include "checker/load.h"
#include "checker/report/sentences.h"

namespace quiesce::checker {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// A line that storms at once, unless its handler clears it, beside counters that have 20 to the power of `counters`
/// states. None of them need end; what `more` says is asked, too.
std::unique_ptr<LoadedDesign> storm(int counters, bool clears, const std::string& more = "") {
  const std::string text = fmt::format(R"(module storm
machine Counter() {{
  n: int 0..9 = 0
  thread counts {{ loop {{ if n < 9 {{ n += 1 }} else {{ n = 0 }} }} }}
}}
system Big {{
  cpus 1
  asserted: bool = false
  counters[{}]: Counter()
  action event when !asserted sporadic {{ asserted = true }}
  handler isr at 5 when asserted {{ {} }}
  served: asserted leads_to !asserted
  {}
}}
check Big
)",
                                       counters, clears ? "asserted = false" : "pass", more);
  auto design = load_design("storm.qsm", text, {});
  EXPECT_TRUE(design->ok()) << design->problem << model::render(design->diagnostics, design->sources);
  return design;
}

const CheckCase& case_of(const LoadedDesign& design) { return design.checks.front().cases.front(); }

const RuleResult& rule_of(const CheckCase& case_, const SearchResult& result, const std::string& name) {
  return *result_of(case_.system, result, name);
}

TEST(OnTheFly, AStormIsFoundBeforeAllStatesAreThere) {
  const auto design = storm(8, false);
  CheckOptions options;
  options.search.limits.states = 5000;
  const SearchResult result = check(case_of(*design), options);
  const RuleResult& served = rule_of(case_of(*design), result, "storm.Big.served");
  ASSERT_EQ(served.verdict, Verdict::Violated);
  EXPECT_FALSE(result.findings.at(served.finding.value()).is_shortest);
}

TEST(OnTheFly, ACheckWithoutLimitsSaysItSoon) {
  const auto design = storm(8, false);
  CheckOptions options;
  options.search.after_first = milliseconds(100);
  options.search.symmetry = false;  // so that the search for states would not end either
  const auto began = steady_clock::now();
  const SearchResult result = check(case_of(*design), options);
  EXPECT_EQ(rule_of(case_of(*design), result, "storm.Big.served").verdict, Verdict::Violated);
  EXPECT_LT(steady_clock::now() - began, milliseconds(10'000));
}

TEST(OnTheFly, ASearchEndsAWhileAfterTheFirstViolation) {
  const auto design = storm(8, false, "ltl calm: always (n0 => eventually !n0)\n  n0: bool = false");
  CheckOptions options;
  options.search.after_first = milliseconds(100);
  const auto began = steady_clock::now();
  const SearchResult result = check(case_of(*design), options);
  EXPECT_LT(steady_clock::now() - began, milliseconds(10'000));
  EXPECT_EQ(rule_of(case_of(*design), result, "storm.Big.served").verdict, Verdict::Violated);
  const RuleResult& other = rule_of(case_of(*design), result, "storm.Big.calm");
  ASSERT_EQ(other.verdict, Verdict::Unknown);
  const auto* why = std::get_if<Incomplete>(&other.reason);
  ASSERT_NE(why, nullptr);
  EXPECT_TRUE(why->after_first);
  EXPECT_EQ(why->limit, LimitKind::None);
}

TEST(OnTheFly, ASearchStopsAtTheFirstViolationWhenAsked) {
  const auto design = storm(8, false, "ltl calm: always (n0 => eventually !n0)\n  n0: bool = false");
  SearchOptions options;
  options.stop_at_first = true;
  const InfiniteRuns runs = search_infinite_runs(*case_of(*design).infinite, options);
  EXPECT_EQ(runs.answers.at(0).verdict, Verdict::Violated);
  EXPECT_EQ(runs.answers.at(1).verdict, Verdict::Unknown);
  EXPECT_TRUE(std::get<Incomplete>(runs.answers.at(1).reason).stopped_at_first);
  EXPECT_LT(runs.statistics.distinct_states, 10'000U);
}

TEST(OnTheFly, AWholeSearchTellsARunWithAShortestStem) {
  const auto design = storm(2, false);
  const SearchResult result = check(case_of(*design), {});
  const RuleResult& served = rule_of(case_of(*design), result, "storm.Big.served");
  ASSERT_EQ(served.verdict, Verdict::Violated);
  const Finding& finding = result.findings.at(served.finding.value());
  EXPECT_TRUE(finding.is_shortest);
  EXPECT_EQ(finding.run.loop, 2U);  // the event, the start of the handler, and then the handler forever
}

TEST(OnTheFly, TheGraphDoesNotDependOnThreads) {
  for (const bool clears : {true, false}) {
    const auto design = storm(4, clears);
    SearchOptions options;
    options.limits.states = 40'000;  // levels of thousands
    options.threads = 1;
    const InfiniteRuns one = search_infinite_runs(*case_of(*design).infinite, options);
    options.threads = 3;
    const InfiniteRuns three = search_infinite_runs(*case_of(*design).infinite, options);
    EXPECT_EQ(one.statistics.distinct_states, three.statistics.distinct_states);
    EXPECT_EQ(one.statistics.generated_steps, three.statistics.generated_steps);
    EXPECT_EQ(one.statistics.depth, three.statistics.depth);
    ASSERT_EQ(one.answers.at(0).verdict, three.answers.at(0).verdict);
    if (clears) continue;
    EXPECT_EQ(one.answers.at(0).finding->run.states, three.answers.at(0).finding->run.states);
  }
}

/// A limit on time is kept within a second in each phase: it is tried at many moments of a search.
TEST(OnTheFly, LimitsOnTimeAreKept) {
  const auto design = storm(3, true, "terminates t\n  thread t { await asserted }\n  always_possible q: !asserted");
  SearchOptions options;
  for (const int time : {1, 20, 60, 120, 200, 350}) {
    options.limits.time = milliseconds(time);
    const auto began = steady_clock::now();
    const InfiniteRuns runs = search_infinite_runs(*case_of(*design).infinite, options);
    EXPECT_LT(steady_clock::now() - began, milliseconds(time + 1000));
    if (runs.is_settled) continue;
    for (const TemporalAnswer& answer : runs.answers) EXPECT_NE(answer.verdict, Verdict::Holds);
  }
}

TEST(OnTheFly, AnInterruptionInTheMiddleEndsIt) {
  const auto design = storm(8, true);
  std::atomic<bool> interrupt{false};
  SearchOptions options;
  options.interrupt = &interrupt;
  options.progress = [&](const Statistics& statistics) { interrupt = statistics.distinct_states > 5000; };
  const auto began = steady_clock::now();
  const InfiniteRuns runs = search_infinite_runs(*case_of(*design).infinite, options);
  EXPECT_LT(steady_clock::now() - began, milliseconds(5000));
  EXPECT_EQ(std::get<Incomplete>(runs.answers.at(0).reason).limit, LimitKind::Interrupted);
}

}  // namespace
}  // namespace quiesce::checker
