#include "checker/mend/candidate_maker.h"

#include <algorithm>
#include <cctype>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "checker/mend/candidate_ranks.h"
#include "checker/mutation/mutant.h"
#include "model/types/type_rules.h"

namespace quiesce::checker {

using namespace model::syntax;

namespace {

bool is_movable(const Statement& statement) {
  return std::holds_alternative<CallStatement>(statement.kind) ||
         std::holds_alternative<InitStatement>(statement.kind) ||
         std::holds_alternative<FreeStatement>(statement.kind) ||
         std::holds_alternative<AssignmentStatement>(statement.kind) ||
         std::holds_alternative<AwaitStatement>(statement.kind) ||
         std::holds_alternative<IfStatement>(statement.kind) ||
         std::holds_alternative<LocalStatement>(statement.kind) ||
         std::holds_alternative<AcquireStatement>(statement.kind) ||
         std::holds_alternative<GiveStatement>(statement.kind) ||
         std::holds_alternative<TakeStatement>(statement.kind) ||
         std::holds_alternative<ReleaseStatement>(statement.kind);
}

bool is_removable(const Statement& statement) {
  return is_movable(statement) && !std::holds_alternative<IfStatement>(statement.kind);
}

}  // namespace

bool ends_block(const Statement& statement) {
  return std::holds_alternative<ReturnStatement>(statement.kind) ||
         std::holds_alternative<BreakStatement>(statement.kind) ||
         std::holds_alternative<ContinueStatement>(statement.kind);
}

const Expression* call_of(const Statement& statement) {
  const Expression* value = nullptr;
  if (const auto* call = std::get_if<CallStatement>(&statement.kind)) value = call->call.get();
  if (const auto* local = std::get_if<LocalStatement>(&statement.kind)) value = local->value.get();
  if (const auto* assignment = std::get_if<AssignmentStatement>(&statement.kind)) value = assignment->value.get();
  if (const auto* result = std::get_if<ReturnStatement>(&statement.kind)) value = result->value.get();
  return value != nullptr && std::holds_alternative<Call>(value->kind) ? value : nullptr;
}

RoutineCandidates::RoutineCandidates(const DesignText& text, std::size_t routine)
    : text_(text),
      routine_(text.places.routines[routine]),
      names_(names_in(text.design, model::FileId(0), routine_)),
      calls_(text.calls.calls(names_)),
      locks_(text.calls.locks(names_)) {
  for (const Place& place : text.places.statements) {
    if (place.routine == routine) own_.push_back(place);
  }
  is_executed_ = !routine_.is_function || std::any_of(own_.begin(), own_.end(), [&](const Place& place) {
    return text_.executed.lines.contains(place.line);
  });
  for (const TypedName& name : names_) {
    const bool is_object = name.type->kind == model::types::Type::Kind::Ref && name.type->machine != nullptr &&
                           name.type->machine->is_object;
    if (!is_object) continue;
    for (const char* word : {"init ", "free "}) calls_.push_back({word + name.text, nullptr, name.text, {}, true});
  }
}

void RoutineCandidates::make(std::vector<Candidate>& candidates) {
  candidates_ = &candidates;
  move();
  swap_calls();
  move_into_else();
  add_calls();
  repeat_calls();
  exchange();
  change_values();
  change_returns();
  change_conditions();
  take_locks();
  exchange_locks();
  leave_locks();
  change_levels();
  guard();
  guard_rest();
  heed_requirements();
  leave_branches();
  does_less_ = true;
  remove();
  leave_early();
}

std::string RoutineCandidates::text_of(const Expression& expression) const {
  return std::string(text_.sources.text(expression.span));
}

std::string RoutineCandidates::shown(const Place& place) const {
  const std::string line = on_one_line(text_.statements.text(place));
  const std::size_t block = place.is_leaf ? std::string::npos : line.find(" {");
  return "'" + line.substr(0, block) + "'";
}

/// Whether the run may have executed the statement: those that stories do not tell count as executed. An `if` whose
/// condition is fixed by parameters is not told: it counts where its block was executed.
bool RoutineCandidates::is_touched(const Place& place) const {
  const std::set<std::uint32_t>& lines = text_.executed.lines;
  if (lines.empty() || lines.contains(place.line) || (text_.executed.with_routines && is_executed_)) return true;
  const Statement& statement = *place.statement;
  if (!std::holds_alternative<IfStatement>(statement.kind)) return !place.is_leaf || ends_block(statement);
  const auto stands_beside = [&](const Place& other) { return other.block == place.block; };
  // Where nothing else in the block would be told, it may have been executed.
  const bool is_alone =
      std::none_of(own_.begin(), own_.end(), [&](const Place& other) { return stands_beside(other) && other.is_leaf; });
  return is_alone || std::any_of(own_.begin(), own_.end(), [&](const Place& other) {
           return stands_beside(other) && lines.contains(other.line);
         });
}

void RoutineCandidates::add_at(const std::vector<const Place*>& places, Edit edit, double kind, std::string what) {
  const bool is_any_touched =
      std::any_of(places.begin(), places.end(), [&](const Place* place) { return is_touched(*place); });
  if (!is_any_touched) return;
  std::size_t nearest = std::string::npos;
  std::size_t farthest = 0;
  for (const Place* place : places) {
    nearest = std::min(nearest, distance(*place));
    // What the run did not come to may stand just behind its end.
    if (distance(*place) <= kFar) farthest = std::max(farthest, distance(*place));
  }
  farthest = std::max(nearest, farthest);
  const double rank =
      kind + kStep * static_cast<double>(nearest) + kStepBetween * static_cast<double>(farthest - nearest);
  candidates_->push_back({std::move(edit), 1, rank, does_less_, heeds_, std::move(what)});
}

void RoutineCandidates::add(Edit edit, double kind, std::size_t size, const Place& near, std::string what) {
  if (!is_touched(near)) return;
  candidates_->push_back(
      {std::move(edit), size, kind + kStep * static_cast<double>(distance(near)), does_less_, heeds_, std::move(what)});
}

/// The name of the variable that gets the result of the call of a statement; empty: there is none.
std::string RoutineCandidates::kept_in(const Place& place) const {
  if (const auto* local = std::get_if<LocalStatement>(&place.statement->kind)) return local->name.text;
  const auto* assignment = std::get_if<AssignmentStatement>(&place.statement->kind);
  const bool is_set = assignment != nullptr && assignment->op == AssignmentOperator::Set;
  return is_set ? text_of(*assignment->target) : "";
}

/// The first value of the type, where it is an enumeration of the library: by custom the one that means success.
std::string RoutineCandidates::success_value(const model::types::Type& type) {
  if (type.kind != model::types::Type::Kind::Enum) return "";
  const auto* enumeration = type.enumeration;
  const bool is_own = enumeration->span.file == model::FileId(0);
  return is_own || enumeration->values.empty() ? "" : enumeration->values.front();
}

std::string RoutineCandidates::success_of(const std::string& variable) const {
  const auto named =
      std::find_if(names_.begin(), names_.end(), [&](const TypedName& name) { return name.text == variable; });
  return named == names_.end() ? "" : success_value(*named->type);
}

/// `name`, or with a number behind it where the routine has that name already.
std::string RoutineCandidates::unused_name(const std::string& name) const {
  const auto is_used = [&](const std::string& text) {
    return std::any_of(names_.begin(), names_.end(), [&](const TypedName& one) { return one.text == text; });
  };
  std::string unused = name;
  for (std::size_t i = 2; is_used(unused); ++i) unused = fmt::format("{}{}", name, i);
  return unused;
}

/// How much earlier a call is tried that sets what the condition of a broken rule reads.
double RoutineCandidates::asked(const std::string& call) const {
  const auto known = std::find_if(calls_.begin(), calls_.end(), [&](const auto& one) { return one.text == call; });
  return known != calls_.end() && known->is_asked ? -kAsked : 0;
}

std::size_t RoutineCandidates::distance(const Place& place) const {
  const auto found = text_.nearness.find(place.line);
  if (found != text_.nearness.end()) return std::min(found->second, kFar);
  std::size_t least = kFar + 8;
  if (!std::holds_alternative<IfStatement>(place.statement->kind)) return least;
  for (const Place& other : own_) {
    const auto near = text_.nearness.find(other.line);
    if (other.block == place.block && near != text_.nearness.end())
      least = std::min(least, std::min(near->second, kFar));
  }
  return least;
}

// ------------------------------------------------------------------------------------------------- statements

/// Where a statement comes to stand, in words: behind the one before the place, when it comes from above.
std::string RoutineCandidates::place_text(const Place& moved, const Place& other, bool before) const {
  const bool comes_from_above = other.statement->span.begin > moved.statement->span.begin;
  if (before && comes_from_above) {
    for (const Place& place : own_) {
      if (place.block == other.block && place.index + 1 == other.index) return "after " + shown(place);
    }
  }
  return (before ? "before " : "after ") + shown(other);
}

void RoutineCandidates::move_to(const Place& moved, const Place& other, bool before) {
  const auto out = text_.statements.taken_out(moved);
  const auto put = text_.statements.put(other, before, text_.statements.with_comment(moved));
  if (put.at > out.begin && put.at < out.end) return;
  const bool goes_down = other.statement->span.begin > moved.statement->span.begin;
  const double kind = kMove + (goes_down ? 0.1 : 0) + (other.block == moved.block ? 0 : kOtherBlock) +
                      asked(text_.statements.text(moved));
  add_at(
      {&moved, &other}, {{put.at, put.at, put.text}, {out.begin, out.end, ""}}, kind,
      fmt::format("{} {}", shown(moved) + meaning_of(text_.statements.text(moved)), place_text(moved, other, before)));
}

void RoutineCandidates::move() {
  for (const Place& moved : own_) {
    if (!is_movable(*moved.statement)) continue;
    for (const Place& other : own_) {
      const model::Span& span = moved.statement->span;
      const bool is_inside = other.statement->span.begin >= span.begin && other.statement->span.end <= span.end;
      if (is_inside || (!moved.is_leaf && other.block != moved.block)) continue;
      const bool same_block = other.block == moved.block;
      if (!(same_block && other.index == moved.index + 1)) move_to(moved, other, true);
      if (other.is_last && !ends_block(*other.statement) && !(same_block && other.index + 1 == moved.index))
        move_to(moved, other, false);
    }
  }
}

/// " (forbids the device to interrupt)": what the library says of a call; else empty.
std::string RoutineCandidates::meaning_of(const std::string& call) const {
  for (const LibraryCall& known : calls_) {
    if (known.text != call || known.function == nullptr || known.function->doc.empty()) continue;
    std::string sentence = first_sentence(known.function->doc);
    if (sentence.size() > 1 && std::islower(static_cast<unsigned char>(sentence[1])) != 0)
      sentence[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(sentence[0])));
    return " (" + sentence + ")";
  }
  return "";
}

/// The call that the statement just before a gap makes, or the last statement in its block; empty: there is none.
std::string RoutineCandidates::call_before(const Place& place, bool before) const {
  const auto previous = std::find_if(own_.begin(), own_.end(), [&](const Place& other) {
    return other.block == place.block && other.index + (before ? 1 : 0) == place.index;
  });
  if (previous == own_.end()) return "";
  const model::Span around = previous->statement->span;
  const Place* last = nullptr;
  for (const Place& other : own_) {
    const model::Span span = other.statement->span;
    const bool is_inside = span.begin >= around.begin && span.end <= around.end;
    if (is_inside && other.is_leaf && (last == nullptr || span.begin > last->statement->span.begin)) last = &other;
  }
  const Expression* call = last != nullptr ? call_of(*last->statement) : nullptr;
  return call != nullptr ? text_of(*call) : "";
}

void RoutineCandidates::add_calls() {
  each_gap([&](const Place& place, bool before) {
    const bool replaces = std::holds_alternative<PassStatement>(place.statement->kind);
    if (replaces && !before) return;
    const std::string done = call_before(place, before);
    for (const LibraryCall& call : calls_) {
      does_less_ = takes_back(done, call.text);
      const std::string what =
          fmt::format("'{}'{} {} {}", call.text, meaning_of(call.text), before ? "before" : "after", shown(place));
      const double kind = (call.is_used ? kAddUsed : kAddOther) - (call.is_asked ? kAsked : 0);
      if (replaces) {
        const model::Span span = place.statement->span;
        add({{span.begin, span.end, call.text}}, kind, 1, place,
            fmt::format("'{}'{} in {}", call.text, meaning_of(call.text), routine_.name));
        continue;
      }
      const auto put = text_.statements.put(place, before, call.text);
      add({{put.at, put.at, put.text}}, kind, 1, place, what);
    }
  });
  does_less_ = false;
}

void RoutineCandidates::remove() {
  for (const Place& place : own_) {
    if (!is_removable(*place.statement)) continue;
    const auto out = text_.statements.taken_out(place);
    add({{out.begin, out.end, ""}}, kRemove, 1, place, fmt::format("without {}", shown(place)));
    answer_without_call(place);
  }
}

/// A call whose result is kept goes, as if it had succeeded.
void RoutineCandidates::answer_without_call(const Place& place) {
  const Expression* call = call_of(*place.statement);
  const std::string success = call != nullptr ? success_of(kept_in(place)) : "";
  if (success.empty()) return;
  add({{call->span.begin, call->span.end, success}}, kRemove, 1, place,
      fmt::format("'{}' instead of '{}'", success, on_one_line(text_of(*call))));
}

void RoutineCandidates::exchange() {
  for (const Place& place : own_) {
    const Expression* call = call_of(*place.statement);
    const bool is_step = std::holds_alternative<InitStatement>(place.statement->kind) ||
                         std::holds_alternative<FreeStatement>(place.statement->kind);
    if (call == nullptr && !is_step) continue;
    const model::Span span = call != nullptr ? call->span : place.statement->span;
    const std::string before(text_.sources.text(span));
    for (const LibraryCall& other : calls_) {
      const bool is_alike =
          other.function != nullptr && !other.object.empty() && before.find(other.object) != std::string::npos;
      if (!is_alike || other.text == before) continue;
      const double kind = (other.is_used ? kExchange : kExchange + 5) - (other.is_asked ? kAsked : 0);
      add({{span.begin, span.end, other.text}}, kind, 1, place,
          fmt::format("'{}'{} instead of '{}'", other.text, meaning_of(other.text), on_one_line(before)));
    }
  }
}

}  // namespace quiesce::checker
