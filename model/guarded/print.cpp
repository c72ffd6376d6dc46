#include "model/guarded/print.h"

#include <fmt/format.h>

namespace quiesce::model {

namespace {

std::string rule_and_message(const TransitionSystem& system, RuleId rule, const std::string& message) {
  return system.at(rule).name + (message.empty() ? "" : ": " + message);
}

}  // namespace

std::string name_of(const GuardedSystem& guarded, const GuardedCommand& command, const SourceMap* sources) {
  const Actor& actor = command.step.actor;
  std::string name;
  if (actor.kind == Actor::Kind::Act) {
    name = guarded.system.actions[actor.index].name;
  } else {
    const Context& context = guarded.system.contexts[actor.index];
    const bool is_start = actor.kind == Actor::Kind::Start;
    name = (is_start ? "start of " : "") + context.name;
    if (!is_start && context.activations > 1) name += fmt::format("[{}]", actor.activation);
  }
  return sources == nullptr || !command.span.valid() ? name : name + ", " + sources->location(command.span);
}

std::string name_of(const GuardedSystem& guarded, const Violation& broken) {
  return rule_and_message(guarded.system, broken.rule, broken.message);
}

std::string name_of(const GuardedSystem& guarded, const GuardedProperty& property) {
  const Property& stated = guarded.system.at(property.property);
  return rule_and_message(guarded.system, stated.rule, stated.message);
}

}  // namespace quiesce::model
