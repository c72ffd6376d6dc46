// Candidates that take, exchange or leave out locks.
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "checker/mend/candidate_maker.h"
#include "checker/mend/candidate_ranks.h"

namespace quiesce::checker {

using namespace model::syntax;

void RoutineCandidates::take_locks() {
  for (std::size_t i = 0; i < own_.size(); ++i) {
    const Place* last = nullptr;
    std::vector<const Place*> around;
    std::size_t count = 0;
    for (std::size_t j = i; j < own_.size() && count < kLongestLocked; ++j) {
      if (own_[j].block != own_[i].block) continue;
      last = &own_[j];
      around.push_back(last);
      ++count;
      for (const LockCalls& lock : locks_) {
        const auto take = text_.statements.put(own_[i], true, lock.acquire);
        const auto give = text_.statements.put(*last, false, lock.release);
        add_at(
            around, {{take.at, take.at, take.text}, {give.at, give.at, give.text}},
            kLock + (lock.is_used ? 0 : 1) + static_cast<double>(count - 1),
            fmt::format("lock '{}' around {}{}", lock.lock, shown(own_[i]), count == 1 ? "" : " to " + shown(*last)));
      }
    }
  }
}

void RoutineCandidates::exchange_locks() {
  for (const Place& take : own_) {
    for (const LockCalls& is : locks_) {
      const Expression* call = call_of(*take.statement);
      if (call == nullptr || text_of(*call) != is.acquire_call) continue;
      const std::string give = callee_text(is.release);
      for (const Place& back : own_) {
        const Expression* gives = call_of(*back.statement);
        if (gives == nullptr || callee_text(text_of(*gives)) != give) continue;
        for (const LockCalls& other : locks_) {
          if (other.acquire == is.acquire) continue;
          const model::Span a = take.statement->span;
          const model::Span b = back.statement->span;
          add_at({&take, &back}, {{a.begin, a.end, other.acquire}, {b.begin, b.end, other.release}}, kExchange,
                 fmt::format("lock taken by '{}' instead of '{}'", other.acquire_call, is.acquire_call));
        }
      }
    }
  }
}

/// A lock that is taken and given back, or a region around statements, goes; what is inside stays.
void RoutineCandidates::leave_locks() {
  for (const Place& take : own_) {
    if (const auto* with = std::get_if<WithStatement>(&take.statement->kind)) {
      if (with->body.statements.empty()) continue;
      const model::Span all = take.statement->span;
      const std::uint32_t first = with->body.statements.front()->span.begin;
      const std::uint32_t end = with->body.statements.back()->span.end;
      add_at({&take}, {{all.begin, first, ""}, {end, all.end, ""}}, kUnlock, fmt::format("without {}", shown(take)));
    }
    const Expression* call = call_of(*take.statement);
    if (call == nullptr) continue;
    for (const LockCalls& is : locks_) {
      if (text_of(*call) != is.acquire_call) continue;
      const std::string give = callee_text(is.release);
      for (const Place& back : own_) {
        const Expression* gives = call_of(*back.statement);
        if (gives == nullptr || back.block != take.block || back.index <= take.index) continue;
        if (callee_text(text_of(*gives)) != give || text_of(*gives).find(is.lock) == std::string::npos) continue;
        const auto a = text_.statements.taken_out(take);
        const auto b = text_.statements.taken_out(back);
        add_at({&take, &back}, {{a.begin, a.end, ""}, {b.begin, b.end, ""}}, kUnlock,
               fmt::format("without lock '{}', taken by {}", is.lock, shown(take)));
        break;
      }
    }
  }
}

}  // namespace quiesce::checker
