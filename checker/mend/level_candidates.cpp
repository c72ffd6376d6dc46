// Candidates that leave out or exchange levels and branches: a level that statements run at, a raise with its lower, an
// `if` with what it does.
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "checker/mend/candidate_maker.h"
#include "checker/mend/candidate_ranks.h"
#include "checker/result/numbers.h"

namespace quiesce::checker {

using namespace model::syntax;

namespace {

constexpr const char* kLevels[] = {"PASSIVE", "APC", "DISPATCH"};

/// The bytes of the statements of a block, without its braces.
model::Span inside(const Block& block) {
  model::Span span = block.statements.front()->span;
  span.end = block.statements.back()->span.end;
  return span;
}

/// The statements of an `else`; nothing when it is empty.
const Block* else_of(const IfStatement& branch) {
  const Block* block = branch.otherwise.get();
  return block != nullptr && !block->statements.empty() ? block : nullptr;
}

}  // namespace

/// The statement; where it alone is what an `if` without `else` does, the `if`.
const Place& RoutineCandidates::with_branch(const Place& place) const {
  for (const Place& other : own_) {
    const auto* branch = std::get_if<IfStatement>(&other.statement->kind);
    const bool is_alone = branch != nullptr && branch->otherwise == nullptr && branch->then.statements.size() == 1 &&
                          branch->then.statements.front()->span.begin == place.statement->span.begin;
    if (is_alone) return other;
  }
  return place;
}

/// The level of a region or of a raise, which does not hold any more, or is another one.
void RoutineCandidates::change_levels() {
  for (const Place& place : own_) {
    const auto* at = std::get_if<AtLevelStatement>(&place.statement->kind);
    const auto* raise = std::get_if<RaiseStatement>(&place.statement->kind);
    if (at == nullptr && raise == nullptr) continue;
    if (at != nullptr && !at->body.statements.empty()) {
      const model::Span all = place.statement->span;
      const model::Span body = inside(at->body);
      add({{all.begin, body.begin, ""}, {body.end, all.end, ""}}, kUnlock, 1, place,
          fmt::format("without {}", shown(place)));
    }
    const Expression& level = *(at != nullptr ? at->level : raise->level);
    for (const char* other : kLevels) {
      if (text_of(level) == other) continue;
      add({{level.span.begin, level.span.end, other}}, kExchange, 1, place,
          fmt::format("level {} instead of {} in {}", other, text_of(level), shown(place)));
    }
    if (raise != nullptr) leave_raise(place);
  }
}

/// A raise goes with the next lower of the routine, or all its lowers.
void RoutineCandidates::leave_raise(const Place& raise) {
  const Place& first = with_branch(raise);
  const auto out = text_.statements.taken_out(first);
  Edit edit = {{out.begin, out.end, ""}};
  for (const Place& back : own_) {
    const bool is_behind = back.statement->span.begin > raise.statement->span.begin;
    if (!is_behind || !std::holds_alternative<LowerStatement>(back.statement->kind)) continue;
    const auto end = text_.statements.taken_out(with_branch(back));
    const std::string what = fmt::format("without {} and {}", shown(first), shown(back));
    add_at({&raise, &back}, {edit.front(), {end.begin, end.end, ""}}, kUnlock, what);
    edit.push_back({end.begin, end.end, ""});
    if (edit.size() > 2) add_at({&raise, &back}, edit, kUnlock, what + ", and what is lowered between");
  }
}

/// An `if` goes with what it does, alone or with all others of the routine under this condition; what its `else` does
/// stays.
void RoutineCandidates::leave_branches() {
  for (const Place& place : own_) {
    const auto* branch = std::get_if<IfStatement>(&place.statement->kind);
    if (branch == nullptr) continue;
    if (const Block* rest = else_of(*branch)) {
      const model::Span all = place.statement->span;
      const model::Span kept = inside(*rest);
      does_less_ = false;
      add({{all.begin, kept.begin, ""}, {kept.end, all.end, ""}}, kRemove, 1, place,
          fmt::format("the else of {} in any case", shown(place)));
      continue;
    }
    does_less_ = true;
    const auto out = text_.statements.taken_out(place);
    Edit edit = {{out.begin, out.end, ""}};
    std::vector<const Place*> touched = {&place};
    add_at(touched, edit, kRemove, fmt::format("without {}", shown(place)));
    for (const Place& other : own_) {
      const auto* like = std::get_if<IfStatement>(&other.statement->kind);
      const bool is_alike = like != nullptr && like->otherwise == nullptr &&
                            other.statement->span.begin > place.statement->span.begin &&
                            text_of(*like->condition) == text_of(*branch->condition);
      if (!is_alike || other.statement->span.begin < edit.back().end) continue;
      const auto also = text_.statements.taken_out(other);
      edit.push_back({also.begin, also.end, ""});
      touched.push_back(&other);
    }
    if (edit.size() > 1)
      add_at(touched, edit, kRemove,
             fmt::format("without {}, here and {} more", shown(place), counted(edit.size() - 1, "time")));
  }
  does_less_ = false;
}

}  // namespace quiesce::checker
