#include "checker/report/starved.h"

#include <algorithm>
#include <map>
#include <set>

#include "model/interpret/scheduler.h"

namespace quiesce::checker {

using model::Actor;
using model::Interpreter;
using model::State;
using model::Successor;
using model::TransitionSystem;

namespace {

/// Of starts no activation: any of a handler's is as good.
Actor without_activation(const Actor& actor) {
  return actor.kind == Actor::Kind::Step ? actor : Actor{actor.kind, actor.index, 0};
}

/// The activations that run and the starts that are possible in some state of the loop, without those that step in it.
std::map<Actor, Starved> candidates(const TransitionSystem& system, const Run& run) {
  std::map<Actor, Starved> result;
  const State& state = run.states[*run.loop];
  for (std::uint32_t c = 0; c < system.contexts.size(); ++c) {
    for (std::uint32_t a = 0; a < system.contexts[c].activations; ++a) {
      if (state[system.contexts[c].location_cell[a].value] == 0) continue;
      const Actor actor{Actor::Kind::Step, c, a};
      result[actor].actor = actor;
    }
  }
  return result;
}

}  // namespace

std::vector<Starved> starved_in(const Interpreter& interpreter, const Run& run) {
  const TransitionSystem& system = interpreter.system();
  std::map<Actor, Starved> found = candidates(system, run);
  const std::size_t end = std::max(run.states.size() - 1, *run.loop + 1);
  for (std::size_t i = *run.loop; i < end; ++i) {
    std::set<Actor> able;
    std::set<std::string> starts;
    for (const Successor& successor : interpreter.successors(run.states[i])) {
      const Actor actor = without_activation(successor.step.actor);
      if (actor.kind == Actor::Kind::Act) continue;
      able.insert(actor);
      if (actor.kind != Actor::Kind::Start) continue;
      starts.insert(system.contexts[actor.index].name);
      found.try_emplace(actor).first->second.actor = actor;
    }
    for (auto& [actor, starved] : found) {
      starved.states = end - *run.loop;
      if (able.count(actor) != 0) {
        ++starved.able;
        for (const std::string& name : starts) {
          const bool known =
              std::find(starved.preempting.begin(), starved.preempting.end(), name) != starved.preempting.end();
          if (!known && name != system.contexts[actor.index].name) starved.preempting.push_back(name);
        }
      } else if (starved.blocked_at == 0) {
        starved.blocked_at = i;
      }
    }
  }
  for (std::size_t i = *run.loop; i < run.steps.size(); ++i) found.erase(without_activation(run.steps[i].actor));
  std::vector<Starved> result;
  for (auto& [actor, starved] : found) result.push_back(std::move(starved));
  return result;
}

}  // namespace quiesce::checker
