#include "checker/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checker/load.h"
#include "checker/report/sentences.h"
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
