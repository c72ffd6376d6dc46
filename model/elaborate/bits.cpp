#include "model/elaborate/bits.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <utility>
#include <vector>

namespace quiesce::model {
namespace {

/// The bits `low` to `low + count - 1` of `value`, where they stand.
ExprId run_of(ExprTable& table, ExprId value, Domain of, int low, int count) {
  ExprId result = value;
  const ExprId weight = table.constant(std::int64_t{1} << low);
  if (low > 0) result = table.binary(BinaryOp::Divide, result, weight);
  const std::int64_t size = std::int64_t{1} << count;
  if ((of.hi >> low) >= size) result = table.binary(BinaryOp::Modulo, result, table.constant(size));
  return low > 0 ? table.binary(BinaryOp::Multiply, result, weight) : result;
}

/// The bits of `value` that are ones in `mask`.
ExprId masked(ExprTable& table, ExprId value, Domain of, std::uint64_t mask) {
  mask &= (std::uint64_t{1} << std::bit_width(static_cast<std::uint64_t>(of.hi))) - 1;
  ExprId result = table.constant(0);
  while (mask != 0) {
    const int low = std::countr_zero(mask);
    const int count = std::countr_one(mask >> low);
    result = table.binary(BinaryOp::Add, result, run_of(table, value, of, low, count));
    mask &= ~(((std::uint64_t{1} << count) - 1) << low);
  }
  return result;
}

ExprId bit_of(ExprTable& table, ExprId value, int bit) {
  const ExprId shifted = table.binary(BinaryOp::Divide, value, table.constant(std::int64_t{1} << bit));
  return table.binary(BinaryOp::Modulo, shifted, table.constant(2));
}

}  // namespace

ExprId bits_of_both(ExprTable& table, ExprId left, Domain of_left, ExprId right, Domain of_right) {
  std::int64_t known = 0;
  if (table.is_constant(right, &known)) return masked(table, left, of_left, static_cast<std::uint64_t>(known));
  if (table.is_constant(left, &known)) return masked(table, right, of_right, static_cast<std::uint64_t>(known));
  const int bits = std::bit_width(static_cast<std::uint64_t>(std::min(of_left.hi, of_right.hi)));
  ExprId result = table.constant(0);
  for (int bit = 0; bit < bits; ++bit) {
    const ExprId both = table.binary(BinaryOp::Multiply, bit_of(table, left, bit), bit_of(table, right, bit));
    const ExprId weight = table.constant(std::int64_t{1} << bit);
    result = table.binary(BinaryOp::Add, result, table.binary(BinaryOp::Multiply, both, weight));
  }
  return result;
}

ExprId power_of_two(ExprTable& table, ExprId count, Domain of_count) {
  std::int64_t known = 0;
  if (table.is_constant(count, &known)) return table.constant(std::int64_t{1} << known);
  std::vector<std::int64_t> powers;
  for (std::int64_t i = 0; i <= of_count.hi; ++i) powers.push_back(std::int64_t{1} << i);
  return table.add(LookupExpr{std::move(powers), count});
}

}  // namespace quiesce::model
