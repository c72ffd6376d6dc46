// Types as written to types as meant, and types in words.
#include <utility>

#include <fmt/format.h>

#include "model/types/checker.h"

namespace quiesce::model::types {

TypePtr Checker::resolve_type(const syntax::Type& type, Integers integers) {
  const Integers around = std::exchange(integers_, integers);
  TypePtr result = std::visit([&](const auto& node) { return type_node(node, type); }, type.kind);
  integers_ = around;
  return result;
}

TypePtr Checker::resolve_value_type(const syntax::Type& type, const std::string& role, Integers integers) {
  TypePtr resolved = resolve_type(type, integers);
  if (!resolved) return nullptr;
  const Type* inner = resolved.get();
  while (inner->kind == Type::Kind::Array) inner = inner->element.get();
  if (is_no_value(*inner)) {
    const char* kind = kind_of_no_value(*inner);
    Diagnostic& diagnostic =
        error("E0307", type.span, fmt::format("{} cannot be a {}: a {} is no value", role, kind, kind));
    diagnostic.notes.push_back("make it a variable of a machine, and pass a 'ref' to that machine");
    return nullptr;
  }
  if (inner->kind == Type::Kind::Function) {
    Diagnostic& diagnostic = error("E0307", type.span, fmt::format("{} cannot be a function", role));
    diagnostic.notes.push_back("only a parameter of a machine can be a function");
    return nullptr;
  }
  return resolved;
}

TypePtr Checker::type_node(const syntax::BoolType&, const syntax::Type&) { return simple_type(Type::Kind::Bool); }
TypePtr Checker::type_node(const syntax::LevelType&, const syntax::Type&) { return simple_type(Type::Kind::Level); }
TypePtr Checker::type_node(const syntax::CpuType&, const syntax::Type&) { return simple_type(Type::Kind::Cpu); }

TypePtr Checker::type_node(const syntax::IntType& node, const syntax::Type& whole) {
  if (!node.range.low && integers_ == Integers::All) {
    auto all = std::make_shared<Type>(*int_type());
    all->all_integers = true;
    return all;
  }
  if (!node.range.low) {
    Diagnostic& diagnostic = error("E0109", whole.span, "'int' needs a range here");
    diagnostic.notes.push_back("write 'int lo..hi' with the values that it can take, for example 'int 0..3'");
    diagnostic.notes.push_back(
        "what stores a number may do without: a variable, a field, an element of an array or a queue, a parameter or a "
        "result of a function, a param");
    return nullptr;
  }
  const TypePtr type = range_type(node.range, "a bound of 'int'");
  if (!type || !node.wraps) return type;
  auto wrapping = std::make_shared<Type>(*type);
  wrapping->wraps = true;
  return wrapping;
}

bool Checker::may_not_wrap(const TypePtr& type, Span span, const std::string& role) {
  if (!type || !type->wraps) return true;
  error("E0307", span, fmt::format("{} cannot be '{}'", role, text(type)))
      .notes.push_back(
          "only what is stored wraps around: a variable, a field, an element of an array or a queue, a "
          "parameter or a result of a function");
  return false;
}

TypePtr Checker::range_type(const syntax::Range& range, const std::string& role) {
  ExprPtr lo = check_constant(*range.low, int_type(), role);
  ExprPtr hi = check_constant(*range.high, int_type(), role);
  if (!lo || !hi) return nullptr;
  check_range_order(*lo, *hi, cover(lo->span, hi->span));
  return int_type(std::move(lo), std::move(hi));
}

void Checker::check_range_order(const Expr& lo, const Expr& hi, Span span) {
  const auto low = literal_value(lo);
  const auto high = literal_value(hi);
  if (low && high && *low > *high) {
    error("E0311", span, fmt::format("the range '{}..{}' is empty: {} is greater than {}", *low, *high, *low, *high));
  }
}

TypePtr Checker::type_node(const syntax::MutexType& node, const syntax::Type&) {
  auto type = std::make_shared<Type>();
  type->kind = Type::Kind::Mutex;
  type->fair = node.fair;
  return type;
}

TypePtr Checker::type_node(const syntax::SpinlockType& node, const syntax::Type&) {
  auto type = std::make_shared<Type>();
  type->kind = Type::Kind::Spinlock;
  if (node.level) {
    ExprPtr level = check_constant(*node.level, simple_type(Type::Kind::Level), "the level of a spinlock");
    if (!level) return nullptr;
    type->level = std::move(level);
  }
  return type;
}

TypePtr Checker::type_node(const syntax::HandoverType& node, const syntax::Type&) {
  auto type = std::make_shared<Type>();
  type->kind = Type::Kind::Handover;
  if (node.element) {
    type->element = resolve_value_type(*node.element, "what is handed over");
    if (!type->element) return nullptr;
  }
  return type;
}

bool Checker::is_enumerable(const TypePtr& type, Span span, const std::string& role) {
  if (!type) return false;
  const bool may_be_null = type->kind == Type::Kind::Optional;
  if (is_scalar(*type) && !may_be_null) return true;
  Diagnostic& diagnostic = error("E0307", span, fmt::format("{} cannot be '{}'", role, text(type)));
  diagnostic.notes.push_back(
      std::string("it must be a bool, an int with a range, an enum, a Level, a Cpu or a reference") +
      (may_be_null ? ", not null" : ""));
  return false;
}

TypePtr Checker::count_type(ExprPtr count, Span span) {
  if (const auto literal = literal_value(*count)) {
    if (*literal < 1) {
      error("E0311", span, fmt::format("the number of elements must be at least 1, but is {}", *literal));
      return nullptr;
    }
    return int_type(int_literal(0, span), int_literal(*literal - 1, span));
  }
  ExprPtr one = int_literal(1, span);
  ExprPtr last = make_expr(BinaryExpr{BinaryOperator::Subtract, std::move(count), std::move(one)}, int_type(), span);
  return int_type(int_literal(0, span), std::move(last));
}

TypePtr Checker::domain_type(const Meaning& meaning, const syntax::QualifiedName&) {
  if (meaning.enumeration != nullptr) return enum_type(meaning.enumeration);
  if (meaning.structure != nullptr) return struct_type(meaning.structure);
  if (meaning.machine != nullptr) return ref_type(meaning.machine);
  if (meaning.interface != nullptr) return ref_type(meaning.interface);
  return nullptr;
}

/// What an array is indexed by: a type, or a number of elements.
TypePtr Checker::index_type(const syntax::Domain& domain) {
  if (const auto* type = std::get_if<syntax::TypePtr>(&domain.kind)) {
    TypePtr resolved = resolve_type(**type);
    const std::string index = "the index of an array";
    return is_enumerable(resolved, domain.span, index) && may_not_wrap(resolved, domain.span, index) ? resolved
                                                                                                     : nullptr;
  }
  const std::string role = "the number of elements";
  if (const auto* expression = std::get_if<syntax::ExpressionPtr>(&domain.kind)) {
    ExprPtr count = check_constant(**expression, int_type(), role);
    return count ? count_type(std::move(count), domain.span) : nullptr;
  }
  if (const auto* range = std::get_if<syntax::Range>(&domain.kind)) return range_type(*range, "a bound");
  const auto& name = std::get<syntax::QualifiedName>(domain.kind);
  Meaning found = meaning(name, nullptr);
  if (found.failed) return nullptr;
  if (found.value) {
    ExprPtr count = convert(std::move(found.value), int_type(), role);
    if (!count || !require_constant(count, role)) return nullptr;
    return count_type(std::move(count), domain.span);
  }
  TypePtr type = domain_type(found, name);
  if (!type) {
    error("E0206", domain.span, fmt::format("'{}' is neither a type nor a number", name.text()));
    return nullptr;
  }
  return is_enumerable(type, domain.span, "the index of an array") ? type : nullptr;
}

TypePtr Checker::type_node(const syntax::ArrayType& node, const syntax::Type&) {
  auto type = std::make_shared<Type>();
  type->kind = Type::Kind::Array;
  type->element = resolve_type(*node.element, integers_);
  type->index = index_type(node.index);
  if (!type->element || !type->index) return nullptr;
  if (type->element->kind == Type::Kind::Function) {
    error("E0307", node.element->span, "an array cannot hold functions");
    return nullptr;
  }
  return type;
}

TypePtr Checker::type_node(const syntax::SetType& node, const syntax::Type&) {
  TypePtr element = resolve_type(*node.element);
  const std::string role = "the element of a set";
  const Span span = node.element->span;
  return is_enumerable(element, span, role) && may_not_wrap(element, span, role) ? set_type(element) : nullptr;
}

TypePtr Checker::type_node(const syntax::QueueType& node, const syntax::Type&) {
  auto type = std::make_shared<Type>();
  type->kind = Type::Kind::Queue;
  type->element = resolve_value_type(*node.element, "the element of a queue", integers_);
  ExprPtr capacity = check_constant(*node.capacity, int_type(), "the capacity of a queue");
  if (!type->element || !capacity) return nullptr;
  if (const auto literal = literal_value(*capacity); literal && *literal < 1) {
    error("E0311", capacity->span, fmt::format("the capacity of a queue must be at least 1, but is {}", *literal));
    return nullptr;
  }
  type->capacity = std::move(capacity);
  return type;
}

TypePtr Checker::type_node(const syntax::RefType& node, const syntax::Type&) {
  const Meaning found = meaning(node.target, nullptr);
  if (found.failed) return nullptr;
  if (found.machine != nullptr && !found.machine->is_system) return ref_type(found.machine);
  if (found.interface != nullptr) return ref_type(found.interface);
  Diagnostic& diagnostic =
      error("E0206", node.target.span,
            fmt::format("'ref' wants a machine or an interface, but '{}' is {}", node.target.text(),
                        found.machine != nullptr       ? "a system"
                        : found.enumeration != nullptr ? "an enum"
                        : found.structure != nullptr   ? "a struct"
                                                       : "no type"));
  if (found.enumeration != nullptr) diagnostic.labels.push_back({found.enumeration->span, "declared here"});
  if (found.structure != nullptr) diagnostic.labels.push_back({found.structure->span, "declared here"});
  if (found.value) {
    if (const auto* instance = as<InstanceExpr>(found.value)) {
      diagnostic.notes.push_back(fmt::format("it is an instance of '{}': write 'ref {}'",
                                             short_name(instance->instance->machine->name),
                                             short_name(instance->instance->machine->name)));
    }
  }
  return nullptr;
}

TypePtr Checker::type_node(const syntax::FunctionType& node, const syntax::Type&) {
  auto type = std::make_shared<Type>();
  type->kind = Type::Kind::Function;
  for (const syntax::TypePtr& parameter : node.parameters) {
    TypePtr resolved = resolve_value_type(*parameter, "a parameter of a function");
    if (!resolved) return nullptr;
    type->parameters.push_back(std::move(resolved));
  }
  type->result =
      node.result ? resolve_value_type(*node.result, "the result of a function") : simple_type(Type::Kind::Void);
  return type->result ? type : nullptr;
}

TypePtr Checker::type_node(const syntax::NamedType& node, const syntax::Type& whole) {
  const Meaning found = meaning(node.name, nullptr);
  if (found.failed) return nullptr;
  if (found.enumeration != nullptr) return enum_type(found.enumeration);
  if (found.structure != nullptr) return struct_type(found.structure);
  Diagnostic& diagnostic =
      error("E0206", whole.span,
            fmt::format("'{}' is {}, not a type", node.name.text(),
                        found.machine != nullptr     ? (found.machine->is_system ? "a system" : "a machine")
                        : found.interface != nullptr ? "an interface"
                        : found.function != nullptr  ? "a function"
                        : !found.family.empty()      ? "a module"
                                                     : "a value"));
  if (found.machine != nullptr || found.interface != nullptr) {
    const Span declared = found.machine != nullptr ? found.machine->span : found.interface->span;
    diagnostic.labels.push_back({declared, "declared here"});
    const bool is_instance = found.machine != nullptr && !found.machine->is_system;
    diagnostic.notes.push_back(
        fmt::format("a reference to an instance is written 'ref {0}'{1}", node.name.text(),
                    is_instance ? fmt::format(", an instance of its own '{}(...)'", node.name.text()) : ""));
  }
  return nullptr;
}

TypePtr Checker::type_node(const syntax::OptionalType& node, const syntax::Type&) {
  const std::string role = "what may be null";
  TypePtr inner = resolve_value_type(*node.inner, role);
  return inner && may_not_wrap(inner, node.inner->span, role) ? optional_type(inner) : nullptr;
}

// ------------------------------------------------------------------------------------------- types in words

std::string Checker::short_name(const std::string& qualified) const {
  if (env().module != nullptr && qualified.starts_with(env().module->family + ".")) {
    return qualified.substr(env().module->family.size() + 1);
  }
  return qualified;
}

std::string Checker::text(const TypePtr& type) const {
  if (!type) return "?";
  const auto shown = [&](const std::shared_ptr<const Expr>& expr) {
    if (!expr) return std::string("?");
    if (const auto literal = literal_value(*expr)) return std::to_string(*literal);
    return source_text(expr->span);
  };
  switch (type->kind) {
    case Type::Kind::Void:
      return "nothing";
    case Type::Kind::Null:
      return "null";
    case Type::Kind::Bool:
      return "bool";
    case Type::Kind::Int:
      if (!type->lo) return "int";
      return fmt::format("int {}..{}{}", shown(type->lo), shown(type->hi), type->wraps ? " wrap" : "");
    case Type::Kind::Enum:
      return short_name(type->enumeration->name);
    case Type::Kind::Struct:
      return short_name(type->structure->name);
    case Type::Kind::Array:
      return fmt::format("array<{}, {}>", text(type->element), text(type->index));
    case Type::Kind::Set:
      return fmt::format("set<{}>", text(type->element));
    case Type::Kind::Queue:
      return fmt::format("queue<{}, {}>", text(type->element), shown(type->capacity));
    case Type::Kind::Ref:
      return fmt::format("ref {}", short_name(type->machine != nullptr ? type->machine->name : type->interface->name));
    case Type::Kind::Level:
      return "Level";
    case Type::Kind::Cpu:
      return "Cpu";
    case Type::Kind::Optional:
      return text(type->element) + "?";
    case Type::Kind::Function: {
      std::string parameters;
      for (const TypePtr& parameter : type->parameters)
        parameters += (parameters.empty() ? "" : ", ") + text(parameter);
      const std::string result = type->result->kind == Type::Kind::Void ? "" : " -> " + text(type->result);
      return fmt::format("fn({}){}", parameters, result);
    }
    case Type::Kind::Spinlock:
      return type->level ? fmt::format("spinlock({})", shown(type->level)) : "spinlock";
    case Type::Kind::Mutex:
      return type->fair ? "fair mutex" : "mutex";
    case Type::Kind::Handover:
      return type->element ? fmt::format("handover<{}>", text(type->element)) : "handover";
    case Type::Kind::Label:
      return "label";
  }
  return "?";
}

}  // namespace quiesce::model::types
