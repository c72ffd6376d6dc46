#include "checker/successor/compiled_system.h"

#include <algorithm>

#include "model/base/internal_check.h"

namespace quiesce::checker {

using namespace model;

namespace {

CompiledProgram compile(CodeBuilder& builder, const Program& program, std::uint32_t activation) {
  CompiledProgram compiled;
  compiled.code = builder.program(program, activation);
  compiled.temps = program.temps;
  compiled.uses_cpu = program.uses_cpu;
  compiled.may_repeat = std::any_of(program.ops.begin(), program.ops.end(), [](const Op& op) {
    const auto* choose = std::get_if<ChooseOp>(&op);
    return choose != nullptr && !choose->counted;
  });
  return compiled;
}

CompiledHandler compile_handler(const TransitionSystem& system, CodeBuilder& builder, std::uint32_t index) {
  const Context& context = system.contexts[index];
  CompiledHandler handler;
  handler.context = index;
  handler.level = static_cast<std::int32_t>(context.start_level);
  handler.urgent = context.urgent;
  handler.pins = context.start_level >= system.pin_level;
  handler.first_slot = context.first_slot;
  handler.activations = context.activations;
  handler.condition = builder.condition(context.condition);
  if (const auto* one = std::get_if<OnOne>(&context.cpus)) {
    handler.cpus = CompiledHandler::Cpus::One;
    handler.on_cpu = builder.value(one->cpu);
  } else if (const auto* set = std::get_if<OnSet>(&context.cpus)) {
    handler.cpus = CompiledHandler::Cpus::Set;
    for (ExprId allowed : set->allowed) handler.on_set.push_back(builder.condition(allowed));
    QUIESCE_CHECK(handler.on_set.size() == system.cpus) << "'on' of " << context.name;
  }
  for (std::uint32_t activation = 0; activation < context.activations; ++activation) {
    handler.start.push_back(compile(builder, context.start, activation));
  }
  return handler;
}

}  // namespace

CompiledSystem::CompiledSystem(const TransitionSystem& system) : system_(system) {
  QUIESCE_CHECK(system.cpus >= 1 && system.cpus <= kMaxCpus) << system.cpus << " CPUs";
  CodeBuilder builder(system, code);
  pin_level = static_cast<std::int32_t>(system.pin_level);
  cpus = system.cpus;
  for (const Cell& cell : system.cells) rest.push_back(static_cast<std::int32_t>(cell.rest));

  activations.resize(system.slots);
  for (std::uint32_t index = 0; index < system.contexts.size(); ++index) {
    const Context& context = system.contexts[index];
    for (std::uint32_t a = 0; a < context.activations; ++a) {
      CompiledActivation& compiled = activations.at(context.first_slot + a);
      compiled.context = index;
      compiled.activation = a;
      compiled.is_handler = context.kind == ContextKind::Handler;
      compiled.location_cell = static_cast<std::int32_t>(context.location_cell[a].value);
      compiled.level_cell = static_cast<std::int32_t>(context.level_cell[a].value);
      compiled.cpu_cell = static_cast<std::int32_t>(context.cpu_cell[a].value);
      if (!context.affinity_cell.empty())
        compiled.affinity_cell = static_cast<std::int32_t>(context.affinity_cell[a].value);
      compiled.locations.resize(1);
      for (LocationId location : context.locations) {
        compiled.locations.push_back(compile(builder, system.at(location).program, a));
      }
    }
    if (context.kind == ContextKind::Handler) {
      if (context.urgent && context.start_level >= system.pin_level)
        urgent_handlers.push_back(static_cast<std::uint32_t>(handlers.size()));
      handlers.push_back(compile_handler(system, builder, index));
    }
  }
  std::stable_sort(urgent_handlers.begin(), urgent_handlers.end(),
                   [this](std::uint32_t a, std::uint32_t b) { return handlers[a].level > handlers[b].level; });
  for (const Action& action : system.actions) actions.push_back({compile(builder, action.program, 0)});
  for (std::uint32_t index = 0; index < system.properties.size(); ++index) {
    const Property& property = system.properties[index];
    CompiledProperty compiled;
    compiled.id = PropertyId(index);
    compiled.kind = property.kind;
    compiled.rule = property.rule;
    compiled.core = system.at(property.rule).core;
    if (property.condition.valid()) compiled.condition = builder.condition(property.condition);
    compiled.has_trigger = property.trigger.valid();
    if (compiled.has_trigger) compiled.trigger = builder.condition(property.trigger);
    properties.push_back(compiled);
  }
}

}  // namespace quiesce::checker
