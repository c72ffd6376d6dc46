#include "checker/why.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "checker/continuations.h"
#include "checker/report/blocked.h"
#include "checker/report/layout.h"
#include "checker/report/saved_run.h"
#include "checker/report/story.h"
#include "checker/report/told_story.h"
#include "model/interpret/interpreter.h"
#include "model/interpret/trace.h"

namespace quiesce::checker {

using namespace model;

namespace {

using Fate = Continuations::Fate;

/// A context or action that takes some steps in a row.
struct Turn {
  Actor actor;
  std::vector<State> after;  // one for each CPU on which it may have acted
  std::string last;          // what it did last, in words
  std::size_t steps = 0;
  bool has_ended = false;
};

bool is_same_party(const Actor& a, const Actor& b) {
  const bool acts = a.kind == Actor::Kind::Act;
  return acts == (b.kind == Actor::Kind::Act) && a.index == b.index && a.activation == b.activation;
}

class WhyAsker {
 public:
  WhyAsker(const TransitionSystem& system, const OriginalRun& run, RuleId rule, const SourceMap& sources,
           const WhyOptions& options)
      : system_(system),
        run_(run),
        rule_(rule),
        sources_(sources),
        options_(options),
        interpreter_(system),
        continuations_(system, rule, options.most_states) {}

  Why ask();

 private:
  std::size_t steps_of_story() const { return run_.part_of.empty() ? 0 : run_.part_of.back() + 1; }
  void each_step(const std::function<void(std::size_t)>& ask);
  void turns_before(std::size_t step, bool is_always);
  void turn(std::size_t step, const Actor& actor, bool is_always);
  void other_choices(std::size_t step);
  bool goes_on_unbroken(std::size_t step, const Turn& turn, State now) const;
  bool lengthen(Turn& turn, const Actor& next) const;
  bool breaks(const std::vector<Violation>& violations) const;
  std::vector<std::size_t> unavoidable_steps() const;
  std::string name(const Actor& actor) const;
  std::string chosen_in(const State& state, const Step& step) const;
  std::string turn_text(const Turn& turn, std::size_t step) const;
  void add(std::size_t step, std::string what, std::string key, bool is_always);

  const TransitionSystem& system_;
  const OriginalRun& run_;
  const RuleId rule_;
  const SourceMap& sources_;
  const WhyOptions& options_;
  const Interpreter interpreter_;
  Continuations continuations_;
  Why why_;
  std::set<std::string> said_;  // the same turn is said for the latest step alone
};

bool WhyAsker::breaks(const std::vector<Violation>& violations) const {
  return std::any_of(violations.begin(), violations.end(),
                     [&](const Violation& one) { return one.rule == rule_ || system_.at(one.rule).core; });
}

std::string WhyAsker::name(const Actor& actor) const {
  if (actor.kind == Actor::Kind::Act) return system_.actions[actor.index].name + " (action)";
  const Context& context = system_.contexts[actor.index];
  return fmt::format("{} ({})", name_of(context, actor.activation),
                     context.kind == ContextKind::Thread ? "thread" : "handler");
}

std::string WhyAsker::turn_text(const Turn& turn, std::size_t step) const {
  if (turn.actor.kind == Actor::Kind::Act) return fmt::format("{} happened before step {}", name(turn.actor), step + 1);
  if (turn.has_ended) return fmt::format("{} run to its end before step {}", name(turn.actor), step + 1);
  if (turn.last.empty()) return fmt::format("{} started before step {}", name(turn.actor), step + 1);
  return fmt::format("{} executed '{}' before step {}", name(turn.actor), turn.last, step + 1);
}

void WhyAsker::add(std::size_t step, std::string what, std::string key, bool is_always) {
  if (why_.turns.size() >= options_.most_turns || !said_.insert(std::move(key)).second) return;
  why_.turns.push_back({step, std::move(what), is_always});
}

/// Whether the steps of the run from story step `step` on can be taken after `turn`, without those that it took already, and
/// break nothing.
bool WhyAsker::goes_on_unbroken(std::size_t step, const Turn& turn, State now) const {
  std::size_t taken_already = turn.steps;
  for (std::size_t i = run_.reached[step]; i < run_.run.steps.size(); ++i) {
    const Step& wanted = run_.run.steps[i];
    if (taken_already > 0 && is_same_party(wanted.actor, turn.actor)) {
      --taken_already;
      continue;
    }
    std::vector<Successor> all = interpreter_.successors(now, wanted.actor);
    const auto fits = [&](const Successor& one) { return one.step.choices == wanted.choices; };
    auto next = std::find_if(all.begin(), all.end(),
                             [&](const Successor& one) { return fits(one) && one.step.cpu == wanted.cpu; });
    if (next == all.end()) next = std::find_if(all.begin(), all.end(), fits);
    if (next == all.end() || breaks(next->violations)) return false;
    now = std::move(next->next);
    if (breaks(interpreter_.violations_of(now))) return false;
  }
  return true;
}

/// One step more. False, where what it would choose is open, or it breaks something itself: then no more is claimed.
bool WhyAsker::lengthen(Turn& turn, const Actor& next) const {
  constexpr std::size_t kMostStates = 8;
  turn.last = next.kind == Actor::Kind::Step ? about_to(system_, turn.after.front(), next, sources_).first : "";
  std::vector<State> after;
  std::optional<std::vector<std::int64_t>> choices;
  for (const State& before : turn.after) {
    const std::vector<Successor> all = interpreter_.successors(before, next);
    if (all.empty()) return false;
    for (const Successor& one : all) {
      if (!choices) choices = one.step.choices;
      if (one.step.choices != *choices || breaks(one.violations)) return false;
      if (breaks(interpreter_.violations_of(one.next))) return false;
      if (std::find(after.begin(), after.end(), one.next) == after.end()) after.push_back(one.next);
    }
  }
  turn.after = std::move(after);
  ++turn.steps;
  const bool acts = next.kind == Actor::Kind::Act;
  turn.has_ended = !acts && std::all_of(turn.after.begin(), turn.after.end(), [&](const State& state) {
    return location_of(system_, state, system_.contexts[next.index], next.activation) == nullptr;
  });
  return turn.after.size() <= kMostStates;
}

/// Lets `actor` act before story step `step`, longer and longer, until the rule is safe.
void WhyAsker::turn(std::size_t step, const Actor& actor, bool is_always) {
  const bool acts = actor.kind == Actor::Kind::Act;
  Turn turn{actor, {run_.run.states[run_.reached[step]]}, "", 0, false};
  Actor next = actor;
  while (turn.steps < options_.longest_turn && lengthen(turn, next)) {
    next.kind = acts ? Actor::Kind::Act : Actor::Kind::Step;
    const bool helps = std::all_of(turn.after.begin(), turn.after.end(), [&](const State& state) {
      return is_always ? continuations_.fate(state) == Fate::Free : goes_on_unbroken(step, turn, state);
    });
    if (helps) {
      const std::string what = turn_text(turn, step);
      return add(step, what, what.substr(0, what.rfind(" before step ")), is_always);
    }
    if (acts || turn.has_ended) return;
  }
}

/// "status = STATUS_SUCCESS": what a step chooses; empty where it is nothing that is told.
std::string WhyAsker::chosen_in(const State& state, const Step& step) const {
  std::string chosen;
  for (const TraceEvent& event : trace(system_, state, step)) {
    const std::string text = choice_text(event);
    if (!text.empty()) chosen += (chosen.empty() ? "" : ", ") + text;
  }
  return chosen;
}

/// Whether another value at a choice of story step `step` would have made the difference, whatever came after.
void WhyAsker::other_choices(std::size_t step) {
  for (std::size_t i = run_.reached[step]; i < run_.run.steps.size() && run_.part_of[i] == step; ++i) {
    const Step& taken = run_.run.steps[i];
    if (taken.choices.empty()) continue;
    std::map<std::vector<std::int64_t>, std::vector<Successor>> others;
    for (Successor& other : interpreter_.successors(run_.run.states[i], taken.actor)) {
      if (other.step.choices != taken.choices) others[other.step.choices].push_back(std::move(other));
    }
    for (const auto& [choices, outcomes] : others) {
      const bool is_free = std::all_of(outcomes.begin(), outcomes.end(), [&](const Successor& other) {
        return !breaks(other.violations) && continuations_.fate(other.next) == Fate::Free;
      });
      const std::string chosen = is_free ? chosen_in(run_.run.states[i], outcomes.front().step) : "";
      if (chosen.empty()) continue;
      const std::string what = fmt::format("{} chosen {} in step {}", name(taken.actor), chosen, step + 1);
      add(step, what, fmt::format("{} in {}", name(taken.actor), step), true);  // one other choice tells enough
    }
  }
}

/// Turns of others before story step `step`.
void WhyAsker::turns_before(std::size_t step, bool is_always) {
  const State& state = run_.run.states[run_.reached[step]];
  const Actor& acts_now = run_.run.steps[run_.reached[step]].actor;
  std::set<std::tuple<bool, std::uint32_t, std::uint32_t>> asked;
  for (const Successor& other : interpreter_.successors(state)) {
    const Actor& actor = other.step.actor;
    if (is_same_party(actor, acts_now)) continue;
    if (!asked.insert({actor.kind == Actor::Kind::Act, actor.index, actor.activation}).second) continue;
    turn(step, actor, is_always);
  }
}

std::vector<std::size_t> WhyAsker::unavoidable_steps() const {
  std::set<std::size_t> steps;
  for (std::size_t i = 0; i < run_.run.steps.size(); ++i) {
    if (run_.part_of[i] + 1 == steps_of_story() || steps.contains(run_.part_of[i])) continue;
    if (!continuations_.breaks_without(label_of(system_, run_.run.states[i], run_.run.steps[i].actor)))
      steps.insert(run_.part_of[i]);
  }
  return {steps.begin(), steps.end()};
}

/// Asks of each step of the story, the last one first, until enough is said.
void WhyAsker::each_step(const std::function<void(std::size_t)>& ask) {
  for (std::size_t step = std::min(steps_of_story(), run_.reached.size()); step-- > 0;) {
    if (why_.turns.size() < options_.most_turns && run_.reached[step] < run_.run.steps.size()) ask(step);
  }
}

Why WhyAsker::ask() {
  each_step([&](std::size_t step) { turns_before(step, true); });
  if (why_.turns.empty()) each_step([&](std::size_t step) { turns_before(step, false); });
  each_step([&](std::size_t step) { other_choices(step); });
  if (continuations_.explore_all()) why_.unavoidable = unavoidable_steps();
  why_.states = continuations_.states();
  return std::move(why_);
}

}  // namespace

Why why(const TransitionSystem& system, const OriginalRun& run, RuleId rule, const SourceMap& sources,
        const WhyOptions& options) {
  return WhyAsker(system, run, rule, sources, options).ask();
}

std::optional<Why> why_of(const CaseOutcome& case_, const Finding& finding, const SourceMap& sources,
                          const WhyOptions& options) {
  if (finding.no_run != LimitKind::None || finding.run.states.empty() || finding.run.loop) return std::nullopt;
  const SystemsOfRun systems(case_, finding);
  const TransitionSystem& original = systems->original;
  const Expected<OriginalRun> run = original_run(*systems, finding);
  const std::string& name = systems->reduced.at(finding.rule).name;
  for (std::size_t rule = 0; run && rule < original.rules.size(); ++rule) {
    if (original.rules[rule].name == name) return why(original, *run, RuleId(rule), sources, options);
  }
  return std::nullopt;
}

std::string why_text(const std::optional<Why>& why, const std::string& rule, std::size_t width) {
  if (!why)
    return wrapped("It is not told of a run that repeats forever, nor of one that could not be found.", 2, width);
  std::string text;
  for (const OtherTurn& one : why->turns) {
    text += wrapped(fmt::format("Had {}, {} would have held{}.", one.what, rule,
                                one.is_always ? ", whatever came after" : " in this run, with the rest as it was"),
                    2, width);
  }
  const bool has_steps = why->unavoidable && !why->unavoidable->empty();
  if (has_steps) {
    const bool is_one = why->unavoidable->size() == 1;
    text += wrapped(fmt::format("Every run that breaks it executes what step{} {} {}, at some time.", is_one ? "" : "s",
                                number_list(*why->unavoidable), is_one ? "does" : "do"),
                    2, width);
  }
  if (!why->unavoidable) {
    text +=
        wrapped(fmt::format("There are more states than the {} that were looked at.", grouped(why->states)), 2, width);
  }
  return text.empty() ? wrapped("No other turn was found that would have made the difference.", 2, width) : text;
}

}  // namespace quiesce::checker
