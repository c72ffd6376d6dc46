// The steps that Z3 finds are the steps of the reference interpreter: on random systems, on random designs, on the
// pinned verdicts. So is what it says about properties.
#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "checker/smt/system_terms.h"
#include "model/guarded/print.h"
#include "model/interpret/interpreter.h"
#include "model/passes/reduce.h"
#include "tests/differential/designs.h"
#include "tests/differential/random_design.h"
#include "tests/differential/random_system.h"

namespace quiesce {
namespace {

using namespace checker;
using namespace model;

/// A step as both sides can tell it: the actor, and the next state (empty: the run ends).
using Outcome = std::pair<Actor, State>;

struct Totals {
  int systems = 0;
  int states = 0;
  std::size_t steps = 0;
};

class Comparison {
 public:
  explicit Comparison(const GuardedSystem& guarded)
      : guarded_(guarded),
        interpreter_(guarded.system),
        control_(Limits{}, nullptr),
        solver_(control_, Solver::Kind::Incremental),
        terms_(terms_of(guarded, solver_)) {}

  std::string difference(std::size_t most, Totals& totals) {
    ++totals.systems;
    std::vector<State> reached = interpreter_.initial_states();
    std::set<State> seen(reached.begin(), reached.end());
    for (std::size_t i = 0; i < reached.size() && i < most; ++i) {
      const State state = reached[i];
      const std::multiset<Outcome> expected = steps(state);
      if (solved_steps(state) != expected) return "the steps differ in " + text_of(state);
      if (!properties_agree(state)) return "a property differs in " + text_of(state);
      for (const Outcome& outcome : expected) {
        if (!outcome.second.empty() && seen.insert(outcome.second).second) reached.push_back(outcome.second);
      }
      ++totals.states;
      totals.steps += expected.size();
    }
    return "";
  }

 private:
  /// As the interpreter has them; none where a core rule is broken.
  std::multiset<Outcome> steps(const State& state) const {
    std::multiset<Outcome> result;
    for (const Violation& violation : interpreter_.violations_of(state)) {
      const bool ends = violation.property.valid() && guarded_.system.at(violation.rule).core;
      if (ends) return result;
    }
    for (Successor& one : interpreter_.successors(state)) {
      result.emplace(one.step.actor, one.ends_run ? State{} : std::move(one.next));
    }
    return result;
  }

  /// That the state is this one.
  std::vector<Term> fixed(const State& state) {
    std::vector<Term> result = {terms_.assumed};
    for (std::size_t i = 0; i < state.size(); ++i) {
      if (terms_.cells[i]) result.push_back(solver_.is(*terms_.cells[i], state[i]));
    }
    return result;
  }

  /// All in one model, since the state determines it.
  std::multiset<Outcome> solved_steps(const State& state) {
    std::multiset<Outcome> result;
    EXPECT_EQ(solver_.check(fixed(state)), Answer::Satisfiable);
    for (std::size_t c = 0; c < terms_.commands.size(); ++c) {
      if (!solver_.is_true(terms_.commands[c].guard)) continue;
      State next;
      if (!guarded_.commands[c].ends_run) {
        next = state;
        for (const auto& [cell, term] : terms_.commands[c].next) {
          next[cell.value] = static_cast<std::int32_t>(solver_.value(term));
        }
      }
      result.emplace(guarded_.commands[c].step.actor, std::move(next));
    }
    return result;
  }

  /// In the model that was found.
  bool properties_agree(const State& state) {
    const auto agree = [&](const std::vector<GuardedProperty>& properties, const std::vector<Term>& terms) {
      for (std::size_t i = 0; i < terms.size(); ++i) {
        const Property& property = guarded_.system.at(properties[i].property);
        const bool holds = interpreter_.evaluate(property.condition, state) != 0;
        if (solver_.is_true(terms[i]) != (holds == (property.kind != PropertyKind::Never))) return false;
      }
      return true;
    };
    return agree(guarded_.invariants, terms_.invariants) && agree(guarded_.reachable, terms_.reachable);
  }

  std::string text_of(const State& state) const {
    std::string result;
    for (std::size_t i = 0; i < state.size(); ++i) {
      if (!guarded_.constant[i]) result += fmt::format(" {}={}", guarded_.system.cells[i].name, state[i]);
    }
    return result;
  }

  const GuardedSystem& guarded_;
  Interpreter interpreter_;
  SearchControl control_;
  Solver solver_;
  SystemTerms terms_;
};

void compare(const std::string& title, const TransitionSystem& system, std::size_t most, Totals& totals) {
  const auto guarded = guarded_system(system);
  if (!guarded) return;
  EXPECT_EQ(Comparison(*guarded).difference(most, totals), "") << title << "\n" << print_guarded(*guarded, nullptr);
}

TEST(Smt, StepsOfRandomSystems) {
  Totals totals;
  for (std::uint64_t seed = 1; seed <= 150 && !testing::Test::HasFailure(); ++seed) {
    compare(fmt::format("seed {}", seed), random_system(seed), 12, totals);
  }
  EXPECT_GT(totals.steps, 2000u);
}

TEST(Smt, StepsOfRandomDesigns) {
  Totals totals;
  for (std::uint64_t seed = 1; seed <= 40 && !testing::Test::HasFailure(); ++seed) {
    std::string problem;
    const std::string text = text_of(random_design(seed, 1));
    for (const DesignCase& cell : cases_of_text("random.qsm", text, &problem)) {
      compare(fmt::format("seed {}\n{}", seed, text), reduce(cell.system).system, 8, totals);
    }
  }
  EXPECT_GT(totals.steps, 1000u);
}

TEST(Smt, StepsOfPinnedDesigns) {
  Totals totals;
  for (const std::string& file : design_files("tests/verdicts/designs")) {
    if (testing::Test::HasFailure()) break;
    std::string problem;
    const std::vector<DesignCase> cells = design_cases(file, &problem);
    if (!cells.empty()) compare(cells.front().title, cells.front().system, 5, totals);
  }
  EXPECT_GT(totals.systems, 50);
}

}  // namespace
}  // namespace quiesce
