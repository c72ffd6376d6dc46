// Events in formulas: called(f), returned(f), returned(f) == value, accepted(h).
#include <fmt/format.h>

#include "model/types/checker.h"

namespace quiesce::model::types {
namespace {

const char* word_of(syntax::ContextQueryKind kind) {
  if (kind == syntax::ContextQueryKind::Called) return "called";
  if (kind == syntax::ContextQueryKind::Returned) return "returned";
  return "accepted";
}

}  // namespace

/// `wanted` is what the function must have returned; null: anything.
ExprPtr Checker::check_event(const syntax::ContextQuery& node, const syntax::Expression* wanted,
                             const syntax::Expression& whole) {
  Meaning found = meaning(*node.target, nullptr);
  if (found.failed) return nullptr;
  EventExpr event;
  event.object = std::move(found.object);
  if (node.kind == syntax::ContextQueryKind::Accepted) {
    if (found.context == nullptr || !found.context->is_handler) return no_event(node, "a handler");
    event.event = Event::Accepted;
    event.context = found.context;
    return make_expr(std::move(event), simple_type(Type::Kind::Bool), whole.span);
  }
  event.event = node.kind == syntax::ContextQueryKind::Called ? Event::Called : Event::Returned;
  event.function = found.function;
  event.parameter = found.function_parameter;
  if (event.function == nullptr && event.parameter == nullptr) return no_event(node, "a function");
  if (event.function != nullptr && event.function->kind == FunctionDecl::Kind::Expression) {
    error("E0207", node.target->span,
          fmt::format("'{}' is an expression: its call is no step of its own, so that nothing sees it",
                      source_text(node.target->span)));
    return nullptr;
  }
  if (wanted != nullptr && !(event.result = check_result(event, *wanted))) return nullptr;
  return make_expr(std::move(event), simple_type(Type::Kind::Bool), whole.span);
}

ExprPtr Checker::check_result(const EventExpr& event, const syntax::Expression& wanted) {
  const TypePtr type = event.function != nullptr ? event.function->result : event.parameter->type->result;
  if (!type) return nullptr;
  const std::string name = event.function != nullptr ? event.function->name : event.parameter->name;
  if (!is_scalar(*type)) {
    error("E0302", wanted.span,
          type->kind == Type::Kind::Void
              ? fmt::format("'{}' returns nothing", name)
              : fmt::format("'{}' returns '{}', which 'returned' cannot compare", name, text(type)));
    return nullptr;
  }
  return check_as(wanted, type, "what was returned");
}

ExprPtr Checker::no_event(const syntax::ContextQuery& node, const char* wanted) {
  error("E0207", node.target->span,
        fmt::format("'{}' wants the name of {}, and '{}' is none", word_of(node.kind), wanted,
                    source_text(node.target->span)));
  return nullptr;
}

}  // namespace quiesce::model::types
