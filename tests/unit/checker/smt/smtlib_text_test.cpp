#include "checker/smt/smtlib_text.h"

#include <cstdint>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checker/smt/solver.h"
#include "model/guarded/number_width.h"
#include "model/interpret/evaluate.h"
#include "tests/support/system_builder.h"

namespace quiesce::checker {
namespace {

using namespace model;
using ::testing::HasSubstr;

constexpr std::int64_t kLeast = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t kGreatest = std::numeric_limits<std::int32_t>::max();

/// A system of cells and formulas, and nothing else.
struct Cells : SystemBuilder {
  GuardedSystem guarded() {
    GuardedSystem result;
    result.all_ended = number(0);  // stands in the table, which is copied next
    result.system = system;
    result.constant.resize(system.cells.size());
    return result;
  }
};

/// What a solver makes of a formula in a state.
std::int64_t solved(const GuardedSystem& guarded, unsigned width, ExprId formula, const State& state) {
  const SearchControl control(Limits{}, nullptr);
  Solver solver(control, Solver::Kind::Thorough);
  SmtLibText text(guarded, width);
  StateTerms terms = text.declare("s");
  text.assert_value(text.number(terms, formula));
  text.assert_that(text.truth(terms, formula));
  for (std::size_t i = 0; i < state.size(); ++i) text.assert_that(text.holds(terms, CellId(i), state[i]));
  const std::vector<Term> read = solver.read(text.text());
  for (std::size_t i = 2; i < read.size(); ++i) solver.assert_that(read[i]);
  EXPECT_EQ(solver.check(), Answer::Satisfiable);
  const std::int64_t value = solver.value(read[0]);
  EXPECT_EQ(solver.is_true(read[1]), value != 0) << text.text();
  return value;
}

constexpr BinaryOp kAll[] = {BinaryOp::And,   BinaryOp::Or,        BinaryOp::Equal,    BinaryOp::NotEqual,
                             BinaryOp::Less,  BinaryOp::LessEqual, BinaryOp::Greater,  BinaryOp::GreaterEqual,
                             BinaryOp::Add,   BinaryOp::Subtract,  BinaryOp::Multiply, BinaryOp::Divide,
                             BinaryOp::Modulo};

class Operations : public testing::TestWithParam<BinaryOp> {};

TEST_P(Operations, MeanInZ3WhatTheyMeanInTheModel) {
  Cells b;
  const CellId x = b.integer("x", -7, 7);
  const CellId y = b.integer("y", -7, 7);
  b.system.properties.push_back(
      {PropertyKind::Reachable, RuleId(0), b.exprs().binary(GetParam(), b.get(x), b.get(y)), ExprId(), {}, ""});
  GuardedSystem guarded = b.guarded();
  const ExprId formula = b.system.properties.front().condition;
  guarded.reachable.push_back({PropertyId(0), formula});
  for (const unsigned width : {number_width(guarded), 64u}) {
    for (const std::int32_t left : {-7, -3, 0, 1, 7}) {
      for (const std::int32_t right : {-7, -2, -1, 0, 1, 3}) {
        const State state = {left, right};
        EXPECT_EQ(solved(guarded, width, formula, state), evaluate(formula, {guarded.system, state}))
            << left << " and " << right << " in " << width << " bits";
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Operations, testing::ValuesIn(kAll));

TEST(SmtLibText, TruthAndNumbersMix) {
  Cells b;
  const CellId flag = b.boolean("flag");
  const CellId n = b.integer("n", 0, 3);
  ExprTable& e = b.exprs();
  const ExprId formulas[] = {
      e.binary(BinaryOp::Add, b.get(flag), b.get(n)),
      e.negation(b.get(n)),
      e.equal(b.get(flag), b.get(n)),
      e.equal(b.get(flag), e.negation(b.get(n))),
      e.equal(b.get(flag), b.number(0)),
      e.conditional(b.get(n), b.get(flag), e.negation(b.get(flag))),
      e.conditional(b.get(flag), b.get(n), b.number(-1)),
      e.add(UnaryExpr{UnaryOp::Negate, b.get(flag)}),
  };
  GuardedSystem guarded = b.guarded();
  for (const ExprId formula : formulas) guarded.reachable.push_back({PropertyId(0), formula});
  for (const ExprId formula : formulas) {
    for (const State& state : {State{0, 0}, State{0, 1}, State{1, 0}, State{1, 3}}) {
      EXPECT_EQ(solved(guarded, number_width(guarded), formula, state), evaluate(formula, {guarded.system, state}));
    }
  }
}

TEST(SmtLibText, WritesSharedPartsOnce) {
  Cells b;
  const CellId n = b.integer("n", 0, 3);
  ExprId sum = b.get(n);
  for (int i = 0; i < 40; ++i) sum = b.exprs().binary(BinaryOp::Add, sum, sum);
  GuardedSystem guarded = b.guarded();
  guarded.reachable.push_back({PropertyId(0), sum});
  SmtLibText text(guarded, number_width(guarded));
  StateTerms state = text.declare("s");
  text.number(state, sum);
  EXPECT_LT(text.text().size(), 4000u);
}

TEST(SmtLibText, LeavesOutWhatIsConstant) {
  Cells b;
  const CellId n = b.integer("n", 2, 9);
  GuardedSystem guarded = b.guarded();
  guarded.constant[n.value] = 5;
  SmtLibText text(guarded, number_width(guarded));
  const StateTerms state = text.declare("s");
  EXPECT_EQ(text.text(), "");
  EXPECT_EQ(text.holds(state, n, 5), "true");
  EXPECT_EQ(text.holds(state, n, 4), "false");
  EXPECT_EQ(text.bit(state, n, 0), "true");  // 5 - 2 = 3
  EXPECT_EQ(text.bit(state, n, 2), "false");
}

// ------------------------------------------------------------------------------------------------- widths

unsigned width_of(Cells& b, ExprId formula) {
  GuardedSystem guarded = b.guarded();
  guarded.reachable.push_back({PropertyId(0), formula});
  return number_width(guarded);
}

TEST(NumberWidth, IsWhatTheValuesNeed) {
  Cells b;
  const CellId n = b.integer("n", 0, 127);
  EXPECT_EQ(width_of(b, b.get(n)), 8u);
  EXPECT_EQ(width_of(b, b.plus(b.get(n), b.number(1))), 9u);
  EXPECT_EQ(width_of(b, b.exprs().binary(BinaryOp::Multiply, b.get(n), b.get(n))), 15u);
  EXPECT_EQ(width_of(b, b.exprs().binary(BinaryOp::Divide, b.get(n), b.number(-1))), 8u);
  EXPECT_EQ(width_of(b, b.exprs().equal(b.get(n), b.number(-1000))), 11u);
}

TEST(NumberWidth, HoldsTheLeastNumber) {
  Cells b;
  const CellId n = b.integer("n", -128, 0);
  EXPECT_EQ(width_of(b, b.get(n)), 9u);
}

TEST(NumberWidth, EndsAt64WhereNumbersWrapAnyway) {
  Cells b;
  const CellId n = b.integer("n", kLeast, kGreatest);
  ExprId product = b.get(n);
  for (int i = 0; i < 5; ++i) product = b.exprs().binary(BinaryOp::Multiply, product, product);
  EXPECT_EQ(width_of(b, product), 64u);
  GuardedSystem guarded = b.guarded();
  const State state = {-1234567};
  EXPECT_EQ(solved(guarded, 64, product, state), evaluate(product, {b.system, state}));
}

}  // namespace
}  // namespace quiesce::checker
