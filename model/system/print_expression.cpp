#include "model/system/print_expression.h"

#include <algorithm>

#include <fmt/format.h>

#include "model/base/overloaded.h"
#include "model/system/print.h"

namespace quiesce::model {

namespace {

using Kind = ValueType::Kind;

struct BinarySpelling {
  const char* text;
  Strength strength;
};

BinarySpelling spelling(BinaryOp op) {
  switch (op) {
    case BinaryOp::And:
      return {"&&", kAnd};
    case BinaryOp::Or:
      return {"||", kOr};
    case BinaryOp::Equal:
      return {"==", kComparison};
    case BinaryOp::NotEqual:
      return {"!=", kComparison};
    case BinaryOp::Less:
      return {"<", kComparison};
    case BinaryOp::LessEqual:
      return {"<=", kComparison};
    case BinaryOp::Greater:
      return {">", kComparison};
    case BinaryOp::GreaterEqual:
      return {">=", kComparison};
    case BinaryOp::Add:
      return {"+", kSum};
    case BinaryOp::Subtract:
      return {"-", kSum};
    case BinaryOp::Multiply:
      return {"*", kProduct};
    case BinaryOp::Divide:
      return {"/", kProduct};
    case BinaryOp::Modulo:
      return {"%", kProduct};
  }
  return {"?", kPrimary};
}

/// The type of cell `offset` of a value of `type`; null for cells without a type of their own.
ValueTypePtr leaf_type(const ValueTypePtr& type, std::uint32_t offset) {
  static const ValueTypePtr kBool = std::make_shared<const ValueType>();
  switch (type->kind) {
    case Kind::Bool:
    case Kind::Int:
    case Kind::Enum:
    case Kind::Level:
    case Kind::Cpu:
    case Kind::Ref:
      return type;
    case Kind::Mutex:
    case Kind::Spinlock:
      return nullptr;
    case Kind::Optional:
      if (is_scalar(*type)) {
        return type;
      }
      return offset == 0 ? kBool : leaf_type(type->element, offset - 1);
    case Kind::Struct: {
      for (const ValueType::Field& field : type->fields) {
        const std::uint32_t count = cell_count(*field.type);
        if (offset < count) {
          return leaf_type(field.type, offset);
        }
        offset -= count;
      }
      return nullptr;
    }
    case Kind::Array:
      return leaf_type(type->element, offset % cell_count(*type->element));
    case Kind::Set:
      return kBool;
    case Kind::Queue:
      return offset == 0 ? nullptr : leaf_type(type->element, (offset - 1) % cell_count(*type->element));
  }
  return nullptr;
}

/// `value` as the user would write it in a cell of `type`; a plain number without a type or outside of it.
std::string format_constant(const ValueTypePtr& type, std::int64_t value) {
  if (!type || type->kind == Kind::Int) {
    return fmt::format("{}", value);
  }
  const Domain domain = domain_of(*type);
  if (value < domain.lo || value > domain.hi) {
    return fmt::format("{}", value);
  }
  const auto cell = static_cast<std::int32_t>(value);
  return format_value(*type, &cell);
}

}  // namespace

std::string ExprPrinter::print(ExprId id, int outer, const ValueTypePtr& hint) const {
  if (!id.valid()) {
    return "(none)";
  }
  const auto wrapped = [outer](std::string text, int strength) { return strength < outer ? "(" + text + ")" : text; };
  return std::visit(Overloaded{
                        [&](const ConstantExpr& e) { return format_constant(hint, e.value); },
                        [&](const LoadExpr& e) { return place(e.place); },
                        [&](const TempExpr& e) { return fmt::format("t{}", e.temp.value); },
                        [&](const UnaryExpr& e) {
                          switch (e.op) {
                            case UnaryOp::Not:
                              return wrapped("!" + print(e.operand, kUnary), kUnary);
                            case UnaryOp::Negate:
                              return wrapped("-" + print(e.operand, kUnary), kUnary);
                          }
                          return std::string();
                        },
                        [&](const BinaryExpr& e) { return binary(e, outer); },
                        [&](const ConditionalExpr& e) {
                          return wrapped(print(e.condition, kOr) + " ? " + print(e.then_value, kConditional, hint) +
                                             " : " + print(e.else_value, kConditional, hint),
                                         kConditional);
                        },
                        [&](const LookupExpr& e) {
                          std::string text = "[";
                          for (std::size_t i = 0; i < e.table.size(); ++i) {
                            text += (i > 0 ? ", " : "") + format_constant(hint, e.table[i]);
                          }
                          return text + "][" + print(e.index, kConditional) + "]";
                        },
                        [](const SelfActivationExpr&) { return std::string("self"); },
                        [](const CurrentCpuExpr&) { return std::string("cpu()"); },
                        [&](const IdleExpr& e) { return "idle(" + system_.at(e.context).name + ")"; },
                    },
                    system_.at(id));
}

std::string ExprPrinter::place(const Place& place) const {
  const auto name = [this](CellId cell) { return system_.at(cell).name; };
  if (place.cells.size() == 1) {
    return name(place.cells.front());
  }
  const std::string index = "[" + print(place.index, kConditional) + "]";
  // Cells named 'a[0]b', 'a[1]b', ... in order are the array that they look like.
  const std::string& first = name(place.cells.front());
  for (std::size_t at = first.rfind("[0]"); at != std::string::npos && at > 0; at = first.rfind("[0]", at - 1)) {
    const std::string before = first.substr(0, at);
    const std::string after = first.substr(at + 3);
    bool is_array = true;
    for (std::size_t i = 0; i < place.cells.size() && is_array; ++i) {
      is_array = name(place.cells[i]) == fmt::format("{}[{}]{}", before, i, after);
    }
    if (is_array) {
      return before + index + after;
    }
  }
  std::string text = "(";
  for (std::size_t i = 0; i < place.cells.size(); ++i) {
    text += (i > 0 ? ", " : "") + name(place.cells[i]);
  }
  return text + ")" + index;
}

ValueTypePtr ExprPrinter::type_of(ExprId id) const {
  const auto* load = id.valid() ? std::get_if<LoadExpr>(&system_.at(id)) : nullptr;
  return load == nullptr ? nullptr : type_of_cell(system_, load->place.cells.front());
}

std::string ExprPrinter::binary(const BinaryExpr& e, int outer) const {
  const auto [text, strength] = spelling(e.op);
  ValueTypePtr left_hint;
  ValueTypePtr right_hint;
  if (strength == kComparison) {
    left_hint = type_of(e.right);
    right_hint = type_of(e.left);
    // A boolean's test: the table writes `x != 0` for `x`.
    if (right_hint && right_hint->kind == Kind::Bool && system_.expressions.is_constant(e.right)) {
      std::int64_t value = 0;
      system_.expressions.is_constant(e.right, &value);
      if (value == 0 && e.op == BinaryOp::NotEqual) {
        return print(e.left, outer);
      }
      if (value == 0 && e.op == BinaryOp::Equal) {
        return kUnary < outer ? "(!" + print(e.left, kUnary) + ")" : "!" + print(e.left, kUnary);
      }
    }
  }
  // && and || are associative, comparisons are not, the others associate to the left.
  const bool associative = strength == kAnd || strength == kOr;
  const std::string result = print(e.left, strength == kComparison ? strength + 1 : strength, left_hint) + " " + text +
                             " " + print(e.right, associative ? strength : strength + 1, right_hint);
  return strength < outer ? "(" + result + ")" : result;
}

ValueTypePtr type_of_cell(const TransitionSystem& system, CellId cell) {
  const Cell& c = system.at(cell);
  if (!c.variable) {
    return nullptr;
  }
  const Variable& variable = system.at(*c.variable);
  return variable.type ? leaf_type(variable.type, cell.value - variable.first.value) : nullptr;
}

std::string print_expr(const TransitionSystem& system, ExprId expr) {
  return ExprPrinter(system).print(expr, kConditional);
}

}  // namespace quiesce::model
