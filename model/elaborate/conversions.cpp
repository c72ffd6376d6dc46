// Values as values of another type of the same shape, and whether two such values are equal (see expressions.h). Types
// of one shape differ in bounds only, but bounds decide which number is null and which cell belongs to an element of a
// set.
#include <algorithm>

#include <fmt/format.h>

#include "model/base/internal_check.h"
#include "model/elaborate/expressions.h"
#include "model/types/builtin.h"

namespace quiesce::model {

namespace rule_name = types::rule_name;
using Kind = ValueType::Kind;

namespace {

/// The values that a type counts: of the elements of a set, of the indices of an array.
bool counts_alike(const ValueType& a, const ValueType& b) {
  if (a.kind == Kind::Ref) return a.targets == b.targets;
  const std::int64_t count = value_count(a);
  return count == value_count(b) && (count == 0 || value_at(a, 0) == value_at(b, 0));
}

/// Whether equal numbers in all cells mean equal values.
bool same_layout(const ValueType& a, const ValueType& b) {
  if (&a == &b) return true;
  switch (a.kind) {
    case Kind::Optional:
      if (is_scalar(a) != is_scalar(b)) return false;
      return is_scalar(a) ? null_value(*a.element) == null_value(*b.element) : same_layout(*a.element, *b.element);
    case Kind::Struct:
      return std::equal(a.fields.begin(), a.fields.end(), b.fields.begin(), b.fields.end(),
                        [](const auto& x, const auto& y) { return same_layout(*x.type, *y.type); });
    case Kind::Array:
      return counts_alike(*a.index, *b.index) && same_layout(*a.element, *b.element);
    case Kind::Set:
      return counts_alike(*a.element, *b.element);
    case Kind::Queue:
      return a.capacity == b.capacity && same_layout(*a.element, *b.element);
    case Kind::Bool:
    case Kind::Int:
    case Kind::Enum:
    case Kind::Level:
    case Kind::Cpu:
    case Kind::Ref:
    case Kind::Spinlock:
    case Kind::Mutex:
      break;
  }
  return true;
}

/// The parts of a struct, the elements of an array, the places of a queue, in the order of their cells.
struct Part {
  ValueTypePtr type;
  std::size_t first = 0;
};

std::vector<Part> parts_of(const ValueType& type) {
  std::vector<Part> parts;
  if (type.kind == Kind::Struct) {
    std::size_t at = 0;
    for (const ValueType::Field& field : type.fields) {
      parts.push_back({field.type, at});
      at += cell_count(*field.type);
    }
    return parts;
  }
  const std::size_t header = type.kind == Kind::Queue ? 1 : 0;
  const std::size_t count =
      type.kind == Kind::Queue ? type.capacity : static_cast<std::size_t>(value_count(*type.index));
  const std::size_t width = cell_count(*type.element);
  for (std::size_t i = 0; i < count; ++i) parts.push_back({type.element, header + i * width});
  return parts;
}

Value part_of(const Value& whole, const Part& part) {
  const auto begin = whole.cells.begin() + static_cast<std::ptrdiff_t>(part.first);
  return Value{part.type, {begin, begin + static_cast<std::ptrdiff_t>(cell_count(*part.type))}};
}

/// Whether the parts of two structs, arrays or queues can be matched one by one.
bool matches(const ValueType& a, const ValueType& b) {
  if (a.kind == Kind::Array) return counts_alike(*a.index, *b.index);
  return a.kind != Kind::Queue || a.capacity == b.capacity;
}

}  // namespace

Value Expressions::different_sizes(const ValueTypePtr& type, Span span) {
  design_.diagnostics().error("E0601", span,
                              "the two sides have different sizes: queues need the same capacity, "
                              "arrays the same bounds");
  Value result{type, {}};
  for (const std::int64_t rest : rest_values(*type)) result.cells.push_back(design_.constant(rest));
  return result;
}

ExprId Expressions::is_present(const Value& optional) {
  if (!is_scalar(*optional.type)) return optional.cells[0];
  return design_.exprs().not_equal(optional.cells[0], design_.constant(null_value(*optional.type->element)));
}

Value Expressions::payload(const Value& optional) {
  const std::ptrdiff_t header = is_scalar(*optional.type) ? 0 : 1;
  return Value{optional.type->element, {optional.cells.begin() + header, optional.cells.end()}};
}

Value Expressions::convert(const Value& value, const ValueTypePtr& type, Span span) {
  if (type == nullptr || value.type == type) return value;
  const ValueType& from = *value.type;
  const ValueType& to = *type;
  if (to.kind == Kind::Optional) return convert_optional(value, type, span);
  if (from.kind == to.kind) {
    if (to.kind == Kind::Struct || to.kind == Kind::Array || to.kind == Kind::Queue) {
      if (!matches(from, to)) return different_sizes(type, span);
      if (!same_layout(from, to)) return convert_parts(value, type, span);
    } else if (to.kind == Kind::Set && !same_layout(from, to)) {
      return convert_set(value, type, span);
    }
  }
  if (value.cells.size() != cell_count(to)) return different_sizes(type, span);
  return Value{type, value.cells};
}

Value Expressions::convert_optional(const Value& value, const ValueTypePtr& type, Span span) {
  ExprTable& table = design_.exprs();
  const bool was_optional = value.type->kind == Kind::Optional;
  const ExprId present = was_optional ? is_present(value) : design_.constant(1);
  const ValueType& element = *type->element;
  Value inner = was_optional ? payload(value) : value;
  if (element.kind == Kind::Int) {
    // Null is a number beside the range: what lies outside must not become it.
    const Domain domain = domain_of(element);
    Domain possible = design_.interval(inner.cells[0]);
    if (was_optional) {  // apart from null
      possible =
          Domain{std::max(possible.lo, domain_of(*inner.type).lo), std::min(possible.hi, domain_of(*inner.type).hi)};
    }
    if (possible.lo < domain.lo || possible.hi > domain.hi) {
      const ExprId number = inner.cells[0];
      const ExprId fits = table.conjunction(table.binary(BinaryOp::GreaterEqual, number, design_.constant(domain.lo)),
                                            table.binary(BinaryOp::LessEqual, number, design_.constant(domain.hi)));
      fault_unless(table.disjunction(table.negation(present), fits), rule_name::kRange, span,
                   fmt::format("the value must stay in {}..{}", domain.lo, domain.hi));
    }
  }
  if (is_scalar(*type)) {
    if (was_optional && null_value(*value.type->element) == null_value(element)) return Value{type, value.cells};
    const ExprId null = design_.constant(null_value(element));
    return Value{type, {table.conditional(present, inner.cells[0], null)}};
  }
  inner = under(present, [&] { return convert(inner, type->element, span); });
  Value result{type, {present}};
  result.cells.insert(result.cells.end(), inner.cells.begin(), inner.cells.end());
  return result;
}

Value Expressions::convert_parts(const Value& value, const ValueTypePtr& type, Span span) {
  ExprTable& table = design_.exprs();
  const std::vector<Part> from = parts_of(*value.type);
  const std::vector<Part> to = parts_of(*type);
  Value result{type, {}};
  const bool queue = type->kind == Kind::Queue;
  if (queue) result.cells.push_back(value.cells[0]);
  for (std::size_t i = 0; i < to.size(); ++i) {
    const ExprId used = queue ? table.binary(BinaryOp::Greater, value.cells[0], design_.constant(static_cast<int>(i)))
                              : design_.constant(1);
    const Value part = under(used, [&] { return convert(part_of(value, from[i]), to[i].type, span); });
    result.cells.insert(result.cells.end(), part.cells.begin(), part.cells.end());
  }
  return result;
}

Value Expressions::convert_set(const Value& value, const ValueTypePtr& type, Span span) {
  const ValueType& from = *value.type->element;
  const ValueType& to = *type->element;
  Value result{type, std::vector<ExprId>(static_cast<std::size_t>(value_count(to)), design_.constant(0))};
  for (std::int64_t i = 0; i < value_count(from); ++i) {
    const std::int64_t position = position_of(to, value_at(from, i));
    const ExprId in = value.cells[static_cast<std::size_t>(i)];
    if (position >= 0 && position < value_count(to)) {
      result.cells[static_cast<std::size_t>(position)] = in;
    } else {
      fault_unless(design_.exprs().negation(in), rule_name::kRange, span,
                   fmt::format("the elements must stay in {}..{}", to.lo, to.hi));
    }
  }
  return result;
}

Value Expressions::unwrap(const Value& optional, Span span) {
  fault_unless(is_present(optional), rule_name::kNull, span, "the value is null here");
  return payload(optional);
}

ExprId Expressions::equal(const Value& left, const Value& right) {
  ExprTable& table = design_.exprs();
  ExprId result = design_.constant(1);
  const ValueType& a = *left.type;
  const ValueType& b = *right.type;
  if (a.kind != b.kind || same_layout(a, b)) {
    QUIESCE_CHECK(left.cells.size() == right.cells.size()) << "compared values have different layouts";
    for (std::size_t i = 0; i < left.cells.size(); ++i) {
      result = table.conjunction(result, table.equal(left.cells[i], right.cells[i]));
    }
    return result;
  }
  if (a.kind == Kind::Optional) {
    const ExprId both = table.conjunction(is_present(left), is_present(right));
    const ExprId neither = table.conjunction(table.negation(is_present(left)), table.negation(is_present(right)));
    return table.disjunction(neither, table.conjunction(both, equal(payload(left), payload(right))));
  }
  if (a.kind == Kind::Set) {
    const auto find = [](const ValueType& type, std::int64_t value) -> std::optional<std::size_t> {
      const std::int64_t position = position_of(type, value);
      if (position < 0 || position >= value_count(type)) return std::nullopt;
      return static_cast<std::size_t>(position);
    };
    for (std::int64_t i = 0; i < value_count(*a.element); ++i) {
      const auto other = find(*b.element, value_at(*a.element, i));
      const ExprId in = other ? right.cells[*other] : design_.constant(0);
      result = table.conjunction(result, table.equal(left.cells[static_cast<std::size_t>(i)], in));
    }
    for (std::int64_t i = 0; i < value_count(*b.element); ++i) {
      if (find(*a.element, value_at(*b.element, i))) continue;
      result = table.conjunction(result, table.negation(right.cells[static_cast<std::size_t>(i)]));
    }
    return result;
  }
  if (!matches(a, b)) {
    different_sizes(left.type, Span{});
    return result;
  }
  const std::vector<Part> of_left = parts_of(a);
  const std::vector<Part> of_right = parts_of(b);
  if (a.kind == Kind::Queue) result = table.equal(left.cells[0], right.cells[0]);
  for (std::size_t i = 0; i < of_left.size(); ++i) {
    const ExprId same = equal(part_of(left, of_left[i]), part_of(right, of_right[i]));
    const ExprId unused = a.kind == Kind::Queue
                              ? table.binary(BinaryOp::LessEqual, left.cells[0], design_.constant(static_cast<int>(i)))
                              : design_.constant(0);
    result = table.conjunction(result, table.disjunction(unused, same));
  }
  return result;
}

ExprId Expressions::lower_equality(const types::Expr& left, const types::Expr& right) {
  const auto* left_wrap = std::get_if<types::WrapExpr>(&left.node);
  const auto* right_wrap = std::get_if<types::WrapExpr>(&right.node);
  if (left_wrap != nullptr && right_wrap != nullptr) return lower_equality(*left_wrap->value, *right_wrap->value);
  if (left_wrap != nullptr || right_wrap != nullptr) {  // a plain value is no null, whatever the bounds
    Value optional, plain;
    if (right_wrap != nullptr) {
      optional = lower(left);
      plain = lower(*right_wrap->value, optional.type->element);
    } else {
      const bool number = left.type->element->kind == types::Type::Kind::Int;  // whose bounds it has of its own
      const ValueTypePtr type = number ? nullptr : design_.lower_type(left.type->element, frame_->self, left.span);
      plain = lower(*left_wrap->value, type);
      optional = lower(right);
    }
    return design_.exprs().conjunction(is_present(optional), equal(payload(optional), plain));
  }
  const auto needs_type = [](const types::Expr& e) {
    return std::holds_alternative<types::NullExpr>(e.node) || std::holds_alternative<types::SetExpr>(e.node);
  };
  if (needs_type(left)) {
    const Value other = lower(right);
    return equal(lower(left, other.type), other);
  }
  const Value value = lower(left);
  return equal(value, lower(right, value.type));
}

}  // namespace quiesce::model
