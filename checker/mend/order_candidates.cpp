// Candidates that change what is called where: two calls that change places, a call made once more, a call that is made
// only where a condition is false.
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "checker/mend/candidate_maker.h"
#include "checker/mend/candidate_ranks.h"
#include "checker/mutation/mutant.h"

namespace quiesce::checker {

using namespace model::syntax;

void RoutineCandidates::swap_calls() {
  for (const Place& first : own_) {
    const Expression* a = call_of(*first.statement);
    for (const Place& second : own_) {
      const Expression* b = call_of(*second.statement);
      if (a == nullptr || b == nullptr || second.statement->span.begin <= first.statement->span.begin) continue;
      const std::string before = text_of(*a);
      const std::string after = text_of(*b);
      if (before == after) continue;
      add_at({&first, &second}, {{a->span.begin, a->span.end, after}, {b->span.begin, b->span.end, before}}, kSwap,
             fmt::format("'{}' and '{}' change places", on_one_line(before), on_one_line(after)));
    }
  }
}

/// Calls of the routine that cannot be made of names alone; add_calls() has the others.
void RoutineCandidates::repeat_calls() {
  for (const Place& said : own_) {
    if (!std::holds_alternative<CallStatement>(said.statement->kind)) continue;
    const std::string call = text_.statements.text(said);
    const bool is_known = std::any_of(calls_.begin(), calls_.end(), [&](const auto& one) { return one.text == call; });
    if (is_known) continue;
    each_gap([&](const Place& place, bool before) {
      const bool is_there = &place == &said || std::holds_alternative<PassStatement>(place.statement->kind);
      if (is_there) return;
      const auto put = text_.statements.put(place, before, call);
      add_at({&place}, {{put.at, put.at, put.text}}, kAddUsed,
             fmt::format("'{}' again {} {}", on_one_line(call), before ? "before" : "after", shown(place)));
    });
  }
}

void RoutineCandidates::move_into_else() {
  for (const Place& branch : own_) {
    const auto* condition = std::get_if<IfStatement>(&branch.statement->kind);
    if (condition == nullptr || condition->otherwise != nullptr || !condition->then.braced) continue;
    const model::Span around = branch.statement->span;
    for (const Place& moved : own_) {
      const model::Span span = moved.statement->span;
      const bool is_inside = span.begin >= around.begin && span.end <= around.end;
      if (is_inside || !std::holds_alternative<CallStatement>(moved.statement->kind)) continue;
      const auto out = text_.statements.taken_out(moved);
      if (around.end > out.begin && around.end < out.end) continue;
      const std::string otherwise = fmt::format(" else {{ {} }}", text_.statements.text(moved));
      add_at(
          {&branch, &moved}, {{around.end, around.end, otherwise}, {out.begin, out.end, ""}}, kElse,
          fmt::format("{}{} as the else of {}", shown(moved), meaning_of(text_.statements.text(moved)), shown(branch)));
    }
  }
}

}  // namespace quiesce::checker
