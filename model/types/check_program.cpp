// The passes in their order, and the first of them: every declaration by name.
#include "model/types/check_program.h"

#include <algorithm>

#include <fmt/format.h>

#include "model/types/builtin.h"
#include "model/types/checker.h"

namespace quiesce::model::types {

std::unique_ptr<Program> check_program(const LoadedModules& modules, Diagnostics& diagnostics) {
  // A tree with syntax errors lacks parts; whatever would be said about the rest may only follow from that.
  if (diagnostics.has_errors()) return nullptr;
  std::unique_ptr<Program> program = Checker(modules, diagnostics).run();
  return diagnostics.has_errors() ? nullptr : std::move(program);
}

Checker::Checker(const LoadedModules& modules, Diagnostics& diagnostics)
    : loaded_(modules), diagnostics_(diagnostics), program_(std::make_unique<Program>()) {}

std::unique_ptr<Program> Checker::run() {
  Environment nowhere;
  environment_ = &nowhere;
  add_builtin_rules();
  // Declare.
  for (const LoadedModule& loaded : loaded_.modules) declare_module(loaded);
  // Shape.
  for (const auto& module : modules_) shape_structs(*module);
  for (const auto& module : modules_) shape_module(*module);
  shape_machines();
  for (const auto& value : program_->values) ensure_value(value.get());
  for (const FunctionDecl* function : with_signature_) ensure_signature(function);
  check_struct_nesting();
  check_implementations();
  // Bodies. A body may add no further ones.
  for (const auto& body : bodies_) body();
  // Program.
  check_instance_nesting();
  check_recursion();
  check_calls_in_steps();
  check_ownership();
  for (const auto& module : modules_) {
    if (module->is_root) check_checks(*module);
  }
  if (!diagnostics_.has_errors()) warn_of_unused();
  return std::move(program_);
}

// ----------------------------------------------------------------------------------------------- helpers

Diagnostic& Checker::error(const char* code, Span span, std::string message) {
  return diagnostics_.error(code, span, std::move(message));
}

std::string Checker::source_text(Span span) const {
  std::string result;
  for (const char c : loaded_.sources->text(span)) {
    const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (space && (result.empty() || result.back() == ' ')) continue;
    result += space ? ' ' : c;
  }
  constexpr std::size_t kLongest = 50;
  if (result.size() > kLongest) {
    result.resize(kLongest - 3);
    // Never cut inside a character of several bytes.
    while (!result.empty() && (static_cast<unsigned char>(result.back()) & 0x80) != 0) result.pop_back();
    result += "...";
  }
  return result;
}

std::unique_ptr<VariableDecl> Checker::new_variable(const syntax::Name& name, VariableDecl::Kind kind, TypePtr type) {
  auto variable = std::make_unique<VariableDecl>();
  variable->name = name.text;
  variable->kind = kind;
  variable->type = std::move(type);
  variable->span = name.span;
  return variable;
}

// ------------------------------------------------------------------------------------------------- rules

void Checker::add_builtin_rules() {
  struct Builtin {
    const char* name;
    const char* title;
    const char* because;
  };
  static constexpr Builtin kRules[] = {
      {rule_name::kRange, "Every value must stay in the range of its type",
       "What would happen beyond the range is not defined by the design."},
      {rule_name::kIndex, "Every index must be inside its array or queue", "There is no element at such an index."},
      {rule_name::kNull, "A value that may be null must not be used while it is null", "There is nothing behind null."},
      {rule_name::kQueue, "A full queue must not be pushed to, an empty one not be read or popped",
       "Queues are bounded; the capacity is part of the design."},
      {rule_name::kWaitAtPinnedLevel, "No context may wait at or above the pin level",
       "A context that waits at the pin level or above keeps its CPU from the context that it waits for."},
      {rule_name::kLevel, "Levels must be raised and restored properly",
       "A context must not lower its level below the one it began with, and must end at that one."},
      {rule_name::kLock, "Locks must be taken and released properly",
       "Taking a lock twice, at too high a level, or releasing one that is not held hangs or corrupts the system."},
      {rule_name::kStuck, "No context that others depend on may wait forever",
       "A lock holder, a pinned context or an activation that can never go on hangs what depends on it."},
      {rule_name::kRecursion, "Callbacks must not nest deeper than the callback depth",
       "A callback that calls back without end overflows the stack."},
      {rule_name::kAssert, "Every assertion must hold", ""},
      {rule_name::kUsedBeforeInit, "An object must not be used before it was initialised", ""},
      {rule_name::kUsedAfterFree, "An object must not be used after it was freed",
       "Its memory may already belong to another owner."},
      {rule_name::kInitialisedTwice, "An object must not be initialised twice", ""},
      {rule_name::kFreedTwice, "An object must not be freed twice",
       "The second time frees what belongs to another owner."},
      {rule_name::kFreedInUse, "An object must not be freed while something in it is in use",
       "What still runs in it, waits for it, or holds it, uses freed memory."},
      {rule_name::kDeadlockFree, "The system must not come to rest before every thread has ended", ""},
      {rule_name::kLeak, "What was initialised must be freed in the end", ""},
  };
  for (const Builtin& builtin : kRules) {
    RuleDecl* rule = add_rule(builtin.name, builtin.title, {});
    rule->because = builtin.because;
    rule->core = rule->name.starts_with("core.");
  }
}

RuleDecl* Checker::add_rule(std::string name, std::string title, Span span) {
  auto rule = std::make_unique<RuleDecl>();
  rule->name = std::move(name);
  rule->title = std::move(title);
  rule->span = span;
  rules_[rule->name] = rule.get();
  program_->rules.push_back(std::move(rule));
  return program_->rules.back().get();
}

// ------------------------------------------------------------------------------------------ declarations

void Checker::declare(const Module& module, const std::string& name, Span span, Symbol symbol) {
  const auto [existing, added] = families_[module.family].declared.emplace(name, Declared{symbol, span, module.name});
  if (added) return;
  Diagnostic& diagnostic =
      error("E0202", span, fmt::format("'{}' is already declared in family '{}'", name, module.family));
  diagnostic.labels.push_back({existing->second.span, "first declared here"});
}

void Checker::declare_enum(const Module& module, const syntax::Enum& node, Span) {
  auto decl = std::make_unique<EnumDecl>();
  decl->name = module.family + "." + node.name.text;
  decl->span = node.name.span;
  std::map<std::string, Span> seen;
  for (const syntax::Enumerator& value : node.values) {
    const auto [first, added] = seen.emplace(value.name.text, value.name.span);
    if (!added) {
      Diagnostic& diagnostic =
          error("E0202", value.name.span,
                fmt::format("'{}' is already a value of enum '{}'", value.name.text, node.name.text));
      diagnostic.labels.push_back({first->second, "first declared here"});
      continue;
    }
    families_[module.family].constants[value.name.text].push_back({decl.get(), decl->values.size(), value.name.span});
    decl->values.push_back(value.name.text);
  }
  declare(module, node.name.text, node.name.span, decl.get());
  program_->enums.push_back(std::move(decl));
}

/// A program has one set of names for levels: of several declarations all must say the same.
void Checker::declare_levels(const syntax::Levels& node, Span span) {
  LevelNames levels{{}, 0};
  const syntax::NamedLevel* pin = nullptr;
  for (const syntax::NamedLevel& level : node.levels) {
    const auto next = static_cast<std::int64_t>(levels.names.size());
    const std::int64_t number = level.number.value_or(next);
    if (number < next || number > kMaxLevel) {
      Diagnostic& diagnostic = error("E0211", level.number ? level.number_span : level.name.span,
                                     next > kMaxLevel ? fmt::format("there are levels 0 to {}, and no more", kMaxLevel)
                                                      : fmt::format("level '{}' must be {} to {}, but this is {}",
                                                                    level.name.text, next, kMaxLevel, number));
      if (next <= kMaxLevel) diagnostic.notes.push_back("levels are named from the least to the greatest");
      return;
    }
    if (levels.level(level.name.text)) {
      error("E0202", level.name.span, fmt::format("level '{}' is already declared", level.name.text));
      return;
    }
    levels.names.resize(static_cast<std::size_t>(number) + 1);
    levels.names.back() = level.name.text;
    if (!level.is_pin) continue;
    if (pin != nullptr) {
      Diagnostic& diagnostic = error("E0211", level.name.span, "two levels are marked 'pin'");
      diagnostic.labels.push_back({pin->name.span, "the first of them"});
      return;
    }
    pin = &level;
    levels.pin = number;
  }
  if (levels.pin < 1) {
    Diagnostic& diagnostic = error(
        "E0211", pin != nullptr ? pin->name.span : span,
        pin != nullptr ? "the least level cannot be the pin level: no context could wait" : "no level is marked 'pin'");
    diagnostic.notes.push_back(
        "write 'pin' before the least level at which a context keeps its CPU and must not wait, as in 'levels { TASK, "
        "pin SOFTIRQ, HARDIRQ }'");
    return;
  }
  if (levels_declared_ && levels != program_->levels) {
    Diagnostic& diagnostic = error("E0211", span, "levels are declared twice, and not alike");
    diagnostic.labels.push_back({*levels_declared_, "first declared here"});
    diagnostic.notes.push_back("a program has one set of levels: families with different levels do not go together");
    return;
  }
  levels_declared_ = span;
  program_->levels = std::move(levels);
}

void Checker::declare_rule(const Module& module, const syntax::Rule& node) {
  const std::string name = node.name.parts.size() == 1 ? module.family + "." + node.name.text() : node.name.text();
  if (const RuleDecl* existing = rule_named(name)) {
    Diagnostic& diagnostic = error("E0202", node.name.span, fmt::format("rule '{}' is already declared", name));
    if (existing->span.valid()) {
      diagnostic.labels.push_back({existing->span, "first declared here"});
    } else {
      diagnostic.notes.push_back("it belongs to the language itself");
    }
    return;
  }
  const std::string& head = node.name.parts.front().text;
  if (node.name.parts.size() > 1 && head != module.family) {
    error("E0202", node.name.span,
          fmt::format("a rule of family '{}' must be named '{}.{}', not '{}'", module.family, module.family,
                      node.name.parts.back().text, name));
  }
  RuleDecl* rule = add_rule(name, node.title ? node.title->text : name, node.name.span);
  if (node.because) rule->because = node.because->text;
  rule->is_warning = node.severity == syntax::RuleSeverity::Warning;
  for (const syntax::Citation& citation : node.citations) {
    std::string joined;
    for (const syntax::StringLiteral& part : citation.parts) {
      if (!joined.empty()) joined += ", ";
      joined += part.text;
    }
    rule->citations.push_back(joined);
  }
}

void Checker::declare_module(const LoadedModule& loaded) {
  auto owned = std::make_unique<Module>();
  Module& module = *owned;
  module.family = loaded.family;
  module.name = loaded.name;
  module.file = loaded.file.get();
  module.is_root = loaded.is_root;
  for (const syntax::Use& use : module.file->uses) {
    const std::string& family = use.module.parts.front().text;
    if (family != module.family && std::find(module.used.begin(), module.used.end(), family) == module.used.end()) {
      module.used.push_back(family);
    }
  }
  families_[module.family].modules.insert(module.name);
  modules_.push_back(std::move(owned));

  const auto declare_value = [&](const syntax::Name& name, VariableDecl::Kind kind, const syntax::Type* type,
                                 const syntax::Expression* value, const syntax::Expression* where,
                                 const std::string& doc) {
    auto decl = new_variable(name, kind, nullptr);
    decl->family = module.family;
    decl->doc = doc;
    declare(module, name.text, name.span, decl.get());
    Environment environment;
    environment.module = &module;
    pending_[decl.get()] = {type, value, where, environment, false};
    program_->values.push_back(std::move(decl));
  };
  const auto declare_machine = [&](const syntax::Name& name, const std::string& doc) {
    auto decl = std::make_unique<MachineDecl>();
    decl->name = module.family + "." + name.text;
    decl->doc = doc;
    decl->span = name.span;
    auto info = std::make_unique<MachineInfo>();
    info->decl = decl.get();
    info->module = &module;
    machines_[decl.get()] = std::move(info);
    declare(module, name.text, name.span, decl.get());
    program_->machines.push_back(std::move(decl));
    return program_->machines.back().get();
  };

  for (const syntax::Declaration& declaration : module.file->declarations) {
    const std::string& doc = declaration.doc;
    if (const auto* constant = std::get_if<syntax::Constant>(&declaration.kind)) {
      declare_value(constant->name, VariableDecl::Kind::Const, constant->type.get(), constant->value.get(), nullptr,
                    doc);
    } else if (const auto* param = std::get_if<syntax::ModuleParameter>(&declaration.kind)) {
      declare_value(param->name, VariableDecl::Kind::Param, param->type.get(), param->initial.value.get(),
                    param->initial.where.get(), doc);
    } else if (const auto* enumeration = std::get_if<syntax::Enum>(&declaration.kind)) {
      declare_enum(module, *enumeration, declaration.span);
    } else if (const auto* levels = std::get_if<syntax::Levels>(&declaration.kind)) {
      declare_levels(*levels, declaration.span);
    } else if (const auto* structure = std::get_if<syntax::Struct>(&declaration.kind)) {
      auto decl = std::make_unique<StructDecl>();
      decl->name = module.family + "." + structure->name.text;
      decl->span = structure->name.span;
      declare(module, structure->name.text, structure->name.span, decl.get());
      program_->structs.push_back(std::move(decl));
    } else if (const auto* rule = std::get_if<syntax::Rule>(&declaration.kind)) {
      declare_rule(module, *rule);
    } else if (const auto* interface = std::get_if<syntax::Interface>(&declaration.kind)) {
      auto decl = std::make_unique<InterfaceDecl>();
      decl->name = module.family + "." + interface->name.text;
      decl->span = interface->name.span;
      declare(module, interface->name.text, interface->name.span, decl.get());
      program_->interfaces.push_back(std::move(decl));
    } else if (const auto* function = std::get_if<syntax::Function>(&declaration.kind)) {
      auto decl = std::make_unique<FunctionDecl>();
      decl->name = module.family + "." + function->name.text;
      decl->span = function->name.span;
      decl->doc = doc;
      declare(module, function->name.text, function->name.span, decl.get());
      program_->functions.push_back(std::move(decl));
    } else if (const auto* machine = std::get_if<syntax::Machine>(&declaration.kind)) {
      MachineDecl* decl = declare_machine(machine->name, doc);
      decl->is_object = machine->is_object;
      decl->is_monitor = machine->is_monitor;
      machine_syntax_[decl] = machine;
    } else if (const auto* system = std::get_if<syntax::System>(&declaration.kind)) {
      declare_machine(system->name, doc)->is_system = true;
    }  // syntax::Check and syntax::Settings: last, when all else is known
  }
}

}  // namespace quiesce::model::types
