// Which ranges the types of a value give its numbers: what lies outside breaks core.range, or wraps around where it is
// stored (see expressions.h).
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "model/base/internal_check.h"
#include "model/elaborate/expressions.h"
#include "model/types/builtin.h"

namespace quiesce::model {

namespace rule_name = types::rule_name;
using Kind = ValueType::Kind;

namespace {

/// What the type of a cell says of the number in it.
struct NumberRange {
  Domain domain;
  bool wraps = false;
};

/// The range of each cell of `type` that holds a number of a range of its own; nothing for the others.
void add_ranges(const ValueType& type, std::vector<std::optional<NumberRange>>& ranges) {
  const auto add_times = [&](std::int64_t times) {
    for (std::int64_t i = 0; i < times; ++i) add_ranges(*type.element, ranges);
  };
  switch (type.kind) {
    case Kind::Int:
    case Kind::Level:
      ranges.emplace_back(NumberRange{domain_of(type), type.wraps});
      return;
    case Kind::Optional:
      if (!is_scalar(type)) {
        ranges.emplace_back();
        add_times(1);
      } else if (type.element->kind == Kind::Int || type.element->kind == Kind::Level) {
        ranges.emplace_back(NumberRange{domain_of(type)});
      } else {
        ranges.emplace_back();
      }
      return;
    case Kind::Struct:
      for (const ValueType::Field& field : type.fields) add_ranges(*field.type, ranges);
      return;
    case Kind::Array:
      add_times(value_count(*type.index));
      return;
    case Kind::Queue:
      ranges.emplace_back();
      add_times(type.capacity);
      return;
    case Kind::Bool:
    case Kind::Enum:
    case Kind::Cpu:
    case Kind::Ref:
    case Kind::Set:
    case Kind::Spinlock:
    case Kind::Mutex:
      ranges.resize(ranges.size() + cell_count(type));
      return;
  }
}

std::vector<std::optional<NumberRange>> ranges_of(const Value& value) {
  std::vector<std::optional<NumberRange>> ranges;
  add_ranges(*value.type, ranges);
  QUIESCE_CHECK(ranges.size() == value.cells.size()) << "a range for each cell";
  return ranges;
}

bool is_within(Domain inner, Domain outer) { return inner.lo >= outer.lo && inner.hi <= outer.hi; }

}  // namespace

void Expressions::require_range(const Value& value, const std::string& name, Span span, bool of_wrapping) {
  ExprTable& table = design_.exprs();
  const std::vector<std::optional<NumberRange>> ranges = ranges_of(value);
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    if (!ranges[i] || (ranges[i]->wraps && !of_wrapping) ||
        is_within(design_.interval(value.cells[i]), ranges[i]->domain))
      continue;
    const auto [lo, hi] = ranges[i]->domain;
    fault_unless(table.conjunction(table.binary(BinaryOp::GreaterEqual, value.cells[i], design_.constant(lo)),
                                   table.binary(BinaryOp::LessEqual, value.cells[i], design_.constant(hi))),
                 rule_name::kRange, span, fmt::format("'{}' must stay in {}..{}", name, lo, hi));
  }
}

/// The number of `to` that differs from `number` by a multiple of its size. A remainder has the sign of what is
/// divided, and no number on the way is larger than `number` or twice the size.
ExprId Expressions::modulo_range(ExprId number, Domain to) {
  ExprTable& table = design_.exprs();
  const ExprId size = design_.constant(to.hi - to.lo + 1);
  const auto remainder = [&](ExprId of) { return table.binary(BinaryOp::Modulo, of, size); };
  const auto plus = [&](ExprId left, std::int64_t right) {
    return right == 0 ? left : table.binary(BinaryOp::Add, left, design_.constant(right));
  };
  ExprId offset = to.lo == 0 ? number : plus(remainder(number), -to.lo);
  if (design_.interval(offset).lo < 0) offset = plus(remainder(offset), to.hi - to.lo + 1);
  return plus(remainder(offset), to.lo);
}

Value Expressions::wrapped(Value value) {
  if (value.type == nullptr) return value;
  const std::vector<std::optional<NumberRange>> ranges = ranges_of(value);
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    if (!ranges[i] || !ranges[i]->wraps || is_within(design_.interval(value.cells[i]), ranges[i]->domain)) continue;
    value.cells[i] = modulo_range(value.cells[i], ranges[i]->domain);
  }
  return value;
}

}  // namespace quiesce::model
