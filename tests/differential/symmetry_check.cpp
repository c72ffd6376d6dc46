#include "tests/differential/symmetry_check.h"

#include <algorithm>
#include <deque>
#include <map>
#include <numeric>
#include <set>
#include <sstream>

#include "checker/reduce/symmetry.h"
#include "checker/successor/packed_expander.h"
#include "model/interpret/interpreter.h"

namespace quiesce {

using checker::InstanceSymmetry;
using checker::MemberExchange;
using model::State;

namespace {

std::string show(const model::TransitionSystem& system, const State& state) {
  std::ostringstream text;
  for (std::size_t i = 0; i < state.size(); ++i) {
    if (state[i] != system.cells[i].rest) text << ' ' << system.cells[i].name << '=' << state[i];
  }
  return text.str();
}

/// Names of rules broken, sorted.
std::vector<std::string> rules_of(const model::TransitionSystem& system, const std::vector<model::Violation>& broken) {
  std::vector<std::string> names;
  for (const model::Violation& violation : broken) names.push_back(system.at(violation.rule).name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

State exchanged(const InstanceSymmetry& symmetry, const MemberExchange& exchange, State state) {
  for (const auto& [a, b] : exchange.cells) std::swap(state[a], state[b]);
  for (std::size_t cell = 0; cell < state.size(); ++cell) {
    state[cell] = exchange.image(symmetry.naming[cell], state[cell]);
  }
  return state;
}

SymmetryCheck check_symmetry(const model::TransitionSystem& system, std::uint64_t max_states, bool exact) {
  SymmetryCheck result;
  const InstanceSymmetry symmetry = checker::find_symmetry(system);
  result.classes = symmetry.classes.size();
  if (symmetry.is_trivial()) return result;
  const model::Interpreter interpreter(system);

  // All states, with what they show and where they lead.
  using Outcome = std::pair<std::vector<std::string>, State>;  // rules broken on the way, next state (empty: none)
  struct Known {
    std::size_t number = 0;
    std::vector<std::string> shown;
    std::vector<Outcome> outcomes;
  };
  std::map<State, Known> states;
  std::deque<State> open;
  const auto reach = [&](const State& state) {
    if (states.try_emplace(state, Known{states.size(), {}, {}}).second) open.push_back(state);
  };
  for (const State& state : interpreter.initial_states()) reach(interpreter.canonical(state));
  const std::size_t initial = states.size();
  while (!open.empty()) {
    if (states.size() > max_states) return result;
    const State state = open.front();
    open.pop_front();
    Known& known = states.at(state);
    const auto broken = interpreter.violations_of(state);
    known.shown = rules_of(system, broken);
    if (model::ends_run(system, broken)) continue;
    for (const model::Successor& successor : interpreter.successors(state)) {
      const State next = successor.ends_run ? State() : interpreter.canonical(successor.next);
      known.outcomes.emplace_back(rules_of(system, successor.violations), next);
    }
    std::sort(known.outcomes.begin(), known.outcomes.end());
    for (const Outcome& outcome : states.at(state).outcomes) {
      if (!outcome.second.empty()) reach(outcome.second);
    }
  }
  (void)initial;
  result.compared = true;
  result.states = states.size();

  // Every exchange is an automorphism.
  std::vector<std::size_t> orbit(states.size());
  std::iota(orbit.begin(), orbit.end(), std::size_t{0});
  const auto find = [&](std::size_t number) {
    while (orbit[number] != number) number = orbit[number];
    return number;
  };
  for (const auto& cls : symmetry.classes) {
    for (const auto& row : cls.exchange) {
      for (const MemberExchange& exchange : row) {
        for (const auto& [state, known] : states) {
          const State image = interpreter.canonical(exchanged(symmetry, exchange, state));
          const auto other = states.find(image);
          if (other == states.end()) {
            result.difference = "not reachable:" + show(system, image) + "\nthe exchange of" + show(system, state);
            return result;
          }
          if (known.shown != other->second.shown) {
            result.difference = "breaks other rules:" + show(system, image) + "\nthan" + show(system, state);
            return result;
          }
          std::vector<Outcome> expected;
          for (const Outcome& outcome : known.outcomes) {
            expected.emplace_back(outcome.first, outcome.second.empty() ? State()
                                                                        : interpreter.canonical(exchanged(
                                                                              symmetry, exchange, outcome.second)));
          }
          std::sort(expected.begin(), expected.end());
          // Floating steps of renamed CPUs may be listed more than once.
          expected.erase(std::unique(expected.begin(), expected.end()), expected.end());
          std::vector<Outcome> found = other->second.outcomes;
          found.erase(std::unique(found.begin(), found.end()), found.end());
          if (expected != found) {
            result.difference = "leads elsewhere:" + show(system, image) + "\nthan" + show(system, state);
            return result;
          }
          orbit[find(other->second.number)] = find(known.number);
        }
      }
    }
  }
  for (std::size_t i = 0; i < orbit.size(); ++i) result.orbits += orbit[i] == i ? 1 : 0;

  // A search of the quotient.
  checker::ExpanderOptions options;
  options.symmetry = symmetry;
  const checker::PackedSystem packed(system, options);
  checker::CanonicalPacker packer(packed);
  checker::PackedExpander expander(packed);
  const std::size_t words = packed.packing().words();
  std::set<std::vector<std::uint64_t>> visited;
  std::deque<std::vector<std::uint64_t>> frontier;
  const auto visit = [&](const std::vector<std::uint64_t>& state) {
    if (visited.insert(state).second) frontier.push_back(state);
  };
  std::vector<std::uint64_t> state(words);
  for (const State& start : interpreter.initial_states()) {
    packer.pack(start.data(), state.data());
    visit(state);
  }
  State cells(system.cells.size());
  checker::PackedSuccessors successors;
  while (!frontier.empty()) {
    state = frontier.front();
    frontier.pop_front();
    packed.packing().unpack(state.data(), cells.data());
    if (model::ends_run(system, interpreter.violations_of(cells))) continue;
    successors.clear();
    expander.expand(state.data(), 1, successors);
    for (std::size_t i = 0; i < successors.states.size(); i += words) {
      visit({successors.states.begin() + static_cast<std::ptrdiff_t>(i),
             successors.states.begin() + static_cast<std::ptrdiff_t>(i + words)});
    }
  }
  result.reduced = visited.size();
  if (exact ? result.reduced != result.orbits : result.reduced < result.orbits || result.reduced > result.states) {
    result.difference = std::to_string(result.reduced) + " states of the search with symmetry, but " +
                        std::to_string(result.orbits) + " orbits of " + std::to_string(result.states) + " states";
  }
  return result;
}

}  // namespace quiesce
