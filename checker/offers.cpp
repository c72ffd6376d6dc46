#include "checker/offers.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "checker/report/blocked.h"
#include "checker/report/saved_run.h"
#include "checker/report/story.h"
#include "model/interpret/trace.h"

namespace quiesce::checker {

using namespace model;

namespace {

std::string who_acts(const TransitionSystem& system, const Step& step) {
  const Actor& actor = step.actor;
  if (actor.kind == Actor::Kind::Act) return system.actions[actor.index].name + " (action)";
  const Context& context = system.contexts[actor.index];
  const bool is_thread = context.kind == ContextKind::Thread;
  std::string who = fmt::format("{} ({})", name_of(context, actor.activation), is_thread ? "thread" : "handler");
  if (step.cpu >= 0) who += fmt::format(", cpu {}", step.cpu);
  return actor.kind == Actor::Kind::Start ? who + " starts" : who;
}

Offer offer_of(const TransitionSystem& system, const SourceMap& sources, const State& state, Successor successor) {
  Offer offer;
  const Actor& actor = successor.step.actor;
  offer.who = who_acts(system, successor.step);
  offer.span = about_to_span(system, state, actor);
  std::tie(offer.text, offer.place) = about_to(system, state, actor, sources);
  for (const std::string& choice : choice_texts(trace(system, state, successor.step), sources))
    offer.text += fmt::format("   [{}]", choice);
  offer.breaks = rules_told(system, successor.violations);
  offer.successor = std::move(successor);
  return offer;
}

}  // namespace

std::vector<std::string> rules_told(const TransitionSystem& system, const std::vector<Violation>& violations) {
  std::vector<std::string> rules;
  for (const Violation& one : violations) {
    const auto& checked = system.checked;
    const bool is_asked = std::find(checked.begin(), checked.end(), one.rule) != checked.end();
    const std::string& name = system.at(one.rule).name;
    if (!is_asked && !system.at(one.rule).core) continue;
    if (std::find(rules.begin(), rules.end(), name) == rules.end()) rules.push_back(name);
  }
  return rules;
}

std::vector<Offer> offers_in(const Interpreter& interpreter, const TransitionSystem& system, const SourceMap& sources,
                             const State& state) {
  std::vector<Offer> offers;
  if (ends_run(system, interpreter.violations_of(state))) return offers;
  for (Successor& successor : interpreter.successors(state)) {
    const auto same = [&](const Offer& known) {
      return known.successor.step.actor == successor.step.actor &&
             known.successor.step.choices == successor.step.choices && known.successor.next == successor.next &&
             known.successor.violations == successor.violations;
    };
    if (std::any_of(offers.begin(), offers.end(), same)) continue;
    offers.push_back(offer_of(system, sources, state, std::move(successor)));
  }
  return offers;
}

}  // namespace quiesce::checker
