#include "checker/symbolic/numbers.h"

#include <algorithm>
#include <bit>
#include <cstdlib>

namespace quiesce::checker {
namespace {

constexpr std::int64_t kMost = std::int64_t{1} << 60;

std::int64_t within_limits(std::int64_t value) {
  if (value > kMost || value < -kMost) throw NotEncodable{"its numbers may come near the limits of 64 bits"};
  return value;
}

std::int64_t product(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (__builtin_mul_overflow(a, b, &result)) result = kMost + 1;
  return within_limits(result);
}

/// The number with the bits that its interval needs, and none when it is constant.
Number trimmed(Number number) {
  within_limits(number.lo);
  within_limits(number.hi);
  within_limits(number.offset);
  if (number.lo == number.hi) return Arithmetic::constant(number.lo);
  const std::size_t width = bits_for(number.hi - number.offset);
  if (number.bits.size() > width) number.bits.resize(width);
  while (!number.bits.empty() && number.bits.back() == kNever) number.bits.pop_back();
  return number;
}

Signal bit_of_number(const Number& number, std::size_t bit) {
  return bit < number.bits.size() ? number.bits[bit] : kNever;
}

std::vector<Signal> constant_bits(std::int64_t value) {
  std::vector<Signal> bits;
  for (; value != 0; value >>= 1) bits.push_back((value & 1) != 0 ? kAlways : kNever);
  return bits;
}

}  // namespace

std::size_t bits_for(std::int64_t most) { return std::bit_width(static_cast<std::uint64_t>(most)); }

Number Arithmetic::truth(Signal signal) {
  if (signal.is_constant()) return constant(signal == kAlways ? 1 : 0);
  return {0, {signal}, 0, 1};
}

std::vector<Signal> Arithmetic::bits_from(const Number& number, std::int64_t offset, std::size_t width) {
  Number moved = number;
  if (number.offset > offset) {
    moved = from_offset(number, offset);
  } else if (number.offset < offset) {
    // Adding 2^n - d drops d, where the number is at least d, which is what fits.
    const std::int64_t down = offset - number.offset;
    const std::size_t wide = std::max({bits_for(down), number.bits.size(), width}) + 1;
    moved.bits = sum(number.bits, constant_bits((std::int64_t{1} << wide) - down));
    moved.bits.resize(std::min(moved.bits.size(), wide));
  }
  moved.bits.resize(width, kNever);
  return moved.bits;
}

/// The same number with a lesser offset.
Number Arithmetic::from_offset(const Number& number, std::int64_t offset) {
  if (number.offset == offset) return number;
  Number result{offset, sum(number.bits, constant_bits(number.offset - offset)), number.lo, number.hi};
  const std::size_t width = bits_for(number.hi - offset);
  if (result.bits.size() > width) result.bits.resize(width);
  return result;
}

std::vector<Signal> Arithmetic::sum(const std::vector<Signal>& a, const std::vector<Signal>& b) {
  std::vector<Signal> result;
  Signal carry = kNever;
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    const Signal x = i < a.size() ? a[i] : kNever;
    const Signal y = i < b.size() ? b[i] : kNever;
    const Signal half = circuit_.exclusive(x, y);
    result.push_back(circuit_.exclusive(half, carry));
    carry = circuit_.disj(circuit_.conj(x, y), circuit_.conj(half, carry));
  }
  result.push_back(carry);
  return result;
}

Signal Arithmetic::equals(const Number& number, std::int64_t value) {
  if (value < number.lo || value > number.hi) return kNever;
  if (number.lo == number.hi) return kAlways;
  const std::int64_t wanted = value - number.offset;
  if (bits_for(wanted) > number.bits.size()) return kNever;
  std::vector<Signal> bits = number.bits;
  for (std::size_t i = 0; i < bits.size(); ++i) {
    if (((wanted >> i) & 1) == 0) bits[i] = !bits[i];
  }
  return circuit_.all_of(std::move(bits));
}

Signal Arithmetic::equal(const Number& a, const Number& b) {
  if (a.hi < b.lo || b.hi < a.lo) return kNever;
  if (b.lo == b.hi) return equals(a, b.lo);
  if (a.lo == a.hi) return equals(b, a.lo);
  const std::int64_t offset = std::min(a.offset, b.offset);
  const Number left = from_offset(a, offset);
  const Number right = from_offset(b, offset);
  std::vector<Signal> same;
  for (std::size_t i = 0; i < std::max(left.bits.size(), right.bits.size()); ++i)
    same.push_back(circuit_.equal(bit_of_number(left, i), bit_of_number(right, i)));
  return circuit_.all_of(std::move(same));
}

Signal Arithmetic::less(const Number& a, const Number& b) {
  if (a.hi < b.lo) return kAlways;
  if (a.lo >= b.hi) return kNever;
  const std::int64_t offset = std::min(a.offset, b.offset);
  const Number left = from_offset(a, offset);
  const Number right = from_offset(b, offset);
  Signal result = kNever;
  for (std::size_t i = 0; i < std::max(left.bits.size(), right.bits.size()); ++i) {
    const Signal x = bit_of_number(left, i);
    const Signal y = bit_of_number(right, i);
    result = circuit_.choice(circuit_.equal(x, y), result, y);
  }
  return result;
}

Number Arithmetic::add(const Number& a, const Number& b) {
  return trimmed({a.offset + b.offset, sum(a.bits, b.bits), a.lo + b.lo, a.hi + b.hi});
}

Number Arithmetic::negate(const Number& number) {
  Number result{0, number.bits, -number.hi, -number.lo};
  for (Signal& bit : result.bits) bit = !bit;
  const std::int64_t most = (std::int64_t{1} << number.bits.size()) - 1;
  result.offset = -number.offset - most;
  // trimmed() may cut no bit here: the highest say how far above the offset the number is.
  if (result.lo == result.hi) return constant(result.lo);
  within_limits(result.offset);
  return result;
}

Number Arithmetic::scaled(const Number& number, std::int64_t factor) {
  if (factor < 0) return negate(scaled(number, -factor));
  if (number.lo == number.hi) return constant(product(number.lo, factor));
  Number result = constant(product(number.offset, factor));
  for (std::size_t i = 0; i < number.bits.size(); ++i) {
    const std::int64_t weight = product(factor, std::int64_t{1} << i);
    std::vector<Signal> part = constant_bits(weight);
    for (Signal& bit : part) bit = bit == kAlways ? number.bits[i] : kNever;
    result.bits = sum(result.bits, part);
  }
  result.lo = product(number.lo, factor);
  result.hi = product(number.hi, factor);
  return trimmed(std::move(result));
}

Number Arithmetic::multiply(const Number& a, const Number& b) {
  if (a.lo == a.hi) return scaled(b, a.lo);
  if (b.lo == b.hi) return scaled(a, b.lo);
  // (p + A)(q + B) = p (q + B) + q A + A B, where p + A and q + B are the numbers, A and B their bits.
  const Number bits_a{0, a.bits, 0, (std::int64_t{1} << a.bits.size()) - 1};
  Number both = constant(0);
  for (std::size_t i = 0; i < b.bits.size(); ++i) {
    std::vector<Signal> part(i, kNever);
    for (const Signal bit : a.bits) part.push_back(circuit_.conj(bit, b.bits[i]));
    both.bits = sum(both.bits, part);
  }
  both.hi = product(bits_a.hi, (std::int64_t{1} << b.bits.size()) - 1);
  Number result = add(add(scaled(b, a.offset), scaled(bits_a, b.offset)), both);
  const std::int64_t ends[] = {product(a.lo, b.lo), product(a.lo, b.hi), product(a.hi, b.lo), product(a.hi, b.hi)};
  result.lo = *std::min_element(std::begin(ends), std::end(ends));
  result.hi = *std::max_element(std::begin(ends), std::end(ends));
  return trimmed(std::move(result));
}

Number Arithmetic::choice(Signal condition, const Number& a, const Number& b) {
  if (condition.is_constant()) return condition == kAlways ? a : b;
  const std::int64_t offset = std::min(a.offset, b.offset);
  const Number left = from_offset(a, offset);
  const Number right = from_offset(b, offset);
  Number result{offset, {}, std::min(a.lo, b.lo), std::max(a.hi, b.hi)};
  for (std::size_t i = 0; i < std::max(left.bits.size(), right.bits.size()); ++i)
    result.bits.push_back(circuit_.choice(condition, bit_of_number(left, i), bit_of_number(right, i)));
  return trimmed(std::move(result));
}

/// |number|, with the offset 0.
Number Arithmetic::magnitude(const Number& number) {
  Number result = number;
  if (number.lo < 0)
    result = number.hi <= 0 ? negate(number) : choice(less(number, constant(0)), negate(number), number);
  const std::int64_t most = std::max(std::abs(number.lo), std::abs(number.hi));
  return {0, bits_from(result, 0, bits_for(most)), 0, most};
}

/// Long division of the magnitudes; the quotient is rounded towards zero and the remainder has the sign of `a`, as in
/// C++. Both are 0 where `b` is.
Arithmetic::Division Arithmetic::divided(const Number& a, const Number& b) {
  const Number top = magnitude(a);
  const Number bottom = magnitude(b);
  Number rest = constant(0);
  rest.hi = 0;
  Number quotient{0, std::vector<Signal>(top.bits.size(), kNever), 0, top.hi};
  for (std::size_t i = top.bits.size(); i-- > 0;) {
    std::vector<Signal> shifted = {top.bits[i]};
    shifted.insert(shifted.end(), rest.bits.begin(), rest.bits.end());
    const Number next{0, shifted, 0, (std::int64_t{1} << shifted.size()) - 1};
    const Signal fits = !less(next, bottom);
    quotient.bits[i] = fits;
    const Number less_bottom{0, bits_from(add(next, negate(bottom)), 0, shifted.size()), 0, next.hi};
    rest = choice(fits, less_bottom, next);
  }
  const Signal by_zero = equals(b, 0);
  const Signal a_negative = less(a, constant(0));
  const Signal signs_differ = circuit_.exclusive(a_negative, less(b, constant(0)));
  rest.hi = std::min<std::int64_t>(top.hi, std::max<std::int64_t>(bottom.hi - 1, 0));
  rest.lo = 0;
  const Number zero = constant(0);
  Division result;
  result.quotient = choice(by_zero, zero, choice(signs_differ, negate(quotient), quotient));
  result.remainder = choice(by_zero, zero, choice(a_negative, negate(rest), rest));
  return result;
}

Number Arithmetic::apply(model::UnaryOp op, const Number& operand) {
  switch (op) {
    case model::UnaryOp::Not:
      return truth(!is_true(operand));
    case model::UnaryOp::Negate:
      return negate(operand);
  }
  throw NotEncodable{"of an unknown operator"};
}

Number Arithmetic::apply(model::BinaryOp op, const Number& left, const Number& right) {
  using model::BinaryOp;
  switch (op) {
    case BinaryOp::And:
      return truth(circuit_.conj(is_true(left), is_true(right)));
    case BinaryOp::Or:
      return truth(circuit_.disj(is_true(left), is_true(right)));
    case BinaryOp::Equal:
      return truth(equal(left, right));
    case BinaryOp::NotEqual:
      return truth(!equal(left, right));
    case BinaryOp::Less:
      return truth(less(left, right));
    case BinaryOp::LessEqual:
      return truth(!less(right, left));
    case BinaryOp::Greater:
      return truth(less(right, left));
    case BinaryOp::GreaterEqual:
      return truth(!less(left, right));
    case BinaryOp::Add:
      return add(left, right);
    case BinaryOp::Subtract:
      return add(left, negate(right));
    case BinaryOp::Multiply:
      return multiply(left, right);
    case BinaryOp::Divide:
      return divide(left, right);
    case BinaryOp::Modulo:
      return modulo(left, right);
  }
  throw NotEncodable{"of an unknown operator"};
}

}  // namespace quiesce::checker
