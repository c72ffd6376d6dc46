// Which machine implements which interface, and with which functions.
#include <fmt/format.h>

#include "model/types/checker.h"

namespace quiesce::model::types {

void Checker::check_implementations() {
  for (const auto& decl : program_->machines) {
    const auto node = machine_syntax_.find(decl.get());
    if (node == machine_syntax_.end()) continue;
    MachineInfo& info = *info_of(decl.get());
    Environment environment;
    environment.module = info.module;
    Within within(*this, environment);
    for (const syntax::QualifiedName& name : node->second->implements) implement(info, name);
  }
}

void Checker::implement(MachineInfo& info, const syntax::QualifiedName& name) {
  const Meaning found = meaning(name, nullptr);
  if (found.failed) return;
  if (found.interface == nullptr) {
    error("E0206", name.span, fmt::format("'{}' is not an interface, so it cannot be implemented", name.text()));
    return;
  }
  if (implements(*info.decl, *found.interface)) {
    error("E0314", name.span, fmt::format("'{}' is implemented twice", name.text()));
    return;
  }
  MachineDecl::Implementation implementation;
  implementation.interface = found.interface;
  std::vector<const FunctionDecl*> missing;
  for (const auto& wanted : found.interface->functions) {
    const FunctionDecl* function = implementation_of(info, *wanted, name);
    if (function == nullptr) missing.push_back(wanted.get());
    implementation.functions.push_back(function);
  }
  if (!missing.empty()) {
    std::string names;
    for (const FunctionDecl* function : missing) names += (names.empty() ? "'" : ", '") + function->name + "'";
    Diagnostic& diagnostic =
        error("E0314", name.span,
              fmt::format("machine '{}' lacks {} {} of interface '{}'", short_name(info.decl->name),
                          missing.size() == 1 ? "function" : "functions", names, name.text()));
    for (const FunctionDecl* function : missing) diagnostic.labels.push_back({function->span, "declared here"});
    std::vector<std::string> own;
    for (const auto& [member, symbol] : info.members) own.push_back(member);
    did_you_mean(diagnostic, missing.front()->name, own);
  }
  const_cast<InterfaceDecl*>(found.interface)->implementers.push_back(info.decl);  // ours: the checker made it
  info.decl->implements.push_back(std::move(implementation));
}

namespace {

bool at_least_as_quiet(FunctionDecl::Kind own, FunctionDecl::Kind wanted) {
  switch (wanted) {
    case FunctionDecl::Kind::Steps:
      return true;
    case FunctionDecl::Kind::Atomic:
      return own != FunctionDecl::Kind::Steps;
    case FunctionDecl::Kind::Expression:
      return own == FunctionDecl::Kind::Expression;
  }
  return false;
}

}  // namespace

/// The machine's own function for `wanted`, or the default; null when there is neither. Reports one that does not fit.
const FunctionDecl* Checker::implementation_of(MachineInfo& info, const FunctionDecl& wanted,
                                               const syntax::QualifiedName&) {
  const auto member = info.members.find(wanted.name);
  if (member == info.members.end()) return wanted.has_body ? &wanted : nullptr;
  FunctionDecl* const* own = std::get_if<FunctionDecl*>(&member->second);
  const auto report = [&](Span span, std::string message) {
    Diagnostic& diagnostic = error("E0314", span, std::move(message));
    diagnostic.labels.push_back({wanted.span, "the interface declares it here"});
  };
  const std::string interface_name = short_name(wanted.interface->name);
  if (own == nullptr) {
    report(span_of(member->second),
           fmt::format("'{}' must be a function, as interface '{}' says", wanted.name, interface_name));
    return &wanted;
  }
  const FunctionDecl& function = **own;
  if (!function.result || !wanted.result) return &function;
  if (function.parameters.size() != wanted.parameters.size()) {
    report(function.span, fmt::format("'{}' takes {} parameter{}, but interface '{}' wants {}", wanted.name,
                                      function.parameters.size(), function.parameters.size() == 1 ? "" : "s",
                                      interface_name, wanted.parameters.size()));
    return &function;
  }
  for (std::size_t i = 0; i < wanted.parameters.size(); ++i) {
    const VariableDecl& own_parameter = *function.parameters[i];
    if (same_type(*own_parameter.type, *wanted.parameters[i]->type)) continue;
    report(own_parameter.span, fmt::format("parameter '{}' is '{}', but interface '{}' wants '{}'", own_parameter.name,
                                           text(own_parameter.type), interface_name, text(wanted.parameters[i]->type)));
  }
  if (!same_type(*function.result, *wanted.result)) {
    report(function.span, fmt::format("'{}' returns '{}', but interface '{}' wants '{}'", wanted.name,
                                      text(function.result), interface_name, text(wanted.result)));
  }
  if (!at_least_as_quiet(function.kind, wanted.kind)) {
    report(function.span,
           fmt::format(
               "'{}' takes steps, but interface '{}' wants {}", wanted.name, interface_name,
               wanted.kind == FunctionDecl::Kind::Atomic ? "an 'atomic fn'" : "an expression, 'fn name() -> T = ...'"));
  }
  return &function;
}

}  // namespace quiesce::model::types
