// Candidates that put a condition before a statement, or leave a routine early.
#include <variant>

#include <fmt/format.h>

#include "checker/mend/candidate_maker.h"
#include "checker/mend/candidate_ranks.h"
#include "model/base/contains.h"

namespace quiesce::checker {

using namespace model::syntax;

namespace {

/// Whether a condition may be put before the statement: it neither declares nor asks anything.
bool is_guardable(const Statement& statement) {
  return std::holds_alternative<CallStatement>(statement.kind) ||
         std::holds_alternative<InitStatement>(statement.kind) ||
         std::holds_alternative<FreeStatement>(statement.kind) ||
         std::holds_alternative<AssignmentStatement>(statement.kind);
}
}  // namespace

std::vector<std::string> RoutineCandidates::guards() const {
  std::vector<std::string> guards;
  const auto propose = [&](const std::string& condition) {
    for (const std::string& one :
         {condition, condition.starts_with("!") && condition.find(' ') == std::string::npos ? condition.substr(1)
                     : condition.find(' ') == std::string::npos                             ? "!" + condition
                                                                                            : "!(" + condition + ")"}) {
      if (!contains(guards, one)) guards.push_back(one);
    }
  };
  for (const UsedCondition& used : text_.conditions) {
    if (used.machine == routine_.machine) propose(used.text);
  }
  for (const TypedName& name : names_) {
    if (name.type->kind == model::types::Type::Kind::Bool && !name.is_local) propose(name.text);
    const auto* machine = name.type->kind == model::types::Type::Kind::Ref ? name.type->machine : nullptr;
    if (machine == nullptr || machine->span.file == model::FileId(0)) continue;
    for (const UsedCondition& used : text_.conditions) {  // what the design asks of another one of its kind
      const std::size_t dot = used.text.rfind('.');
      if (dot != std::string::npos && used.text.find(' ') == std::string::npos)
        propose(name.text + used.text.substr(dot));
    }
    for (const model::types::Member& member : machine->members) {
      const auto* variable = std::get_if<std::unique_ptr<model::types::VariableDecl>>(&member);
      const bool is_told = variable != nullptr && !(*variable)->doc.empty() && (*variable)->type != nullptr &&
                           (*variable)->type->kind == model::types::Type::Kind::Bool;
      if (is_told) propose(name.text + "." + (*variable)->name);
    }
  }
  return guards;
}

void RoutineCandidates::guard() {
  const std::vector<std::string> conditions = guards();
  for (const Place& place : own_) {
    if (!is_guardable(*place.statement)) continue;
    const model::Span span = place.statement->span;
    for (const std::string& condition : conditions) {
      add({{span.begin, span.end, fmt::format("if {} {{ {} }}", condition, text_.statements.text(place))}}, kGuard, 1,
          place, fmt::format("{} only if '{}'", shown(place), condition));
    }
  }
}

/// The first value of the result of a call whose result is ignored, where that is an enumeration of the library; else
/// empty.
std::string RoutineCandidates::ignored_success(const Place& place) const {
  if (!std::holds_alternative<CallStatement>(place.statement->kind)) return "";
  const std::string callee = callee_text(text_.statements.text(place));
  for (const LibraryCall& known : calls_) {
    if (known.function == nullptr || callee_text(known.text) != callee) continue;
    return known.function->result != nullptr ? success_value(*known.function->result) : "";
  }
  return "";
}

/// The calls of the library that take the same object as `call` does.
std::vector<std::string> RoutineCandidates::other_calls(const std::string& call) const {
  std::vector<std::string> others;
  for (const LibraryCall& other : calls_) {
    const bool is_alike = other.function != nullptr && !other.object.empty() && call.starts_with(other.object + ".") &&
                          other.text.starts_with(other.object + ".");
    if (is_alike && other.text != call) others.push_back(other.text);
  }
  return others;
}

/// What follows a call, up to some statement of its block, only where the call succeeded.
void RoutineCandidates::guard_rest() {
  for (const Place& call : own_) {
    const std::string kept = call_of(*call.statement) != nullptr ? kept_in(call) : "";
    const std::string ignored = ignored_success(call);
    const std::string success = ignored.empty() && !kept.empty() ? success_of(kept) : ignored;
    if (success.empty()) continue;
    const std::string variable = ignored.empty() ? kept : unused_name("result");
    Edit keep;
    const std::uint32_t begin = call.statement->span.begin;
    if (!ignored.empty()) keep.push_back({begin, begin, fmt::format("var {} = ", variable)});
    const Place* first = nullptr;
    for (const Place& last : own_) {
      if (last.block != call.block || last.index <= call.index) continue;
      if (first == nullptr) first = &last;
      const auto open = text_.statements.put(*first, true, fmt::format("if {} == {} {{", variable, success));
      const auto close = text_.statements.put(last, false, "}");
      Edit edit = keep;
      edit.push_back({open.at, open.at, open.text});
      edit.push_back({close.at, close.at, close.text});
      const auto length = static_cast<double>(last.index - first->index);
      const std::string which = shown(*first) + (first == &last ? "" : " to " + shown(last));
      const double kind = (ignored.empty() ? kGuardRest : kIgnored) + 0.1 * length;
      const std::string what = ignored.empty() ? fmt::format("{} only if '{} == {}'", which, variable, success)
                                               : fmt::format("{} only if {} gives {}", which, shown(call), success);
      add_at({&call, first, &last}, edit, kind, what);
      if (first != &last || call_of(*first->statement) == nullptr) continue;
      for (const std::string& other : other_calls(text_of(*call_of(*first->statement)))) {
        edit.back().text = fmt::format("{} else {{ {} }}", close.text, other);
        add_at({&call, first}, edit, kind + 0.5, fmt::format("{}, else '{}'", what, other));
      }
    }
  }
}

/// What the library requires of a call, where a run broke it, is asked before the call. To wait for it would often mend by
/// waiting forever.
void RoutineCandidates::heed_requirements() {
  heeds_ = true;
  for (const Place& place : own_) {
    const Expression* expression = call_of(*place.statement);
    if (expression == nullptr) continue;
    const Call& call = std::get<Call>(expression->kind);
    WrittenCall written{text_of(*call.callee), {}};
    for (const Argument& argument : call.arguments)
      written.arguments.push_back({argument.name ? argument.name->text : "", text_of(*argument.value)});
    for (const std::string& condition : text_.requirements.of(written)) heed(place, condition);
  }
  heeds_ = false;
}

void RoutineCandidates::heed(const Place& place, const std::string& condition) {
  const auto open = text_.statements.put(place, true, fmt::format("if {} {{", condition));
  for (const Place& last : own_) {
    if (last.block != place.block || last.index < place.index) continue;
    const auto close = text_.statements.put(last, false, "}");
    const std::string which = shown(place) + (last.index == place.index ? "" : " to " + shown(last));
    const auto length = static_cast<double>(last.index - place.index);
    add_at({&place, &last}, {{open.at, open.at, open.text}, {close.at, close.at, close.text}}, kHeed + 0.1 * length,
           fmt::format("{} only if '{}'", which, condition));
  }
  const std::string kept = kept_in(place);
  const std::string success = success_of(kept);
  if (success.empty()) return;
  const std::string statement = text_.statements.text(place);
  const bool declares = std::holds_alternative<LocalStatement>(place.statement->kind);
  const model::Span span = place.statement->span;
  for (const std::string& other : others_like(success)) {
    const std::string first = fmt::format("{}{} = {}", declares ? "var " : "", kept, other);
    const std::string then = declares ? statement.substr(statement.find(kept)) : statement;
    add({{span.begin, span.end, fmt::format("{}\nif {} {{ {} }}", first, condition, then)}}, kHeed, 1, place,
        fmt::format("{} only if '{}', else '{}'", shown(place), condition, other));
  }
}

void RoutineCandidates::leave_early() {
  std::vector<std::string> ways;
  for (const Place& place : own_) {
    if (!std::holds_alternative<ReturnStatement>(place.statement->kind)) continue;
    const std::string way = text_.statements.text(place);
    if (way.find('(') == std::string::npos && !contains(ways, way)) ways.push_back(way);
  }
  if (routine_.gives_bool && !contains(ways, std::string("return false"))) ways.emplace_back("return false");
  if (ways.empty() && !routine_.gives_bool) ways.emplace_back("return");
  const std::vector<std::string> conditions = guards();
  for (const Place& place : own_) {
    for (const std::string& way : ways) {
      for (const std::string& condition : conditions) {
        const auto put = text_.statements.put(place, true, fmt::format("if {} {{ {} }}", condition, way));
        add({{put.at, put.at, put.text}}, kEarly, 1, place,
            fmt::format("'{}' before {} if '{}'", way, shown(place), condition));
      }
    }
  }
}

}  // namespace quiesce::checker
