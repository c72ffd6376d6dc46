#include "model/system/expression.h"

#include <limits>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "model/base/overloaded.h"

namespace quiesce::model {
namespace {

constexpr BinaryOp kBinaryOps[] = {BinaryOp::And,   BinaryOp::Or,        BinaryOp::Equal,    BinaryOp::NotEqual,
                                   BinaryOp::Less,  BinaryOp::LessEqual, BinaryOp::Greater,  BinaryOp::GreaterEqual,
                                   BinaryOp::Add,   BinaryOp::Subtract,  BinaryOp::Multiply, BinaryOp::Divide,
                                   BinaryOp::Modulo};

CellId cell(std::size_t i) { return CellId(i); }

TEST(ExprTableTest, StoresEqualExpressionsOnce) {
  ExprTable t;
  const ExprId a = t.binary(BinaryOp::Add, t.load(cell(1)), t.constant(7));
  const std::size_t size = t.size();
  EXPECT_EQ(t.binary(BinaryOp::Add, t.load(cell(1)), t.constant(7)), a);
  EXPECT_EQ(t.size(), size);
  for (int i = 0; i < 1000; ++i) {
    t.constant(i);
  }
  EXPECT_EQ(t.binary(BinaryOp::Add, t.load(cell(1)), t.constant(7)), a) << "still found after the table grew";
}

TEST(ExprTableTest, FoldsLogicOnlyWhereTheValueStays) {
  ExprTable t;
  const ExprId x = t.load(cell(0));
  const ExprId truth = t.not_equal(x, t.constant(0));
  EXPECT_EQ(t.conjunction(x, t.constant(1)), truth) << "x may be 3, but 3 && true is 1";
  EXPECT_EQ(t.conjunction(truth, t.constant(1)), truth);
  EXPECT_EQ(t.conjunction(t.constant(0), x), t.constant(0));
  EXPECT_EQ(t.disjunction(x, t.constant(5)), t.constant(1));
  EXPECT_EQ(t.disjunction(t.constant(0), truth), truth);
  EXPECT_EQ(t.negation(t.negation(x)), truth);
  EXPECT_EQ(t.negation(t.negation(t.negation(x))), t.equal(x, t.constant(0)));
  EXPECT_EQ(t.conjunction(truth, t.negation(truth)), t.constant(0));
  EXPECT_EQ(t.disjunction(t.negation(x), x), t.constant(1));
}

TEST(ExprTableTest, FoldsComparisonsAndArithmetic) {
  ExprTable t;
  const ExprId x = t.load(cell(0));
  const ExprId y = t.load(cell(1));
  EXPECT_EQ(t.equal(x, x), t.constant(1));
  EXPECT_EQ(t.binary(BinaryOp::Less, x, x), t.constant(0));
  EXPECT_EQ(t.negation(t.binary(BinaryOp::Less, x, y)), t.binary(BinaryOp::GreaterEqual, x, y));
  EXPECT_EQ(t.equal(t.constant(3), x), t.equal(x, t.constant(3)));
  EXPECT_EQ(t.equal(t.equal(x, y), t.constant(0)), t.not_equal(x, y));
  EXPECT_EQ(t.equal(t.equal(x, y), t.constant(2)), t.constant(0));
  EXPECT_EQ(t.binary(BinaryOp::Add, t.constant(0), x), x);
  EXPECT_EQ(t.binary(BinaryOp::Subtract, x, x), t.constant(0));
  EXPECT_EQ(t.binary(BinaryOp::Multiply, x, t.constant(0)), t.constant(0));
  EXPECT_EQ(t.binary(BinaryOp::Divide, x, t.constant(1)), x);
  EXPECT_EQ(t.binary(BinaryOp::Modulo, t.constant(7), t.constant(0)), t.constant(0));
}

TEST(ExprTableTest, FoldsConditionalsLookupsAndPlaces) {
  ExprTable t;
  const ExprId x = t.load(cell(0));
  const ExprId y = t.load(cell(1));
  EXPECT_EQ(t.conditional(t.constant(2), x, y), x);
  EXPECT_EQ(t.conditional(x, y, y), y);
  EXPECT_EQ(t.conditional(t.negation(x), x, y), t.conditional(x, y, x));
  EXPECT_EQ(t.conditional(x, t.constant(0), t.constant(1)), t.negation(x));
  EXPECT_EQ(t.add(LookupExpr{{4, 5, 6}, t.constant(2)}), t.constant(6));
  EXPECT_EQ(t.add(LookupExpr{{4, 5, 6}, t.constant(3)}), t.constant(4)) << "out of bounds reads the first";
  EXPECT_EQ(t.add(LookupExpr{{4, 4}, x}), t.constant(4));
  EXPECT_EQ(t.load(Place{{cell(3), cell(4)}, t.constant(1)}), t.load(cell(4)));
  EXPECT_EQ(t.load(Place{{cell(3), cell(4)}, t.constant(-1)}), t.load(cell(3)));
  EXPECT_EQ(t.load(Place{{cell(3), cell(3)}, x}), t.load(cell(3)));
  EXPECT_NE(t.load(Place{{cell(3), cell(4)}, x}), t.load(cell(3)));
}

TEST(ExprTableTest, ArithmeticNeverFails) {
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(apply(BinaryOp::Divide, kLeast, -1), kLeast);
  EXPECT_EQ(apply(BinaryOp::Modulo, kLeast, -1), 0);
  EXPECT_EQ(apply(BinaryOp::Divide, 5, 0), 0);
  EXPECT_EQ(apply(BinaryOp::Modulo, 5, 0), 0);
  EXPECT_EQ(apply(UnaryOp::Negate, kLeast), kLeast);
  EXPECT_EQ(apply(BinaryOp::Add, std::numeric_limits<std::int64_t>::max(), 1), kLeast);
  EXPECT_EQ(apply(BinaryOp::Divide, -7, 2), -3);
  EXPECT_EQ(apply(BinaryOp::Modulo, -7, 2), -1);
}

/// The value of `id` when cell i holds `cells[i]`.
std::int64_t value_of(const ExprTable& t, ExprId id, const std::vector<std::int64_t>& cells) {
  const auto in_bounds = [](std::int64_t index, std::size_t size) {
    return 0 <= index && index < static_cast<std::int64_t>(size) ? static_cast<std::size_t>(index) : 0;
  };
  return std::visit(
      Overloaded{
          [](const ConstantExpr& e) { return e.value; },
          [&](const LoadExpr& e) {
            const std::size_t at =
                e.place.index.valid() ? in_bounds(value_of(t, e.place.index, cells), e.place.cells.size()) : 0;
            return cells[e.place.cells[at].value];
          },
          [](const TempExpr&) { return std::int64_t{0}; },
          [&](const UnaryExpr& e) { return apply(e.op, value_of(t, e.operand, cells)); },
          [&](const BinaryExpr& e) { return apply(e.op, value_of(t, e.left, cells), value_of(t, e.right, cells)); },
          [&](const ConditionalExpr& e) {
            return value_of(t, value_of(t, e.condition, cells) != 0 ? e.then_value : e.else_value, cells);
          },
          [&](const LookupExpr& e) { return e.table[in_bounds(value_of(t, e.index, cells), e.table.size())]; },
          [](const SelfActivationExpr&) { return std::int64_t{0}; },
          [](const CurrentCpuExpr&) { return std::int64_t{0}; },
          [](const IdleExpr&) { return std::int64_t{0}; },
      },
      t[id]);
}

/// Builds a random expression and, beside it, computes its value without the table's help.
struct Built {
  ExprId id;
  std::int64_t value;
};
Built build(ExprTable& t, const std::vector<std::int64_t>& cells, int depth) {
  const auto small = [] { return *rc::gen::inRange<std::int64_t>(-2, 4); };
  const int kind = depth == 0 ? *rc::gen::inRange(0, 2) : *rc::gen::inRange(0, 7);
  switch (kind) {
    case 0: {
      const std::int64_t value = small();
      return {t.constant(value), value};
    }
    case 1: {
      const auto c = *rc::gen::inRange<std::size_t>(0, cells.size());
      return {t.load(cell(c)), cells[c]};
    }
    case 2: {
      const UnaryOp op = *rc::gen::element(UnaryOp::Not, UnaryOp::Negate);
      const Built x = build(t, cells, depth - 1);
      return {t.add(UnaryExpr{op, x.id}), apply(op, x.value)};
    }
    case 3: {
      const Built c = build(t, cells, depth - 1);
      const Built x = build(t, cells, depth - 1);
      const Built y = build(t, cells, depth - 1);
      return {t.conditional(c.id, x.id, y.id), c.value != 0 ? x.value : y.value};
    }
    case 4: {
      const Built i = build(t, cells, depth - 1);
      const std::vector<std::int64_t> table = {small(), small(), small()};
      const std::size_t at = i.value >= 0 && i.value < 3 ? static_cast<std::size_t>(i.value) : 0;
      return {t.add(LookupExpr{table, i.id}), table[at]};
    }
    default: {
      const BinaryOp op = kBinaryOps[*rc::gen::inRange<std::size_t>(0, std::size(kBinaryOps))];
      const Built x = build(t, cells, depth - 1);
      const Built y = build(t, cells, depth - 1);
      return {t.binary(op, x.id, y.id), apply(op, x.value, y.value)};
    }
  }
}

RC_GTEST_PROP(ExprTableProperty, FoldingKeepsTheValue, ()) {
  ExprTable t;
  std::vector<std::int64_t> cells;
  for (int i = 0; i < 3; ++i) {
    cells.push_back(*rc::gen::inRange<std::int64_t>(-2, 4));
  }
  const Built built = build(t, cells, 4);
  RC_ASSERT(value_of(t, built.id, cells) == built.value);
}

RC_GTEST_PROP(ExprTableProperty, BooleansAreZeroOrOne, ()) {
  ExprTable t;
  const std::vector<std::int64_t> cells = {*rc::gen::inRange<std::int64_t>(-2, 4), 3, -1};
  const Built built = build(t, cells, 3);
  if (t.is_boolean(built.id)) {
    RC_ASSERT(built.value == 0 || built.value == 1);
  }
}

}  // namespace
}  // namespace quiesce::model
