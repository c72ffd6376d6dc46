#include "model/types/type_rules.h"

#include <map>
#include <set>

namespace quiesce::model::types {
namespace {

std::shared_ptr<Type> new_type(Type::Kind kind) {
  auto type = std::make_shared<Type>();
  type->kind = kind;
  return type;
}

bool same_optional_type(const TypePtr& a, const TypePtr& b) {
  if (!a || !b) return !a && !b;
  return same_type(*a, *b);
}

}  // namespace

TypePtr simple_type(Type::Kind kind) { return new_type(kind); }
TypePtr int_type() { return new_type(Type::Kind::Int); }

TypePtr int_type(ExprPtr lo, ExprPtr hi) {
  auto type = new_type(Type::Kind::Int);
  type->lo = std::move(lo);
  type->hi = std::move(hi);
  return type;
}

TypePtr enum_type(const EnumDecl* enumeration) {
  auto type = new_type(Type::Kind::Enum);
  type->enumeration = enumeration;
  return type;
}

TypePtr struct_type(const StructDecl* structure) {
  auto type = new_type(Type::Kind::Struct);
  type->structure = structure;
  return type;
}

TypePtr ref_type(const MachineDecl* machine) {
  auto type = new_type(Type::Kind::Ref);
  type->machine = machine;
  return type;
}

TypePtr ref_type(const InterfaceDecl* interface) {
  auto type = new_type(Type::Kind::Ref);
  type->interface = interface;
  return type;
}

TypePtr optional_type(TypePtr element) {
  if (element->kind == Type::Kind::Optional) return element;
  auto type = new_type(Type::Kind::Optional);
  type->element = std::move(element);
  return type;
}

TypePtr set_type(TypePtr element) {
  auto type = new_type(Type::Kind::Set);
  type->element = std::move(element);
  return type;
}

bool same_type(const Type& a, const Type& b) {
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case Type::Kind::Enum:
      return a.enumeration == b.enumeration;
    case Type::Kind::Struct:
      return a.structure == b.structure;
    case Type::Kind::Array:
      return same_optional_type(a.element, b.element) && same_optional_type(a.index, b.index);
    case Type::Kind::Set:
    case Type::Kind::Queue:
    case Type::Kind::Optional:
    case Type::Kind::Handover:
      return same_optional_type(a.element, b.element);
    case Type::Kind::Ref:
      return a.machine == b.machine && a.interface == b.interface;
    case Type::Kind::Function:
      if (a.parameters.size() != b.parameters.size() || !same_optional_type(a.result, b.result)) return false;
      for (std::size_t i = 0; i < a.parameters.size(); ++i) {
        if (!same_optional_type(a.parameters[i], b.parameters[i])) return false;
      }
      return true;
    case Type::Kind::Void:
    case Type::Kind::Null:
    case Type::Kind::Bool:
    case Type::Kind::Int:
    case Type::Kind::Level:
    case Type::Kind::Cpu:
    case Type::Kind::Spinlock:
    case Type::Kind::Mutex:
    case Type::Kind::Label:
      return true;
  }
  return false;
}

bool is_lock(const Type& type) { return type.kind == Type::Kind::Spinlock || type.kind == Type::Kind::Mutex; }

bool is_no_value(const Type& type) { return is_lock(type) || type.kind == Type::Kind::Handover; }

const char* kind_of_no_value(const Type& type) { return is_lock(type) ? "lock" : "hand-over"; }

bool is_scalar(const Type& type) {
  switch (type.kind) {
    case Type::Kind::Bool:
    case Type::Kind::Int:
    case Type::Kind::Enum:
    case Type::Kind::Ref:
    case Type::Kind::Level:
    case Type::Kind::Cpu:
      return true;
    case Type::Kind::Optional:
      return type.element && is_scalar(*type.element);
    case Type::Kind::Void:
    case Type::Kind::Null:
    case Type::Kind::Struct:
    case Type::Kind::Array:
    case Type::Kind::Set:
    case Type::Kind::Queue:
    case Type::Kind::Function:
    case Type::Kind::Spinlock:
    case Type::Kind::Mutex:
    case Type::Kind::Handover:
    case Type::Kind::Label:
      return false;
  }
  return false;
}

namespace {

/// Structs that were looked through already: a struct of two of the one before, thirty times, has a billion parts.
using Seen = std::set<const StructDecl*>;

bool is_made_of_scalars(const Type& type, Seen& seen) {
  if (is_scalar(type)) return true;
  if (type.kind == Type::Kind::Array || type.kind == Type::Kind::Optional) {
    return type.element && is_made_of_scalars(*type.element, seen);
  }
  if (type.kind != Type::Kind::Struct) return false;
  if (!seen.insert(type.structure).second) return true;
  for (const auto& field : type.structure->fields) {
    if (!field->type || !is_made_of_scalars(*field->type, seen)) return false;
  }
  return true;
}

TypePtr without_rest_value(const TypePtr& type, std::string& part, Seen& seen) {
  if (!type) return nullptr;
  switch (type->kind) {
    case Type::Kind::Ref:
    case Type::Kind::Cpu:
      return type;
    case Type::Kind::Array:
      part += "[...]";
      return without_rest_value(type->element, part, seen);
    case Type::Kind::Struct:
      if (!seen.insert(type->structure).second) return nullptr;
      for (const auto& field : type->structure->fields) {
        if (field->init) continue;
        std::string inside = part + "." + field->name;
        if (TypePtr found = without_rest_value(field->type, inside, seen)) {
          part = std::move(inside);
          return found;
        }
      }
      return nullptr;
    case Type::Kind::Void:
    case Type::Kind::Null:
    case Type::Kind::Bool:
    case Type::Kind::Int:
    case Type::Kind::Enum:
    case Type::Kind::Set:
    case Type::Kind::Queue:
    case Type::Kind::Level:
    case Type::Kind::Optional:
    case Type::Kind::Function:
    case Type::Kind::Spinlock:
    case Type::Kind::Mutex:
    case Type::Kind::Handover:
    case Type::Kind::Label:
      break;
  }
  return nullptr;
}

}  // namespace

bool is_made_of_scalars(const Type& type) {
  Seen seen;
  return is_made_of_scalars(type, seen);
}

TypePtr without_rest_value(const TypePtr& type, std::string& part) {
  Seen seen;
  return without_rest_value(type, part, seen);
}

bool implements(const MachineDecl& machine, const InterfaceDecl& interface) {
  for (const MachineDecl::Implementation& implementation : machine.implements) {
    if (implementation.interface == &interface) return true;
  }
  return false;
}

ExprPtr int_literal(std::int64_t value, Span span) { return make_expr(LiteralExpr{value}, int_type(), span); }

std::optional<std::int64_t> literal_value(const Expr& expr) {
  if (const auto* literal = std::get_if<LiteralExpr>(&expr.node)) return literal->value;
  if (const auto* unary = std::get_if<UnaryExpr>(&expr.node)) {
    if (unary->op == UnaryOperator::Negate) {
      if (const auto value = literal_value(*unary->operand)) return -*value;
    }
  }
  return std::nullopt;
}

// ------------------------------------------------------------------------------------------------ copies

namespace {

/// Copies expressions; variables bound inside are replaced by copies of their own.
class Cloner {
 public:
  ExprPtr copy(const ExprPtr& expr) { return expr ? copy(*expr) : nullptr; }

  ExprPtr copy(const Expr& expr) {
    auto result = std::make_unique<Expr>();
    result->node = std::visit([this](const auto& node) -> decltype(Expr::node) { return copy_node(node); }, expr.node);
    result->type = expr.type;
    result->span = expr.span;
    return result;
  }

 private:
  LiteralExpr copy_node(const LiteralExpr& node) { return node; }
  NullExpr copy_node(const NullExpr&) { return {}; }
  SelfExpr copy_node(const SelfExpr&) { return {}; }
  LevelExpr copy_node(const LevelExpr&) { return {}; }
  PinLevelExpr copy_node(const PinLevelExpr&) { return {}; }
  CpuExpr copy_node(const CpuExpr&) { return {}; }
  VariableExpr copy_node(const VariableExpr& node) {
    const auto renamed = renamed_.find(node.variable);
    return {renamed == renamed_.end() ? node.variable : renamed->second, copy(node.object)};
  }
  InstanceExpr copy_node(const InstanceExpr& node) { return {node.instance, copy(node.object), copy(node.index)}; }
  FieldExpr copy_node(const FieldExpr& node) { return {copy(node.value), node.field}; }
  IndexExpr copy_node(const IndexExpr& node) { return {copy(node.value), copy(node.index)}; }
  UnaryExpr copy_node(const UnaryExpr& node) { return {node.op, copy(node.operand)}; }
  BinaryExpr copy_node(const BinaryExpr& node) { return {node.op, copy(node.left), copy(node.right)}; }
  ConditionalExpr copy_node(const ConditionalExpr& node) {
    return {copy(node.condition), copy(node.then_value), copy(node.else_value)};
  }
  CollectionExpr copy_node(const CollectionExpr& node) {
    return {node.query, copy(node.collection), copy(node.argument)};
  }
  InRangeExpr copy_node(const InRangeExpr& node) { return {copy(node.value), copy(node.lo), copy(node.hi)}; }
  WithinExpr copy_node(const WithinExpr& node) { return {copy(node.inner), copy(node.outer), node.beside}; }
  SetExpr copy_node(const SetExpr& node) { return {copy_all(node.elements)}; }
  ArrayExpr copy_node(const ArrayExpr& node) {
    std::unique_ptr<VariableDecl> variable = node.variable ? copy_bound(*node.variable) : nullptr;
    return {copy_all(node.elements), std::move(variable), copy(node.body)};
  }
  StructExpr copy_node(const StructExpr& node) { return {copy_all(node.fields)}; }
  WrapExpr copy_node(const WrapExpr& node) { return {copy(node.value)}; }
  UnwrapExpr copy_node(const UnwrapExpr& node) { return {copy(node.value)}; }
  FunctionRefExpr copy_node(const FunctionRefExpr& node) { return {node.function, node.parameter, copy(node.object)}; }
  CallExpr copy_node(const CallExpr& node) {
    return {node.function, node.parameter, copy(node.object), copy_all(node.arguments)};
  }
  QuantifierExpr copy_node(const QuantifierExpr& node) {
    std::unique_ptr<VariableDecl> variable = copy_bound(*node.variable);
    return {node.kind, std::move(variable), copy(node.where), copy(node.body)};
  }
  ContextExpr copy_node(const ContextExpr& node) { return {node.query, node.context, copy(node.object)}; }
  AtLabelExpr copy_node(const AtLabelExpr& node) { return {node.label, copy(node.object)}; }
  EnabledExpr copy_node(const EnabledExpr& node) { return {node.action, copy(node.object)}; }
  EventExpr copy_node(const EventExpr& node) {
    return {node.event, node.function, node.parameter, node.context, copy(node.object), copy(node.result)};
  }
  CpuConstantExpr copy_node(const CpuConstantExpr& node) { return {copy(node.number)}; }

  std::unique_ptr<VariableDecl> copy_bound(const VariableDecl& bound) {
    auto variable = std::make_unique<VariableDecl>();
    variable->name = bound.name;
    variable->kind = bound.kind;
    variable->type = bound.type;
    variable->span = bound.span;
    renamed_[&bound] = variable.get();
    return variable;
  }

  std::vector<ExprPtr> copy_all(const std::vector<ExprPtr>& exprs) {
    std::vector<ExprPtr> copies;
    for (const ExprPtr& expr : exprs) copies.push_back(copy(expr));
    return copies;
  }

  std::map<const VariableDecl*, const VariableDecl*> renamed_;
};

}  // namespace

ExprPtr clone(const Expr& expr) { return Cloner().copy(expr); }
ExprPtr clone(const ExprPtr& expr) { return expr ? clone(*expr) : nullptr; }

// --------------------------------------------------------------------------------------------- constness

namespace {

const Expr* first_of(std::initializer_list<const Expr*> parts) {
  for (const Expr* part : parts) {
    if (part == nullptr) continue;
    if (const Expr* found = first_variable_part(*part)) return found;
  }
  return nullptr;
}

const Expr* first_of_all(const std::vector<ExprPtr>& parts) {
  for (const ExprPtr& part : parts) {
    if (!part) continue;
    if (const Expr* found = first_variable_part(*part)) return found;
  }
  return nullptr;
}

struct VariablePart {
  const Expr& expr;

  const Expr* operator()(const LiteralExpr&) const { return nullptr; }
  const Expr* operator()(const NullExpr&) const { return nullptr; }
  const Expr* operator()(const SelfExpr&) const { return nullptr; }
  const Expr* operator()(const LevelExpr&) const { return &expr; }
  const Expr* operator()(const PinLevelExpr&) const { return nullptr; }
  const Expr* operator()(const CpuExpr&) const { return &expr; }
  const Expr* operator()(const ContextExpr&) const { return &expr; }
  const Expr* operator()(const AtLabelExpr&) const { return &expr; }
  const Expr* operator()(const EnabledExpr&) const { return &expr; }
  const Expr* operator()(const EventExpr&) const { return &expr; }
  const Expr* operator()(const CollectionExpr& node) const {
    return node.query == CollectionQuery::Contains || node.query == CollectionQuery::Empty ||
                   node.query == CollectionQuery::Length
               ? first_of({node.collection.get(), node.argument.get()})
               : &expr;
  }
  const Expr* operator()(const VariableExpr& node) const {
    switch (node.variable->kind) {
      case VariableDecl::Kind::Const:
      case VariableDecl::Kind::Param:
      case VariableDecl::Kind::Bound:
        return nullptr;
      case VariableDecl::Kind::Parameter:
        if (!node.variable->of_machine) return &expr;
        return node.object ? first_variable_part(*node.object) : nullptr;
      case VariableDecl::Kind::Member:
      case VariableDecl::Kind::Local:
      case VariableDecl::Kind::Field:
        return &expr;
    }
    return &expr;
  }
  const Expr* operator()(const InstanceExpr& node) const { return first_of({node.object.get(), node.index.get()}); }
  const Expr* operator()(const FieldExpr& node) const { return first_variable_part(*node.value); }
  const Expr* operator()(const IndexExpr& node) const { return first_of({node.value.get(), node.index.get()}); }
  const Expr* operator()(const UnaryExpr& node) const { return first_variable_part(*node.operand); }
  const Expr* operator()(const BinaryExpr& node) const { return first_of({node.left.get(), node.right.get()}); }
  const Expr* operator()(const ConditionalExpr& node) const {
    return first_of({node.condition.get(), node.then_value.get(), node.else_value.get()});
  }
  const Expr* operator()(const InRangeExpr& node) const {
    return first_of({node.value.get(), node.lo.get(), node.hi.get()});
  }
  /// What stands beside is known only when all instances are.
  const Expr* operator()(const WithinExpr& node) const {
    return node.beside ? &expr : first_of({node.inner.get(), node.outer.get()});
  }
  const Expr* operator()(const SetExpr& node) const { return first_of_all(node.elements); }
  const Expr* operator()(const ArrayExpr& node) const {
    if (const Expr* found = first_of_all(node.elements)) return found;
    return first_of({node.body.get()});
  }
  const Expr* operator()(const StructExpr& node) const { return first_of_all(node.fields); }
  const Expr* operator()(const WrapExpr& node) const { return first_variable_part(*node.value); }
  const Expr* operator()(const UnwrapExpr& node) const { return first_variable_part(*node.value); }
  const Expr* operator()(const FunctionRefExpr& node) const {
    return node.object ? first_variable_part(*node.object) : nullptr;
  }
  const Expr* operator()(const CallExpr& node) const {
    // A free expression function is as constant as its arguments; what it reads itself, elaboration finds out.
    if (node.function == nullptr || node.function->kind != FunctionDecl::Kind::Expression || node.object ||
        node.function->machine != nullptr || node.function->interface != nullptr) {
      return &expr;
    }
    return first_of_all(node.arguments);
  }
  const Expr* operator()(const QuantifierExpr& node) const { return first_of({node.where.get(), node.body.get()}); }
  const Expr* operator()(const CpuConstantExpr& node) const { return first_variable_part(*node.number); }
};

}  // namespace

const Expr* first_variable_part(const Expr& expr) { return std::visit(VariablePart{expr}, expr.node); }

}  // namespace quiesce::model::types
