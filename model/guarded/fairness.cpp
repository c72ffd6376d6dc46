#include "model/guarded/fairness.h"

#include <string>

#include <fmt/format.h>

namespace quiesce::model {

namespace {

/// What has started is owed its steps; `sporadic` speaks of starts.
Fairness fairness_when_started(const Context& context) {
  const bool is_handler = context.kind == ContextKind::Handler;
  return is_handler && context.fairness == Fairness::Sporadic ? Fairness::Default : context.fairness;
}

}  // namespace

Actor taker_of(const GuardedCommand& command) {
  Actor taker = command.step.actor;
  if (taker.kind != Actor::Kind::Step) taker.activation = 0;
  return taker;
}

FairnessFormulas::FairnessFormulas(const Formulas& formulas, Scheduling& scheduling)
    : Formulas(formulas), scheduling_(scheduling) {
  for (const GuardedCommand& command : result().commands) {
    const auto [at, is_new] = able_.emplace(taker_of(command), command.guard);
    if (!is_new) at->second = disj(at->second, command.guard);
  }
  std::size_t number = 0;
  for (auto& [taker, formula] : able_) {
    formula = named(fmt::format("able_{}", number++), "some step of it is possible", formula);
  }
  name_opposed();
}

ExprId FairnessFormulas::able(const Actor& taker) const {
  const auto found = able_.find(taker);
  return found == able_.end() ? ExprId() : found->second;
}

void FairnessFormulas::name_opposed() {
  opposed_.assign(system().cpus, no());
  for (const GuardedCommand& command : result().commands) {
    const Actor& actor = command.step.actor;
    if (actor.kind != Actor::Kind::Start || command.step.cpu < 0) continue;
    if (!scheduling_.is_pinned_level(system().contexts[actor.index].start_level)) continue;
    ExprId& here = opposed_[static_cast<std::size_t>(command.step.cpu)];
    here = disj(here, command.guard);
  }
  for (std::uint32_t c = 0; c < system().cpus; ++c) {
    opposed_[c] = named(fmt::format("opposed_on_{}", c),
                        fmt::format("a handler with a pinned level may start on CPU {} (13.2)", c), opposed_[c]);
  }
}

void FairnessFormulas::owe(const Actor& taker, bool is_strong, ExprId owed, GuardedInfiniteRuns& runs) {
  if (is_false(owed)) return;
  const std::string name = fmt::format("owed_{}", runs.fairness.size());
  owed = named(name, is_strong ? "it is owed a step strongly (13.2)" : "it is owed a step weakly (13.2)", owed);
  runs.fairness.push_back({taker, is_strong, owed});
}

void FairnessFormulas::owe(const Actor& taker, Fairness fairness, GuardedInfiniteRuns& runs) {
  const ExprId when = able(taker);
  if (!when.valid()) return;
  switch (fairness) {
    case Fairness::Default:
    case Fairness::Fair:
      owe(taker, false, when, runs);
      break;
    case Fairness::Strong:
      owe(taker, true, when, runs);
      break;
    case Fairness::Unfair:
      break;
    case Fairness::Sporadic:
      runs.sporadic.push_back(taker);
      break;
  }
}

ExprId FairnessFormulas::waits_for_mutex(const Activation& one) {
  ExprId waits = no();
  for (const LocationId id : one.context->locations) {
    const Location& location = system().at(id);
    if (location.wait == WaitKind::Mutex) waits = disj(waits, equals(one.location(), location.number));
  }
  return waits;
}

/// Where it is unopposed: strongly, but weakly while it waits for a mutex.
void FairnessFormulas::owe_thread(const Actor& taker, std::size_t activation, GuardedInfiniteRuns& runs) {
  const ExprId when = able(taker);
  if (!when.valid()) return;
  const Activation& one = scheduling_.activations()[activation];
  ExprId unopposed = no();
  for (std::uint32_t c = 0; c < system().cpus; ++c) {
    const ExprId here = disj(equals(one.cpu(), c + 1), scheduling_.may_step(activation).floating[c]);
    unopposed = disj(unopposed, conj(here, negation(opposed_[c])));
  }
  const ExprId owed = conj(when, unopposed);
  const ExprId waits = waits_for_mutex(one);
  owe(taker, true, conj(owed, negation(waits)), runs);
  owe(taker, false, conj(owed, waits), runs);
}

void FairnessFormulas::add_to(GuardedInfiniteRuns& runs) {
  for (std::size_t i = 0; i < scheduling_.activations().size(); ++i) {
    const Activation& one = scheduling_.activations()[i];
    const auto context = static_cast<std::uint32_t>(one.context - system().contexts.data());
    const Actor taker{Actor::Kind::Step, context, one.number};
    const Fairness fairness = fairness_when_started(*one.context);
    const bool may_be_opposed =
        one.context->kind == ContextKind::Thread && (fairness == Fairness::Default || fairness == Fairness::Fair);
    if (may_be_opposed) {
      owe_thread(taker, i, runs);
    } else {
      owe(taker, fairness, runs);
    }
  }
  for (std::uint32_t i = 0; i < system().contexts.size(); ++i) {
    const Context& context = system().contexts[i];
    if (context.kind == ContextKind::Handler) owe({Actor::Kind::Start, i, 0}, context.fairness, runs);
  }
  for (std::uint32_t i = 0; i < system().actions.size(); ++i) {
    const Fairness fairness = system().actions[i].fairness;
    owe({Actor::Kind::Act, i, 0}, fairness == Fairness::Default ? Fairness::Unfair : fairness, runs);
  }
  runs.may_stop = scheduling_.goes_on();
  for (const GuardedFairness& one : runs.fairness) runs.may_stop = conj(runs.may_stop, negation(one.owed));
  runs.may_stop = named("may_stop", "nothing is owed a step (13.1)", runs.may_stop);
}

}  // namespace quiesce::model
