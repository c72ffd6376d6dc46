#include "model/interpret/initial_states.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>
#include <vector>

#include "model/base/internal_check.h"
#include "model/interpret/evaluate.h"
#include "model/interpret/scheduler.h"
#include "model/system/traverse.h"

namespace quiesce::model {

namespace {

/// How many numbers there are from lo to hi.
std::uint64_t count_of(std::int64_t lo, std::int64_t hi) {
  return lo > hi ? 0 : static_cast<std::uint64_t>(hi) - static_cast<std::uint64_t>(lo) + 1;
}

/// Saturates.
std::uint64_t product(std::uint64_t a, std::uint64_t b) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  return b != 0 && a > kMost / b ? kMost : a * b;
}

/// Each part returns false when no more are wanted.
class InitialStates {
 public:
  InitialStates(const TransitionSystem& system, const InitialVisit& visit)
      : system_(system), scheduler_(system), visit_(visit), judged_after_(system.initial.size() + 1) {
    for (const ExprId condition : system.initial_conditions) judged_after_[last_read(condition)].push_back(condition);
    if (visit.guide != nullptr) count_tries();
  }

  void run() {
    State state;
    for (const Cell& cell : system_.cells) state.push_back(static_cast<std::int32_t>(cell.rest));
    assign(0, state);
  }

 private:
  /// The states that the initial assignments from `next` on lead to, every 'any' with every value.
  bool assign(std::size_t next, State& state) {
    if (++tried_ % 4096 == 0 && !is_wanted()) return false;
    const auto& judged = judged_after_[next];
    const bool wanted = std::all_of(judged.begin(), judged.end(), [&](ExprId condition) {
      return evaluate(condition, {system_, state}) != 0;
    });
    if (!wanted) return true;
    if (next == system_.initial.size()) return pin(0, state);
    const InitialAssign& assigned = system_.initial[next];
    std::int64_t lo = assigned.lo;
    std::int64_t hi = assigned.hi;
    if (assigned.value.valid()) lo = hi = evaluate(assigned.value, {system_, state});
    const Cell& cell = system_.at(assigned.cell);
    QUIESCE_CHECK(lo > hi || (lo >= cell.lo && hi <= cell.hi))
        << "initial value " << lo << ".." << hi << " of '" << cell.name << "', which holds " << cell.lo << ".."
        << cell.hi;
    const std::int32_t before = state[assigned.cell.value];
    const bool is_open = visit_.guide != nullptr && !assigned.value.valid();
    if (is_open) chosen_.push_back({next, lo, hi});
    const bool more = is_open ? split(next, lo, hi, state) : try_each(next, lo, hi, state);
    if (is_open) chosen_.pop_back();
    state[assigned.cell.value] = before;
    return more;
  }

  bool try_each(std::size_t next, std::int64_t lo, std::int64_t hi, State& state) {
    bool more = true;
    for (std::int64_t value = lo; value <= hi && more; ++value) {
      state[system_.initial[next].cell.value] = static_cast<std::int32_t>(value);
      if (!chosen_.empty() && chosen_.back().assign == next) chosen_.back() = {next, value, value};
      more = assign(next + 1, state);
    }
    return more;
  }

  /// The same, but where much would be tried the guide is asked first.
  bool split(std::size_t next, std::int64_t lo, std::int64_t hi, State& state) {
    const std::uint64_t tries = product(count_of(lo, hi), tries_from_[next + 1]);
    if (lo >= hi || tries <= visit_.guide->tried_unasked()) return try_each(next, lo, hi, state);
    if (!is_wanted()) return false;
    chosen_.back() = {next, lo, hi};
    if (!visit_.guide->may_begin(chosen_, tries)) return true;
    const std::int64_t middle = lo + (hi - lo) / 2;
    return split(next, lo, middle, state) && split(next, middle + 1, hi, state);
  }

  bool is_wanted() const { return visit_.is_wanted == nullptr || visit_.is_wanted(); }

  /// Behind the last condition every combination is a state: there is nothing to be left out.
  void count_tries() {
    std::size_t last = judged_after_.size() - 1;
    while (last > 0 && judged_after_[last].empty()) --last;
    tries_from_.assign(judged_after_.size(), 1);
    for (std::size_t i = last; i-- > 0;) {
      const InitialAssign& assigned = system_.initial[i];
      const std::uint64_t own = assigned.value.valid() ? 1 : count_of(assigned.lo, assigned.hi);
      tries_from_[i] = product(own, tries_from_[i + 1]);
    }
  }

  /// The number of initial assignments after which all that a condition reads is there: it need not wait for the rest.
  std::size_t last_read(ExprId condition) const {
    std::set<std::uint32_t> cells;
    bool all = false;
    for_each_expr(system_.expressions, condition, [&](ExprId, const Expr& expr) {
      if (const auto* load = std::get_if<LoadExpr>(&expr)) {
        for (const CellId cell : load->place.cells) cells.insert(cell.value);
      } else if (std::holds_alternative<IdleExpr>(expr)) {
        all = true;
      }
    });
    std::size_t count = system_.initial.size();
    while (!all && count > 0 && cells.count(system_.initial[count - 1].cell.value) == 0) --count;
    return count;
  }

  /// A thread that begins at or above the pin level begins pinned: to any CPU on which no context is pinned yet.
  bool pin(std::size_t next, State state) {
    if (next == system_.contexts.size()) {
      scheduler_.normalise(state);
      return visit_.use(state);
    }
    const auto one = scheduler_.running(ContextId(next), 0, state);
    if (!one || one->cpu >= 0 || !scheduler_.pins(one->level)) return pin(next + 1, std::move(state));
    const auto all = scheduler_.all_running(state);
    for (std::int32_t cpu = 0; cpu < static_cast<std::int32_t>(system_.cpus); ++cpu) {
      if (std::any_of(all.begin(), all.end(), [cpu](const Running& other) { return other.cpu == cpu; })) continue;
      state[system_.contexts[next].cpu_cell[0].value] = cpu + 1;
      if (!pin(next + 1, state)) return false;
    }
    return true;
  }

  const TransitionSystem& system_;
  const Scheduler scheduler_;
  const InitialVisit& visit_;
  std::vector<std::vector<ExprId>> judged_after_;  // by the number of initial assignments: conditions
  std::vector<std::uint64_t> tries_from_;          // with a guide: combinations of the values from an assignment on
  std::vector<InitialRange> chosen_;               // with a guide: what the assignments so far may give
  std::uint64_t tried_ = 0;
};

}  // namespace

void visit_initial_states(const TransitionSystem& system, const InitialVisit& visit) {
  InitialStates(system, visit).run();
}

}  // namespace quiesce::model
