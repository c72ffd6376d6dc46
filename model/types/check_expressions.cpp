// Expressions: names, operators, collections, quantifiers.
#include <utility>

#include <fmt/format.h>

#include "model/types/checker.h"

namespace quiesce::model::types {

ExprPtr Checker::check(const syntax::Expression& expression, const TypePtr& expected, bool steps) {
  const bool array_allowed = std::exchange(instance_array_allowed_, false);
  ExprPtr value;
  if (const auto* call = std::get_if<syntax::Call>(&expression.kind)) {
    value = check_call(*call, expression, steps);
  } else {
    value = std::visit([&](const auto& node) { return check_node(node, expression, expected); }, expression.kind);
  }
  if (!value) return nullptr;
  if (const auto* instance = as<InstanceExpr>(value);
      instance != nullptr && instance->instance->index && !instance->index && !array_allowed) {
    Diagnostic& diagnostic =
        error("E0317", expression.span,
              fmt::format("'{0}' is an array of instances; choose one with '{0}[...]'", source_text(expression.span)));
    diagnostic.labels.push_back({instance->instance->span, "declared here"});
    return nullptr;
  }
  return value;
}

// ------------------------------------------------------------------------------------- literals and names

ExprPtr Checker::check_node(const syntax::IntegerLiteral& node, const syntax::Expression& whole, const TypePtr&) {
  return int_literal(node.value, whole.span);
}

ExprPtr Checker::check_node(const syntax::BoolLiteral& node, const syntax::Expression& whole, const TypePtr&) {
  return make_expr(LiteralExpr{node.value ? 1 : 0}, simple_type(Type::Kind::Bool), whole.span);
}

ExprPtr Checker::check_node(const syntax::NullLiteral&, const syntax::Expression& whole, const TypePtr&) {
  return make_expr(NullExpr{}, simple_type(Type::Kind::Null), whole.span);
}

ExprPtr Checker::check_node(const syntax::SelfExpression&, const syntax::Expression& whole, const TypePtr&) {
  if (env().machine != nullptr && !env().machine_scope_is_constant) {
    return make_expr(SelfExpr{}, ref_type(env().machine->decl), whole.span);
  }
  if (env().interface != nullptr) return make_expr(SelfExpr{}, ref_type(env().interface), whole.span);
  error("E0413", whole.span, "'self' stands for the instance whose code this is, but this is not inside a machine");
  return nullptr;
}

ExprPtr Checker::value_of(Meaning found, const syntax::Expression& whole, const TypePtr& expected) {
  if (found.failed) return nullptr;
  if (found.value) return std::move(found.value);
  const std::string name = source_text(whole.span);
  if (found.change) {
    Diagnostic& diagnostic = error("E0414", whole.span, fmt::format("'{}' is a statement, not a value", name));
    if (*found.change == CollectionChange::Pop) {
      diagnostic.notes.push_back("read '.first', then '.pop()', together in 'atomic { }' when others see the queue");
    }
    return nullptr;
  }
  std::string what;
  Span declared;
  std::string note;
  if (found.function != nullptr) {
    what = "a function";
    declared = found.function->span;
    note = fmt::format("to call it, write '{}(...)'", name);
  } else if (found.function_parameter != nullptr) {
    what = "a function";
    declared = found.function_parameter->span;
    note = fmt::format("to call it, write '{}(...)'", name);
  } else if (found.context != nullptr) {
    what = found.context->is_handler ? "a handler" : "a thread";
    declared = found.context->span;
    note = fmt::format("ask about it with 'running({0})' or 'idle({0})'", name);
  } else if (found.action != nullptr) {
    what = "an action";
    declared = found.action->span;
    note = fmt::format("ask about it with 'enabled({})'", name);
  } else if (found.enumeration != nullptr) {
    what = "an enum";
    declared = found.enumeration->span;
    note = fmt::format("one of its values is '{}.{}'", name, found.enumeration->values.front());
  } else if (found.structure != nullptr) {
    what = "a struct";
    declared = found.structure->span;
    note = fmt::format("a value of it is written '{}(...)'", name);
  } else if (found.machine != nullptr) {
    what = found.machine->is_system ? "a system" : "a machine";
    declared = found.machine->span;
  } else if (found.interface != nullptr) {
    what = "an interface";
    declared = found.interface->span;
  } else {
    what = "a module";
  }
  Diagnostic& diagnostic = error("E0207", whole.span, fmt::format("'{}' is {}, not a value", name, what));
  if (declared.valid()) diagnostic.labels.push_back({declared, "declared here"});
  if (found.function != nullptr && expected) {
    explain_function(diagnostic, *found.function, name, expected);
    if (!diagnostic.notes.empty()) return nullptr;
  }
  if (!note.empty()) diagnostic.notes.push_back(note);
  return nullptr;
}

ExprPtr Checker::check_node(const syntax::NameExpression&, const syntax::Expression& whole, const TypePtr& expected) {
  return value_of(meaning(whole, expected), whole, expected);
}

ExprPtr Checker::check_node(const syntax::FieldAccess&, const syntax::Expression& whole, const TypePtr& expected) {
  return value_of(meaning(whole, expected), whole, expected);
}

ExprPtr Checker::check_node(const syntax::IndexAccess& node, const syntax::Expression& whole, const TypePtr&) {
  instance_array_allowed_ = true;
  ExprPtr object = check(*node.object);
  instance_array_allowed_ = false;
  if (!object) return nullptr;
  if (auto* instance = std::get_if<InstanceExpr>(&object->node);
      instance != nullptr && instance->instance->index && !instance->index) {
    ExprPtr index =
        check_as(*node.index, instance->instance->index, "the index of an instance", instance->instance->span);
    if (!index) return nullptr;
    instance->index = std::move(index);
    object->span = whole.span;
    return object;
  }
  object = unwrapped(std::move(object));
  const TypePtr type = object->type;
  if (type->kind == Type::Kind::Array) {
    ExprPtr index = check_as(*node.index, type->index, "the index");
    if (!index) return nullptr;
    return make_expr(IndexExpr{std::move(object), std::move(index)}, type->element, whole.span);
  }
  if (type->kind == Type::Kind::Queue) {
    ExprPtr index = check_as(*node.index, int_type(), "the index of a queue");
    if (!index) return nullptr;
    return make_expr(IndexExpr{std::move(object), std::move(index)}, type->element, whole.span);
  }
  Diagnostic& diagnostic = error("E0317", whole.span,
                                 fmt::format("only arrays and queues have elements, but '{}' is '{}'",
                                             source_text(node.object->span), text(type)));
  if (const auto* instance = as<InstanceExpr>(object)) {
    diagnostic.labels.push_back({instance->instance->span, "declared here, as a single instance"});
  }
  return nullptr;
}

ExprPtr Checker::check_node(const syntax::SetLiteral& node, const syntax::Expression& whole, const TypePtr& expected) {
  TypePtr element;
  if (expected && expected->kind == Type::Kind::Set) element = expected->element;
  if (expected && expected->kind == Type::Kind::Optional && expected->element->kind == Type::Kind::Set) {
    element = expected->element->element;
  }
  if (!element && node.elements.empty()) {
    error("E0308", whole.span, "the element type of '{}' cannot be inferred here")
        .notes.push_back("write the type of the variable, as in 'var s: set<Cpu> = {}'");
    return nullptr;
  }
  SetExpr set;
  bool failed = false;
  for (const syntax::ExpressionPtr& part : node.elements) {
    ExprPtr value = check(*part, element);
    if (value && !element) element = value->type;
    if (value) value = convert(std::move(value), element, "an element of this set");
    failed = failed || !value;
    set.elements.push_back(std::move(value));
  }
  if (failed) return nullptr;
  const bool may_be_null = behind_in_ && element && element->kind == Type::Kind::Optional && is_scalar(*element);
  if (!may_be_null && !is_enumerable(element, whole.span, "the element of a set")) return nullptr;
  return make_expr(std::move(set), set_type(element), whole.span);
}

ExprPtr Checker::check_node(const syntax::ArrayLiteral& node, const syntax::Expression& whole,
                            const TypePtr& expected) {
  TypePtr type = expected;
  if (type && type->kind == Type::Kind::Optional) type = type->element;
  if (!type || type->kind != Type::Kind::Array) {
    if (type) {
      error("E0301", whole.span, fmt::format("'{}' is wanted here, but '[...]' is an array", text(expected)));
    } else {
      error("E0308", whole.span, "the type of '[...]' cannot be inferred here")
          .notes.push_back("write the type of the variable, as in 'const PRIMES: array<int 0..9, 3> = [3, 5, 7]'");
    }
    return nullptr;
  }
  ArrayExpr array;
  bool failed = false;
  const auto element_of = [&](const syntax::Expression& element) {
    ExprPtr value = check_as(element, type->element, "an element of this array");
    failed = failed || !value;
    return value;
  };
  for (const syntax::ExpressionPtr& element : node.elements) array.elements.push_back(element_of(*element));
  if (node.variable) {
    Locals scope(env());
    array.variable = new_variable(*node.variable, VariableDecl::Kind::Bound, type->index);
    declare_local(array.variable.get());
    array.body = element_of(*node.element);
  }
  if (failed) return nullptr;
  return make_expr(std::move(array), type, whole.span);
}

// ---------------------------------------------------------------------------------------------- operators

ExprPtr Checker::check_node(const syntax::Unary& node, const syntax::Expression& whole, const TypePtr&) {
  if (node.op == syntax::UnaryOperator::Not) {
    ExprPtr operand = check_condition(*node.operand, "the operand of '!'");
    if (!operand) return nullptr;
    return make_expr(UnaryExpr{UnaryOperator::Not, std::move(operand)}, simple_type(Type::Kind::Bool), whole.span);
  }
  ExprPtr operand = check_as(*node.operand, int_type(), "the operand of '-'");
  if (!operand) return nullptr;
  return make_expr(UnaryExpr{UnaryOperator::Negate, std::move(operand)}, int_type(), whole.span);
}

namespace {

const char* spelled(syntax::BinaryOperator op) {
  switch (op) {
    case syntax::BinaryOperator::Implies:
      return "=>";
    case syntax::BinaryOperator::Or:
      return "||";
    case syntax::BinaryOperator::And:
      return "&&";
    case syntax::BinaryOperator::Equal:
      return "==";
    case syntax::BinaryOperator::NotEqual:
      return "!=";
    case syntax::BinaryOperator::Less:
      return "<";
    case syntax::BinaryOperator::LessEqual:
      return "<=";
    case syntax::BinaryOperator::Greater:
      return ">";
    case syntax::BinaryOperator::GreaterEqual:
      return ">=";
    case syntax::BinaryOperator::In:
      return "in";
    case syntax::BinaryOperator::Within:
      return "within";
    case syntax::BinaryOperator::Beside:
      return "beside";
    case syntax::BinaryOperator::BitOr:
      return "|";
    case syntax::BinaryOperator::BitXor:
      return "^";
    case syntax::BinaryOperator::BitAnd:
      return "&";
    case syntax::BinaryOperator::ShiftLeft:
      return "<<";
    case syntax::BinaryOperator::ShiftRight:
      return ">>";
    case syntax::BinaryOperator::Add:
      return "+";
    case syntax::BinaryOperator::Subtract:
      return "-";
    case syntax::BinaryOperator::Multiply:
      return "*";
    case syntax::BinaryOperator::Divide:
      return "/";
    case syntax::BinaryOperator::Remainder:
      return "%";
  }
  return "?";
}

/// In, Within and Beside are not among them: they have nodes of their own.
BinaryOperator typed(syntax::BinaryOperator op) {
  switch (op) {
    case syntax::BinaryOperator::Implies:
      return BinaryOperator::Implies;
    case syntax::BinaryOperator::Or:
      return BinaryOperator::Or;
    case syntax::BinaryOperator::In:
    case syntax::BinaryOperator::Within:
    case syntax::BinaryOperator::Beside:
    case syntax::BinaryOperator::And:
      return BinaryOperator::And;
    case syntax::BinaryOperator::Equal:
      return BinaryOperator::Equal;
    case syntax::BinaryOperator::NotEqual:
      return BinaryOperator::NotEqual;
    case syntax::BinaryOperator::Less:
      return BinaryOperator::Less;
    case syntax::BinaryOperator::LessEqual:
      return BinaryOperator::LessEqual;
    case syntax::BinaryOperator::Greater:
      return BinaryOperator::Greater;
    case syntax::BinaryOperator::GreaterEqual:
      return BinaryOperator::GreaterEqual;
    case syntax::BinaryOperator::BitOr:
      return BinaryOperator::BitOr;
    case syntax::BinaryOperator::BitXor:
      return BinaryOperator::BitXor;
    case syntax::BinaryOperator::BitAnd:
      return BinaryOperator::BitAnd;
    case syntax::BinaryOperator::ShiftLeft:
      return BinaryOperator::ShiftLeft;
    case syntax::BinaryOperator::ShiftRight:
      return BinaryOperator::ShiftRight;
    case syntax::BinaryOperator::Add:
      return BinaryOperator::Add;
    case syntax::BinaryOperator::Subtract:
      return BinaryOperator::Subtract;
    case syntax::BinaryOperator::Multiply:
      return BinaryOperator::Multiply;
    case syntax::BinaryOperator::Divide:
      return BinaryOperator::Divide;
    case syntax::BinaryOperator::Remainder:
      return BinaryOperator::Modulo;
  }
  return BinaryOperator::And;
}

}  // namespace

ExprPtr Checker::check_node(const syntax::Binary& node, const syntax::Expression& whole, const TypePtr&) {
  switch (node.op) {
    case syntax::BinaryOperator::Implies:
    case syntax::BinaryOperator::Or:
    case syntax::BinaryOperator::And:
      return check_logic(node, whole);
    case syntax::BinaryOperator::Equal:
    case syntax::BinaryOperator::NotEqual:
      return check_equality(node, whole);
    case syntax::BinaryOperator::Less:
    case syntax::BinaryOperator::LessEqual:
    case syntax::BinaryOperator::Greater:
    case syntax::BinaryOperator::GreaterEqual:
      return check_order(node, whole);
    case syntax::BinaryOperator::In:
      return check_in(node, whole);
    case syntax::BinaryOperator::Within:
    case syntax::BinaryOperator::Beside:
      return check_within(node, whole);
    case syntax::BinaryOperator::BitOr:
    case syntax::BinaryOperator::BitXor:
    case syntax::BinaryOperator::BitAnd:
    case syntax::BinaryOperator::ShiftLeft:
    case syntax::BinaryOperator::ShiftRight:
    case syntax::BinaryOperator::Add:
    case syntax::BinaryOperator::Subtract:
    case syntax::BinaryOperator::Multiply:
    case syntax::BinaryOperator::Divide:
    case syntax::BinaryOperator::Remainder:
      return check_arithmetic(node, whole);
  }
  return nullptr;
}

ExprPtr Checker::check_logic(const syntax::Binary& node, const syntax::Expression& whole) {
  const std::string role = fmt::format("an operand of '{}'", spelled(node.op));
  ExprPtr left = check_condition(*node.left, role);
  ExprPtr right = check_condition(*node.right, role);
  if (!left || !right) return nullptr;
  return make_expr(BinaryExpr{typed(node.op), std::move(left), std::move(right)}, simple_type(Type::Kind::Bool),
                   whole.span);
}

ExprPtr Checker::check_arithmetic(const syntax::Binary& node, const syntax::Expression& whole) {
  const bool may_be_logic = node.op == syntax::BinaryOperator::BitAnd || node.op == syntax::BinaryOperator::BitOr;
  const std::string meant = may_be_logic ? fmt::format(" (of conditions: '{0}{0}')", spelled(node.op)) : "";
  const std::string role = fmt::format("an operand of '{}'{}", spelled(node.op), meant);
  ExprPtr left = check_as(*node.left, int_type(), role);
  ExprPtr right = check_as(*node.right, int_type(), role);
  if (!left || !right) return nullptr;
  if ((node.op == syntax::BinaryOperator::Divide || node.op == syntax::BinaryOperator::Remainder) &&
      literal_value(*right) == 0) {
    error("E0311", whole.span, fmt::format("'{}' divides by zero", source_text(whole.span)));
    return nullptr;
  }
  return make_expr(BinaryExpr{typed(node.op), std::move(left), std::move(right)}, int_type(), whole.span);
}

/// Whether only the other side can tell the type: 'null', '{}', '[...]', or an enum constant of several enums.
bool Checker::needs_expected_type(const syntax::Expression& expression) {
  if (std::holds_alternative<syntax::ArrayLiteral>(expression.kind)) return true;
  if (std::holds_alternative<syntax::NullLiteral>(expression.kind)) return true;
  if (const auto* set = std::get_if<syntax::SetLiteral>(&expression.kind)) return set->elements.empty();
  const auto* name = std::get_if<syntax::NameExpression>(&expression.kind);
  if (name == nullptr) return false;
  for (const VariableDecl* local : env().locals) {
    if (local->name == name->name.text) return false;
  }
  if (env().machine != nullptr && env().machine->members.contains(name->name.text)) return false;
  std::size_t candidates = 0;
  for (const std::string& family : visible_families()) {
    const auto found = families_.find(family);
    if (found == families_.end()) continue;
    const auto constants = found->second.constants.find(name->name.text);
    if (constants != found->second.constants.end()) candidates += constants->second.size();
  }
  return candidates > 1;
}

bool Checker::check_operands(const syntax::Binary& node, ExprPtr& left, ExprPtr& right, const TypePtr& expected) {
  if (needs_expected_type(*node.left) && !needs_expected_type(*node.right)) {
    right = check(*node.right, expected);
    left = check(*node.left, right ? right->type : nullptr);
  } else {
    left = check(*node.left, expected);
    right = check(*node.right, left ? left->type : nullptr);
  }
  return left && right;
}

void Checker::operands_differ(const syntax::Binary& node, const Expr& left, const Expr& right, const char* code) {
  Diagnostic& diagnostic =
      error(code, cover(left.span, right.span),
            fmt::format("'{}' cannot compare '{}', which is '{}', with '{}', which is '{}'", spelled(node.op),
                        source_text(left.span), text(left.type), source_text(right.span), text(right.type)));
  explain_difference(diagnostic, spelled(node.op), left, right);
}

ExprPtr Checker::check_order(const syntax::Binary& node, const syntax::Expression& whole) {
  ExprPtr left, right;
  if (!check_operands(node, left, right, nullptr)) return nullptr;
  left = unwrapped(std::move(left));
  right = unwrapped(std::move(right));
  if (!unify(left, right)) {
    operands_differ(node, *left, *right, "E0303");
    return nullptr;
  }
  const Type::Kind kind = left->type->kind;
  if (kind != Type::Kind::Int && kind != Type::Kind::Level && kind != Type::Kind::Enum) {
    Diagnostic& diagnostic =
        error("E0302", whole.span,
              fmt::format("values of type '{}' have no order for '{}'", text(left->type), spelled(node.op)));
    if (kind == Type::Kind::Cpu)
      diagnostic.notes.push_back("CPUs are interchangeable; only '==' and '!=' compare them");
    return nullptr;
  }
  return make_expr(BinaryExpr{typed(node.op), std::move(left), std::move(right)}, simple_type(Type::Kind::Bool),
                   whole.span);
}

ExprPtr Checker::check_equality(const syntax::Binary& node, const syntax::Expression& whole) {
  const auto* query = std::get_if<syntax::ContextQuery>(&node.left->kind);
  if (query != nullptr && query->kind == syntax::ContextQueryKind::Returned) {
    if (node.op == syntax::BinaryOperator::Equal) return check_event(*query, node.right.get(), whole);
    error("E0302", node.op_span, "what a function returned is asked with '=='")
        .notes.push_back("that it returned something else: 'returned(f) && !(returned(f) == value)'");
    return nullptr;
  }
  ExprPtr left, right;
  if (!check_operands(node, left, right, nullptr)) return nullptr;
  const bool one_null = left->type->kind == Type::Kind::Null || right->type->kind == Type::Kind::Null;
  if (!unify(left, right)) {
    const Expr& other = left->type->kind == Type::Kind::Null ? *right : *left;
    if (one_null && other.type->kind != Type::Kind::Null) {
      Diagnostic& diagnostic =
          error("E0303", whole.span,
                fmt::format("'{}' is '{}', which is never null", source_text(other.span), text(other.type)));
      diagnostic.notes.push_back(fmt::format("a type that may be null is written '{}?'", text(other.type)));
    } else {
      // References to unrelated machines, or plainly different types.
      operands_differ(node, *left, *right, "E0303");
    }
    return nullptr;
  }
  const Type& type = *left->type;
  if (is_no_value(type) || type.kind == Type::Kind::Void || type.kind == Type::Kind::Null ||
      type.kind == Type::Kind::Function) {
    error("E0303", whole.span, fmt::format("values of type '{}' cannot be compared", text(left->type)));
    return nullptr;
  }
  return make_expr(BinaryExpr{typed(node.op), std::move(left), std::move(right)}, simple_type(Type::Kind::Bool),
                   whole.span);
}

ExprPtr Checker::check_in(const syntax::Binary& node, const syntax::Expression& whole) {
  ExprPtr element, collection;
  const bool outer = std::exchange(behind_in_, true);
  if (needs_expected_type(*node.left)) {
    collection = check(*node.right);
    element = check(*node.left, collection && collection->type->element ? collection->type->element : nullptr);
  } else {
    element = check(*node.left);
    collection = check(*node.right, element ? set_type(element->type) : nullptr);
  }
  behind_in_ = outer;
  if (!element || !collection) return nullptr;
  collection = unwrapped(std::move(collection));
  const TypePtr type = collection->type;
  if (type->kind != Type::Kind::Set && type->kind != Type::Kind::Queue) {
    error("E0302", collection->span,
          fmt::format("'in' wants a set or a queue on its right side, but '{}' is '{}'", source_text(collection->span),
                      text(type)));
    return nullptr;
  }
  element = convert(std::move(element), type->element, "the left side of 'in'", {});
  if (!element) return nullptr;
  return make_expr(CollectionExpr{CollectionQuery::Contains, std::move(collection), std::move(element)},
                   simple_type(Type::Kind::Bool), whole.span);
}

ExprPtr Checker::check_within(const syntax::Binary& node, const syntax::Expression& whole) {
  ExprPtr inner = unwrapped(check(*node.left));
  ExprPtr outer = unwrapped(check(*node.right));
  if (!inner || !outer) return nullptr;
  const bool beside = node.op == syntax::BinaryOperator::Beside;
  for (const Expr* side : {inner.get(), outer.get()}) {
    if (side->type->kind == Type::Kind::Ref) continue;
    error("E0302", side->span,
          fmt::format("'{}' asks whether an instance stands {} another, but '{}' is '{}'", spelled(node.op),
                      beside ? "beside" : "inside", source_text(side->span), text(side->type)))
        .notes.push_back("its sides are references or names of instances; elements of sets and queues: 'in'");
    return nullptr;
  }
  return make_expr(WithinExpr{std::move(inner), std::move(outer), beside}, simple_type(Type::Kind::Bool), whole.span);
}

ExprPtr Checker::check_node(const syntax::InRange& node, const syntax::Expression& whole, const TypePtr&) {
  ExprPtr value = unwrapped(check(*node.value));
  if (!value) return nullptr;
  const TypePtr type = value->type;
  if (type->kind != Type::Kind::Int && type->kind != Type::Kind::Level && type->kind != Type::Kind::Enum) {
    error("E0302", value->span, fmt::format("values of type '{}' have no order for 'in ..'", text(type)));
    return nullptr;
  }
  ExprPtr lo = check_as(*node.range.low, type, "a bound of the range");
  ExprPtr hi = check_as(*node.range.high, type, "a bound of the range");
  if (!lo || !hi) return nullptr;
  check_range_order(*lo, *hi, cover(lo->span, hi->span));
  return make_expr(InRangeExpr{std::move(value), std::move(lo), std::move(hi)}, simple_type(Type::Kind::Bool),
                   whole.span);
}

ExprPtr Checker::check_node(const syntax::Conditional& node, const syntax::Expression& whole, const TypePtr& expected) {
  ExprPtr condition = check_condition(*node.condition, "the condition of '? :'");
  ExprPtr then_value = check(*node.then, expected);
  ExprPtr else_value = check(*node.otherwise, expected ? expected : then_value ? then_value->type : nullptr);
  if (!condition || !then_value || !else_value) return nullptr;
  if (expected) {
    // Both sides to what is wanted, so that 'c ? x : null' works where T? is wanted.
    ExprPtr left = try_convert(then_value, expected);
    if (left) then_value = std::move(left);
    ExprPtr right = try_convert(else_value, expected);
    if (right) else_value = std::move(right);
  }
  if (!expected && then_value->type->kind == Type::Kind::Null && else_value->type->kind != Type::Kind::Null) {
    then_value = make_expr(NullExpr{}, optional_type(else_value->type), then_value->span);
  }
  if (!expected && else_value->type->kind == Type::Kind::Null && then_value->type->kind != Type::Kind::Null) {
    else_value = make_expr(NullExpr{}, optional_type(then_value->type), else_value->span);
  }
  if (!unify(then_value, else_value)) {
    error("E0301", whole.span,
          fmt::format("the two sides of '? :' must be of one type, but '{}' is '{}' and '{}' is '{}'",
                      source_text(then_value->span), text(then_value->type), source_text(else_value->span),
                      text(else_value->type)));
    return nullptr;
  }
  TypePtr type = then_value->type;
  if (type->kind == Type::Kind::Int) type = int_type();  // either side's bounds may be exceeded by the other
  return make_expr(ConditionalExpr{std::move(condition), std::move(then_value), std::move(else_value)}, type,
                   whole.span);
}

// -------------------------------------------------------------------------------------------- quantifiers

/// The type over whose values the quantifier, spelled `word`, goes.
TypePtr Checker::quantified_type(const syntax::Quantifier& node, const char* word) {
  TypePtr type;
  if (const auto* range = std::get_if<syntax::Range>(&node.domain.kind)) {
    type = range_type(*range, fmt::format("a bound of '{}'", word));
  } else if (const auto* written = std::get_if<syntax::TypePtr>(&node.domain.kind)) {
    type = resolve_type(**written);
  } else if (const auto* name = std::get_if<syntax::QualifiedName>(&node.domain.kind)) {
    const Meaning found = meaning(*name, nullptr);
    if (found.failed) return nullptr;
    type = domain_type(found, *name);
    if (!type) {
      Diagnostic& diagnostic =
          error("E0206", node.domain.span,
                fmt::format("'{}' wants a type, a machine or a range, but '{}' is {}", word, name->text(),
                            found.value ? fmt::format("a value of type '{}'", text(found.value->type)) : "neither"));
      if (found.value && (found.value->type->kind == Type::Kind::Queue || found.value->type->kind == Type::Kind::Set)) {
        diagnostic.notes.push_back(fmt::format("quantify over the type of its elements: '{0} x: {1} where x in {2}'",
                                               word, text(found.value->type->element), name->text()));
      }
      return nullptr;
    }
  } else {
    error("E0206", node.domain.span, fmt::format("'{}' wants a type, a machine or a range", word));
    return nullptr;
  }
  if (!is_enumerable(type, node.domain.span, fmt::format("the domain of '{}'", word))) return nullptr;
  return type;
}

ExprPtr Checker::check_node(const syntax::Quantifier& node, const syntax::Expression& whole, const TypePtr&) {
  const char* word = node.kind == syntax::QuantifierKind::Forall   ? "forall"
                     : node.kind == syntax::QuantifierKind::Exists ? "exists"
                                                                   : "count";
  const TypePtr type = quantified_type(node, word);
  if (!type) return nullptr;

  Locals scope(env());
  QuantifierExpr result;
  result.kind = node.kind == syntax::QuantifierKind::Forall   ? Quantifier::ForAll
                : node.kind == syntax::QuantifierKind::Exists ? Quantifier::Exists
                                                              : Quantifier::Count;
  result.variable = new_variable(node.variable, VariableDecl::Kind::Bound, type);
  declare_local(result.variable.get());
  if (node.where) {
    result.where = check_condition(*node.where, "'where'");
    if (!result.where) return nullptr;
  }
  if (node.body) {
    result.body = check_condition(*node.body, fmt::format("what '{}' asks", word));
    if (!result.body) return nullptr;
  } else if (result.kind != Quantifier::Count) {
    // 'exists x: T where c' asks whether such an x is there.
    if (result.kind == Quantifier::ForAll || !node.where) {
      error("E0302", whole.span,
            fmt::format("'{}' has nothing to ask about '{}'; write ': condition' behind it", word, node.variable.text));
      return nullptr;
    }
    result.body = make_expr(LiteralExpr{1}, simple_type(Type::Kind::Bool), whole.span);
  }
  const TypePtr of_result = result.kind == Quantifier::Count ? int_type() : simple_type(Type::Kind::Bool);
  return make_expr(std::move(result), of_result, whole.span);
}

ExprPtr Checker::check_node(const syntax::Call& node, const syntax::Expression& whole, const TypePtr&) {
  return check_call(node, whole, false);
}

}  // namespace quiesce::model::types
