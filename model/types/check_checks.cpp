// 'check SYSTEM for RULES except RULES with BINDINGS expect ...'.
#include <algorithm>

#include <fmt/format.h>

#include "model/types/checker.h"

namespace quiesce::model::types {

void Checker::check_check(const Module& module, const syntax::Check& node, Span span) {
  Environment environment;
  environment.module = &module;
  environment.no_context = "a check";
  Within within(*this, environment);
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

void Checker::check_binding(const Module& module, CheckDecl& check, const syntax::Binding& binding) {
  CheckDecl::Binding result;
  result.span = binding.span;
  const std::string name = binding.name.text();
  if (binding.name.parts.size() == 1) {
    for (const auto& parameter : check.system->parameters) {
      if (parameter->name == name) result.parameter = parameter.get();
    }
  }
  if (result.parameter == nullptr) {
    // A param of the own family, or of a used one by its qualified name.
    const std::string family = binding.name.parts.size() == 1 ? module.family : binding.name.parts.front().text;
    const auto of_family = families_.find(family);
    if (of_family != families_.end() && is_family_visible(family)) {
      const auto found = of_family->second.declared.find(binding.name.parts.back().text);
      if (found != of_family->second.declared.end()) {
        VariableDecl* const* variable = std::get_if<VariableDecl*>(&found->second.symbol);
        if (variable != nullptr && (*variable)->kind == VariableDecl::Kind::Param) result.parameter = *variable;
        if (variable != nullptr && (*variable)->kind == VariableDecl::Kind::Const) {
          Diagnostic& diagnostic =
              error("E0505", binding.name.span, fmt::format("'{}' is a constant, which 'with' cannot bind", name));
          diagnostic.labels.push_back({found->second.span, "declared here"});
          diagnostic.notes.push_back("declare it with 'param' instead of 'const'");
          return;
        }
      }
    }
  }
  if (result.parameter == nullptr) {
    Diagnostic& diagnostic = error("E0505", binding.name.span,
                                   fmt::format("'{}' is neither a parameter of system '{}' nor a param of a module",
                                               name, short_name(check.system->name)));
    diagnostic.labels.push_back({check.system->span, "the system"});
    std::vector<std::string> names;
    for (const auto& parameter : check.system->parameters) names.push_back(parameter->name);
    for (const std::string& family : visible_families()) {
      const auto found = families_.find(family);
      if (found == families_.end()) continue;
      for (const auto& [declared_name, symbol] : found->second.declared) {
        VariableDecl* const* variable = std::get_if<VariableDecl*>(&symbol.symbol);
        if (variable == nullptr || (*variable)->kind != VariableDecl::Kind::Param) continue;
        names.push_back(family == module.family ? declared_name : family + "." + declared_name);
      }
    }
    did_you_mean(diagnostic, name, names);
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
  bool failed = false;
  const auto add = [&](const syntax::ExpressionPtr& value) {
    ExprPtr checked = check_as(*value, type, role, result.parameter->span);
    failed = failed || !checked || !require_constant(checked, role);
    if (checked) result.values.push_back(std::move(checked));
  };
  if (const auto* value = std::get_if<syntax::ExpressionPtr>(&binding.values)) {
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
    failed = !result.lo || !result.hi || !require_constant(result.lo, role) || !require_constant(result.hi, role);
    if (!failed) check_range_order(*result.lo, *result.hi, cover(result.lo->span, result.hi->span));
  }
  if (!failed) check.with.push_back(std::move(result));
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
