#include "model/guarded/print.h"

#include <memory>
#include <vector>

#include <fmt/format.h>

#include "model/system/print.h"
#include "model/system/print_expression.h"

namespace quiesce::model {

namespace {

std::string rule_and_message(const TransitionSystem& system, RuleId rule, const std::string& message) {
  return system.at(rule).name + (message.empty() ? "" : ": " + message);
}

/// The system with a boolean cell for each condition and each member of the stuck set, so that loads of these have a
/// name and a type.
TransitionSystem with_conditions(const GuardedSystem& guarded) {
  TransitionSystem system = guarded.system;
  const auto boolean = std::make_shared<const ValueType>();
  const auto add = [&](const std::string& name) {
    system.variables.push_back({name, boolean, CellId(system.cells.size()), std::nullopt, true, {}});
    system.cells.push_back({name, 0, 1, 0, CellKind::Plain, VariableId(system.variables.size() - 1)});
  };
  for (const NamedCondition& condition : guarded.conditions) add(condition.name);
  if (guarded.stuck) {
    for (const std::string& member : guarded.stuck->members) add("member(" + member + ")");
    for (const NamedCondition& condition : guarded.stuck->conditions) add(condition.name);
  }
  return system;
}

class Printer {
 public:
  Printer(const GuardedSystem& guarded, const SourceMap* sources)
      : guarded_(guarded), sources_(sources), system_(with_conditions(guarded)), text_(system_) {}

  std::string print() {
    out_ = print_heading(guarded_.system);
    cells();
    if (!guarded_.conditions.empty()) out_ += "\nconditions\n";
    conditions(guarded_.conditions);
    out_ += fmt::format("\ncommands ({})\n", guarded_.commands.size());
    for (const GuardedCommand& one : guarded_.commands) command(one);
    if (!guarded_.floats.empty()) out_ += "\nafter each command\n";
    updates(guarded_.floats, "  ");
    if (!guarded_.renamings.empty()) out_ += "\nrenamings\n";
    for (const GuardedRenaming& renaming : guarded_.renamings) {
      out_ += fmt::format("  when {}\n", formula(renaming.is_less));
      updates(renaming.updates, "    ");
    }
    properties("invariants", guarded_.invariants);
    properties("reachable", guarded_.reachable);
    if (guarded_.deadlock_free) out_ += fmt::format("\nno deadlock but\n  {}\n", formula(guarded_.all_ended));
    std::vector<RuleId> left_out = guarded_.left_out;
    if (guarded_.leak) {
      out_ += fmt::format("\na leak where no command is enabled and\n  {}\n", formula(guarded_.leak->condition));
      std::erase(left_out, guarded_.leak->rule);
    }
    if (guarded_.stuck) {
      out_ += "\nno stuck set, which is one for some members where\n";
      conditions(guarded_.stuck->conditions);
      out_ += fmt::format("  {}\n", formula(guarded_.stuck->formula));
      std::erase(left_out, guarded_.stuck->rule);
    }
    if (!left_out.empty()) out_ += "\nleft out\n";
    for (const RuleId rule : left_out) out_ += fmt::format("  {}\n", system_.at(rule).name);
    return std::move(out_);
  }

 private:
  std::string formula(ExprId id, const ValueTypePtr& type = nullptr) const {
    return text_.print(id, kConditional, type);
  }

  std::string value(CellId cell, std::int64_t number) {
    return formula(system_.expressions.constant(number), type_of_cell(system_, cell));
  }

  void cells() {
    std::string constant;
    for (std::size_t i = 0; i < guarded_.constant.size(); ++i) {
      if (!guarded_.constant[i]) continue;
      constant += fmt::format("  {} = {}\n", system_.cells[i].name, value(CellId(i), *guarded_.constant[i]));
    }
    if (!constant.empty()) out_ += "\nconstant\n" + constant;
    for (std::size_t s = 0; s < guarded_.initial.size(); ++s) {
      const State& state = guarded_.initial[s];
      out_ += s == 0 ? "\ninitial\n" : "\ninitial, where else than before\n";
      for (std::size_t i = 0; i < state.size(); ++i) {
        if (guarded_.constant[i] || (s > 0 && state[i] == guarded_.initial[s - 1][i])) continue;
        out_ += fmt::format("  {} = {}\n", system_.cells[i].name, value(CellId(i), state[i]));
      }
    }
  }

  void command(const GuardedCommand& command) {
    out_ += "  " + name_of(guarded_, command, sources_);
    if (command.step.cpu >= 0) out_ += fmt::format(", on CPU {}", command.step.cpu);
    for (const std::int64_t choice : command.step.choices) out_ += fmt::format(", choice {}", choice);
    out_ += fmt::format("\n    when {}\n", formula(command.guard));
    for (const GuardedCheck& check : command.checks) {
      out_ += fmt::format("    check {}\n      {}\n", name_of(guarded_, check.broken), formula(check.holds));
    }
    updates(command.updates, "    ");
    if (command.ends_run) out_ += fmt::format("    breaks {}\n", name_of(guarded_, *command.ends_run));
  }

  void conditions(const std::vector<NamedCondition>& conditions) {
    for (const NamedCondition& condition : conditions) {
      out_ += fmt::format("  {}: {}\n    {}\n", condition.name, condition.comment, formula(condition.formula));
    }
  }

  void updates(const std::vector<Update>& updates, const char* indent) {
    for (const Update& one : updates) {
      out_ += fmt::format("{}{} := {}\n", indent, system_.at(one.cell).name,
                          formula(one.value, type_of_cell(system_, one.cell)));
    }
  }

  void properties(const char* title, const std::vector<GuardedProperty>& properties) {
    if (!properties.empty()) out_ += fmt::format("\n{}\n", title);
    for (const GuardedProperty& property : properties) {
      out_ += fmt::format("  {}\n    {}\n", name_of(guarded_, property), formula(property.formula));
    }
  }

  const GuardedSystem& guarded_;
  const SourceMap* sources_;
  TransitionSystem system_;
  ExprPrinter text_;
  std::string out_;
};

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

std::string print_guarded(const GuardedSystem& guarded, const SourceMap* sources) {
  return Printer(guarded, sources).print();
}

}  // namespace quiesce::model
