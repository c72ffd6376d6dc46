#include "checker/check.h"

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checker/check_all.h"
#include "checker/load.h"
#include "checker/report/sentences.h"
#include "checker/search/breadth_first.h"
#include "checker/search/first_look.h"
#include "tests/support/system_builder.h"

namespace quiesce::checker {
namespace {

using model::PropertyKind;
using model::SystemBuilder;
using ::testing::ElementsAre;

/// One rule that is violated and one that holds.
CheckCase cell_with(std::vector<Expectation> expect) {
  SystemBuilder b;
  const model::CellId flag = b.boolean("flag");
  b.action("toggle", b.is(flag, 0), {b.set(flag, 1)});
  b.property(PropertyKind::Never, b.rule("toy.broken"), b.is(flag, 1));
  b.property(PropertyKind::Invariant, b.rule("toy.kept"), b.less(b.get(flag), b.number(2)));
  CheckCase case_;
  case_.system = b.system;
  case_.expect = std::move(expect);
  return case_;
}

/// A rule that the first step breaks, and one that only a long run does.
CheckCase near_and_far() {
  SystemBuilder b;
  const model::CellId far = b.integer("far", 0, 30'000);
  const model::CellId flag = b.boolean("flag");
  b.action("count", b.less(b.get(far), b.number(30'000)), {b.set(far, b.plus(b.get(far), b.number(1)))});
  b.action("toggle", b.is(flag, 0), {b.set(flag, 1)});
  b.property(PropertyKind::Never, b.rule("toy.near"), b.is(flag, 1));
  b.property(PropertyKind::Never, b.rule("toy.far"), b.is(far, 30'000));
  CheckCase case_;
  case_.system = b.system;
  return case_;
}

TEST(Check, EndsAWhileAfterTheFirstViolation) {
  const CheckCase case_ = near_and_far();
  for (const bool partial_order : {false, true}) {
    CheckOptions options;
    options.search.partial_order = partial_order;
    options.search.after_first = std::chrono::milliseconds(0);
    const SearchResult ended = check(case_, options);
    EXPECT_FALSE(ended.complete);
    EXPECT_EQ(ended.limit, LimitKind::None);
    EXPECT_EQ(result_of(case_.system, ended, "toy.near")->verdict, Verdict::Violated);
    EXPECT_EQ(ended.findings.front().run.steps.size(), 1u);
    const RuleResult* far = result_of(case_.system, ended, "toy.far");
    EXPECT_EQ(far->verdict, Verdict::Unknown);
    const auto* why = std::get_if<Incomplete>(&far->reason);
    ASSERT_NE(why, nullptr);
    EXPECT_TRUE(why->after_first);
    options.search.after_first.reset();
    const SearchResult all = check(case_, options);
    EXPECT_TRUE(all.complete);
    EXPECT_EQ(result_of(case_.system, all, "toy.far")->verdict, Verdict::Violated);
  }
}

/// Two actions that count; no rule allows one of them to come to its end.
CheckCase deep_and_wide() {
  SystemBuilder b;
  const model::CellId deep = b.integer("deep", 0, 300);
  const model::CellId wide = b.integer("wide", 0, 300);
  b.action("count", b.less(b.get(deep), b.number(300)), {b.set(deep, b.plus(b.get(deep), b.number(1)))});
  b.action("widen", b.less(b.get(wide), b.number(300)), {b.set(wide, b.plus(b.get(wide), b.number(1)))});
  b.property(PropertyKind::Never, b.rule("toy.deep"), b.is(deep, 300));
  CheckCase case_;
  case_.system = b.system;
  return case_;
}

TEST(Check, EndsAWhileAfterAFirstLookThatFoundSomething) {
  const CheckCase case_ = deep_and_wide();
  SearchOptions options;
  options.after_first = std::chrono::milliseconds(0);
  options.first_look_after = std::chrono::milliseconds(0);
  int looks = 0;
  options.first_look = [&] { return ++looks > 0; };
  const Exploration ended = explore_breadth_first(case_.system, options);
  EXPECT_TRUE(ended.after_first);
  EXPECT_LT(ended.statistics.depth, 300u);
  EXPECT_EQ(looks, 1);
  options.first_look = [] { return false; };
  EXPECT_FALSE(explore_breadth_first(case_.system, options).findings.empty());
}

TEST(Check, GivesASearchThatWasCutOffWhatAFirstLookFound) {
  const CheckCase case_ = deep_and_wide();
  FirstLook look(case_.system, {});
  Exploration ended;
  ended.after_first = true;
  look.add_to(ended);
  EXPECT_TRUE(ended.findings.empty());  // nothing was looked at
  EXPECT_TRUE(look.take());
  EXPECT_EQ(look.add_to_progress({}).broken_rules, 1u);
  EXPECT_EQ(look.add_to_progress({}).shortest_run, 300u);
  Exploration whole;
  look.add_to(whole);
  EXPECT_TRUE(whole.findings.empty());
  look.add_to(ended);
  look.add_to(ended);
  ASSERT_EQ(ended.findings.size(), 1u);
  EXPECT_EQ(ended.findings[0].run.steps.size(), 300u);
  EXPECT_FALSE(ended.findings[0].is_shortest);
  ended.findings[0].run = {};
  ended.findings[0].no_run = LimitKind::Time;
  look.add_to(ended);
  EXPECT_EQ(ended.findings[0].run.steps.size(), 300u);
}

TEST(Check, AnnouncesWhatAFirstLookFinds) {
  const CheckCase case_ = deep_and_wide();
  for (const bool partial_order : {false, true}) {
    CheckOptions options;
    options.search.partial_order = partial_order;
    options.search.after_first = std::chrono::minutes(10);
    options.search.first_look_after = std::chrono::milliseconds(0);
    std::optional<std::uint32_t> announced_at;
    options.search.progress = [&](const Statistics& now) {
      if (now.broken_rules > 0 && !announced_at) announced_at = now.depth;
    };
    const SearchResult whole = check(case_, options);
    ASSERT_TRUE(announced_at);
    EXPECT_LT(*announced_at, 10u);
    EXPECT_TRUE(whole.complete);
    ASSERT_EQ(whole.findings.size(), 1u);
    EXPECT_EQ(whole.findings[0].run.steps.size(), 300u);
    EXPECT_TRUE(whole.findings[0].is_shortest);  // of the whole search, not of the look
  }
}

TEST(Check, ReplaysWhatBothEnginesFind) {
  const CheckCase case_ = cell_with({});
  for (Engine engine : {Engine::Explicit, Engine::Reference}) {
    CheckOptions options;
    options.engine = engine;
    const SearchResult result = check(case_.system, options);
    EXPECT_TRUE(result.complete);
    ASSERT_EQ(result.findings.size(), 1u);
    EXPECT_TRUE(result.findings[0].violation.property.valid());
    EXPECT_EQ(result.findings[0].run.steps.size(), 1u);
  }
}

TEST(Check, RefusesStatesThatAreTooWideToPack) {
  const auto problems = [](int capacity) {
    const auto design = load_design("wide.qsm",
                                    "module wide\nsystem S {\n  q: queue<int 0..1000000000, " +
                                        std::to_string(capacity) + ">\n  action a when !q.full { q.push(3) }\n}",
                                    {});
    return model::render(design->diagnostics, design->sources);
  };
  EXPECT_EQ(problems(100).find("E0620"), std::string::npos) << problems(100);
  EXPECT_NE(problems(140).find("error[E0620]: a state of S takes 7"), std::string::npos) << problems(140);
}

// ------------------------------------------------------------------------------------------- all cases of a check

std::vector<std::string> titles_of(const CheckedCases& checked) {
  std::vector<std::string> titles;
  for (const CaseOutcome& one : checked.outcome.cases) titles.push_back(one.title);
  return titles;
}

std::vector<CheckCase> three_cases() {
  std::vector<CheckCase> cases = {near_and_far(), cell_with({}), cell_with({})};
  cases[0].system.checked.clear();  // nothing to break
  for (std::size_t i = 0; i < cases.size(); ++i) cases[i].title = std::to_string(i);
  return cases;
}

TEST(CheckAll, TakesTheCasesInTheirOrder) {
  const std::vector<CheckCase> cases = three_cases();
  EXPECT_THAT(titles_of(check_all(cases, CheckOptions(), {}).value()), ElementsAre("0", "1", "2"));
  EXPECT_THAT(titles_of(check_all(cases, CheckOptions(), {.only_case = 2}).value()), ElementsAre("2"));
  const CheckedCases until_broken = check_all(cases, CheckOptions(), {.stop_at_first = true}).value();
  EXPECT_THAT(titles_of(until_broken), ElementsAre("0", "1"));
  EXPECT_EQ(until_broken.outcome.verdict, Verdict::Violated);
  EXPECT_EQ(until_broken.left, 0u) << "nothing was interrupted";
}

TEST(CheckAll, BeginsNoFurtherCaseAfterAnInterrupt) {
  const std::vector<CheckCase> cases = three_cases();
  std::atomic<bool> interrupt = true;
  const CheckedCases at_once = check_all(cases, CheckOptions(), {.interrupt = &interrupt}).value();
  EXPECT_THAT(titles_of(at_once), ElementsAre("0"));
  EXPECT_EQ(at_once.left, 2u);
  interrupt = false;
  const auto decide = [&](const CheckCase& case_) -> model::Expected<CaseOutcome> {
    interrupt = case_.title == "1";
    return case_outcome(case_, check(case_, {}), {});
  };
  const CheckedCases later = check_all(cases, decide, {.interrupt = &interrupt}).value();
  EXPECT_THAT(titles_of(later), ElementsAre("0", "1"));
  EXPECT_EQ(later.left, 1u);
}

TEST(CheckAll, EndsAtACaseThatHasNoOutcome) {
  const std::vector<CheckCase> cases = three_cases();
  int begun = 0;
  const auto has_no_outcome = [&](const CheckCase&) -> model::Expected<CaseOutcome> {
    ++begun;
    return model::unexpected("no");
  };
  EXPECT_EQ(check_all(cases, has_no_outcome, {}).error(), "no");
  EXPECT_EQ(begun, 1);
  const auto is_refused = [](const CheckCase& case_) -> model::Expected<CaseOutcome> {
    SearchResult result;
    result.problem = NotLeftOpen{"limit"};
    return case_outcome(case_, result, {});
  };
  EXPECT_THAT(check_all(cases, is_refused, {}).error(), ::testing::HasSubstr("'limit'"));
}

TEST(Load, TakesACheckWithoutExpectForOneThatHolds) {
  const std::string text = "module m\nsystem S { }\ncheck S\ncheck S expect violated core.range\n";
  const auto plain = load_design("m.qsm", text, {});
  LoadOptions options;
  options.expect_holds = true;
  const auto strict = load_design("m.qsm", text, options);
  ASSERT_TRUE(strict->ok()) << model::render(strict->diagnostics, strict->sources);
  EXPECT_TRUE(plain->checks[0].cases[0].expect.empty());
  ASSERT_EQ(strict->checks[0].cases[0].expect.size(), 1u);
  EXPECT_EQ(strict->checks[0].cases[0].expect[0].verdict, Verdict::Holds);
  ASSERT_EQ(strict->checks[1].cases[0].expect.size(), 1u);
  EXPECT_EQ(strict->checks[1].cases[0].expect[0].verdict, Verdict::Violated);
}

TEST(Compare, TakesExactlyTheRulesNamed) {
  const auto difference = [](std::vector<Expectation> expect) {
    const CheckCase case_ = cell_with(std::move(expect));
    return comparison_text(case_.system, compare(case_.system, case_.expect, check(case_.system, {})));
  };
  EXPECT_EQ(difference({}), "");
  EXPECT_EQ(difference({{Verdict::Violated, {"toy.broken"}, false}}), "");
  EXPECT_EQ(difference({{Verdict::Violated, {"toy.broken"}, true}}), "");
  EXPECT_EQ(difference({{Verdict::Violated, {}, true}}), "");

  EXPECT_EQ(difference({{Verdict::Holds, {}, false}}), "'toy.broken' is violated, it should hold");
  EXPECT_EQ(difference({{Verdict::Violated, {"toy.broken", "toy.kept"}, false}}),
            "'toy.kept' holds, it should be violated");
  EXPECT_NE(difference({{Verdict::Violated, {"toy.kept"}, true}}), "");
  EXPECT_EQ(difference({{Verdict::Vacuous, {"toy.kept"}, false}}),
            "'toy.kept' holds, it should be vacuous\n'toy.broken' is violated, it should hold");
  EXPECT_EQ(difference({{Verdict::Violated, {"toy.absent"}, true}}),
            "'toy.absent' should be violated, but it is not among the rules checked");
}

TEST(Compare, TakesNoUnknownForHolds) {
  const CheckCase case_ = cell_with({{Verdict::Holds, {}, false}});
  CheckOptions options;
  options.search.limits.states = 1;
  const Comparison comparison = compare(case_.system, case_.expect, check(case_.system, options));
  EXPECT_EQ(comparison.match, Match::Undecided);
  EXPECT_EQ(comparison.differences.front().found, Verdict::Unknown);
  EXPECT_THAT(comparison_text(case_.system, comparison), ::testing::StartsWith("undecided: limit on states reached"));
}

}  // namespace
}  // namespace quiesce::checker
