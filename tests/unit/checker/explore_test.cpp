// All states of a small design as data of a page (checker/explore.h).
#include "checker/explore.h"

#include <algorithm>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checker/check.h"
#include "checker/load.h"
#include "checker/report/story_values.h"
#include "checker/simulation.h"

namespace quiesce::checker {
namespace {

using ::testing::ElementsAre;

constexpr const char* kExploredDesign = R"(module late
rule late.used { title "It is not used when it is freed" }
machine Card {
  queued: bool = false
  freed: bool = false
  count: int 0..3 = 0
  thread stop {
    queued = true
    either { count = 2 } or { count = 3 }
    freed = true
  }
  handler call at 2 when queued {
    accept { queued = false }
    require late.used: !freed
    count += 1
  }
}
system S {
  cpus 2
  card: Card()
}
check S for late.used
)";

struct Explored {
  std::unique_ptr<LoadedDesign> design = load_design("late.qsm", kExploredDesign, {});
  const model::TransitionSystem* system = nullptr;
  std::optional<ExploredStates> all;

  explicit Explored(std::size_t most_states = 2'000) {
    EXPECT_TRUE(design->ok());
    system = &*design->checks.front().cases.front().original;
    all = explore(*system, design->sources, most_states);
  }
};

/// The values of all variables in a node, told from the differences.
std::vector<std::string> values_in(const ExploredGraph& graph, std::size_t node) {
  std::vector<std::string> values;
  if (graph.nodes[node].from == node) {
    for (const StoryVariable& one : graph.variables) values.push_back(one.value);
  } else {
    values = values_in(graph, graph.nodes[node].from);
  }
  for (const StoryValue& one : graph.nodes[node].changes) values[one.variable] = one.value;
  return values;
}

TEST(Explore, DifferencesTellTheValuesOfEachState) {
  const Explored it;
  ASSERT_TRUE(it.all);
  const ExploredGraph& graph = it.all->graph;
  ASSERT_EQ(graph.nodes.size(), it.all->numbers.size());
  for (const auto& [state, number] : it.all->numbers) {
    const std::vector<std::string> values = values_in(graph, number);
    const std::vector<StoryVariable> shown = shown_variables(*it.system, state);
    ASSERT_EQ(values.size(), graph.contexts + shown.size());
    for (std::size_t i = 0; i < shown.size(); ++i) EXPECT_EQ(values[graph.contexts + i], shown[i].value);
  }
}

/// What can be done, what it is called, what it breaks and where it leads: as when stepping in the terminal.
TEST(Explore, OffersWhatSteppingByHandOffers) {
  const Explored it;
  ASSERT_TRUE(it.all);
  const ExploredGraph& graph = it.all->graph;
  const auto names = [&](const std::vector<std::size_t>& rules) {
    std::vector<std::string> all;
    for (const std::size_t rule : rules) all.push_back(graph.rules[rule]);
    return all;
  };
  std::mt19937_64 random(1);
  std::set<std::string> broken;
  for (int walk = 0; walk < 50; ++walk) {
    Simulation simulation(*it.system, it.design->sources);
    std::optional<std::size_t> node = graph.initial.front();
    while (node) {
      const std::vector<ExploredGraph::Step>& steps = graph.nodes[*node].steps;
      const std::vector<Offer>& offers = simulation.offers();
      ASSERT_EQ(steps.size(), offers.size());
      for (std::size_t i = 0; i < steps.size(); ++i) {
        EXPECT_EQ(graph.deeds[steps[i].deed].who, offers[i].who);
        EXPECT_EQ(graph.deeds[steps[i].deed].text, offers[i].text);
        EXPECT_EQ(names(steps[i].breaks), offers[i].breaks);
        EXPECT_EQ(steps[i].to.has_value(), !offers[i].successor.ends_run);
        broken.insert(offers[i].breaks.begin(), offers[i].breaks.end());
      }
      if (steps.empty()) break;
      const std::size_t taken = random() % steps.size();
      node = steps[taken].to;
      simulation.take(taken);
      if (!node) break;
      EXPECT_EQ(it.all->numbers.at(simulation.state()), *node);
    }
  }
  EXPECT_THAT(broken, ElementsAre("core.range", "late.used"));
}

TEST(Explore, IsNothingBeyondTheBound) {
  const std::size_t states = Explored().all->graph.nodes.size();
  EXPECT_TRUE(Explored(states).all);
  EXPECT_FALSE(Explored(states - 1).all);
}

TEST(Explore, FindsTheStatesOfARunUpToItsEnd) {
  const Explored it;
  Simulation simulation(*it.system, it.design->sources);
  std::vector<model::State> states = {simulation.state()};
  simulation.take(0);
  states.push_back(simulation.state());
  EXPECT_THAT(nodes_of(*it.all, states), ElementsAre(0, it.all->numbers.at(states[1])));
  states.insert(states.begin() + 1, model::State(states[0].size(), 77));
  EXPECT_THAT(nodes_of(*it.all, states), ElementsAre(0));
}

}  // namespace
}  // namespace quiesce::checker
