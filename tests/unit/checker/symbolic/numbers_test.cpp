// Every operation of formulas, on all pairs of numbers of small domains, against model::apply().
#include "checker/symbolic/numbers.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace quiesce::checker {
namespace {

using model::BinaryOp;
using model::UnaryOp;

constexpr BinaryOp kBinary[] = {BinaryOp::And,   BinaryOp::Or,        BinaryOp::Equal,    BinaryOp::NotEqual,
                                BinaryOp::Less,  BinaryOp::LessEqual, BinaryOp::Greater,  BinaryOp::GreaterEqual,
                                BinaryOp::Add,   BinaryOp::Subtract,  BinaryOp::Multiply, BinaryOp::Divide,
                                BinaryOp::Modulo};

/// A number of the domain lo..hi, its bits inputs.
Number variable(Circuit& circuit, std::int64_t lo, std::int64_t hi) {
  Number number{lo, {}, lo, hi};
  for (std::size_t i = 0; i < bits_for(hi - lo); ++i) number.bits.push_back(circuit.input());
  return number;
}

void set(std::vector<std::uint64_t>& values, const Number& number, std::int64_t value) {
  for (std::size_t i = 0; i < number.bits.size(); ++i)
    values[number.bits[i].node()] = (((value - number.offset) >> i) & 1) != 0 ? 1 : 0;
}

std::int64_t value_of(const std::vector<std::uint64_t>& values, const Number& number) {
  std::int64_t value = number.offset;
  for (std::size_t i = 0; i < number.bits.size(); ++i)
    value += static_cast<std::int64_t>(word_of(values, number.bits[i]) & 1) << i;
  return value;
}

using Domain = std::pair<std::int64_t, std::int64_t>;
constexpr Domain kDomains[] = {{0, 1}, {0, 5}, {-4, 3}, {-7, -2}, {3, 9}, {2, 2}, {0, 0}, {-1, 0}};

TEST(Numbers, BinaryOperationsAreThoseOfFormulas) {
  for (const BinaryOp op : kBinary) {
    for (const Domain& first : kDomains) {
      for (const Domain& second : kDomains) {
        Circuit circuit;
        Arithmetic arithmetic(circuit);
        const Number a = variable(circuit, first.first, first.second);
        const Number b = variable(circuit, second.first, second.second);
        const Number result = arithmetic.apply(op, a, b);
        const std::vector<Signal> low = arithmetic.bits_from(result, -100, 8);
        const std::vector<Signal> high = arithmetic.bits_from(arithmetic.add(result, Arithmetic::constant(200)), 50, 9);
        std::vector<std::uint64_t> values(circuit.size());
        for (std::int64_t x = first.first; x <= first.second; ++x) {
          for (std::int64_t y = second.first; y <= second.second; ++y) {
            set(values, a, x);
            set(values, b, y);
            circuit.evaluate(values);
            const std::int64_t wanted = model::apply(op, x, y);
            ASSERT_EQ(value_of(values, result), wanted)
                << "operator " << static_cast<int>(op) << ": " << x << ", " << y;
            ASSERT_LE(result.lo, wanted);
            ASSERT_GE(result.hi, wanted);
            ASSERT_EQ(value_of(values, {-100, low, 0, 0}), wanted);
            ASSERT_EQ(value_of(values, {50, high, 0, 0}), wanted + 200);
          }
        }
      }
    }
  }
}

TEST(Numbers, UnaryOperationsAndChoicesAreThoseOfFormulas) {
  for (const Domain& domain : kDomains) {
    Circuit circuit;
    Arithmetic arithmetic(circuit);
    const Number a = variable(circuit, domain.first, domain.second);
    const Signal condition = circuit.input();
    const Number no = arithmetic.apply(UnaryOp::Not, a);
    const Number negated = arithmetic.apply(UnaryOp::Negate, a);
    const Number chosen = arithmetic.choice(condition, a, Arithmetic::constant(-20));
    std::vector<std::uint64_t> values(circuit.size());
    for (std::int64_t x = domain.first; x <= domain.second; ++x) {
      for (const bool first : {false, true}) {
        set(values, a, x);
        values[condition.node()] = first ? 1 : 0;
        circuit.evaluate(values);
        EXPECT_EQ(value_of(values, no), model::apply(UnaryOp::Not, x));
        EXPECT_EQ(value_of(values, negated), -x);
        EXPECT_EQ(value_of(values, chosen), first ? x : -20);
      }
    }
  }
}

TEST(Numbers, NumbersNearTheLimitsAreRefused) {
  Circuit circuit;
  Arithmetic arithmetic(circuit);
  Number number = variable(circuit, 0, std::int64_t{1} << 40);
  EXPECT_THROW(arithmetic.multiply(number, number), NotEncodable);
  EXPECT_THROW(arithmetic.add(Arithmetic::constant(std::int64_t{1} << 60), number), NotEncodable);
}

}  // namespace
}  // namespace quiesce::checker
