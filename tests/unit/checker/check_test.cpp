#include "checker/check.h"

#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checker/load.h"
#include "checker/report/sentences.h"
#include "checker/search/breadth_first.h"
#include "checker/search/first_look.h"
#include "tests/support/system_builder.h"

namespace quiesce::checker {
namespace {

using model::PropertyKind;
using model::SystemBuilder;

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
