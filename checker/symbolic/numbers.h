// Numbers as bits of a circuit: the arithmetic of formulas (model/system/expression.h) over bits, with as many bits as
// intervals say are needed.
//
// A number is `offset + bits`, the bits read without sign. So constants cost nothing, a cell with the domain 3..6 has
// two bits, subtraction is addition of the complement, and there is no sign bit.
//
// Formulas wrap around at 64 bits. Numbers here never get near: where an interval leaves -2^60 .. 2^60 the operation
// throws NotEncodable. Intervals hold in states in which every cell holds a number of its domain; elsewhere the bits
// may say anything.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "checker/symbolic/circuit.h"
#include "model/system/expression.h"

namespace quiesce::checker {

/// Thrown in this folder when something has no bits of ours; caught by encode().
struct NotEncodable {
  std::string why;
};

struct Number {
  std::int64_t offset = 0;   // the least number that the bits can say
  std::vector<Signal> bits;  // lowest first
  std::int64_t lo = 0;       // it is within lo..hi; lo >= offset, and hi fits the bits
  std::int64_t hi = 0;
};

/// Makes nodes of `circuit`, which must outlive it.
class Arithmetic {
 public:
  explicit Arithmetic(Circuit& circuit) : circuit_(circuit) {}

  static Number constant(std::int64_t value) { return {value, {}, value, value}; }
  static Number truth(Signal signal);

  Signal is_true(const Number& number) { return !equals(number, 0); }
  Signal equals(const Number& number, std::int64_t value);
  Signal equal(const Number& a, const Number& b);
  Signal less(const Number& a, const Number& b);

  Number add(const Number& a, const Number& b);
  Number negate(const Number& number);
  Number multiply(const Number& a, const Number& b);
  Number divide(const Number& a, const Number& b) { return divided(a, b).quotient; }
  Number modulo(const Number& a, const Number& b) { return divided(a, b).remainder; }
  Number choice(Signal condition, const Number& a, const Number& b);

  /// As model::apply().
  Number apply(model::UnaryOp op, const Number& operand);
  Number apply(model::BinaryOp op, const Number& left, const Number& right);

  /// The bits of number - offset, `width` of them; those above are cut off.
  std::vector<Signal> bits_from(const Number& number, std::int64_t offset, std::size_t width);

 private:
  struct Division {
    Number quotient;
    Number remainder;
  };

  Number from_offset(const Number& number, std::int64_t offset);
  std::vector<Signal> sum(const std::vector<Signal>& a, const std::vector<Signal>& b);
  Number scaled(const Number& number, std::int64_t factor);
  Number magnitude(const Number& number);
  Division divided(const Number& a, const Number& b);

  Circuit& circuit_;
};

/// How many bits the numbers 0..most need. Requires: most >= 0.
std::size_t bits_for(std::int64_t most);

}  // namespace quiesce::checker
