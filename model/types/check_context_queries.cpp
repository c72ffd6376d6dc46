// Questions about execution: level(), cpu(), running(h), idle(h), inside(h), cpu_of(h), at LABEL, enabled(A), Cpu(n).
#include <fmt/format.h>

#include "model/types/checker.h"

namespace quiesce::model::types {

ExprPtr Checker::check_node(const syntax::ContextQuery& node, const syntax::Expression& whole, const TypePtr&) {
  switch (node.kind) {
    case syntax::ContextQueryKind::PinLevel:
      return make_expr(PinLevelExpr{}, simple_type(Type::Kind::Level), whole.span);
    case syntax::ContextQueryKind::Level:
    case syntax::ContextQueryKind::Cpu: {
      const bool level = node.kind == syntax::ContextQueryKind::Level;
      if (!env().no_context.empty()) {
        Diagnostic& diagnostic =
            error("E0411", whole.span,
                  fmt::format("'{}()' asks about the context that executes, but no context executes {}",
                              level ? "level" : "cpu", env().no_context));
        if (!level) diagnostic.notes.push_back("'cpu_of(handler)' says where a handler runs");
        return nullptr;
      }
      needs_context(whole.span);
      if (level) return make_expr(LevelExpr{}, simple_type(Type::Kind::Level), whole.span);
      return make_expr(CpuExpr{}, simple_type(Type::Kind::Cpu), whole.span);
    }
    case syntax::ContextQueryKind::At:
      return check_at_label(*node.target, whole);
    case syntax::ContextQueryKind::Running:
    case syntax::ContextQueryKind::Idle:
    case syntax::ContextQueryKind::Inside:
    case syntax::ContextQueryKind::CpuOf:
    case syntax::ContextQueryKind::Enabled:
    case syntax::ContextQueryKind::LevelOf:
      return check_context_query(node, whole);
    case syntax::ContextQueryKind::Called:
    case syntax::ContextQueryKind::Returned:
    case syntax::ContextQueryKind::Accepted:
      return check_event(node, nullptr, whole);
  }
  return nullptr;
}

ExprPtr Checker::check_context_query(const syntax::ContextQuery& node, const syntax::Expression& whole) {
  Meaning found = meaning(*node.target, nullptr);
  if (found.failed) return nullptr;
  const std::string name = source_text(node.target->span);
  const bool wants_action = node.kind == syntax::ContextQueryKind::Enabled;
  if (wants_action && found.action != nullptr) {
    return make_expr(EnabledExpr{found.action, std::move(found.object)}, simple_type(Type::Kind::Bool), whole.span);
  }
  if (!wants_action && found.context != nullptr) {
    ContextExpr result;
    result.query = node.kind == syntax::ContextQueryKind::Running  ? ContextQuery::Running
                   : node.kind == syntax::ContextQueryKind::Idle   ? ContextQuery::Idle
                   : node.kind == syntax::ContextQueryKind::Inside ? ContextQuery::Inside
                   : node.kind == syntax::ContextQueryKind::CpuOf  ? ContextQuery::CpuOf
                                                                   : ContextQuery::LevelOf;
    result.context = found.context;
    result.object = std::move(found.object);
    const TypePtr type = result.query == ContextQuery::CpuOf     ? optional_type(simple_type(Type::Kind::Cpu))
                         : result.query == ContextQuery::LevelOf ? optional_type(simple_type(Type::Kind::Level))
                                                                 : simple_type(Type::Kind::Bool);
    return make_expr(std::move(result), type, whole.span);
  }
  const char* wanted = wants_action ? "an action" : "a handler or a thread";
  const char* actual = found.action != nullptr     ? "an action"
                       : found.context != nullptr  ? (found.context->is_handler ? "a handler" : "a thread")
                       : found.function != nullptr ? "a function"
                       : found.value               ? "a value"
                                                   : "something else";
  Diagnostic& diagnostic =
      error("E0207", node.target->span, fmt::format("{} is wanted here, but '{}' is {}", wanted, name, actual));
  if (found.function != nullptr) diagnostic.labels.push_back({found.function->span, "declared here"});
  if (found.action != nullptr) diagnostic.notes.push_back(fmt::format("an action is asked with 'enabled({})'", name));
  return nullptr;
}

ExprPtr Checker::find_label(const MachineInfo& info, const std::string& owner, const syntax::Name& name, ExprPtr object,
                            Span span) {
  const auto found = info.labels.find(name.text);
  if (found == info.labels.end()) {
    Diagnostic& diagnostic =
        error("E0210", name.span, fmt::format("'{}' has no label '{}'", short_name(info.decl->name), name.text));
    std::vector<std::string> names;
    for (const auto& [label, of_machine] : info.labels) names.push_back(label);
    did_you_mean(diagnostic, name.text, names);
    if (names.empty()) diagnostic.notes.push_back("a label stands before a statement: 'waiting: await done'");
    return nullptr;
  }
  if (!owner.empty() && found->second.owner != owner) {
    Diagnostic& diagnostic =
        error("E0210", name.span,
              fmt::format("label '{}' stands in '{}', not in '{}'", name.text, found->second.owner, owner));
    diagnostic.labels.push_back({found->second.label->span, "the label"});
    return nullptr;
  }
  return make_expr(AtLabelExpr{found->second.label, std::move(object)}, simple_type(Type::Kind::Bool), span);
}

/// 'at waiting', 'at reader.waiting', 'at nic.waiting', 'at nic.reader.waiting'.
ExprPtr Checker::check_at_label(const syntax::Expression& target, const syntax::Expression& whole) {
  if (const auto* name = std::get_if<syntax::NameExpression>(&target.kind)) {
    if (env().machine == nullptr) {
      error("E0210", whole.span, "labels belong to machines, and this is not inside one");
      return nullptr;
    }
    return find_label(*env().machine, "", name->name, nullptr, whole.span);
  }
  const auto* access = std::get_if<syntax::FieldAccess>(&target.kind);
  if (access == nullptr) {
    error("E0210", target.span, "'at' wants a label, such as 'at waiting' or 'at reader.waiting'");
    return nullptr;
  }
  Meaning head = meaning(*access->object, nullptr);
  if (head.failed) return nullptr;
  if (head.context != nullptr || head.action != nullptr || head.function != nullptr) {
    const std::string owner = head.context != nullptr  ? head.context->name
                              : head.action != nullptr ? head.action->name
                                                       : head.function->name;
    const MachineInfo* info = env().machine;
    if (head.object) info = info_of(head.object->type->machine);
    if (info != nullptr) return find_label(*info, owner, access->name, std::move(head.object), whole.span);
  }
  ExprPtr object = unwrapped(value_of(std::move(head), *access->object));
  if (!object) return nullptr;
  if (object->type->kind != Type::Kind::Ref || object->type->machine == nullptr) {
    error("E0210", access->object->span,
          fmt::format("labels belong to machines, but '{}' is '{}'", source_text(access->object->span),
                      text(object->type)));
    return nullptr;
  }
  const MachineInfo& info = *info_of(object->type->machine);
  return find_label(info, "", access->name, std::move(object), whole.span);
}

ExprPtr Checker::check_node(const syntax::CpuConstant& node, const syntax::Expression& whole, const TypePtr&) {
  if (!env().cpu_constants) {
    Diagnostic& diagnostic =
        error("E0316", whole.span,
              "a CPU may be named by its number only after 'on', in initial values and in arguments of instances");
    diagnostic.notes.push_back("elsewhere CPUs are interchangeable; compare with 'cpu()' or a variable of type Cpu");
    return nullptr;
  }
  ExprPtr number = check_constant(*node.number, int_type(), "the number of a CPU");
  if (!number) return nullptr;
  return make_expr(CpuConstantExpr{std::move(number)}, simple_type(Type::Kind::Cpu), whole.span);
}

}  // namespace quiesce::model::types
