#include "checker/why.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

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
  std::string last;          // what it did last, in words; of the design, where it did something there
  std::size_t steps = 0;
  bool has_ended = false;
  std::optional<std::size_t> own_depth;  // calls around `last`, where it is a statement of the design
  std::string left;                      // else the function of another file in which it began; may be empty
  std::size_t left_depth = 0;            // calls around that
  bool is_within_call = false;           // it is still inside a function that was called there, or inside `left`
  bool did_break = false;                // it executed the statement that breaks the rule
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
        continuations_(system, rule, options.most_states),
        last_(label_of(system, run.run.states[run.run.steps.size() - 1], run.run.steps.back().actor)) {}

  Why ask();

 private:
  std::size_t steps_of_story() const { return run_.part_of.empty() ? 0 : run_.part_of.back() + 1; }
  void each_step(const std::function<void(std::size_t)>& ask);
  void turns_before(std::size_t step, bool is_always);
  void turn(std::size_t step, const Actor& actor, bool is_always);
  void other_choices(std::size_t step);
  const Location* where_is(const State& state, const Actor& actor) const;
  bool is_in_design(const Location& at) const;
  void note_call(Turn& turn, const Location& at) const;
  bool goes_on_unbroken(std::size_t step, const Turn& turn, State now) const;
  bool lengthen(Turn& turn, const Actor& next);
  bool helps(const Turn& turn, std::size_t step, bool is_always);
  bool points_at_cause(const Turn& turn, bool is_always);
  void finish_call(Turn& turn, Actor next);
  bool breaks(const std::vector<Violation>& violations) const;
  std::vector<std::size_t> unavoidable_steps() const;
  std::string name(const Actor& actor) const;
  std::string chosen_in(const State& state, const Step& step) const;
  std::string turn_text(const Turn& turn) const;
  void add(std::size_t step, std::string what, std::string key, bool is_always);

  const TransitionSystem& system_;
  const OriginalRun& run_;
  const RuleId rule_;
  const SourceMap& sources_;
  const WhyOptions& options_;
  const Interpreter interpreter_;
  Continuations continuations_;
  Why why_;
  const StepLabel last_;        // the step that breaks the rule
  std::size_t tried_ = 0;       // states that turns were led through
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

/// What would have been done before the step: "isr (handler) run to its end".
std::string WhyAsker::turn_text(const Turn& turn) const {
  if (turn.actor.kind == Actor::Kind::Act) return name(turn.actor) + " happened";
  if (turn.has_ended) return name(turn.actor) + " run to its end";
  if (turn.last.empty()) return name(turn.actor) + " started";
  const bool has_left = !turn.own_depth && !turn.left.empty();
  const char* did =
      has_left ? (turn.is_within_call ? "gone on in" : "returned from") : (turn.is_within_call ? "begun" : "executed");
  return fmt::format("{} {} '{}'", name(turn.actor), did, has_left ? turn.left : turn.last);
}

void WhyAsker::add(std::size_t step, std::string what, std::string key, bool is_always) {
  if (why_.turns.size() >= options_.most_turns || !said_.insert(std::move(key)).second) return;
  why_.turns.push_back({step, std::move(what), is_always});
}

/// Whether the steps of the run from story step `step` on can be taken after `turn`, without those that it took
/// already, and break nothing.
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
bool WhyAsker::lengthen(Turn& turn, const Actor& next) {
  constexpr std::size_t kMostStates = 8;
  const Location* at = next.kind == Actor::Kind::Step ? where_is(turn.after.front(), next) : nullptr;
  const bool is_own = at != nullptr && is_in_design(*at);
  if (is_own || !turn.own_depth) turn.last = at != nullptr ? one_line(sources_, at->span) : "";
  if (is_own) turn.own_depth = at->inside.size();
  if (turn.steps == 0 && at != nullptr && !is_own) note_call(turn, *at);
  turn.did_break |= label_of(system_, turn.after.front(), next) == last_;
  tried_ += turn.after.size();
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
  turn.has_ended = !acts && std::all_of(turn.after.begin(), turn.after.end(),
                                        [&](const State& state) { return where_is(state, next) == nullptr; });
  const Location* now = acts ? nullptr : where_is(turn.after.front(), next);
  const bool is_called = turn.own_depth || !turn.left.empty();
  turn.is_within_call = is_called && now != nullptr && !is_in_design(*now) &&
                        now->inside.size() > turn.own_depth.value_or(turn.left_depth);
  return turn.after.size() <= kMostStates && tried_ < options_.most_tried;
}

const Location* WhyAsker::where_is(const State& state, const Actor& actor) const {
  return location_of(system_, state, system_.contexts[actor.index], actor.activation);
}

/// A turn begins inside the outermost function of another file.
void WhyAsker::note_call(Turn& turn, const Location& at) const {
  for (std::size_t i = 0; i < at.inside.size(); ++i) {
    const Function& function = system_.functions[at.inside[i].value];
    if (function.span.valid() && function.span.file == options_.own_file) continue;
    turn.left = function.name;
    turn.left_depth = i;
    return;
  }
}

/// Whether the next statement there is one of the design, whose file the check stands in.
bool WhyAsker::is_in_design(const Location& at) const { return at.span.valid() && at.span.file == options_.own_file; }

bool WhyAsker::helps(const Turn& turn, std::size_t step, bool is_always) {
  return std::all_of(turn.after.begin(), turn.after.end(), [&](const State& state) {
    return is_always ? continuations_.fate(state) == Fate::Free : goes_on_unbroken(step, turn, state);
  });
}

/// Of a turn that helps: see telling_turn().
bool WhyAsker::points_at_cause(const Turn& turn, bool is_always) {
  if (turn.actor.kind == Actor::Kind::Act)
    return false;  // what the hardware or the system does is not up to the design
  if (turn.last == "atomic" && turn.left.empty() && !turn.has_ended) return false;  // says nothing
  if (!is_always) return turn.did_break;
  const bool is_handler = system_.contexts[turn.actor.index].kind == ContextKind::Handler;
  return is_handler || turn.did_break || std::any_of(turn.after.begin(), turn.after.end(), [&](const State& state) {
           return continuations_.comes_to(state, last_);
         });
}

/// Leads a turn that helps whatever comes after on to where the call that it is in is over, so that it can be named by
/// that; leaves it as it is where something in it is open.
void WhyAsker::finish_call(Turn& turn, Actor next) {
  next.kind = Actor::Kind::Step;
  for (Turn longer = turn; longer.steps < options_.longest_turn && lengthen(longer, next);) {
    if (longer.is_within_call) continue;
    turn = std::move(longer);
    return;
  }
}

/// Lets `actor` act before story step `step`, longer and longer, until the rule is safe.
void WhyAsker::turn(std::size_t step, const Actor& actor, bool is_always) {
  const bool acts = actor.kind == Actor::Kind::Act;
  Turn turn;
  turn.actor = actor;
  turn.after = {run_.run.states[run_.reached[step]]};
  Actor next = actor;
  while (turn.steps < options_.longest_turn && lengthen(turn, next)) {
    next.kind = acts ? Actor::Kind::Act : Actor::Kind::Step;
    if (helps(turn, step, is_always)) {
      if (is_always && turn.is_within_call) finish_call(turn, next);
      if (options_.is_brief && !points_at_cause(turn, is_always)) return;
      const std::string what = turn_text(turn);
      return add(step, fmt::format("{} before step {}", what, step + 1), what, is_always);
    }
    if (acts || turn.has_ended) return;
  }
}

/// "status = STATUS_SUCCESS": what a step chooses; empty where it is nothing that is shown.
std::string WhyAsker::chosen_in(const State& state, const Step& step) const {
  return fmt::format("{}", fmt::join(choice_texts(trace(system_, state, step), sources_), ", "));
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
    const bool has_enough = why_.turns.size() >= options_.most_turns || tried_ >= options_.most_tried;
    if (!has_enough && run_.reached[step] < run_.run.steps.size()) ask(step);
  }
}

Why WhyAsker::ask() {
  each_step([&](std::size_t step) { turns_before(step, true); });
  why_.states = continuations_.states();
  if (options_.is_brief) {
    if (why_.turns.empty()) each_step([&](std::size_t step) { turns_before(step, false); });
    return std::move(why_);
  }
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
                          WhyOptions options) {
  const bool has_end = finding.no_run == LimitKind::None && !finding.run.steps.empty() && !finding.run.loop;
  if (!has_end) return std::nullopt;
  options.own_file = case_.span.file;
  const SystemsOfRun systems(case_, finding);
  const TransitionSystem& original = systems->original;
  const Expected<OriginalRun> run = original_run(*systems, finding);
  const std::string& name = systems->reduced.at(finding.rule).name;
  for (std::size_t rule = 0; run && rule < original.rules.size(); ++rule) {
    if (original.rules[rule].name == name) return why(original, *run, RuleId(rule), sources, options);
  }
  return std::nullopt;
}

namespace {

std::string turn_sentence(const OtherTurn& turn, const std::string& rule) {
  return fmt::format("Had {}, {} would have held{}.", turn.what, rule,
                     turn.is_always ? ", whatever came after" : " in this run, with the rest as it was");
}

}  // namespace

std::string telling_turn(const CaseOutcome& case_, const Finding& finding, const SourceMap& sources) {
  WhyOptions options;
  options.most_states = 8'000;
  options.most_tried = 2'000;
  options.most_turns = 1;
  options.is_brief = true;
  const std::optional<Why> why = why_of(case_, finding, sources, options);
  return why && !why->turns.empty() ? turn_sentence(why->turns.front(), "the rule") : "";
}

std::vector<RunSentence> why_sentences(const Why& why, const std::string& rule) {
  std::vector<RunSentence> all;
  for (const OtherTurn& one : why.turns) all.push_back({turn_sentence(one, rule), {one.step}});
  if (why.unavoidable && !why.unavoidable->empty()) {
    const bool is_one = why.unavoidable->size() == 1;
    all.push_back({fmt::format("Every run that breaks it executes what step{} {} {}, at some time.", is_one ? "" : "s",
                               number_list(*why.unavoidable), is_one ? "does" : "do"),
                   *why.unavoidable});
  }
  if (!why.unavoidable) {
    all.push_back({fmt::format("There are more states than the {} that were looked at.", grouped(why.states)), {}});
  }
  if (all.empty()) all.push_back({"No other turn was found that would have made the difference.", {}});
  return all;
}

std::string why_text(const std::optional<Why>& why, const std::string& rule, std::size_t width) {
  if (!why)
    return wrapped("Nothing is said about a run that repeats forever, nor of one that could not be found.", 2, width);
  std::string text;
  for (const RunSentence& one : why_sentences(*why, rule)) text += wrapped(one.text, 2, width);
  return text;
}

}  // namespace quiesce::checker
