// Candidates that change a value: a constant, an argument, what is returned, a condition.
#include <algorithm>
#include <map>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "checker/mend/candidate_maker.h"
#include "checker/mend/candidate_ranks.h"
#include "checker/mutation/mutant.h"
#include "model/base/contains.h"
#include "model/types/type_rules.h"

namespace quiesce::checker {

using namespace model::syntax;

std::vector<std::string> RoutineCandidates::others_like(const std::string& value) const {
  std::vector<std::string> others;
  if (value == "true" || value == "false") {
    others.push_back(value == "true" ? "false" : "true");
    for (const TypedName& name : names_) {
      const bool is_truth = name.type->kind == model::types::Type::Kind::Bool;
      if (is_truth && others.size() < kMostConstants) others.push_back(name.text);
    }
    return others;
  }
  for (const auto& one : text_.design.program->enums) {
    if (!contains(one->values, value)) continue;
    // Of many constants those that the design names, and some others.
    std::vector<std::string> strangers;
    for (const std::string& other : one->values) {
      const bool is_named = text_.sources.file(model::FileId(0)).text().find(other) != std::string::npos;
      if (other != value) (is_named ? others : strangers).push_back(other);
    }
    for (std::size_t i = 0; i < strangers.size() && others.size() < kMostConstants; ++i) others.push_back(strangers[i]);
  }
  const auto named =
      std::find_if(names_.begin(), names_.end(), [&](const TypedName& name) { return name.text == value; });
  if (named == names_.end()) return others;
  if (named->type->kind == model::types::Type::Kind::Enum) {
    const std::vector<std::string>& values = named->type->enumeration->values;
    for (std::size_t i = 0; i < values.size() && i < kMostConstants; ++i) others.push_back(values[i]);
  }
  for (const TypedName& name : names_) {
    if (name.text != value && fits(*named->type, *name.type)) others.push_back(name.text);
  }
  return others;
}

/// A constant that a routine returns in several places becomes another one in all of them, or in all but the last:
/// where it is wrong for one reason it is wrong for the same in each.
void RoutineCandidates::change_returns() {
  std::map<std::string, std::vector<const Place*>> returns;
  for (const Place& place : own_) {
    const auto* result = std::get_if<ReturnStatement>(&place.statement->kind);
    if (result != nullptr && result->value != nullptr) returns[text_of(*result->value)].push_back(&place);
  }
  for (const auto& [value, places] : returns) {
    if (places.size() < 2) continue;
    for (const std::string& other : others_like(value)) {
      Edit edit;
      for (std::size_t i = 0; i < places.size(); ++i) {
        const model::Span span = std::get<ReturnStatement>(places[i]->statement->kind).value->span;
        if (i >= 2 && i + 1 == places.size())
          add_at(places, edit, kReturn + 1,
                 fmt::format("'{}' instead of '{}' in each return of {} but the last", other, value, routine_.name));
        edit.push_back({span.begin, span.end, other});
      }
      add_at(places, edit, kReturn + 1,
             fmt::format("'{}' instead of '{}' in each return of {}", other, value, routine_.name));
    }
  }
}

void RoutineCandidates::replace_value(const Place& place, const Expression& value, double kind) {
  const std::string before = text_of(value);
  for (const std::string& other : others_like(before)) {
    add({{value.span.begin, value.span.end, other}}, kind, 1, place,
        fmt::format("'{}' instead of '{}' in {}", other, before, shown(place)));
  }
}

void RoutineCandidates::change_arguments(const Place& place, const Expression& call) {
  const std::vector<Argument>& arguments = std::get<Call>(call.kind).arguments;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const Argument& argument = arguments[i];
    replace_value(place, *argument.value, kArgument);
    if (argument.name) leave_argument(place, arguments, i);
    if (std::holds_alternative<Call>(argument.value->kind)) change_arguments(place, *argument.value);
  }
}

/// What has a name may have a default.
void RoutineCandidates::leave_argument(const Place& place, const std::vector<Argument>& arguments, std::size_t which) {
  const std::uint32_t begin = which > 0 ? arguments[which - 1].span.end : arguments[which].span.begin;
  const bool has_next = which == 0 && arguments.size() > 1;
  const std::uint32_t end = has_next ? arguments[1].span.begin : arguments[which].span.end;
  add({{begin, end, ""}}, kArgument, 1, place,
      fmt::format("without '{}' in {}", on_one_line(text_.sources.text(arguments[which].span)), shown(place)));
}

void RoutineCandidates::change_values() {
  for (const Place& place : own_) {
    if (const Expression* call = call_of(*place.statement)) change_arguments(place, *call);
    if (const auto* result = std::get_if<ReturnStatement>(&place.statement->kind)) {
      if (result->value != nullptr) replace_value(place, *result->value, kReturn);
    }
    if (const auto* assignment = std::get_if<AssignmentStatement>(&place.statement->kind))
      replace_value(place, *assignment->value, kArgument);
    if (const auto* local = std::get_if<LocalStatement>(&place.statement->kind)) {
      if (local->value != nullptr) replace_value(place, *local->value, kArgument);
    }
  }
}

void RoutineCandidates::change_conditions() {
  for (const Place& place : own_) {
    ConditionMutants mutants(text_.tokens, text_.sources);
    if (const auto* branch = std::get_if<IfStatement>(&place.statement->kind)) {
      mutants.condition(*branch->condition);
      mutants.replace(MutationKind::Remove, *branch->condition, "true");
    }
    if (const auto* loop = std::get_if<WhileStatement>(&place.statement->kind)) mutants.condition(*loop->condition);
    if (const auto* result = std::get_if<ReturnStatement>(&place.statement->kind)) {
      if (result->value != nullptr && routine_.gives_bool) mutants.condition(*result->value);
    }
    for (const ConditionMutants::Change& change : mutants.take()) {
      const std::string before(text_.sources.text(change.span));
      add({{change.span.begin, change.span.end, change.replacement}}, kCondition, 1, place,
          fmt::format("'{}' instead of '{}'", on_one_line(change.replacement), on_one_line(before)));
    }
  }
}

}  // namespace quiesce::checker
