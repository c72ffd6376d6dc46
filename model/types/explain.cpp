// What to write instead: the notes of messages about names, conditions, locks and arguments. Nothing here decides
// whether a text is right. What a note says to write is itself right where it stands; the tests in
// tests/language/rejected/types/ hold the exact words, and tests/unit/model/types/advice_test.cpp takes the advice.
#include <algorithm>

#include <fmt/format.h>

#include "model/syntax/foreign_names.h"
#include "model/types/checker.h"

namespace quiesce::model::types {

void Checker::explain_foreign_name(Diagnostic& diagnostic, const std::string& name, bool exact) {
  const syntax::ForeignName* entry = syntax::foreign_name(name, exact);
  if (entry == nullptr) return;
  std::string advice = syntax::foreign_advice(*entry);
  for (const char* family : {"std", "wdm"}) {
    const bool named = advice.find(fmt::format("{}.", family)) != std::string::npos ||
                       (entry->example.find("STATUS_") != std::string_view::npos && family == std::string("wdm"));
    if (named && !is_family_visible(family)) advice += fmt::format(", and 'use {}' before all declarations", family);
  }
  diagnostic.notes.push_back(std::move(advice));
}

// -------------------------------------------------------------------------------------------- undeclared

/// 'x = ...' where there is no x.
void Checker::explain_undeclared(const syntax::AssignmentStatement& node, const syntax::Name& name) {
  const bool plain = node.op == syntax::AssignmentOperator::Set;
  if (!is_news(name.text, false)) {
    check(*node.value, nullptr, true);
    return;
  }
  const ExprPtr value = check(*node.value, nullptr, true);
  Diagnostic& diagnostic = error("E0201", name.span, fmt::format("unknown name '{}'", name.text));
  did_you_mean(diagnostic, name.text, near_names());
  if (!diagnostic.notes.empty() && !plain) return;
  const Type::Kind kind = !plain ? Type::Kind::Int : value ? value->type->kind : Type::Kind::Void;
  const bool ranged = plain && kind == Type::Kind::Int && value->type->lo;
  std::string type = kind == Type::Kind::Void            ? "type"
                     : kind == Type::Kind::Null          ? "ref Device?"
                     : kind != Type::Kind::Int || ranged ? text(value->type)
                                                         : "int 0..10";
  const std::string kept = fmt::format("'{}: {}'", name.text, type);
  if (env().in_accept) {
    diagnostic.notes.push_back(fmt::format("declare it in the machine, as in {}", kept));
    return;
  }
  const bool told = kind != Type::Kind::Null && (kind != Type::Kind::Int || ranged);  // by the value
  const std::string written = !plain ? "0" : value && kind != Type::Kind::Void ? source_text(value->span) : "...";
  diagnostic.notes.push_back(fmt::format(
      "a new variable is declared with 'var'{}: 'var {}{} = {}'{}", told ? "" : " and its type, as in", name.text,
      told ? "" : ": " + type, written, env().in_action ? "; one that is kept, in the machine: " + kept : ""));
}

// -------------------------------------------------------------------------------------------- conditions

/// A value of another type where a condition is wanted. `negated`: it stands behind '!'.
void Checker::explain_no_condition(Diagnostic& diagnostic, const Expr& value, bool negated) {
  const std::string name = source_text(value.span);
  const Type& type = *value.type;
  const char* compare = negated ? "==" : "!=";
  std::string advice;
  if (const auto literal = literal_value(value); literal && type.kind == Type::Kind::Int) {
    advice = (*literal != 0) != negated ? "true" : "false";
    if (env().in_while_condition) {
      diagnostic.notes.push_back("a loop without end is written 'loop { ... }'; 'break' leaves it");
      return;
    }
  } else if (type.kind == Type::Kind::Int) {
    advice = fmt::format("{} {} 0", name, compare);
  } else if (type.kind == Type::Kind::Optional) {
    advice = fmt::format("{} {} null", name, compare);
  } else if (type.kind == Type::Kind::Enum) {
    advice = fmt::format("{} {} {}", name, negated ? "!=" : "==", type.enumeration->values.front());
  } else if (type.kind == Type::Kind::Level) {
    advice = fmt::format("{} {} {}", name, compare, program_->levels.name(0));
  } else if (type.kind == Type::Kind::Queue || type.kind == Type::Kind::Set) {
    advice = fmt::format("{}{}.empty", negated ? "" : "!", name);
  } else if (type.kind == Type::Kind::Ref) {
    diagnostic.notes.push_back("a reference is never null unless its type ends in '?'; ask something about it");
    return;
  } else {
    return;
  }
  diagnostic.notes.push_back(fmt::format("write '{}'{}", advice, negated ? " without '!'" : ""));
}

/// A number compared with an enum or a bool.
void Checker::explain_difference(Diagnostic& diagnostic, const std::string& op, const Expr& left,
                                 const Expr& right) const {
  const bool number_left = left.type->kind == Type::Kind::Int;
  const Expr& number = number_left ? left : right;
  const Expr& other = number_left ? right : left;
  if (number.type->kind != Type::Kind::Int || (op != "==" && op != "!=")) return;
  const std::string name = source_text(other.span);
  const auto value = literal_value(number);
  if (other.type->kind == Type::Kind::Enum) {
    const auto& values = other.type->enumeration->values;
    const bool known = value && *value >= 0 && *value < static_cast<std::int64_t>(values.size());
    diagnostic.notes.push_back(fmt::format("the values of '{}' have names: write '{} {} {}'", text(other.type), name,
                                           op, values[known ? static_cast<std::size_t>(*value) : 0]));
  }
  if (other.type->kind == Type::Kind::Bool && value && (*value == 0 || *value == 1)) {
    const bool positive = (*value == 1) == (op == "==");
    const bool simple = std::holds_alternative<VariableExpr>(other.node);
    diagnostic.notes.push_back(fmt::format("write '{}'", positive ? name : simple ? "!" + name : "!(" + name + ")"));
  }
}

// ----------------------------------------------------------------------------------------- functions, locks

/// A function where another value is wanted.
void Checker::explain_function(Diagnostic& diagnostic, const FunctionDecl& function, const std::string& name,
                               const TypePtr& wanted) {
  const Type& type = wanted->kind == Type::Kind::Optional ? *wanted->element : *wanted;
  if (type.kind != Type::Kind::Ref || type.machine == nullptr) return;
  const std::string machine = short_name(type.machine->name);
  const bool takes_function = !type.machine->parameters.empty() && type.machine->parameters.front()->type &&
                              type.machine->parameters.front()->type->kind == Type::Kind::Function &&
                              function.parameters.size() == type.machine->parameters.front()->type->parameters.size();
  if (takes_function) {
    diagnostic.notes.push_back(fmt::format(
        "a 'ref {0}' is wanted: declare a member, as in 'late: {0}({1})', and name 'late' here", machine, name));
  } else {
    diagnostic.notes.push_back(fmt::format("a 'ref {0}' is wanted: the name of an instance 'x: {0}(...)'", machine));
  }
}

/// That an instance is used through functions, and through which: free ones of its family, else its own.
bool Checker::explain_uses(Diagnostic& diagnostic, const Expr& value) {
  const Type& type = value.type->kind == Type::Kind::Optional ? *value.type->element : *value.type;
  if (type.kind == Type::Kind::Ref && type.machine != nullptr) {
    const std::string name = source_text(value.span);
    std::vector<std::string> calls;
    const std::string family = type.machine->name.substr(0, type.machine->name.find('.'));
    for (const auto& function : program_->functions) {
      ensure_signature(function.get());
      if (calls.size() == 4 || function->parameters.empty() || !function->name.starts_with(family + ".")) continue;
      const TypePtr& first = function->parameters.front()->type;
      if (!first || first->kind != Type::Kind::Ref || first->machine != type.machine) continue;
      calls.push_back(
          fmt::format("'{}({}{})'", short_name(function->name), name, function->parameters.size() > 1 ? ", ..." : ""));
    }
    const bool own = calls.empty();
    if (const MachineInfo* info = info_of(type.machine); own && info != nullptr) {
      for (const auto& [member, symbol] : info->members) {
        const auto* function = std::get_if<FunctionDecl*>(&symbol);
        if (function == nullptr || (*function)->kind == FunctionDecl::Kind::Expression || calls.size() == 4) continue;
        ensure_signature(*function);
        calls.push_back(fmt::format("'{}.{}({})'", name, member, (*function)->parameters.empty() ? "" : "..."));
      }
    }
    if (!calls.empty()) {
      diagnostic.notes.push_back(fmt::format("'{}' is used through functions: {}", name, fmt::join(calls, ", ")));
      return true;
    }
  }
  return false;
}

/// Something else where a lock is wanted.
void Checker::explain_no_lock(Diagnostic& diagnostic, const Expr& value) {
  if (explain_uses(diagnostic, value)) return;
  diagnostic.notes.push_back("locks are variables of type 'spinlock(LEVEL)', 'spinlock' or 'mutex'");
}

// --------------------------------------------------------------------------------------------- arguments

/// An instance or function of the machine at hand that could be given for `type`; empty when none comes to mind.
std::string Checker::instance_of(const TypePtr& type) const {
  if (!type || env().machine == nullptr) return {};
  const Type& wanted = type->kind == Type::Kind::Optional ? *type->element : *type;
  for (const auto& [name, symbol] : env().machine->members) {
    if (const auto* instance = std::get_if<InstanceDecl*>(&symbol)) {
      if (wanted.kind != Type::Kind::Ref || (*instance)->machine == nullptr || (*instance)->index) continue;
      if ((*instance)->machine == wanted.machine ||
          (wanted.interface != nullptr && implements(*(*instance)->machine, *wanted.interface))) {
        return name;
      }
    }
    if (const auto* variable = std::get_if<VariableDecl*>(&symbol)) {
      if ((*variable)->kind == VariableDecl::Kind::Parameter && (*variable)->type &&
          same_type(*(*variable)->type, *type)) {
        return name;
      }
    }
    if (const auto* function = std::get_if<FunctionDecl*>(&symbol)) {
      if (wanted.kind != Type::Kind::Function || !(*function)->result || !wanted.result) continue;
      if ((*function)->parameters.size() == wanted.parameters.size() &&
          same_type(*(*function)->result, *wanted.result)) {
        return name;
      }
    }
  }
  return {};
}

/// What is expected, where the number or the names of arguments are wrong.
void Checker::explain_arguments(Diagnostic& diagnostic, const std::vector<std::unique_ptr<VariableDecl>>& parameters,
                                const std::string& callee) {
  if (parameters.empty()) return;
  std::vector<std::string> shown;
  for (const auto& parameter : parameters) {
    if (!parameter->type) return;
    shown.push_back(fmt::format("{}: {}{}", parameter->name, text(parameter->type),
                                parameter->init ? " = " + source_text(parameter->init->span) : ""));
  }
  diagnostic.notes.push_back(fmt::format("it is '{}({})'", callee, fmt::join(shown, ", ")));
}

std::optional<Diagnostics> Checker::findings() const {
  constexpr std::size_t kMany = 50;
  return diagnostics_.error_count() < kMany ? std::optional<Diagnostics>(diagnostics_) : std::nullopt;
}

bool Checker::explain_swapped(const std::optional<Diagnostics>& before, const MatchedArguments& matched,
                              const std::vector<std::unique_ptr<VariableDecl>>& parameters,
                              const std::vector<bool>& wrong, const std::string& callee) {
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    if (wrong[i] && matched[i] != nullptr && !matched[i]->name) positions.push_back(i);
  }
  if (!before || positions.size() != 2 || diagnostics_.error_count() != before->error_count() + 2) return false;
  const Diagnostics after = diagnostics_;
  const auto fits = [&](std::size_t argument, std::size_t parameter) {
    const TypePtr& type = parameters[parameter]->type;
    if (!type) return false;
    const syntax::Expression& value = *matched[argument]->value;
    const ExprPtr checked =
        type->kind == Type::Kind::Function ? function_value(value, *parameters[parameter]) : check_as(value, type, "");
    const bool good = checked && diagnostics_.error_count() == after.error_count();
    diagnostics_ = after;
    return good;
  };
  const std::size_t a = positions[0];
  const std::size_t b = positions[1];
  if (!fits(a, b) || !fits(b, a)) return false;
  diagnostics_ = *before;
  Diagnostic& diagnostic = error("E0304", cover(matched[a]->span, matched[b]->span),
                                 fmt::format("arguments '{}' and '{}' of '{}' are given in the other order",
                                             parameters[a]->name, parameters[b]->name, callee));
  diagnostic.labels.push_back({cover(parameters[a]->span, parameters[b]->span), "declared here"});
  std::vector<std::string> values;
  for (std::size_t i = 0; i < matched.size(); ++i) {
    const std::size_t from = i == a ? b : i == b ? a : i;
    if (matched[from] != nullptr) values.push_back(source_text(matched[from]->span));
  }
  diagnostic.notes.push_back(fmt::format("write '{}({})'", callee, fmt::join(values, ", ")));
  return true;
}

}  // namespace quiesce::model::types
