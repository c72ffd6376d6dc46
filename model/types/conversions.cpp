// Values where another type is wanted. The language converts T to T? and back (null breaks core.null), a reference
// to a machine into one to an interface that it implements, and a constant number into a Level; nothing else.
#include <fmt/format.h>

#include "model/types/checker.h"

namespace quiesce::model::types {

ExprPtr Checker::unwrapped(ExprPtr value) {
  if (!value || value->type->kind != Type::Kind::Optional) return value;
  const Span span = value->span;
  const TypePtr element = value->type->element;
  return make_expr(UnwrapExpr{std::move(value)}, element, span);
}

/// The converted value, or null with `value` as it was.
ExprPtr Checker::try_convert(ExprPtr& value, const TypePtr& wanted) {
  const TypePtr from = value->type;
  const Span span = value->span;
  if (same_type(*from, *wanted)) return std::move(value);
  if (wanted->kind == Type::Kind::Optional) {
    if (from->kind == Type::Kind::Null) return make_expr(NullExpr{}, wanted, span);
    if (from->kind == Type::Kind::Optional) {
      // ref M? where ref I? is wanted: the same value.
      const bool upcast = from->element->kind == Type::Kind::Ref && wanted->element->kind == Type::Kind::Ref &&
                          from->element->machine != nullptr && wanted->element->interface != nullptr &&
                          implements(*from->element->machine, *wanted->element->interface);
      return upcast ? std::move(value) : nullptr;
    }
    ExprPtr inner = try_convert(value, wanted->element);
    return inner ? make_expr(WrapExpr{std::move(inner)}, wanted, span) : nullptr;
  }
  if (from->kind == Type::Kind::Optional) {
    ExprPtr inner = unwrapped(std::move(value));
    if (ExprPtr converted = try_convert(inner, wanted)) return converted;
    value = std::move(std::get<UnwrapExpr>(inner->node).value);
    return nullptr;
  }
  if (from->kind == Type::Kind::Int && wanted->kind == Type::Kind::Level && first_variable_part(*value) == nullptr) {
    value->type = wanted;
    return std::move(value);
  }
  if (from->kind == Type::Kind::Ref && wanted->kind == Type::Kind::Ref && from->machine != nullptr &&
      wanted->interface != nullptr && implements(*from->machine, *wanted->interface)) {
    return std::move(value);
  }
  return nullptr;
}

ExprPtr Checker::convert(ExprPtr value, const TypePtr& wanted, const std::string& role, Span declared) {
  if (!value || !wanted) return nullptr;
  if (ExprPtr converted = try_convert(value, wanted)) return converted;
  const Type& from = *value->type;
  if (from.kind == Type::Kind::Void) {
    error("E0312", value->span,
          fmt::format("{} must be '{}', but '{}' gives no result", role, text(wanted), source_text(value->span)));
    return nullptr;
  }
  if (from.kind == Type::Kind::Null) {
    Diagnostic& diagnostic =
        error("E0301", value->span, fmt::format("{} is '{}', which cannot be null", role, text(wanted)));
    if (declared.valid()) diagnostic.labels.push_back({declared, "declared here"});
    diagnostic.notes.push_back(fmt::format("a type that may be null is written '{}?'", text(wanted)));
    return nullptr;
  }
  Diagnostic& diagnostic = error("E0301", value->span,
                                 fmt::format("{} must be '{}', but '{}' is '{}'", role, text(wanted),
                                             source_text(value->span), text(value->type)));
  if (declared.valid()) diagnostic.labels.push_back({declared, "declared here"});
  if (from.kind == Type::Kind::Int && wanted->kind == Type::Kind::Level) {
    diagnostic.notes.push_back("only a constant number is a level");
  }
  if (wanted->kind == Type::Kind::Bool) explain_no_condition(diagnostic, *value, role == "the operand of '!'");
  if (from.kind == Type::Kind::Ref && wanted->kind == Type::Kind::Ref && from.machine != nullptr &&
      wanted->interface != nullptr) {
    diagnostic.labels.push_back(
        {from.machine->span, fmt::format("does not say 'implements {}'", short_name(wanted->interface->name))});
  }
  return nullptr;
}

ExprPtr Checker::check_as(const syntax::Expression& expression, const TypePtr& wanted, const std::string& role,
                          Span declared, bool steps) {
  return convert(check(expression, wanted, steps), wanted, role, declared);
}

ExprPtr Checker::check_condition(const syntax::Expression& expression, const std::string& role, bool steps) {
  return check_as(expression, simple_type(Type::Kind::Bool), role, {}, steps);
}

bool Checker::require_constant(const ExprPtr& value, const std::string& role) {
  if (!value) return false;
  const Expr* part = first_variable_part(*value);
  if (part == nullptr) return true;
  Diagnostic& diagnostic =
      error("E0306", part->span,
            fmt::format("{} must be fixed before the run, but '{}' is not", role, source_text(part->span)));
  if (const auto* variable = std::get_if<VariableExpr>(&part->node)) {
    diagnostic.labels.push_back({variable->variable->span, "declared here"});
  }
  diagnostic.notes.push_back("constants, params, parameters of machines and variables over a type's values are fixed");
  return false;
}

ExprPtr Checker::check_constant(const syntax::Expression& expression, const TypePtr& wanted, const std::string& role) {
  ExprPtr value = check_as(expression, wanted, role);
  if (!value || !require_constant(value, role)) return nullptr;
  return value;
}

/// Brings two values to one type, for comparisons and 'c ? a : b'.
bool Checker::unify(ExprPtr& left, ExprPtr& right) {
  if (!left || !right) return false;
  const auto settle = [](ExprPtr& side, const TypePtr& wanted, Checker& checker) {
    ExprPtr converted = checker.try_convert(side, wanted);
    if (!converted) return false;
    side = std::move(converted);
    return true;
  };
  if (same_type(*left->type, *right->type)) return true;
  // An optional side wins over one that is not: no comparison breaks core.null.
  const bool left_optional = left->type->kind == Type::Kind::Optional;
  const bool right_optional = right->type->kind == Type::Kind::Optional;
  if (left_optional && !right_optional) {
    if (settle(right, left->type, *this)) return true;
    // ref M? against ref I
    if (right->type->kind == Type::Kind::Ref) {
      const TypePtr wanted = optional_type(right->type);
      return settle(left, wanted, *this) && settle(right, wanted, *this);
    }
    return false;
  }
  if (right_optional && !left_optional) {
    if (settle(left, right->type, *this)) return true;
    if (left->type->kind == Type::Kind::Ref) {
      const TypePtr wanted = optional_type(left->type);
      return settle(right, wanted, *this) && settle(left, wanted, *this);
    }
    return false;
  }
  if (left->type->kind == Type::Kind::Null || right->type->kind == Type::Kind::Null) return false;
  return settle(right, left->type, *this) || settle(left, right->type, *this);
}

}  // namespace quiesce::model::types
