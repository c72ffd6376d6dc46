#include "tests/differential/naive_infinite_runs.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "checker/automata/translate.h"
#include "checker/evidence/lasso.h"
#include "checker/liveness/temporal_formula.h"
#include "model/interpret/interpreter.h"

namespace quiesce {
namespace {

using checker::fair_unit;
using model::Actor;
using model::Fairness;
using model::Interpreter;
using model::State;
using model::Successor;
using model::TransitionSystem;

struct NaiveStep {
  std::size_t target = 0;
  Actor actor;
};

struct Known {
  State state;
  std::vector<NaiveStep> steps;
  checker::Owed owed;
  bool ends = false;
};

bool is_sporadic(const TransitionSystem& system, const Actor& actor) {
  if (actor.kind == Actor::Kind::Act) return system.actions[actor.index].fairness == Fairness::Sporadic;
  const model::Context& context = system.contexts[actor.index];
  const bool is_start = actor.kind == Actor::Kind::Start;
  return (is_start || context.kind == model::ContextKind::Thread) && context.fairness == Fairness::Sporadic;
}

class Naive {
 public:
  explicit Naive(const TransitionSystem& system) : system_(system), interpreter_(system) {}

  bool explore(std::size_t most) {
    std::map<State, std::size_t> numbers;
    const auto number_of = [&](const State& state) {
      const auto [known, is_new] = numbers.try_emplace(state, states_.size());
      if (is_new) states_.push_back({state, {}, {}, false});
      return known->second;
    };
    bool fits = true;
    interpreter_.for_each_initial_state([&](const State& state) {
      number_of(state);
      return fits = states_.size() <= most;
    });
    initial_ = states_.size();
    for (std::size_t i = 0; i < states_.size() && fits; ++i) {
      const State state = states_[i].state;
      if (model::ends_run(system_, interpreter_.violations_of(state))) {
        states_[i].ends = cut_off_ = true;
        continue;
      }
      for (const Successor& successor : interpreter_.successors(state)) {
        cut_off_ |= successor.ends_run;
        if (!successor.ends_run) {
          const std::size_t target = number_of(successor.next);
          states_[i].steps.push_back({target, successor.step.actor});
        }
      }
      states_[i].owed = checker::owed_in(interpreter_, state);
      fits = states_.size() <= most;
    }
    return fits;
  }

  NaiveVerdict verdict(const model::TemporalProperty& property) {
    return {property.always_possible ? some_state_is_lost(property) : some_run_breaks(property), cut_off_};
  }

 private:
  bool some_state_is_lost(const model::TemporalProperty& property) {
    std::vector<bool> good(states_.size());
    for (std::size_t i = 0; i < states_.size(); ++i) {
      good[i] = states_[i].ends || has_ending_step(states_[i].state) ||
                interpreter_.evaluate(property.formula.back().atom, states_[i].state) != 0;
    }
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t i = 0; i < states_.size(); ++i) {
        if (good[i]) continue;
        good[i] = std::any_of(states_[i].steps.begin(), states_[i].steps.end(),
                              [&](const NaiveStep& step) { return good[step.target]; });
        changed |= good[i];
      }
    }
    return std::find(good.begin(), good.end(), false) != good.end();
  }

  bool has_ending_step(const State& state) const {
    const std::vector<Successor> all = interpreter_.successors(state);
    return std::any_of(all.begin(), all.end(), [](const Successor& one) { return one.ends_run; });
  }

  // A node is a state with a state of the automaton; the second half of the nodes are those where the run has stopped.
  struct Edge {
    std::size_t target = 0;
    std::uint64_t marks = 0;
    std::optional<Actor> actor;  // none: nothing happens
  };
  using Nodes = std::set<std::size_t>;

  bool some_run_breaks(const model::TemporalProperty& property) {
    checker::FormulaTable table;
    const checker::FormulaWithAtoms wanted = checker::formula_of(property, table);
    const checker::Automaton automaton =
        checker::translate(table, table.negation(wanted.formula), static_cast<std::uint32_t>(wanted.atoms.size()))
            .automaton;
    all_marks_ = automaton.all_marks();
    width_ = automaton.states.size();
    edges_.assign(2 * states_.size() * width_, {});
    for (std::size_t s = 0; s < states_.size(); ++s) {
      const std::uint64_t letter = letter_of(wanted.atoms, states_[s].state);
      const std::uint64_t quiet = letter_of(wanted.quiet, states_[s].state);
      const bool may_stop = !states_[s].ends && states_[s].owed.weakly.empty() && states_[s].owed.strongly.empty();
      for (std::size_t q = 0; q < width_; ++q) {
        for (const checker::AutomatonEdge& move : automaton.states[q]) {
          if (may_stop && move.label.allows(quiet)) {
            edges_[stopped(s, q)].push_back({stopped(s, move.target), move.marks, std::nullopt});
          }
          if (!move.label.allows(letter)) continue;
          for (const NaiveStep& step : states_[s].steps) {
            edges_[node(s, q)].push_back({node(step.target, move.target), move.marks, step.actor});
          }
          if (may_stop) edges_[node(s, q)].push_back({stopped(s, move.target), move.marks, std::nullopt});
        }
      }
    }
    Nodes reached;
    std::vector<std::size_t> open;
    for (std::size_t s = 0; s < initial_; ++s) open.push_back(node(s, 0));
    while (!open.empty()) {
      const std::size_t at = open.back();
      open.pop_back();
      if (!reached.insert(at).second) continue;
      for (const Edge& edge : edges_[at]) open.push_back(edge.target);
    }
    return has_fair_loop(std::move(reached));
  }

  std::uint64_t letter_of(const std::vector<model::ExprId>& atoms, const State& state) const {
    std::uint64_t letter = 0;
    for (std::size_t atom = 0; atom < atoms.size(); ++atom) {
      letter |= std::uint64_t{interpreter_.evaluate(atoms[atom], state) != 0} << atom;
    }
    return letter;
  }

  std::size_t node(std::size_t state, std::size_t q) const { return state * width_ + q; }
  std::size_t stopped(std::size_t state, std::size_t q) const { return (states_.size() + state) * width_ + q; }
  const Known& state_of(std::size_t at) const { return states_[at / width_ % states_.size()]; }

  bool may_repeat(const Edge& edge) const { return !edge.actor || !is_sporadic(system_, *edge.actor); }

  Nodes closure(std::size_t from, const Nodes& within, bool forwards) const {
    Nodes seen{from};
    for (bool changed = true; changed;) {
      changed = false;
      for (const std::size_t at : within) {
        for (const Edge& edge : edges_[at]) {
          if (!may_repeat(edge) || within.count(edge.target) == 0) continue;
          const std::size_t known = forwards ? at : edge.target, next = forwards ? edge.target : at;
          if (seen.count(known) != 0 && seen.insert(next).second) changed = true;
        }
      }
    }
    return seen;
  }

  bool has_fair_loop(Nodes nodes) const {
    while (!nodes.empty()) {
      const std::size_t any = *nodes.begin();
      const Nodes ahead = closure(any, nodes, true), behind = closure(any, ahead, false);
      if (is_fair(behind)) return true;
      for (const std::size_t at : behind) nodes.erase(at);
    }
    return false;
  }

  /// Whether a strongly connected set has a fair loop in it.
  bool is_fair(const Nodes& component) const {
    std::uint64_t marks = 0;
    bool has_edge = false;
    std::set<Actor> stepped, strongly;
    std::map<Actor, std::size_t> weakly;
    for (const std::size_t at : component) {
      for (const Edge& edge : edges_[at]) {
        if (!may_repeat(edge) || component.count(edge.target) == 0) continue;
        has_edge = true;
        marks |= edge.marks;
        if (edge.actor) stepped.insert(fair_unit(*edge.actor));
      }
      for (const Actor& actor : state_of(at).owed.weakly) ++weakly[actor];
      for (const Actor& actor : state_of(at).owed.strongly) strongly.insert(actor);
    }
    if (!has_edge || marks != all_marks_) return false;
    for (const auto& [actor, times] : weakly) {
      if (times == component.size() && stepped.count(actor) == 0) return false;
    }
    std::erase_if(strongly, [&](const Actor& actor) { return stepped.count(actor) != 0; });
    if (strongly.empty()) return true;
    Nodes left;
    for (const std::size_t at : component) {
      const std::vector<Actor>& owed = state_of(at).owed.strongly;
      if (std::none_of(owed.begin(), owed.end(), [&](const Actor& actor) { return strongly.count(actor) != 0; })) {
        left.insert(at);
      }
    }
    return has_fair_loop(std::move(left));
  }

  const TransitionSystem& system_;
  const Interpreter interpreter_;
  std::vector<Known> states_;
  std::size_t initial_ = 0;
  bool cut_off_ = false;
  std::uint64_t all_marks_ = 0;
  std::size_t width_ = 1;
  std::vector<std::vector<Edge>> edges_;
};

}  // namespace

std::optional<NaiveVerdict> naive_verdict(const TransitionSystem& system, std::size_t property, std::size_t most) {
  Naive naive(system);
  if (!naive.explore(most)) return std::nullopt;
  return naive.verdict(system.temporal[property]);
}

}  // namespace quiesce
