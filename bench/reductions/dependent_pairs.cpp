#include "bench/reductions/dependent_pairs.h"

#include <algorithm>
#include <map>

#include "model/system/traverse.h"

namespace quiesce::checker {

namespace {

using ByActor = std::map<model::Actor, std::vector<const Outcome*>>;

ByActor by_actor(const std::vector<Outcome>& outcomes) {
  ByActor sorted;
  for (const Outcome& outcome : outcomes) sorted[outcome.actor].push_back(&outcome);
  return sorted;
}

}  // namespace

/// What comes behind each outcome of one state, found when it is asked for.
class DependentPairs::Behind {
 public:
  Behind(const std::vector<Outcome>& outcomes, OutcomeCollector& collector)
      : outcomes_(outcomes), collector_(collector), behind_(outcomes.size()), known_(outcomes.size(), false) {}

  const std::vector<Outcome>& operator()(const Outcome& outcome) {
    const auto at = static_cast<std::size_t>(&outcome - outcomes_.data());
    if (!known_[at]) behind_[at] = collector_.of(outcome.next);
    known_[at] = true;
    return behind_[at];
  }

  /// Whether `second`, taken behind `first`, leads to `both`.
  bool leads_to(const Outcome& first, const Outcome& second, const CellValues& both) {
    const std::vector<Outcome>& last = (*this)(first);
    return std::any_of(last.begin(), last.end(),
                       [&](const Outcome& outcome) { return outcome.step() == second.step() && outcome.next == both; });
  }

 private:
  const std::vector<Outcome>& outcomes_;
  OutcomeCollector& collector_;
  std::vector<std::vector<Outcome>> behind_;
  std::vector<bool> known_;
};

DependentPairs::DependentPairs(const CompiledSystem& compiled, const TextSteps& steps)
    : compiled_(compiled),
      steps_(steps),
      cells_(steps),
      dependent_(steps.all().size(), boost::dynamic_bitset<>(steps.all().size())) {}

std::size_t DependentPairs::step_of(const CellValues& state, const model::Actor& actor) const {
  switch (actor.kind) {
    case model::Actor::Kind::Start:
      return steps_.start(actor.index);
    case model::Actor::Kind::Act:
      return steps_.action(actor.index);
    case model::Actor::Kind::Step:
      break;
  }
  const std::uint32_t slot = compiled_.system().contexts[actor.index].first_slot + actor.activation;
  return steps_.place(slot, state[static_cast<std::size_t>(compiled_.activations[slot].location_cell)]);
}

/// Whether `actor` waits for a CPU because contexts are pinned on all: that is no matter of programs.
bool DependentPairs::lacks_cpu(const CellValues& state, const model::Actor& actor) const {
  if (actor.kind == model::Actor::Kind::Act) return false;
  std::uint32_t taken = 0;
  for (const CompiledActivation& activation : compiled_.activations) {
    const std::int32_t cpu = state[static_cast<std::size_t>(activation.cpu_cell)];
    if (cpu != 0) taken |= 1u << (cpu - 1);
  }
  return taken == (1u << compiled_.cpus) - 1;
}

void DependentPairs::learn(const CellValues& state, const std::vector<Outcome>& outcomes, OutcomeCollector& collector) {
  const ByActor before = by_actor(outcomes);
  Behind behind(outcomes, collector);
  for (const Outcome& first : outcomes) {
    const std::size_t step = step_of(state, first.actor);
    const bool is_action = first.actor.kind == model::Actor::Kind::Act && first.actor.index < kMostActions;
    if (is_action && (first.ends_run() || !first.failed.empty() || !collector.show_same(state, first.next))) {
      seen_ |= std::uint64_t{1} << first.actor.index;
    }
    if (first.ends_run()) {
      for (const auto& [actor, others] : before) depend(step, step_of(state, actor));
      continue;
    }
    const ByActor after = by_actor(behind(first));
    for (const auto& [actor, others] : before) {
      if (actor == first.actor || after.count(actor) != 0 || lacks_cpu(first.next, actor)) continue;
      depend(step, step_of(state, actor));
    }
    for (const auto& [actor, others] : after) {
      if (actor == first.actor) continue;
      const auto same = before.find(actor);
      if (same == before.end() && lacks_cpu(state, actor)) continue;
      const bool commute = same != before.end() && same->second.size() == others.size() &&
                           std::all_of(others.begin(), others.end(), [&](const Outcome* other) {
                             return std::any_of(same->second.begin(), same->second.end(), [&](const Outcome* as_first) {
                               return as_first->step() == other->step() &&
                                      (other->ends_run() || behind.leads_to(*as_first, first, other->next));
                             });
                           });
      if (!commute) depend(step, step_of(first.next, actor));
    }
  }
}

void DependentPairs::learn_from_cells() {
  const model::TransitionSystem& system = compiled_.system();
  for (std::size_t step = 0; step < dependent_.size(); ++step) {
    for (std::size_t other = 0; other < step; ++other) {
      if (!cells_.are_independent(step, other)) depend(step, other);
    }
  }
  model::CellSet visible(system.cells.size());
  for (const model::Property& property : system.properties) {
    if (property.condition.valid()) model::add_reads(system, property.condition, visible);
    if (property.trigger.valid()) model::add_reads(system, property.trigger, visible);
  }
  for (std::size_t action = 0; action < std::min(system.actions.size(), kMostActions); ++action) {
    if (steps_[steps_.action(action)].writes.intersects(visible)) seen_ |= std::uint64_t{1} << action;
  }
}

std::uint64_t DependentPairs::put_off(const CellValues& state, const std::vector<Outcome>& outcomes,
                                      bool busy_may_start) const {
  const std::size_t count = std::min(compiled_.actions.size(), kMostActions);
  std::uint64_t stay = seen_;
  const auto add = [&](std::size_t step) {
    for (std::size_t action = 0; action < count; ++action) {
      if (!are_independent(step, steps_.action(action))) stay |= std::uint64_t{1} << action;
    }
  };
  for (std::uint32_t slot = 0; slot < compiled_.activations.size(); ++slot) {
    const std::int32_t number = state[static_cast<std::size_t>(compiled_.activations[slot].location_cell)];
    if (number != 0) add(steps_.place(slot, number));
  }
  for (const CompiledHandler& handler : compiled_.handlers) {
    bool all_run = true;  // then it cannot start before one of them ends
    for (std::uint32_t slot = handler.first_slot; slot < handler.first_slot + handler.activations; ++slot) {
      all_run = all_run && state[static_cast<std::size_t>(compiled_.activations[slot].location_cell)] != 0;
    }
    if (!all_run || busy_may_start) add(steps_.start(handler.context));
  }
  for (std::uint64_t done = 0; done != stay;) {
    const std::uint64_t rest = stay & ~done;
    done = stay;
    for (std::size_t action = 0; action < count; ++action) {
      if ((rest >> action & 1) != 0) add(steps_.action(action));
    }
  }
  const auto is_put_off = [&](const Outcome& outcome) {
    return outcome.actor.kind == model::Actor::Kind::Act && outcome.actor.index < kMostActions &&
           (stay >> outcome.actor.index & 1) == 0;
  };
  const bool ends = std::any_of(outcomes.begin(), outcomes.end(), [](const Outcome& one) { return one.ends_run(); });
  return ends || std::all_of(outcomes.begin(), outcomes.end(), is_put_off) ? 0 : ~stay;
}

}  // namespace quiesce::checker
