// Questions to queues and sets, elements of arrays and queues (see expressions.h).
#include <fmt/format.h>

#include <algorithm>

#include "model/base/internal_check.h"
#include "model/base/overloaded.h"
#include "model/elaborate/expressions.h"
#include "model/types/builtin.h"

namespace quiesce::model {

namespace rule_name = types::rule_name;
using Kind = ValueType::Kind;

ExprId Expressions::contains(const types::Expr& collection, const types::Expr& element) {
  ExprTable& table = design_.exprs();
  // A plain value among optional ones is none of the nulls, whatever the bounds.
  const auto is = [&](const Value& optional, const Value& plain) {
    if (plain.type->kind == Kind::Optional || optional.type->kind != Kind::Optional) return equal(optional, plain);
    return table.conjunction(is_present(optional), equal(payload(optional), plain));
  };
  const auto unwrapped = [](const types::Expr& expr) -> const types::Expr& {
    const auto* wrap = std::get_if<types::WrapExpr>(&expr.node);
    return wrap != nullptr ? *wrap->value : expr;
  };
  if (const auto* set = std::get_if<types::SetExpr>(&collection.node)) {  // 'x in {A, B}' needs no set
    const Value value = lower(element);
    ExprId in = design_.constant(0);
    for (const types::ExprPtr& member : set->elements) {
      in = table.disjunction(in, is(value, lower(unwrapped(*member), value.type)));
    }
    return in;
  }
  const Value value = lower(collection);
  const ValueType& type = *value.type;
  const Value wanted = lower(unwrapped(element), type.element);
  if (type.kind == Kind::Set) {
    const std::int64_t count = value_count(*type.element);
    ExprId in = design_.constant(0);
    for (std::int64_t i = 0; i < count; ++i) {
      const ExprId is_it = table.equal(wanted.cells[0], design_.constant(value_at(*type.element, i)));
      in = table.disjunction(in, table.conjunction(is_it, value.cells[static_cast<std::size_t>(i)]));
    }
    return in;
  }
  const std::uint32_t width = cell_count(*type.element);
  ExprId in = design_.constant(0);
  for (std::uint32_t i = 0; i < type.capacity; ++i) {
    Value slot{type.element, {value.cells.begin() + 1 + i * width, value.cells.begin() + 1 + (i + 1) * width}};
    const ExprId used = table.binary(BinaryOp::Greater, value.cells[0], design_.constant(i));
    in = table.disjunction(in, table.conjunction(used, is(slot, wanted)));
  }
  return in;
}

ExprId Expressions::element_at(const Value& array, std::uint32_t cell, ExprId position, std::int64_t count,
                               std::uint32_t width) {
  ExprTable& table = design_.exprs();
  ExprId result = array.cells[cell + static_cast<std::uint32_t>(count - 1) * width];
  for (std::int64_t i = count - 1; i-- > 0;) {
    result = table.conditional(table.equal(position, design_.constant(i)),
                               array.cells[cell + static_cast<std::uint32_t>(i) * width], result);
  }
  return result;
}

Value Expressions::lower_array(const types::ArrayExpr& node, const types::Expr& expr, const ValueTypePtr& expected) {
  const ValueTypePtr type = expected != nullptr && expected->kind == Kind::Array
                                ? expected
                                : design_.lower_type(expr.type, frame_->self, expr.span);
  Value result{type, {}};
  if (type == nullptr) throw Design::Abandoned{};  // reported
  const std::int64_t count = value_count(*type->index);
  if (node.variable == nullptr && static_cast<std::int64_t>(node.elements.size()) != count) {
    design_.diagnostics().error("E0638", expr.span,
                                fmt::format("the array has {} elements, but {} {} given", count, node.elements.size(),
                                            node.elements.size() == 1 ? "is" : "are"));
    throw Design::Abandoned{};
  }
  for (std::int64_t i = 0; i < count; ++i) {
    if (node.variable != nullptr) {
      frame_->values[node.variable.get()] = scalar_value(type->index, design_.constant(value_at(*type->index, i)));
    }
    const types::Expr& element = node.variable != nullptr ? *node.body : *node.elements[static_cast<std::size_t>(i)];
    const Value value = lower_as(element, type->element);
    require_range(value, "an element", element.span, false);
    result.cells.insert(result.cells.end(), value.cells.begin(), value.cells.end());
  }
  if (node.variable != nullptr) frame_->values.erase(node.variable.get());
  return result;
}

Value Expressions::lower_collection(const types::CollectionExpr& node, const types::Expr& expr) {
  using Query = types::CollectionQuery;
  ExprTable& table = design_.exprs();
  if (node.query == Query::Contains) return scalar_value(bool_type(), contains(*node.collection, *node.argument));
  const Value value = lower(*node.collection);
  const ValueType& type = *value.type;
  if (type.kind == Kind::Spinlock || type.kind == Kind::Mutex) {  // 'l.held', 'l.mine': like a queue of one holder
    const ExprId holder = value.cells[0];
    if (node.query == Query::Full) {
      return scalar_value(bool_type(), table.binary(BinaryOp::NotEqual, holder, design_.constant(0)));
    }
    if (executor_ == nullptr) {
      design_.diagnostics().error("E0602", expr.span, "'.mine' has a meaning only in the code of a thread or handler");
      return scalar_value(bool_type(), design_.constant(0));
    }
    return scalar_value(bool_type(), table.equal(holder, executor_->slot));
  }
  ExprId length;
  if (type.kind == Kind::Set) {
    length = design_.constant(0);
    for (const ExprId in : value.cells) length = table.binary(BinaryOp::Add, length, in);
  } else {
    length = value.cells[0];
  }
  switch (node.query) {
    case Query::Empty:
      return scalar_value(bool_type(), table.equal(length, design_.constant(0)));
    case Query::Full: {
      const std::int64_t most =
          type.kind == Kind::Set ? value_count(*type.element) : static_cast<std::int64_t>(type.capacity);
      return scalar_value(bool_type(), table.equal(length, design_.constant(most)));
    }
    case Query::Length:
      return scalar_value(unbounded_int_type(), length);
    case Query::First:
    case Query::Last: {
      fault_unless(table.binary(BinaryOp::Greater, length, design_.constant(0)), rule_name::kQueue, expr.span,
                   "the queue is empty");
      const std::uint32_t width = cell_count(*type.element);
      const ExprId at = node.query == Query::First ? design_.constant(0)
                                                   : table.binary(BinaryOp::Subtract, length, design_.constant(1));
      Value result{type.element, {}};
      for (std::uint32_t j = 0; j < width; ++j)
        result.cells.push_back(element_at(value, 1 + j, at, type.capacity, width));
      return result;
    }
    case Query::Contains:
      break;
  }
  QUIESCE_CHECK(false) << "handled above";
  return {};
}

Value Expressions::lower_index(const types::IndexExpr& node, const types::Expr& expr) {
  if (is_place(expr)) return load(place(expr));
  const Value base = lower(*node.value);
  const ExprId index = scalar(*node.index);
  const ValueType& type = *base.type;
  ExprTable& table = design_.exprs();
  const std::uint32_t width = cell_count(*type.element);
  Value result{type.element, {}};
  if (type.kind == Kind::Queue) {
    fault_unless(table.conjunction(table.binary(BinaryOp::GreaterEqual, index, design_.constant(0)),
                                   table.binary(BinaryOp::Less, index, base.cells[0])),
                 rule_name::kIndex, expr.span, "the index is past the end of the queue");
    for (std::uint32_t j = 0; j < width; ++j)
      result.cells.push_back(element_at(base, 1 + j, index, type.capacity, width));
    return result;
  }
  const ExprId at = position(index, *type.index, node.index->span, rule_name::kIndex,
                             fmt::format("the index must be in {}..{}", type.index->lo, type.index->hi));
  for (std::uint32_t j = 0; j < width; ++j) {
    result.cells.push_back(element_at(base, j, at, value_count(*type.index), width));
  }
  return result;
}

}  // namespace quiesce::model
