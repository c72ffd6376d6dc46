#include "checker/evidence/replay.h"
#include "checker/smt/initial_solver.h"

#include <algorithm>
#include <sstream>

namespace quiesce::checker {
namespace {

using model::Expected;
using model::Interpreter;
using model::State;
using model::Step;
using model::Successor;
using model::Violation;

std::vector<std::int64_t> counted_choices(const Step& step) {
  std::vector<std::int64_t> counted;
  for (std::size_t i = 0; i < step.choices.size(); ++i) {
    if (i >= step.counted.size() || step.counted[i]) counted.push_back(step.choices[i]);
  }
  return counted;
}

std::string wording_of(const model::TransitionSystem& system, const model::Actor& actor) {
  switch (actor.kind) {
    case model::Actor::Kind::Step:
      return "a step of '" + system.contexts[actor.index].name + "'";
    case model::Actor::Kind::Start:
      return "the start of '" + system.contexts[actor.index].name + "'";
    case model::Actor::Kind::Act:
      return "action '" + system.actions[actor.index].name + "'";
  }
  return "";
}

std::string show(const model::TransitionSystem& system, const State& state) {
  std::ostringstream text;
  for (std::size_t i = 0; i < state.size(); ++i) {
    if (state[i] != system.cells[i].rest) text << ' ' << system.cells[i].name << '=' << state[i];
  }
  return text.str();
}

/// Repeats a run. States of runs are representatives: the one that is reached here may be a renaming of the one that
/// the run shows. Renamings of a state have the same future, so the first step that leads to some renaming of the
/// wanted state is as good as any, and no choice has to be taken back.
class Replay {
 public:
  Replay(const Interpreter& interpreter, const Run& run, const SearchControl* control)
      : interpreter_(interpreter), system_(interpreter.system()), run_(run), control_(control) {}

  /// Whether all but the last `left` steps can be repeated.
  bool repeat(std::size_t left) {
    if (run_.states.empty()) return fail("the run has no states");
    if (run_.steps.size() < left || run_.states.size() + 1 < run_.steps.size() + 1) return fail("the run is malformed");
    const State first = interpreter_.canonical(run_.states[0]);
    bool is_initial = false;
    const auto is_wanted = [&] { return control_ == nullptr || control_->reason() == LimitKind::None; };
    InitialSolver guide(system_);
    interpreter_.for_each_initial_state(
        [&](const State& state) {
          is_initial = state == first || interpreter_.canonical(state) == first;
          return !is_initial;
        },
        is_wanted, &guide);
    if (!is_initial && control_ != nullptr) control_->check();
    if (!is_initial) return fail("it begins in no initial state");
    done.states.push_back(first);
    for (std::size_t i = 0; i + left < run_.steps.size(); ++i) {
      if (i + 1 >= run_.states.size()) return fail("the run goes on after its end");
      if (model::ends_run(system_, interpreter_.violations_of(done.states.back()))) {
        return fail("state " + std::to_string(i) + " breaks a core rule, so no step leaves it");
      }
      const Successor* successor = step_to(i, &run_.states[i + 1], [](const Successor&) { return true; });
      if (successor == nullptr) return false;
      done.steps.push_back(successor->step);
      done.states.push_back(successor->next);
    }
    return true;
  }

  /// A successor of the state reached that does what step `i` says and leads to a renaming of `target` (null: ends the
  /// run), and is `wanted`; null when there is none.
  template <class Wanted>
  const Successor* step_to(std::size_t i, const State* target, const Wanted& wanted) {
    if (control_ != nullptr) control_->check();
    successors_ = interpreter_.successors(done.states.back());
    const Step& step = run_.steps[i];
    State representative;
    if (target != nullptr) representative = interpreter_.canonical(*target);
    for (const Successor& successor : successors_) {
      if (successor.step.actor.kind != step.actor.kind || successor.step.actor.index != step.actor.index ||
          successor.ends_run != (target == nullptr) || counted_choices(successor.step) != counted_choices(step)) {
        continue;
      }
      if (target != nullptr && interpreter_.canonical(successor.next) != representative) continue;
      if (wanted(successor)) return &successor;
    }
    std::ostringstream text;
    text << "step " << i << ", " << wording_of(system_, step.actor) << ", cannot be repeated from"
         << show(system_, done.states.back());
    if (target != nullptr) text << "; it should lead to a renaming of" << show(system_, *target);
    text << "; possible are:";
    for (const Successor& successor : successors_) {
      text << " [" << wording_of(system_, successor.step.actor);
      if (successor.ends_run) {
        text << ", which ends the run";
      } else {
        text << " to" << show(system_, successor.next);
      }
      text << "]";
    }
    fail(text.str());
    return nullptr;
  }

  bool fail(std::string text) {
    why = std::move(text);
    return false;
  }

  Run done;
  std::string why;  // it cannot be repeated

 private:
  const Interpreter& interpreter_;
  const model::TransitionSystem& system_;
  const Run& run_;
  const SearchControl* control_;
  std::vector<Successor> successors_;
};

/// The violation among `violations` that `wanted` is; null when the rule is not among them.
const Violation* matching(const std::vector<Violation>& violations, const Violation& wanted) {
  const Violation* best = nullptr;
  for (const Violation& violation : violations) {
    if (violation.rule != wanted.rule) continue;
    if (violation == wanted) return &violation;
    if (best == nullptr || (violation.property == wanted.property && best->property != wanted.property))
      best = &violation;
  }
  return best;
}

}  // namespace

Expected<Run> replay(const Interpreter& interpreter, const Run& run, const SearchControl* control) {
  Replay replay(interpreter, run, control);
  if (!replay.repeat(0)) return model::unexpected(replay.why);
  return std::move(replay.done);
}

Expected<Finding> replay(const Interpreter& interpreter, const Finding& finding, const SearchControl* control) {
  if (finding.run.states.empty()) return finding;
  const std::string& rule = interpreter.system().at(finding.rule).name;
  Finding replayed = finding;
  Replay replay(interpreter, finding.run, control);
  if (finding.in_state) {
    if (!replay.repeat(0)) return model::unexpected(replay.why);
    const std::vector<Violation> shown = interpreter.violations_of(replay.done.states.back());
    const Violation* violation = matching(shown, finding.violation);
    if (violation == nullptr) return model::unexpected("the last state does not break '" + rule + "'");
    replayed.violation = *violation;
  } else {
    const std::size_t steps = finding.run.steps.size();
    if (steps == 0) return model::unexpected("a broken step is claimed, but the run has none");
    if (!replay.repeat(1)) return model::unexpected(replay.why);
    const bool ends = finding.run.states.size() == steps;
    const Successor* last = replay.step_to(
        steps - 1, ends ? nullptr : &finding.run.states[steps],
        [&](const Successor& successor) { return matching(successor.violations, finding.violation) != nullptr; });
    if (last == nullptr) return model::unexpected(replay.why);
    replayed.violation = *matching(last->violations, finding.violation);
    replay.done.steps.push_back(last->step);
    if (!ends) replay.done.states.push_back(last->next);
  }
  replayed.run = std::move(replay.done);
  return replayed;
}

}  // namespace quiesce::checker
