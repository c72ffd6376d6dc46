#include "model/interpret/evaluate.h"

#include <limits>

#include <gtest/gtest.h>

#include "tests/unit/model/interpret/toy_system.h"

namespace quiesce::model {
namespace {

TEST(Evaluate, IndexOutOfBoundsReadsTheFirstCell) {
  Toy toy(1);
  const CellId a = toy.cell("a", 0, 9);
  const CellId b = toy.cell("b", 0, 9);
  const CellId i = toy.cell("i", -5, 5);
  const ExprId element = toy.s.expressions.load(Place{{a, b}, toy.get(i)});
  State state = toy.initial();
  state[a.value] = 3;
  state[b.value] = 4;
  for (const auto& [index, expected] : std::vector<std::pair<int, int>>{{0, 3}, {1, 4}, {2, 3}, {-1, 3}}) {
    state[i.value] = index;
    EXPECT_EQ(evaluate(element, {toy.s, state}), expected) << index;
  }
}

TEST(Evaluate, DivisionByZeroIsZeroAndNothingOverflows) {
  Toy toy(1);
  const CellId zero = toy.flag("zero");
  const State state = toy.initial();
  const auto value = [&](BinaryOp op, std::int64_t left, std::int64_t right) {
    const ExprId l = toy.s.expressions.binary(BinaryOp::Add, toy.get(zero), toy.number(left));
    const ExprId r = toy.s.expressions.binary(BinaryOp::Add, toy.get(zero), toy.number(right));
    return evaluate(toy.s.expressions.binary(op, l, r), {toy.s, state});
  };
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(value(BinaryOp::Divide, 7, 0), 0);
  EXPECT_EQ(value(BinaryOp::Modulo, 7, 0), 0);
  EXPECT_EQ(value(BinaryOp::Divide, kLeast, -1), kLeast);
  EXPECT_EQ(value(BinaryOp::Subtract, kLeast, 1), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(value(BinaryOp::Divide, -7, 2), -3);
}

TEST(Evaluate, IdleMeansNoActivationIsStarted) {
  Toy toy(2);
  const ContextId h = toy.handler("h", 5, toy.number(1), OnAny{}, false, 2);
  toy.body(h, {{}});
  const ExprId idle = toy.idle(h);
  State state = toy.initial();
  EXPECT_EQ(evaluate(idle, {toy.s, state}), 1);
  state[toy.s.at(h).location_cell[1].value] = 1;
  EXPECT_EQ(evaluate(idle, {toy.s, state}), 0);
}

}  // namespace
}  // namespace quiesce::model
