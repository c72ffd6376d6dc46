#include "model/elaborate/intervals.h"

#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace quiesce::model {
namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

/// Every result of operands in the two domains lies in the domain of the operation.
void expect_all_within(BinaryOp op, Domain a, Domain b) {
  const Domain domain = arithmetic(op, a, b).domain;
  for (std::int64_t x = a.lo; x <= a.hi; ++x) {
    for (std::int64_t y = b.lo; y <= b.hi; ++y) {
      const std::int64_t result = apply(op, x, y);
      EXPECT_TRUE(domain.lo <= result && result <= domain.hi)
          << x << ", " << y << ": " << result << " is not in " << domain.lo << ".." << domain.hi;
    }
  }
}

TEST(Intervals, HoldAllResults) {
  for (const BinaryOp op :
       {BinaryOp::Add, BinaryOp::Subtract, BinaryOp::Multiply, BinaryOp::Divide, BinaryOp::Modulo}) {
    for (std::int64_t lo = -4; lo <= 4; ++lo) {
      for (std::int64_t hi = lo; hi <= 4; ++hi) {
        for (std::int64_t from = -4; from <= 4; ++from) {
          for (std::int64_t to = from; to <= 4; ++to) expect_all_within(op, {lo, hi}, {from, to});
        }
      }
    }
  }
}

TEST(Intervals, OfRemaindersAreExactAndHoldTheLargest) {
  const auto remainder = [](Domain a, Domain b) { return arithmetic(BinaryOp::Modulo, a, b).domain; };
  EXPECT_EQ(remainder({0, 100}, {4, 4}).hi, 3);
  EXPECT_EQ(remainder({-100, 0}, {4, 4}).hi, 0);
  EXPECT_EQ(remainder({-100, 0}, {4, 4}).lo, -3);
  // |x % least| may be as large as the largest number; numbers without bounds have these ends, too.
  EXPECT_EQ(apply(BinaryOp::Modulo, kMost, kLeast), kMost);
  EXPECT_EQ(remainder({kMost, kMost}, {kLeast, kLeast}).hi, kMost);
  EXPECT_EQ(remainder({kLeast, kMost}, {kLeast, kMost}).hi, kMost);
}

}  // namespace
}  // namespace quiesce::model
