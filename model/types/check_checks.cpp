// 'check SYSTEM for RULES except RULES with BINDINGS expect ...', and what is said once for all checks of a file or
// system.
#include <algorithm>

#include <fmt/format.h>

#include "model/types/checker.h"

namespace quiesce::model::types {

/// All checks of a file, and for each of its systems the one without clauses.
void Checker::check_checks(const Module& module) {
  Environment environment;
  environment.module = &module;
  environment.no_context = "a check";
  Within within(*this, environment);
  for (const syntax::Declaration& declaration : module.file->declarations) {
    if (const auto* check = std::get_if<syntax::Check>(&declaration.kind)) {
      check_check(module, *check, declaration.span);
    }
  }
  for (const auto& machine : program_->machines) {
    if (!machine->is_system || info_of(machine.get())->module != &module) continue;
    auto bare = std::make_unique<CheckDecl>();
    bare->system = machine.get();
    bare->span = machine->span;
    add_settings(module, *bare);
    program_->bare_checks.push_back(std::move(bare));
  }
  check_settings_used(module);
}

/// What is said for all checks of its system and of its file, where neither the check nor the nearer of them says
/// otherwise. A parameter that this system does not have is another system's.
void Checker::add_settings(const Module& module, CheckDecl& check) {
  std::size_t nearer = check.with.size();  // bindings that win
  const auto add = [&](const syntax::Settings& settings, bool of_system) {
    for (const syntax::Binding& binding : settings.bindings) {
      const VariableDecl* parameter = bound_parameter(module, *check.system, binding);
      if (parameter == nullptr) {
        if (of_system) unknown_parameter(module, *check.system, binding);
        continue;
      }
      const auto end = check.with.begin() + static_cast<std::ptrdiff_t>(nearer);
      const auto binds = [&](const CheckDecl::Binding& other) { return other.parameter == parameter; };
      if (std::none_of(check.with.begin(), end, binds)) check_binding(module, check, binding, true);
    }
  };
  for (const syntax::Settings* settings : info_of(check.system)->settings) add(*settings, true);
  nearer = check.with.size();
  for (const syntax::Declaration& declaration : module.file->declarations) {
    if (const auto* settings = std::get_if<syntax::Settings>(&declaration.kind)) add(*settings, false);
  }
}

/// What is said for all checks of the file must be about some system of it, or a param.
void Checker::check_settings_used(const Module& module) {
  const MachineDecl* some_system = nullptr;
  for (const auto& machine : program_->machines) {
    if (machine->is_system && info_of(machine.get())->module == &module) some_system = machine.get();
  }
  for (const syntax::Declaration& declaration : module.file->declarations) {
    const auto* settings = std::get_if<syntax::Settings>(&declaration.kind);
    if (settings == nullptr) continue;
    if (some_system == nullptr) {
      error("E0503", declaration.span, "there is no system in this file whose checks this 'with' could be for");
      continue;
    }
    for (const syntax::Binding& binding : settings->bindings) {
      const bool known = std::any_of(program_->machines.begin(), program_->machines.end(), [&](const auto& machine) {
        return machine->is_system && info_of(machine.get())->module == &module &&
               bound_parameter(module, *machine, binding) != nullptr;
      });
      if (!known) unknown_parameter(module, *some_system, binding);
    }
  }
}

void Checker::check_check(const Module& module, const syntax::Check& node, Span span) {
  auto owned = std::make_unique<CheckDecl>();
  CheckDecl& check = *owned;
  check.span = span;
  const auto& declared = families_[module.family].declared;
  const auto found = declared.find(node.system.text);
  MachineDecl* const* system = found == declared.end() ? nullptr : std::get_if<MachineDecl*>(&found->second.symbol);
  if (system == nullptr || !(*system)->is_system) {
    Diagnostic& diagnostic = error("E0503", node.system.span,
                                   found == declared.end() ? fmt::format("there is no system '{}'", node.system.text)
                                                           : fmt::format("'{}' is not a system", node.system.text));
    if (found != declared.end()) diagnostic.labels.push_back({found->second.span, "declared here"});
    std::vector<std::string> names;
    for (const auto& [name, symbol] : declared) {
      MachineDecl* const* machine = std::get_if<MachineDecl*>(&symbol.symbol);
      if (machine != nullptr && (*machine)->is_system) names.push_back(name);
    }
    did_you_mean(diagnostic, node.system.text, names);
    return;
  }
  check.system = *system;
  for (const syntax::RulePattern& pattern : node.rules) check.rules.push_back(check_pattern(module, pattern));
  for (const syntax::RulePattern& pattern : node.except) check.except.push_back(check_pattern(module, pattern));
  for (const syntax::Binding& binding : node.bindings) check_binding(module, check, binding);
  add_settings(module, check);
  check_unbound(check, node.system.span);
  for (const syntax::Expect& expect : node.expects) check_expect(check, expect);
  program_->checks.push_back(std::move(owned));
}

RulePattern Checker::check_pattern(const Module& module, const syntax::RulePattern& pattern) {
  RulePattern result;
  result.prefix = pattern.star;
  result.span = pattern.span;
  if (!pattern.name) return result;
  if (!pattern.star) {
    const RuleDecl* rule = find_rule(*pattern.name);
    result.name = rule != nullptr ? rule->name : pattern.name->text();
    return result;
  }
  const auto matches = [&](const std::string& prefix) {
    return std::any_of(rules_.begin(), rules_.end(), [&](const auto& rule) { return rule.first.starts_with(prefix); });
  };
  result.name = pattern.name->text() + ".";
  if (matches(result.name)) return result;
  const std::string in_family = module.family + "." + result.name;
  if (matches(in_family)) {
    result.name = in_family;
    return result;
  }
  Diagnostic& diagnostic = error("E0504", pattern.span, fmt::format("no rule matches '{}*'", result.name));
  std::set<std::string> prefixes;
  for (const std::string& name : rule_names()) prefixes.insert(name.substr(0, name.rfind('.')) + ".*");
  did_you_mean(diagnostic, pattern.name->text() + ".*", {prefixes.begin(), prefixes.end()});
  return result;
}

/// The parameter of the system, or the param of the own family or (by its qualified name) of a used one; null when
/// there is none.
const VariableDecl* Checker::bound_parameter(const Module& module, const MachineDecl& system,
                                             const syntax::Binding& binding) {
  if (binding.name.parts.size() == 1) {
    for (const auto& parameter : system.parameters) {
      if (parameter->name == binding.name.parts.front().text) return parameter.get();
    }
  }
  const std::string family = binding.name.parts.size() == 1 ? module.family : binding.name.parts.front().text;
  const auto of_family = families_.find(family);
  if (of_family == families_.end() || !is_family_visible(family)) return nullptr;
  const auto found = of_family->second.declared.find(binding.name.parts.back().text);
  if (found == of_family->second.declared.end()) return nullptr;
  VariableDecl* const* variable = std::get_if<VariableDecl*>(&found->second.symbol);
  return variable != nullptr && (*variable)->kind == VariableDecl::Kind::Param ? *variable : nullptr;
}

void Checker::unknown_parameter(const Module& module, const MachineDecl& system, const syntax::Binding& binding) {
  const std::string name = binding.name.text();
  const std::string family = binding.name.parts.size() == 1 ? module.family : binding.name.parts.front().text;
  if (const auto of_family = families_.find(family); of_family != families_.end() && is_family_visible(family)) {
    const auto found = of_family->second.declared.find(binding.name.parts.back().text);
    if (found != of_family->second.declared.end() && std::holds_alternative<VariableDecl*>(found->second.symbol)) {
      Diagnostic& diagnostic =
          error("E0505", binding.name.span, fmt::format("'{}' is a constant, which 'with' cannot bind", name));
      diagnostic.labels.push_back({found->second.span, "declared here"});
      diagnostic.notes.push_back("declare it with 'param' instead of 'const'");
      return;
    }
  }
  Diagnostic& diagnostic = error(
      "E0505", binding.name.span,
      fmt::format("'{}' is neither a parameter of system '{}' nor a param of a module", name, short_name(system.name)));
  diagnostic.labels.push_back({system.span, "the system"});
  std::vector<std::string> names;
  for (const auto& parameter : system.parameters) names.push_back(parameter->name);
  for (const std::string& visible : visible_families()) {
    const auto found = families_.find(visible);
    if (found == families_.end()) continue;
    for (const auto& [declared_name, symbol] : found->second.declared) {
      VariableDecl* const* variable = std::get_if<VariableDecl*>(&symbol.symbol);
      if (variable == nullptr || (*variable)->kind != VariableDecl::Kind::Param) continue;
      names.push_back(visible == module.family ? declared_name : visible + "." + declared_name);
    }
  }
  did_you_mean(diagnostic, name, names);
  if (!diagnostic.notes.empty()) return;
  if (name == "cpus") {
    diagnostic.notes.push_back(
        "the number of CPUs is 'cpus N' of a system; make it a parameter there: "
        "'system S(processors: int 1..4 = 2) { cpus processors ... }'");
  }
  std::string own;
  for (const auto& parameter : system.parameters) own += (own.empty() ? "'" : ", '") + parameter->name + "'";
  diagnostic.notes.push_back(own.empty()
                                 ? fmt::format("system '{}' has no parameters", short_name(system.name))
                                 : fmt::format("the parameters of system '{}' are {}", short_name(system.name), own));
}

void Checker::check_binding(const Module& module, CheckDecl& check, const syntax::Binding& binding, bool of_all) {
  CheckDecl::Binding result;
  result.span = binding.span;
  result.of_all = of_all;
  const std::string name = binding.name.text();
  result.parameter = bound_parameter(module, *check.system, binding);
  if (result.parameter == nullptr) {
    unknown_parameter(module, *check.system, binding);
    return;
  }
  for (const CheckDecl::Binding& other : check.with) {
    if (other.parameter != result.parameter) continue;
    Diagnostic& diagnostic = error("E0505", binding.span, fmt::format("'{}' is bound twice", name));
    diagnostic.labels.push_back({other.span, "first bound here"});
    return;
  }
  const TypePtr type = result.parameter->type;
  const std::string role = fmt::format("the value of '{}'", name);
  if (!type) return;
  const auto add = [&](const syntax::ExpressionPtr& value) {
    ExprPtr checked = check_as(*value, type, role, result.parameter->span);
    if (require_constant(checked, role)) result.values.push_back(std::move(checked));
  };
  if (const auto* value = std::get_if<syntax::ExpressionPtr>(&binding.values)) {
    if (std::holds_alternative<syntax::SetLiteral>((*value)->kind) && type->kind != Type::Kind::Set) {
      Diagnostic& diagnostic =
          error("E0505", binding.span, fmt::format("'{}' takes one value after '=', but a set stands there", name));
      diagnostic.labels.push_back({result.parameter->span, "declared here"});
      diagnostic.notes.push_back(
          fmt::format("one check for each of several values is written '{} in {}'", name, source_text((*value)->span)));
      check.with.push_back(std::move(result));  // it has a value, as far as other findings go
      return;
    }
    add(*value);
  } else if (const auto* values = std::get_if<std::vector<syntax::ExpressionPtr>>(&binding.values)) {
    for (const syntax::ExpressionPtr& each : *values) add(each);
  } else {
    const auto& range = std::get<syntax::Range>(binding.values);
    if (type->kind != Type::Kind::Int && type->kind != Type::Kind::Level && type->kind != Type::Kind::Enum) {
      error("E0505", binding.span,
            fmt::format("'{}' is '{}', whose values have no range; list them: 'in {{ a, b }}'", name, text(type)));
      return;
    }
    result.lo = check_as(*range.low, type, role, result.parameter->span);
    result.hi = check_as(*range.high, type, role, result.parameter->span);
    const bool constant = require_constant(result.lo, role) && require_constant(result.hi, role);
    if (constant) check_range_order(*result.lo, *result.hi, cover(result.lo->span, result.hi->span));
  }
  check.with.push_back(std::move(result));  // after a failure too: then it is only said once
}

void Checker::check_unbound(const CheckDecl& check, Span span) {
  for (const auto& parameter : check.system->parameters) {
    if (parameter->init || !parameter->type) continue;
    const bool bound = std::any_of(check.with.begin(), check.with.end(), [&](const CheckDecl::Binding& binding) {
      return binding.parameter == parameter.get();
    });
    if (bound) continue;
    Diagnostic& diagnostic = error(
        "E0505", span,
        fmt::format("parameter '{}' of system '{}' has no value", parameter->name, short_name(check.system->name)));
    diagnostic.labels.push_back({parameter->span, "declared here"});
    diagnostic.notes.push_back(fmt::format("give it a default, or say 'with {} = ...'", parameter->name));
  }
}

void Checker::check_expect(CheckDecl& check, const syntax::Expect& expect) {
  CheckDecl::Expectation result;
  result.span = expect.span;
  result.at_least = expect.and_more;
  switch (expect.kind) {
    case syntax::ExpectKind::Holds:
      result.kind = CheckDecl::Expectation::Kind::Holds;
      break;
    case syntax::ExpectKind::Violated:
      result.kind = CheckDecl::Expectation::Kind::Violated;
      break;
    case syntax::ExpectKind::Vacuous:
      result.kind = CheckDecl::Expectation::Kind::Vacuous;
      break;
  }
  for (const CheckDecl::Expectation& other : check.expect) {
    const bool contradicts =
        (other.kind == CheckDecl::Expectation::Kind::Holds) != (result.kind == CheckDecl::Expectation::Kind::Holds) &&
        result.kind != CheckDecl::Expectation::Kind::Vacuous && other.kind != CheckDecl::Expectation::Kind::Vacuous;
    if (other.kind != result.kind && !contradicts) continue;
    Diagnostic& diagnostic =
        error("E0506", expect.span,
              contradicts ? std::string("a check cannot expect both that all holds and that something is violated")
                          : fmt::format("'expect {}' is given twice",
                                        result.kind == CheckDecl::Expectation::Kind::Holds      ? "holds"
                                        : result.kind == CheckDecl::Expectation::Kind::Violated ? "violated"
                                                                                                : "vacuous"));
    diagnostic.labels.push_back({other.span, "expected here"});
    return;
  }
  for (const syntax::QualifiedName& name : expect.rules) {
    const RuleDecl* rule = find_rule(name);
    if (rule == nullptr) continue;
    if (std::find(result.rules.begin(), result.rules.end(), rule) != result.rules.end()) {
      error("E0506", name.span, fmt::format("rule '{}' is expected twice", rule->name));
      continue;
    }
    result.rules.push_back(rule);
  }
  check.expect.push_back(std::move(result));
}

}  // namespace quiesce::model::types
