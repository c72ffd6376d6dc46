// What follows from the cases of a check together, and from what is expected of them.
#include "checker/result/outcome.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quiesce::checker {
namespace {

using ::testing::ElementsAre;

struct Outcomes : testing::Test {
  Outcomes() {
    for (const char* name : {"core.range", "lib.a", "lib.b", "lib.c", "lib.d", "lib.e"}) {
      model::Rule rule;
      rule.name = name;
      system.rules.push_back(rule);
    }
  }

  static model::RuleId id(std::size_t rule) { return model::RuleId(rule); }

  CaseOutcome case_() const {
    CaseOutcome result;
    result.system = &system;
    result.result.complete = true;
    return result;
  }

  /// A violation of `rule` with a run of so many steps; its run is missing when `limit` says so.
  static void breaks(CaseOutcome& case_, std::size_t rule, std::size_t steps, LimitKind limit = LimitKind::None) {
    Finding finding;
    finding.rule = id(rule);
    finding.run.steps.resize(steps);
    finding.no_run = limit;
    case_.result.rules.push_back({id(rule), Verdict::Violated, {}, case_.result.findings.size()});
    case_.result.findings.push_back(std::move(finding));
  }

  static void says(CaseOutcome& case_, std::size_t rule, Verdict verdict, Reason reason = {}) {
    case_.result.rules.push_back({id(rule), verdict, std::move(reason), std::nullopt});
  }

  model::TransitionSystem system;
};

TEST_F(Outcomes, ABrokenRuleIsToldByItsShortestRun) {
  CaseOutcome first = case_(), second = case_(), third = case_();
  breaks(first, 1, 7);
  breaks(second, 2, 3);
  breaks(second, 1, 4);
  breaks(third, 1, 4);
  const CheckOutcome outcome = outcome_of({first, second, third});
  ASSERT_EQ(outcome.broken.size(), 2u);
  EXPECT_EQ(outcome.broken[0].name, "lib.a");
  EXPECT_THAT(outcome.broken[0].cases, ElementsAre(0, 1, 2));
  EXPECT_EQ(outcome.broken[0].best, 1u) << "the first of the shortest";
  EXPECT_EQ(outcome.broken[1].name, "lib.b");
  EXPECT_THAT(outcome.broken[1].cases, ElementsAre(1));
  EXPECT_EQ(outcome.verdict, Verdict::Violated);
}

TEST_F(Outcomes, ARunThatWasNotFoundIsTheLongest) {
  CaseOutcome first = case_(), second = case_();
  breaks(first, 1, 0, LimitKind::Time);
  breaks(second, 1, 90);
  EXPECT_EQ(outcome_of({first, second}).broken[0].best, 1u);
  EXPECT_EQ(outcome_of({first}).broken[0].best, 0u);
}

TEST_F(Outcomes, TheShortestUnexpectedRunIsOneThatIsNotExpected) {
  CaseOutcome one = case_();
  breaks(one, 1, 2);
  breaks(one, 2, 7);
  breaks(one, 3, 4);
  says(one, 4, Verdict::Holds);
  one.comparison = compare(system, {}, one.result);
  EXPECT_FALSE(shortest_unexpected(one)) << "nothing is expected";
  one.comparison = compare(system, {{Verdict::Violated, {"lib.a", "lib.d"}, false}}, one.result);
  ASSERT_TRUE(shortest_unexpected(one));
  EXPECT_EQ(shortest_unexpected(one)->rule, "lib.c");
  EXPECT_EQ(shortest_unexpected(one)->finding->run.steps.size(), 4u);
  one.comparison = compare(system, {{Verdict::Violated, {"lib.a", "lib.b", "lib.c", "lib.d"}, false}}, one.result);
  EXPECT_FALSE(shortest_unexpected(one)) << "'lib.d' is not broken";
}

TEST_F(Outcomes, BrokenRulesStandInTheOrderOfDiscovery) {
  CaseOutcome one = case_();
  breaks(one, 3, 5);
  breaks(one, 1, 2);
  std::swap(one.result.rules[0], one.result.rules[1]);  // rules stand in the order of the catalogue
  says(one, 2, Verdict::Violated);                      // a witness that does not exist has no finding in the list
  const CheckOutcome outcome = outcome_of({one});
  ASSERT_EQ(outcome.broken.size(), 3u);
  EXPECT_EQ(outcome.broken[0].name, "lib.c");
  EXPECT_EQ(outcome.broken[1].name, "lib.a");
  EXPECT_EQ(outcome.broken[2].name, "lib.b");
}

TEST_F(Outcomes, TheGravestVerdictCounts) {
  const Verdict by_gravity[] = {Verdict::NotExercised, Verdict::Holds, Verdict::Vacuous, Verdict::Unknown,
                                Verdict::Violated};
  for (std::size_t graver = 0; graver < std::size(by_gravity); ++graver) {
    for (std::size_t other = 0; other <= graver; ++other) {
      CaseOutcome one = case_(), two = case_();
      says(one, 1, by_gravity[other]);
      says(one, 2, by_gravity[graver]);
      says(two, 1, by_gravity[other]);
      const Verdict expected = by_gravity[graver] == Verdict::NotExercised ? Verdict::Holds : by_gravity[graver];
      EXPECT_EQ(overall(one.result), expected);
      EXPECT_EQ(outcome_of({two, one}).verdict, expected);
      EXPECT_EQ(outcome_of({one, two}).verdict, expected);
    }
  }
}

TEST_F(Outcomes, RulesAreAlikeWhenTheirReasonsAre) {
  Incomplete late;
  late.limit = LimitKind::Time;
  Incomplete later = late;
  later.states = 1;
  CaseOutcome one = case_();
  says(one, 1, Verdict::Unknown, late);
  says(one, 2, Verdict::Unknown, CutOff{id(0)});
  says(one, 3, Verdict::Unknown, late);
  says(one, 4, Verdict::Unknown, later);
  says(one, 5, Verdict::Holds);
  const std::vector<AlikeRules> alike = alike_rules(system, one.result, Verdict::Unknown);
  ASSERT_EQ(alike.size(), 3u);
  EXPECT_THAT(alike[0].rules, ElementsAre("lib.a", "lib.c"));
  EXPECT_THAT(alike[1].rules, ElementsAre("lib.b"));
  EXPECT_THAT(alike[2].rules, ElementsAre("lib.d"));
}

TEST_F(Outcomes, AnExpectedCoreRuleExplainsWhatItCutsOff) {
  CaseOutcome one = case_();
  breaks(one, 0, 3);
  says(one, 1, Verdict::Unknown, CutOff{id(0)});
  const std::vector<Expectation> core = {{Verdict::Violated, {"core.range"}, false}};
  EXPECT_EQ(compare(system, core, one.result).match, Match::AsExpected);
  Incomplete late;
  late.limit = LimitKind::Time;
  says(one, 2, Verdict::Unknown, late);
  one.result.complete = false;
  EXPECT_EQ(compare(system, core, one.result).match, Match::Undecided);
  breaks(one, 3, 1);
  const Comparison comparison = compare(system, core, one.result);
  EXPECT_EQ(comparison.match, Match::Different) << "what is violated stays so, however far a search goes";
  EXPECT_EQ(comparison.differences.size(), 2u);
}

TEST_F(Outcomes, ManyRulesUnknownForOneReasonAreOneDifference) {
  const std::vector<Expectation> all_hold = {{Verdict::Holds, {}, false}};
  Incomplete late;
  late.limit = LimitKind::Time;
  CaseOutcome one = case_();
  for (std::size_t rule = 1; rule <= 3; ++rule) says(one, rule, Verdict::Unknown, late);
  EXPECT_EQ(compare(system, all_hold, one.result).differences.size(), 3u);
  says(one, 4, Verdict::Unknown, late);
  const Comparison comparison = compare(system, all_hold, one.result);
  ASSERT_EQ(comparison.differences.size(), 1u);
  EXPECT_EQ(comparison.differences[0].rule, "lib.a");
  EXPECT_EQ(comparison.differences[0].alike, 4u);
}

}  // namespace
}  // namespace quiesce::checker
