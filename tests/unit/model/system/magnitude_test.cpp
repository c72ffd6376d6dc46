#include "model/system/magnitude.h"

#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

namespace quiesce::model {
namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

/// Two cells: one of -3..5, and one without bounds that is taken for at most 100 from zero.
struct Numbers {
  Numbers() {
    Cell bounded;
    bounded.lo = -3;
    bounded.hi = 5;
    system.cells = {bounded, Cell{}};
    x = table().load(Place{{CellId(0u)}, ExprId()});
    open = table().load(Place{{CellId(1u)}, ExprId()});
  }

  ExprTable& table() { return system.expressions; }
  ExprId number(std::int64_t value) { return table().constant(value); }
  Magnitude of(ExprId id) const {
    return magnitudes(system,
                      [&](CellId cell) { return cell.value == 0 ? magnitude(system.at(cell)) : 100; })[id.value];
  }

  TransitionSystem system;
  ExprId x, open;
};

TEST(Magnitude, OfTheLeastNumberOf64BitsDoesNotFit) {
  EXPECT_EQ(magnitude(0), 0u);
  EXPECT_EQ(magnitude(-7), 7u);
  EXPECT_EQ(magnitude(kMost), kBeyond - 1);
  EXPECT_EQ(magnitude(kLeast), kBeyond);
}

TEST(Magnitude, OfOperationsOnCells) {
  Numbers n;
  EXPECT_EQ(n.of(n.x), 5u);
  EXPECT_EQ(n.of(n.open), 100u);
  EXPECT_EQ(n.of(n.table().binary(BinaryOp::Subtract, n.x, n.open)), 105u);
  EXPECT_EQ(n.of(n.table().binary(BinaryOp::Multiply, n.x, n.open)), 500u);
  EXPECT_EQ(n.of(n.table().binary(BinaryOp::Divide, n.open, n.x)), 100u);
  EXPECT_EQ(n.of(n.table().binary(BinaryOp::Less, n.open, n.x)), 1u);
}

TEST(Magnitude, StaysBeyondWhereItIsBeyond) {
  Numbers n;
  const ExprId most = n.table().binary(BinaryOp::Add, n.x, n.number(kMost));
  EXPECT_EQ(n.of(n.table().binary(BinaryOp::Add, n.number(kMost - 5), n.x)), kBeyond - 1);
  EXPECT_EQ(n.of(most), kBeyond);
  EXPECT_EQ(n.of(n.table().binary(BinaryOp::Add, most, most)), kBeyond);
  EXPECT_EQ(n.of(n.table().binary(BinaryOp::Multiply, most, most)), kBeyond);
  EXPECT_EQ(n.of(n.table().binary(BinaryOp::Multiply, most, n.x)), kBeyond);
}

}  // namespace
}  // namespace quiesce::model
