// What may be assigned to, locked, initialised; and which statements may stand where.
#include <fmt/format.h>

#include "model/types/checker.h"

namespace quiesce::model::types {

// ------------------------------------------------------------------------------------------------- places

ExprPtr Checker::check_target(const syntax::Expression& expression) {
  ExprPtr place = check(expression);
  if (!place) return nullptr;
  if (is_no_value(*place->type)) {
    Diagnostic& diagnostic = error("E0310", place->span,
                                   fmt::format("'{}' is a {}, which cannot be assigned to", source_text(place->span),
                                               kind_of_no_value(*place->type)));
    diagnostic.notes.push_back(is_lock(*place->type) ? "use 'acquire', 'release' or 'with'" : "use 'give' or 'take'");
    return nullptr;
  }
  return mark_assigned(*place, place->span) ? std::move(place) : nullptr;
}

/// Whether a part of the state is meant; notes that a function's parameter is written.
bool Checker::mark_assigned(const Expr& place, Span whole) {
  const std::string name = source_text(whole);
  if (const auto* variable = std::get_if<VariableExpr>(&place.node)) {
    const VariableDecl& decl = *variable->variable;
    const char* what = nullptr;
    switch (decl.kind) {
      case VariableDecl::Kind::Member:
        record_write(decl, *variable, whole);
        return true;
      case VariableDecl::Kind::Local:
      case VariableDecl::Kind::Field:
        return true;
      case VariableDecl::Kind::Parameter:
        if (!decl.of_machine) {
          const_cast<VariableDecl&>(decl).assigned = true;  // ours: the checker made it
          return true;
        }
        what = "a parameter of a machine, fixed for each instance";
        break;
      case VariableDecl::Kind::Const:
        what = "a constant";
        break;
      case VariableDecl::Kind::Param:
        what = "a param, fixed before the run";
        break;
      case VariableDecl::Kind::Bound:
        what = "a variable that runs over values by itself";
        break;
    }
    Diagnostic& diagnostic =
        error("E0309", whole,
              name == decl.name ? fmt::format("'{}' cannot be changed: it is {}", name, what)
                                : fmt::format("'{}' cannot be changed: '{}' is {}", name, decl.name, what));
    diagnostic.labels.push_back({decl.span, "declared here"});
    return false;
  }
  if (const auto* field = std::get_if<FieldExpr>(&place.node)) return mark_assigned(*field->value, whole);
  if (const auto* index = std::get_if<IndexExpr>(&place.node)) {
    if (index->value->type->kind == Type::Kind::Array) return mark_assigned(*index->value, whole);
    Diagnostic& diagnostic =
        error("E0309", whole, fmt::format("an element of a queue cannot be changed in place: '{}'", name));
    diagnostic.notes.push_back("a queue changes by '.push', '.pop', '.remove' and '.clear'");
    return false;
  }
  if (const auto* unwrap = std::get_if<UnwrapExpr>(&place.node)) {
    // A field of a struct that may be null.
    return mark_assigned(*unwrap->value, whole);
  }
  if (const auto* instance = std::get_if<InstanceExpr>(&place.node)) {
    Diagnostic& diagnostic =
        error("E0309", whole, fmt::format("'{}' is an instance, which is always there and never replaced", name));
    diagnostic.labels.push_back({instance->instance->span, "declared here"});
    return false;
  }
  error("E0309", whole, fmt::format("'{}' is a value, not a place that can be changed", name));
  return false;
}

ExprPtr Checker::check_lock(const syntax::Expression& expression) {
  ExprPtr place = check(expression);
  if (!place) return nullptr;
  if (is_lock(*place->type)) return place;
  Diagnostic& diagnostic =
      error("E0310", place->span,
            fmt::format("a lock is wanted here, but '{}' is '{}'", source_text(place->span), text(place->type)));
  if (const auto* variable = std::get_if<VariableExpr>(&place->node)) {
    diagnostic.labels.push_back({variable->variable->span, "declared here"});
  }
  explain_no_lock(diagnostic, *place);
  return nullptr;
}

ExprPtr Checker::check_handover(const syntax::Expression& expression) {
  ExprPtr place = check(expression);
  if (!place) return nullptr;
  if (place->type->kind == Type::Kind::Handover) return place;
  Diagnostic& diagnostic =
      error("E0310", place->span,
            fmt::format("a hand-over is wanted here, but '{}' is '{}'", source_text(place->span), text(place->type)));
  if (const auto* variable = std::get_if<VariableExpr>(&place->node)) {
    diagnostic.labels.push_back({variable->variable->span, "declared here"});
  }
  diagnostic.notes.push_back("it is a variable of a machine or system, as in 'name: handover<int 0..3>'");
  return nullptr;
}

ExprPtr Checker::check_object(const syntax::Expression& expression, const char* verb) {
  ExprPtr object = unwrapped(check(expression));
  if (!object) return nullptr;
  const Type& type = *object->type;
  if (type.kind == Type::Kind::Ref && type.machine != nullptr && type.machine->is_object) return object;
  Diagnostic& diagnostic = error("E0410", object->span,
                                 fmt::format("'{}' wants an instance of an object machine, but '{}' is '{}'", verb,
                                             source_text(object->span), text(object->type)));
  if (type.kind == Type::Kind::Ref && type.machine != nullptr) {
    diagnostic.labels.push_back({type.machine->span, "not declared as 'object machine'"});
    diagnostic.notes.push_back(
        fmt::format("it exists from the beginning to the end: leave '{}' out, or declare an 'object machine'", verb));
  }
  return nullptr;
}

// ---------------------------------------------------------------------------------- what may stand where

void Checker::needs_context(Span span) {
  if (!current_facts_->context.valid()) current_facts_->context = span;
}

bool Checker::only_in_context(const char* what, Span span) {
  needs_context(span);
  if (!env().in_action) return true;
  Diagnostic& diagnostic = error(
      "E0411", span, fmt::format("'{}' needs a thread or a handler, but none executes {}", what, env().no_context));
  if (env().no_context == "an action") {
    diagnostic.notes.push_back("an action is one step of hardware or environment: it holds no lock and has no level");
  }
  return false;
}

bool Checker::may_block_here(const char* what, Span span) {
  if (env().in_action) {
    Diagnostic& diagnostic =
        error("E0411", span, fmt::format("{} cannot wait, so '{}' cannot stand in it", env().no_context, what));
    if (env().no_context == "an action") {
      diagnostic.notes.push_back("when it may happen is said in its head: 'action name when condition { ... }'");
    }
    return false;
  }
  if (!current_facts_->blocking.valid()) current_facts_->blocking = span;
  if (!env().in_atomic() || env().first_in_step) return true;
  Diagnostic& diagnostic =
      error("E0407", span, fmt::format("'{}' may wait, so inside a step it can only be the first statement", what));
  diagnostic.notes.push_back(
      "a step either happens as a whole or not at all; move it to the front, or end the step before it");
  return false;
}

/// A hand-over is the step of two contexts. Of one step it is the first statement, or stands behind an 'await' that is.
bool Checker::may_hand_over_here(const char* what, Span span) {
  needs_context(span);
  if (env().in_atomic() && env().behind_await) return true;
  return may_block_here(what, span);
}

bool Checker::may_loop_here(const char* what, Span span) {
  if (!current_facts_->loop.valid()) current_facts_->loop = span;
  if (!env().in_atomic()) return true;
  Diagnostic& diagnostic = error("E0406", span, fmt::format("'{}' cannot stand inside a step, which must end", what));
  diagnostic.notes.push_back("use 'for' over a range, a type, a queue or a set");
  return false;
}

bool Checker::allowed_in_accept(const syntax::Statement& statement) {
  if (std::holds_alternative<syntax::AssignmentStatement>(statement.kind) ||
      std::holds_alternative<syntax::PassStatement>(statement.kind)) {
    return true;
  }
  if (const auto* call = std::get_if<syntax::CallStatement>(&statement.kind)) {
    const auto& callee = *std::get<syntax::Call>(call->call->kind).callee;
    if (std::holds_alternative<syntax::FieldAccess>(callee.kind)) {
      const std::size_t before = diagnostics_.error_count();
      const Meaning found = meaning(callee, nullptr);
      if (found.failed || diagnostics_.error_count() != before) return false;
      if (found.change) return true;
    }
  }
  Diagnostic& diagnostic =
      error("E0403", statement.span, "'accept' holds only assignments and changes of queues and sets");
  diagnostic.notes.push_back(
      "it belongs to the very step that starts the handler; the rest goes into the handler's body");
  return false;
}

}  // namespace quiesce::model::types
