#include "checker/liveness/units.h"

namespace quiesce::checker {

using model::Actor;
using model::Fairness;
using model::TransitionSystem;

namespace {

/// What has started is fair by itself: sporadic is what starts.
Fairness fairness_of_steps(const model::Context& context) {
  const bool is_handler = context.kind == model::ContextKind::Handler;
  return is_handler && context.fairness == Fairness::Sporadic ? Fairness::Default : context.fairness;
}

}  // namespace

Units::Units(const TransitionSystem& of_system)
    : system(of_system), contexts(static_cast<std::uint32_t>(of_system.contexts.size())), first_place(contexts, 0) {
  for (const model::Context& context : system.contexts) fairness.push_back(fairness_of_steps(context));
  for (const model::Context& context : system.contexts) {
    fairness.push_back(context.kind == model::ContextKind::Handler ? context.fairness : Fairness::Unfair);
  }
  for (const model::Action& action : system.actions) {
    fairness.push_back(action.fairness == Fairness::Default ? Fairness::Unfair : action.fairness);
  }
  for (std::uint32_t c = 0; c < contexts; ++c) {
    const model::Context& context = system.contexts[c];
    if (context.activations == 1) continue;
    first_place[c] = static_cast<std::uint32_t>(fairness.size());
    fairness.resize(fairness.size() + context.locations.size() + 1, fairness_of_steps(context));
  }
  is_thread.assign(fairness.size(), false);
  for (std::uint32_t c = 0; c < contexts; ++c) {
    is_thread[c] = system.contexts[c].kind == model::ContextKind::Thread;
  }
}

std::uint32_t Units::of(const Actor& actor, const std::int32_t* cells) const {
  switch (actor.kind) {
    case Actor::Kind::Step:
      if (first_place[actor.index] == 0) return actor.index;
      return at_place(actor.index, cells[system.contexts[actor.index].location_cell[actor.activation].value]);
    case Actor::Kind::Start:
      return contexts + actor.index;
    case Actor::Kind::Act:
      return 2 * contexts + actor.index;
  }
  return 0;
}

}  // namespace quiesce::checker
