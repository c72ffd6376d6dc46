// Calls, struct values, and functions as values.
#include <algorithm>

#include <fmt/format.h>

#include "model/types/checker.h"

namespace quiesce::model::types {

/// Tells which argument belongs to which parameter: first those by position, then those by name. What is left out
/// is the caller's business.
std::optional<MatchedArguments> Checker::match_arguments(const std::vector<syntax::Argument>& arguments,
                                                         const std::vector<std::unique_ptr<VariableDecl>>& parameters,
                                                         const std::string& callee, const std::string& noun,
                                                         Span declared) {
  MatchedArguments matched(parameters.size(), nullptr);
  bool failed = false;
  bool named = false;
  std::size_t position = 0;
  const auto report = [&](Span span, std::string message) -> Diagnostic& {
    failed = true;
    Diagnostic& diagnostic = error("E0304", span, std::move(message));
    if (declared.valid()) diagnostic.labels.push_back({declared, "declared here"});
    return diagnostic;
  };
  for (const syntax::Argument& argument : arguments) {
    if (!argument.name) {
      if (named) {
        report(argument.span, fmt::format("{}s by position must stand before those by name", noun));
        break;
      }
      if (position >= parameters.size()) {
        Diagnostic& diagnostic =
            report(argument.span, parameters.empty()
                                      ? fmt::format("'{}' takes no {}s, but {} {} given", callee, noun,
                                                    arguments.size(), arguments.size() == 1 ? "is" : "are")
                                      : fmt::format("'{}' takes {} {}{}, but {} are given", callee, parameters.size(),
                                                    noun, parameters.size() == 1 ? "" : "s", arguments.size()));
        explain_arguments(diagnostic, parameters, callee);
        break;
      }
      matched[position++] = &argument;
      continue;
    }
    named = true;
    const auto found = std::find_if(parameters.begin(), parameters.end(),
                                    [&](const auto& parameter) { return parameter->name == argument.name->text; });
    if (found == parameters.end()) {
      Diagnostic& diagnostic =
          report(argument.name->span, fmt::format("'{}' has no {} '{}'", callee, noun, argument.name->text));
      std::vector<std::string> names;
      for (const auto& parameter : parameters) names.push_back(parameter->name);
      did_you_mean(diagnostic, argument.name->text, names);
      if (diagnostic.notes.empty()) explain_arguments(diagnostic, parameters, callee);
      continue;
    }
    const std::size_t index = static_cast<std::size_t>(found - parameters.begin());
    if (matched[index] != nullptr) {
      report(argument.name->span, fmt::format("{} '{}' is given twice", noun, argument.name->text));
      continue;
    }
    matched[index] = &argument;
  }
  if (failed) return std::nullopt;
  return matched;
}

void Checker::missing_arguments(const std::vector<const VariableDecl*>& missing, const std::string& callee, Span span,
                                Span declared) {
  std::string names;
  for (const VariableDecl* parameter : missing) names += (names.empty() ? "'" : ", '") + parameter->name + "'";
  Diagnostic& diagnostic = error(
      "E0304", span, fmt::format("'{}' needs {} {}", callee, missing.size() == 1 ? "argument" : "arguments", names));
  if (declared.valid()) diagnostic.labels.push_back({declared, "declared here"});
  for (const VariableDecl* parameter : missing) {
    if (!parameter->type) continue;
    const std::string candidate = instance_of(parameter->type);
    diagnostic.notes.push_back(fmt::format("'{}' is '{}'{}", parameter->name, text(parameter->type),
                                           candidate.empty() ? "" : fmt::format(", for example '{}'", candidate)));
  }
}

bool Checker::steps_allowed_here(const std::string& callee, Span span, bool steps) {
  if (!only_watches(callee, span)) return false;
  if (steps) return true;
  Diagnostic& diagnostic =
      error("E0401", span, fmt::format("'{}' takes steps, so its call cannot be a part of an expression", callee));
  diagnostic.notes.push_back(
      !env().no_context.empty() ? "only a function that is an expression, 'fn f() -> T = ...', can be used here"
      : env().in_while_condition
          ? "use 'loop', and inside it 'if' with the call as its condition, and 'break'"
          : "call it in a statement of its own, 'var result = ...', and use the result afterwards");
  return false;
}

void Checker::record_call(const FunctionDecl* function, Span span) {
  current_facts_->calls.push_back({function, span, env().in_atomic(), env().first_in_step, env().no_context});
}

ExprPtr Checker::check_call(const syntax::Call& call, const syntax::Expression& whole, bool steps) {
  Meaning callee = meaning(*call.callee, nullptr);
  if (callee.failed) return nullptr;
  if (callee.structure != nullptr) return make_struct(*callee.structure, call, whole);
  if (callee.function != nullptr) return call_function(std::move(callee), call, whole, steps);
  if (callee.function_parameter != nullptr) return call_parameter(std::move(callee), call, whole, steps);
  if (callee.change) {
    return value_of(std::move(callee), whole);
  }
  const std::string name = source_text(call.callee->span);
  std::string what = "no function";
  Span declared;
  std::string note;
  if (callee.value) {
    what = fmt::format("'{}'", text(callee.value->type));
    if (const auto* variable = as<VariableExpr>(callee.value)) declared = variable->variable->span;
    if (std::holds_alternative<CollectionExpr>(callee.value->node)) note = fmt::format("write '{}' without '()'", name);
  } else if (callee.machine != nullptr) {
    what = "a machine";
    declared = callee.machine->span;
    note = fmt::format("an instance is a member of its own, 'name: {}(...)'", name);
  } else if (callee.context != nullptr) {
    what = callee.context->is_handler ? "a handler" : "a thread";
    declared = callee.context->span;
    note = "it runs by itself";
  } else if (callee.action != nullptr) {
    what = "an action";
    declared = callee.action->span;
    note = "it happens by itself; what both do can be a function";
  }
  Diagnostic& diagnostic =
      error("E0305", call.callee->span, fmt::format("'{}' cannot be called: it is {}", name, what));
  if (declared.valid()) diagnostic.labels.push_back({declared, "declared here"});
  if (!note.empty()) diagnostic.notes.push_back(note);
  if (note.empty() && callee.value && !(steps && explain_uses(diagnostic, *callee.value))) {
    diagnostic.notes.push_back(fmt::format("a value is named without '()': write '{}'", name));
  }
  return nullptr;
}

ExprPtr Checker::call_function(Meaning callee, const syntax::Call& call, const syntax::Expression& whole, bool steps) {
  FunctionDecl& function = *callee.function;
  ensure_signature(&function);
  if (!function.result) {
    // Its signature was wrong, or is just being found out: then the function is part of its own signature.
    if (!diagnostics_.has_errors())
      error("E0209", whole.span, fmt::format("'{}' cannot be used in its own signature", function.name));
    return nullptr;
  }
  const std::string name = source_text(call.callee->span);
  const auto matched = match_arguments(call.arguments, function.parameters, name, "argument", function.span);
  if (!matched) return nullptr;
  CallExpr result;
  result.function = &function;
  result.object = std::move(callee.object);
  std::vector<const VariableDecl*> missing;
  std::vector<bool> wrong(function.parameters.size(), false);
  const std::optional<Diagnostics> before = findings();
  bool failed = false;
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    const VariableDecl& parameter = *function.parameters[i];
    if ((*matched)[i] != nullptr) {
      ExprPtr value = check_as(*(*matched)[i]->value, parameter.type,
                               fmt::format("argument '{}' of '{}'", parameter.name, name), parameter.span);
      failed = failed || !value;
      wrong[i] = !value;
      result.arguments.push_back(std::move(value));
    } else if (parameter.init) {
      result.arguments.push_back(clone(parameter.init));
    } else {
      missing.push_back(&parameter);
    }
  }
  if (failed) explain_swapped(before, *matched, function.parameters, wrong, name);
  if (!missing.empty()) {
    missing_arguments(missing, name, whole.span, function.span);
    return nullptr;
  }
  if (failed) return nullptr;
  if (function.kind != FunctionDecl::Kind::Expression && !steps_allowed_here(name, whole.span, steps)) return nullptr;
  record_call(&function, whole.span);
  return make_expr(std::move(result), function.result, whole.span);
}

ExprPtr Checker::call_parameter(Meaning callee, const syntax::Call& call, const syntax::Expression& whole, bool steps) {
  const VariableDecl& parameter = *callee.function_parameter;
  const std::string name = source_text(call.callee->span);
  const Type& type = *parameter.type;
  CallExpr result;
  result.parameter = &parameter;
  result.object = std::move(callee.object);
  if (call.arguments.size() != type.parameters.size()) {
    Diagnostic& diagnostic = error("E0304", whole.span,
                                   fmt::format("'{}' is '{}', but {} argument{} given", name, text(parameter.type),
                                               call.arguments.size(), call.arguments.size() == 1 ? " is" : "s are"));
    diagnostic.labels.push_back({parameter.span, "declared here"});
    return nullptr;
  }
  for (std::size_t i = 0; i < type.parameters.size(); ++i) {
    if (call.arguments[i].name) {
      error("E0304", call.arguments[i].name->span,
            fmt::format("the arguments of '{}' have no names, since it stands for any function of its type", name));
      return nullptr;
    }
    ExprPtr value = check_as(*call.arguments[i].value, type.parameters[i],
                             fmt::format("argument {} of '{}'", i + 1, name), parameter.span);
    if (!value) return nullptr;
    result.arguments.push_back(std::move(value));
  }
  if (!steps_allowed_here(name, whole.span, steps)) return nullptr;
  return make_expr(std::move(result), type.result, whole.span);
}

ExprPtr Checker::make_struct(const StructDecl& structure, const syntax::Call& call, const syntax::Expression& whole) {
  const std::string name = short_name(structure.name);
  const auto matched = match_arguments(call.arguments, structure.fields, name, "field", structure.span);
  if (!matched) return nullptr;
  StructExpr result;
  for (std::size_t i = 0; i < structure.fields.size(); ++i) {
    const VariableDecl& field = *structure.fields[i];
    if ((*matched)[i] == nullptr) {
      std::string part = field.name;
      if (const TypePtr missing = field.init ? nullptr : without_rest_value(field.type, part)) {
        Diagnostic& diagnostic =
            error("E0318", whole.span,
                  fmt::format("field '{}' of '{}' needs a value: a '{}' is never null", part, name, text(missing)));
        diagnostic.labels.push_back({field.span, "declared here"});
        diagnostic.notes.push_back(fmt::format("give it one in the parentheses, or declare it '{}?'", text(missing)));
        return nullptr;
      }
      result.fields.push_back(nullptr);
      continue;
    }
    ExprPtr value =
        check_as(*(*matched)[i]->value, field.type, fmt::format("field '{}' of '{}'", field.name, name), field.span);
    if (!value) return nullptr;
    result.fields.push_back(std::move(value));
  }
  return make_expr(std::move(result), struct_type(&structure), whole.span);
}

/// A function where a parameter of a machine wants one: 'isr', 'nic.isr', 'wdm.nothing', or one passed on.
ExprPtr Checker::function_value(const syntax::Expression& expression, const VariableDecl& parameter) {
  if (const auto* call = std::get_if<syntax::Call>(&expression.kind)) {
    const Meaning callee = meaning(*call->callee, nullptr);
    if (callee.failed) return nullptr;
    if (callee.function != nullptr || callee.function_parameter != nullptr) {
      const std::string name = source_text(call->callee->span);
      Diagnostic& diagnostic = error("E0301", expression.span,
                                     fmt::format("parameter '{}' must be '{}', a function, but '{}' calls one",
                                                 parameter.name, text(parameter.type), source_text(expression.span)));
      diagnostic.labels.push_back({parameter.span, "the parameter"});
      diagnostic.notes.push_back(fmt::format("a function is named without '()': write '{}'", name));
      return nullptr;
    }
  }
  Meaning found = meaning(expression, nullptr);
  if (found.failed) return nullptr;
  const std::string name = source_text(expression.span);
  auto signature = std::make_shared<Type>();
  FunctionRefExpr result;
  Span declared;
  if (found.function_parameter != nullptr) {
    *signature = *found.function_parameter->type;
    result.parameter = found.function_parameter;
    declared = found.function_parameter->span;
  } else if (found.function != nullptr) {
    ensure_signature(found.function);
    if (!found.function->result) return nullptr;
    signature->kind = Type::Kind::Function;
    for (const auto& of_function : found.function->parameters) signature->parameters.push_back(of_function->type);
    signature->result = found.function->result;
    result.function = found.function;
    function_values_.insert(found.function);
    declared = found.function->span;
  } else {
    ExprPtr value = value_of(std::move(found), expression);
    if (!value) return nullptr;
    Diagnostic& diagnostic = error("E0301", expression.span,
                                   fmt::format("parameter '{}' must be '{}', but '{}' is '{}'", parameter.name,
                                               text(parameter.type), name, text(value->type)));
    diagnostic.labels.push_back({parameter.span, "declared here"});
    if (const std::string candidate = instance_of(parameter.type); !candidate.empty()) {
      diagnostic.notes.push_back(fmt::format("name a function, for example '{}'", candidate));
    }
    return nullptr;
  }
  if (!same_type(*signature, *parameter.type)) {
    Diagnostic& diagnostic = error("E0301", expression.span,
                                   fmt::format("parameter '{}' must be '{}', but '{}' is '{}'", parameter.name,
                                               text(parameter.type), name, text(signature)));
    diagnostic.labels.push_back({parameter.span, "the parameter"});
    diagnostic.labels.push_back({declared, "the function"});
    return nullptr;
  }
  if (found.object) {
    if (!require_constant(found.object, "the instance whose function is passed")) return nullptr;
    result.object = std::move(found.object);
  }
  return make_expr(std::move(result), parameter.type, expression.span);
}

}  // namespace quiesce::model::types
