// What the type checker knows about types and typed expressions without looking at any scope: how types are
// made, which are the same, which are scalars, which expressions are constant, and how to copy an expression.
#pragma once

#include <string>
#include <utility>

#include "model/types/typed_tree.h"

namespace quiesce::model::types {

TypePtr simple_type(Type::Kind kind);
TypePtr int_type();  // of literals and computed numbers: no bounds
TypePtr int_type(ExprPtr lo, ExprPtr hi);
TypePtr enum_type(const EnumDecl* enumeration);
TypePtr struct_type(const StructDecl* structure);
TypePtr ref_type(const MachineDecl* machine);
TypePtr ref_type(const InterfaceDecl* interface);
TypePtr optional_type(TypePtr element);
TypePtr set_type(TypePtr element);

/// Same shape; bounds and capacities apart.
bool same_type(const Type& a, const Type& b);

bool is_lock(const Type& type);

/// Whether what is of this type is no value: it is used by statements of its own and never copied. Then
/// `kind_of_no_value` says what it is: "lock", "hand-over".
bool is_no_value(const Type& type);
const char* kind_of_no_value(const Type& type);
/// Bool, int, enum, ref, Level, Cpu, and the optional ones of these: what a set holds and an array is indexed by.
bool is_scalar(const Type& type);
/// A scalar, or a struct or an array of such: what '= any' may choose.
bool is_made_of_scalars(const Type& type);
/// The part of `type` that has no value to rest at (a reference, a CPU; `part` is the way to it, as in ".owner"), or
/// null.
TypePtr without_rest_value(const TypePtr& type, std::string& part);
bool implements(const MachineDecl& machine, const InterfaceDecl& interface);

/// A node with its type and place.
template <typename Node>
ExprPtr make_expr(Node node, TypePtr type, Span span) {
  auto expr = std::make_unique<Expr>();
  expr->node = std::move(node);
  expr->type = std::move(type);
  expr->span = span;
  return expr;
}

template <typename Node>
StmtPtr make_stmt(Node node, Span span) {
  auto stmt = std::make_unique<Stmt>();
  stmt->node = std::move(node);
  stmt->span = span;
  return stmt;
}

template <typename Node>
const Node* as(const ExprPtr& expr) {
  return expr ? std::get_if<Node>(&expr->node) : nullptr;
}

ExprPtr int_literal(std::int64_t value, Span span);

/// A deep copy; variables bound inside the copy are its own.
ExprPtr clone(const Expr& expr);
ExprPtr clone(const ExprPtr& expr);

/// The first part of `expr` that can change or differ between runs, null when it is constant: made of literals,
/// constants, params, parameters of machines, variables bound to the values of a type, and fixed instances.
const Expr* first_variable_part(const Expr& expr);

/// The value of a literal or a negated one; nothing for all else (folding is the business of elaboration).
std::optional<std::int64_t> literal_value(const Expr& expr);

}  // namespace quiesce::model::types
