#include "bench/reductions/lazy_hardware.h"

#include <algorithm>
#include <set>
#include <variant>

#include "model/system/traverse.h"

namespace quiesce::checker {

namespace {

constexpr std::size_t kMostPutOff = 64;  // states that actions alone lead to

bool steps_in(const std::vector<Outcome>& outcomes, const CompiledActivation& activation) {
  return std::any_of(outcomes.begin(), outcomes.end(), [&](const Outcome& outcome) {
    return outcome.actor == model::Actor{model::Actor::Kind::Step, activation.context, activation.activation};
  });
}

}  // namespace

LazyHardware::LazyHardware(const CompiledSystem& compiled, Stuck stuck)
    : compiled_(compiled), system_(compiled.system()), stuck_(stuck) {
  for (std::size_t action = 0; action < std::min(system_.actions.size(), kMostActions); ++action) {
    candidates_ |= std::uint64_t{1} << action;
  }
  for (const model::Context& context : system_.contexts) {
    std::vector<bool>& begins = cycle_start_.emplace_back(context.locations.size() + 1, false);
    model::for_each_goto(context.start, [&](model::LocationId to) { begins[system_.at(to).number] = true; });
    for (const model::LocationId from : context.locations) {
      model::for_each_goto(system_.at(from).program, [&](model::LocationId to) {
        if (system_.at(to).number <= system_.at(from).number) begins[system_.at(to).number] = true;
      });
    }
  }
}

std::uint64_t LazyHardware::put_off(const CellValues& state, const std::vector<Outcome>& outcomes,
                                    OutcomeCollector& collector) {
  Memo memo{{state, outcomes}};
  std::uint64_t actions = candidates_;
  for (;;) {
    const auto of_these = [&](const Outcome& outcome) { return is_of(outcome, actions); };
    if (std::none_of(outcomes.begin(), outcomes.end(), of_these)) return 0;
    if (std::all_of(outcomes.begin(), outcomes.end(), of_these)) return 0;
    const std::uint64_t seen = first_seen(state, actions, memo, collector);
    if (seen == 0) break;
    actions &= ~seen;
  }
  // What breaks a core rule ends runs: then all is expanded.
  if (std::any_of(outcomes.begin(), outcomes.end(), [](const Outcome& outcome) { return outcome.ends_run(); }))
    return 0;
  if (stuck_ == Stuck::Judged && may_be_stuck(state, outcomes) && may_begin_cycle(state, outcomes)) return 0;
  return actions;
}

/// An action of these that does not commute with some step that is none of these, in a state that these alone lead to;
/// 0: all commute.
std::uint64_t LazyHardware::first_seen(const CellValues& state, std::uint64_t actions, Memo& memo,
                                       OutcomeCollector& collector) const {
  const auto outcomes_of = [&](const CellValues& cells) -> const std::vector<Outcome>& {
    auto at = memo.find(cells);
    if (at == memo.end()) at = memo.emplace(cells, collector.of(cells)).first;
    return at->second;
  };
  std::vector<CellValues> open{state};
  std::set<CellValues> reached{state};
  while (!open.empty()) {
    const CellValues before = std::move(open.back());
    open.pop_back();
    const std::vector<Outcome>& outcomes = outcomes_of(before);
    for (const Outcome& action : outcomes) {
      if (!is_of(action, actions)) continue;
      const std::uint64_t only = std::uint64_t{1} << action.actor.index;
      if (action.ends_run() || !action.failed.empty() || !collector.show_same(before, action.next) ||
          !commutes(action, outcomes, actions, memo, collector)) {
        return only;
      }
      if (!reached.insert(action.next).second) continue;
      if (reached.size() > kMostPutOff) return actions;
      open.push_back(action.next);
    }
  }
  return 0;
}

/// Whether the steps that are none of `actions` are the same before and after `action`, and lead to states from which
/// it leads to the same state as they do after it.
bool LazyHardware::commutes(const Outcome& action, const std::vector<Outcome>& before, std::uint64_t actions,
                            Memo& memo, OutcomeCollector& collector) const {
  const auto outcomes_of = [&](const CellValues& cells) -> const std::vector<Outcome>& {
    auto at = memo.find(cells);
    if (at == memo.end()) at = memo.emplace(cells, collector.of(cells)).first;
    return at->second;
  };
  const auto is_other = [&](const Outcome& outcome) { return !is_of(outcome, actions); };
  const std::vector<Outcome>& after = outcomes_of(action.next);
  if (std::count_if(before.begin(), before.end(), is_other) != std::count_if(after.begin(), after.end(), is_other)) {
    return false;
  }
  return std::all_of(after.begin(), after.end(), [&](const Outcome& step) {
    if (!is_other(step)) return true;
    return std::any_of(before.begin(), before.end(), [&](const Outcome& same) {
      if (same.step() != step.step()) return false;
      if (step.ends_run()) return true;
      const std::vector<Outcome>& then = outcomes_of(same.next);
      return std::any_of(then.begin(), then.end(),
                         [&](const Outcome& last) { return last.step() == action.step() && last.next == step.next; });
    });
  });
}

/// Whether some context waits that a stuck set which breaks core.stuck would need: pinned, an activation, a holder of a
/// lock, or at a wait that has to end. Actions that are put off let no context wait.
bool LazyHardware::may_be_stuck(const CellValues& state, const std::vector<Outcome>& outcomes) const {
  for (std::size_t slot = 0; slot < compiled_.activations.size(); ++slot) {
    const CompiledActivation& activation = compiled_.activations[slot];
    const std::int32_t number = state[static_cast<std::size_t>(activation.location_cell)];
    if (number == 0) continue;
    const model::Location& location =
        system_.at(system_.contexts[activation.context].locations[static_cast<std::size_t>(number) - 1]);
    if (!location.guard.valid() && !location.lock) continue;
    const bool counts = location.wait == model::WaitKind::Spin || activation.is_handler ||
                        state[static_cast<std::size_t>(activation.cpu_cell)] != 0 ||
                        std::any_of(location.inside.begin(), location.inside.end(),
                                    [&](model::FunctionId function) { return system_.at(function).returns; }) ||
                        std::any_of(system_.locks.begin(), system_.locks.end(), [&](const model::Lock& lock) {
                          return state[lock.holder.value] == static_cast<std::int32_t>(slot) + 1;
                        });
    if (counts && !steps_in(outcomes, activation)) return true;
  }
  return false;
}

/// Whether a context can step from a place at which a cycle of its control flow, or its handler, begins.
bool LazyHardware::may_begin_cycle(const CellValues& state, const std::vector<Outcome>& outcomes) const {
  return std::any_of(compiled_.activations.begin(), compiled_.activations.end(),
                     [&](const CompiledActivation& activation) {
                       const std::int32_t number = state[static_cast<std::size_t>(activation.location_cell)];
                       return number != 0 && cycle_start_[activation.context][static_cast<std::size_t>(number)] &&
                              steps_in(outcomes, activation);
                     });
}

}  // namespace quiesce::checker
