#include "checker/evidence/lasso.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>

#include "checker/smt/initial_solver.h"
#include "model/interpret/scheduler.h"

namespace quiesce::checker {
namespace {

using model::Actor;
using model::Context;
using model::ContextKind;
using model::Expected;
using model::Fairness;
using model::Interpreter;
using model::State;
using model::Successor;
using model::TemporalNode;
using model::TemporalOperator;
using model::TemporalProperty;
using model::TransitionSystem;

// ------------------------------------------------------------------------------------------- formulas

/// A run as positions: each has a state and one that follows.
struct Word {
  std::vector<const State*> states;
  std::size_t loop = 0;
  std::size_t quiet_from = SIZE_MAX;  // from this position on nothing happens any more, and nothing just has

  std::size_t after(std::size_t position) const { return position + 1 < states.size() ? position + 1 : loop; }
};

using Truth = std::vector<bool>;  // by position

bool is_past(TemporalOperator op) {
  return op == TemporalOperator::Previously || op == TemporalOperator::Once || op == TemporalOperator::Historically ||
         op == TemporalOperator::Since;
}

class Evaluation {
 public:
  Evaluation(const Interpreter& interpreter, const TemporalProperty& property, const Word& word)
      : interpreter_(interpreter), property_(property), word_(word) {}

  bool at_begin() {
    for (const TemporalNode& node : property_.formula) truths_.push_back(truth_of(node));
    return truths_.back()[0];
  }

 private:
  /// By position: going ahead from it, what decides first. `end` where nothing ever does.
  template <class Hit, class Miss>
  Truth ahead(const Hit& hit, const Miss& miss, bool end) const {
    Truth truth(word_.states.size());
    for (std::size_t from = 0; from < truth.size(); ++from) {
      bool value = end;
      std::size_t at = from;
      for (std::size_t steps = 0; steps <= truth.size(); ++steps, at = word_.after(at)) {
        if (hit(at) || miss(at)) {
          value = hit(at);
          break;
        }
      }
      truth[from] = value;
    }
    return truth;
  }

  template <class At>
  Truth each(const At& at) const {
    Truth truth(word_.states.size());
    for (std::size_t i = 0; i < truth.size(); ++i) truth[i] = at(i);
    return truth;
  }

  /// Where each position asks the one before.
  template <class At>
  Truth from_before(const At& at) const {
    Truth truth(word_.states.size());
    for (std::size_t i = 0; i < truth.size(); ++i) truth[i] = at(i, i > 0 && truth[i - 1]);
    return truth;
  }

  Truth truth_of(const TemporalNode& node) const {
    static const Truth kNone;
    const bool is_atom = node.op == TemporalOperator::Atom;
    const Truth& a = is_atom ? kNone : truths_[node.left];
    const Truth& b = is_atom ? kNone : truths_[node.right];
    const auto never = [](std::size_t) { return false; };
    const auto right = [&](std::size_t i) { return bool(b[i]); };
    const auto not_right = [&](std::size_t i) { return !b[i]; };
    const auto not_left = [&](std::size_t i) { return !a[i]; };
    switch (node.op) {
      case TemporalOperator::Atom:
        return each([&](std::size_t i) {
          const bool is_quiet = i >= word_.quiet_from && node.quiet.valid();
          return interpreter_.evaluate(is_quiet ? node.quiet : node.atom, *word_.states[i]) != 0;
        });
      case TemporalOperator::Not:
        return each(not_right);
      case TemporalOperator::And:
        return each([&](std::size_t i) { return a[i] && b[i]; });
      case TemporalOperator::Or:
        return each([&](std::size_t i) { return a[i] || b[i]; });
      case TemporalOperator::Implies:
        return each([&](std::size_t i) { return !a[i] || b[i]; });
      case TemporalOperator::Next:
        return each([&](std::size_t i) { return bool(b[word_.after(i)]); });
      case TemporalOperator::Eventually:
        return ahead(right, never, false);
      case TemporalOperator::Always:
        return ahead(never, not_right, true);
      case TemporalOperator::Until:
        return ahead(right, not_left, false);
      case TemporalOperator::WeakUntil:
        return ahead(right, not_left, true);
      case TemporalOperator::Release:
        return ahead([&](std::size_t i) { return a[i] && b[i]; }, not_right, true);
      case TemporalOperator::LeadsTo: {
        const Truth later = ahead(right, never, false);
        return ahead(
            never, [&](std::size_t i) { return a[i] && !later[i]; }, true);
      }
      case TemporalOperator::Previously:
        return each([&](std::size_t i) { return i > 0 && b[i - 1]; });
      case TemporalOperator::Once:
        return from_before([&](std::size_t i, bool before) { return b[i] || before; });
      case TemporalOperator::Historically:
        return from_before([&](std::size_t i, bool before) { return b[i] && (i == 0 || before); });
      case TemporalOperator::Since:
        return from_before([&](std::size_t i, bool before) { return b[i] || (a[i] && before); });
    }
    return {};
  }

  const Interpreter& interpreter_;
  const TemporalProperty& property_;
  const Word& word_;
  std::vector<Truth> truths_;  // by node
};

// ------------------------------------------------------------------------------------------- fairness

/// 13.2: whether the thread has a CPU on which it may step and no handler may start.
bool is_unopposed(const Interpreter& interpreter, model::ContextId thread, const std::vector<Successor>& successors,
                  const State& state) {
  const TransitionSystem& system = interpreter.system();
  const model::Scheduler scheduler(system);
  const std::optional<model::Running> running = scheduler.running(thread, 0, state);
  if (!running) return false;
  std::vector<std::int32_t> cpus = running->cpu >= 0
                                       ? std::vector<std::int32_t>{running->cpu}
                                       : scheduler.floating_cpus(running->level, running->affinity, state);
  return std::any_of(cpus.begin(), cpus.end(), [&](std::int32_t cpu) {
    return std::none_of(successors.begin(), successors.end(), [&](const Successor& successor) {
      return successor.step.actor.kind == Actor::Kind::Start && successor.step.cpu == cpu &&
             scheduler.pins(system.contexts[successor.step.actor.index].start_level);
    });
  });
}

bool waits_for_mutex(const TransitionSystem& system, const Context& thread, const State& state) {
  const std::int32_t number = state[thread.location_cell[0].value];
  return number > 0 && system.at(thread.locations[static_cast<std::size_t>(number) - 1]).wait == model::WaitKind::Mutex;
}

Fairness fairness_of(const TransitionSystem& system, const Actor& actor) {
  if (actor.kind == Actor::Kind::Act) {
    const Fairness fairness = system.actions[actor.index].fairness;
    return fairness == Fairness::Default ? Fairness::Unfair : fairness;
  }
  const Context& context = system.contexts[actor.index];
  const bool has_started = actor.kind == Actor::Kind::Step && context.kind == ContextKind::Handler;
  return has_started && context.fairness == Fairness::Sporadic ? Fairness::Default : context.fairness;
}

std::string name_of(const TransitionSystem& system, const Actor& actor) {
  if (actor.kind == Actor::Kind::Act) return "action '" + system.actions[actor.index].name + "'";
  const std::string name = "'" + system.contexts[actor.index].name + "'";
  return actor.kind == Actor::Kind::Start ? "the start of " + name : name;
}

// ------------------------------------------------------------------------------------------- the run

class Confirmation {
 public:
  Confirmation(const Interpreter& interpreter, const TemporalProperty& property, const Run& run,
               const SearchControl* control)
      : interpreter_(interpreter), system_(interpreter.system()), property_(property), run_(run), control_(control) {}

  Expected<Lasso> confirm() {
    if (run_.states.empty() || run_.states.size() != run_.steps.size() + 1) return no("the run is malformed");
    if (!begins()) return no("it begins in no initial state");
    for (std::size_t i = 0; i < run_.steps.size(); ++i) {
      if (!repeats(i)) return no("step " + std::to_string(i) + " cannot be repeated");
    }
    for (const State& state : run_.states) {
      if (model::ends_run(system_, interpreter_.violations_of(state))) return no("a state of it breaks a core rule");
    }
    if (property_.always_possible) {
      if (run_.loop) return no("it has a loop");
      if (interpreter_.evaluate(property_.formula.back().atom, run_.states.back()) == 0) return Lasso::Confirmed;
      return no("its last state is what is wanted");
    }
    if (!run_.loop || *run_.loop >= run_.states.size()) return no("it has no loop");
    if (run_.states[*run_.loop] != run_.states.back()) return no("its loop does not close");
    if (holds_on(interpreter_, property_, run_.states, *run_.loop)) return no("the property is true on it");
    return judge_fairness();
  }

 private:
  static Expected<Lasso> no(std::string why) { return model::unexpected(std::move(why)); }

  bool begins() const {
    const State first = interpreter_.canonical(run_.states.front());
    bool found = false;
    InitialSolver guide(system_);
    interpreter_.for_each_initial_state(
        [&](const State& state) {
          found = interpreter_.canonical(state) == first;
          return !found;
        },
        nullptr, &guide);
    return found;
  }

  bool repeats(std::size_t i) const {
    if (control_ != nullptr) control_->check();
    const model::Step& step = run_.steps[i];
    for (const Successor& successor : interpreter_.successors(run_.states[i])) {
      if (!successor.ends_run && successor.step.actor == step.actor && successor.next == run_.states[i + 1])
        return true;
    }
    return false;
  }

  Expected<Lasso> judge_fairness() const {
    const std::size_t loop = *run_.loop;
    const bool stops = loop + 1 == run_.states.size();
    std::set<Actor> stepped, weakly, strongly;
    for (std::size_t i = loop; i < run_.steps.size(); ++i) {
      const Actor& actor = run_.steps[i].actor;
      if (fairness_of(system_, actor) == Fairness::Sporadic && actor.kind != Actor::Kind::Step) {
        return no("its loop has sporadic " + name_of(system_, actor));
      }
      stepped.insert(fair_unit(actor));
    }
    for (std::size_t i = loop; i < run_.states.size() - (stops ? 0 : 1); ++i) {
      const Owed owed = owed_in(interpreter_, run_.states[i]);
      const std::set<Actor> here(owed.weakly.begin(), owed.weakly.end());
      if (i == loop) {
        weakly = here;
      } else {
        std::erase_if(weakly, [&](const Actor& actor) { return here.count(actor) == 0; });
      }
      strongly.insert(owed.strongly.begin(), owed.strongly.end());
    }
    bool unfair_to_one = false;
    weakly.insert(strongly.begin(), strongly.end());
    for (const Actor& actor : weakly) {
      if (stepped.count(actor) != 0) continue;
      const bool is_one_of_several = actor.kind == Actor::Kind::Step && system_.contexts[actor.index].activations > 1;
      if (!is_one_of_several) return no("it is not fair to " + name_of(system_, actor));
      unfair_to_one = true;
    }
    return unfair_to_one ? Lasso::UnfairToOne : Lasso::Confirmed;
  }

  const Interpreter& interpreter_;
  const TransitionSystem& system_;
  const TemporalProperty& property_;
  const Run& run_;
  const SearchControl* control_;
};

}  // namespace

Actor fair_unit(const Actor& actor) {
  return actor.kind == Actor::Kind::Step ? actor : Actor{actor.kind, actor.index, 0};
}

Owed owed_in(const Interpreter& interpreter, const State& state) {
  const TransitionSystem& system = interpreter.system();
  const std::vector<Successor> successors = interpreter.successors(state);
  std::set<Actor> able;
  for (const Successor& successor : successors) able.insert(fair_unit(successor.step.actor));
  Owed owed;
  for (const Actor& actor : able) {
    switch (fairness_of(system, actor)) {
      case Fairness::Unfair:
      case Fairness::Sporadic:
        break;
      case Fairness::Strong:
        owed.strongly.push_back(actor);
        break;
      case Fairness::Default:
      case Fairness::Fair: {
        const bool is_thread =
            actor.kind == Actor::Kind::Step && system.contexts[actor.index].kind == ContextKind::Thread;
        if (!is_thread) {
          owed.weakly.push_back(actor);
        } else if (is_unopposed(interpreter, model::ContextId(actor.index), successors, state)) {
          (waits_for_mutex(system, system.contexts[actor.index], state) ? owed.weakly : owed.strongly).push_back(actor);
        }
        break;
      }
    }
  }
  return owed;
}

bool holds_on(const Interpreter& interpreter, const TemporalProperty& property, const std::vector<State>& states,
              std::size_t loop) {
  const bool stops = loop + 1 == states.size();
  const std::size_t end = stops ? states.size() : states.size() - 1;  // the last state is the first of the loop
  Word word;
  word.loop = loop;
  for (std::size_t i = 0; i < end; ++i) word.states.push_back(&states[i]);
  if (stops) {  // the last state, and from then on the same in which no event is
    word.loop = word.quiet_from = word.states.size();
    word.states.push_back(&states[loop]);
  }
  // What the past says settles in one more round of the loop for each operator of the past.
  for (const TemporalNode& node : property.formula) {
    if (!is_past(node.op)) continue;
    word.loop = word.states.size();
    for (std::size_t i = loop; i < end; ++i) word.states.push_back(&states[i]);
  }
  return Evaluation(interpreter, property, word).at_begin();
}

Expected<Lasso> confirm(const Interpreter& interpreter, const TemporalProperty& property, const Run& run,
                        const SearchControl* control) {
  return Confirmation(interpreter, property, run, control).confirm();
}

}  // namespace quiesce::checker
