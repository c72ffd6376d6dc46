// Operations on the bits of numbers, as arithmetic that every engine, solver and export knows: 'x & 12' is
// 'x / 4 % 4 * 4'. The operands are never negative (Expressions makes sure), and have at most 31 bits.
#pragma once

#include "model/elaborate/intervals.h"
#include "model/system/expression.h"

namespace quiesce::model {

/// The largest number whose bits can be asked: 2^31 - 1.
constexpr std::int64_t kMostBits = 2147483647;
/// By so many bits a number is shifted at most.
constexpr std::int64_t kMostShift = 31;

/// `left` & `right`. The intervals say how many bits matter; one that is a constant costs an operation or two for each
/// run of ones in it, else each bit costs six. Requires: both intervals lie in 0..kMostBits.
ExprId bits_of_both(ExprTable& table, ExprId left, Domain of_left, ExprId right, Domain of_right);

/// 2 to the power of `count`. Requires: its interval lies in 0..kMostShift.
ExprId power_of_two(ExprTable& table, ExprId count, Domain of_count);

}  // namespace quiesce::model
