#include "model/interpret/execute.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/model/interpret/toy_system.h"

namespace quiesce::model {
namespace {

using testing::ElementsAre;

Program program(std::vector<Op> ops) {
  ops.push_back(EndOp{});
  return {std::move(ops), 4, false};
}

TEST(Execute, ChoicesComeInLexicographicOrder) {
  Toy toy(1);
  const CellId x = toy.cell("x", 0, 99);
  const TempId a{std::size_t{0}};
  const TempId b{std::size_t{1}};
  auto& e = toy.s.expressions;
  const ExprId sum =
      e.binary(BinaryOp::Add, e.binary(BinaryOp::Multiply, e.add(TempExpr{a}), toy.number(10)), e.add(TempExpr{b}));
  const auto outcomes = execute(
      toy.s, program({ChooseOp{a, 1, 2, true, "a", nullptr}, ChooseOp{b, 3, 4, false, "b", nullptr}, toy.set(x, sum)}),
      toy.initial(), std::nullopt, 0);
  std::vector<std::int32_t> values;
  for (const Outcome& outcome : outcomes) values.push_back(in(outcome.next, x));
  EXPECT_THAT(values, ElementsAre(13, 14, 23, 24));
  EXPECT_THAT(outcomes[1].choices, ElementsAre(1, 4));
  EXPECT_THAT(outcomes[1].counted, ElementsAre(true, false));
}

TEST(Execute, LaterOperationsSeeEarlierAssignments) {
  Toy toy(1);
  const CellId x = toy.cell("x", 0, 9);
  const CellId y = toy.cell("y", 0, 9);
  const auto outcomes = execute(toy.s, program({toy.set(x, 4), toy.set(y, toy.get(x))}), toy.initial(), {}, 0);
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(in(outcomes[0].next, y), 4);
}

TEST(Execute, BranchTakesOneWay) {
  Toy toy(1);
  const CellId x = toy.cell("x", 0, 9);
  const auto run = [&](std::int64_t condition) {
    const auto outcomes =
        execute(toy.s, program({BranchOp{toy.number(condition), 3}, toy.set(x, 1), JumpOp{4}, toy.set(x, 2)}),
                toy.initial(), {}, 0);
    return in(outcomes.at(0).next, x);
  };
  EXPECT_EQ(run(1), 1);
  EXPECT_EQ(run(0), 2);
}

TEST(Execute, AFailedAssumeGivesNoOutcomeAndForgetsItsViolations) {
  Toy toy(1);
  const RuleId rule = toy.rule("lib.rule");
  EXPECT_TRUE(execute(toy.s, program({toy.check(toy.number(0), rule), toy.assume(toy.number(0))}), toy.initial(), {}, 0)
                  .empty());
}

TEST(Execute, ABrokenLibraryRuleIsRecordedAndTheProgramGoesOn) {
  Toy toy(1);
  const RuleId rule = toy.rule("lib.rule");
  const CellId x = toy.flag("x");
  const auto outcomes = execute(toy.s, program({toy.check(toy.number(0), rule), toy.set(x, 1)}), toy.initial(), {}, 0);
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].violations.size(), 1u);
  EXPECT_FALSE(outcomes[0].ends_run);
  EXPECT_EQ(in(outcomes[0].next, x), 1);
  EXPECT_THAT(outcomes[0].exercised, ElementsAre(rule));
}

TEST(Execute, ABrokenCoreRuleEndsTheRunWhateverAssumeFollows) {
  Toy toy(1);
  const RuleId library = toy.rule("lib.rule");
  const RuleId core = toy.rule("core.range", true);
  const auto outcomes = execute(
      toy.s, program({toy.check(toy.number(0), library), toy.check(toy.number(0), core), toy.assume(toy.number(0))}),
      toy.initial(), {}, 0);
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_TRUE(outcomes[0].ends_run);
  ASSERT_EQ(outcomes[0].violations.size(), 2u);
  EXPECT_EQ(outcomes[0].violations[1].rule, core);
  EXPECT_THAT(outcomes[0].exercised, ElementsAre(library, core));
}

TEST(Execute, AChoiceOfNothingGivesNoOutcome) {
  Toy toy(1);
  EXPECT_TRUE(
      execute(toy.s, program({ChooseOp{TempId{std::size_t{0}}, 1, 0, true, "x", nullptr}}), toy.initial(), {}, 0)
          .empty());
}

}  // namespace
}  // namespace quiesce::model
