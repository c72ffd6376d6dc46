#include "checker/liveness/edge_list.h"

#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "checker/liveness/state_graph.h"

namespace quiesce::checker {
namespace {

std::vector<GraphEdge> read(const EdgeList& list, std::uint32_t state) {
  std::vector<GraphEdge> edges;
  for (EdgeReader reader = list.of(state); reader.has_more();) edges.push_back(reader.next());
  return edges;
}

TEST(EdgeList, GivesBackWhatWasAdded) {
  std::mt19937 random(7);
  std::vector<std::vector<GraphEdge>> model;
  EdgeList list;
  std::uint64_t edges = 0;
  for (std::uint32_t state = 0; state < 5'000; ++state) {
    std::vector<GraphEdge>& of_state = model.emplace_back(random() % 7 == 0 ? 200 : random() % 4);
    for (GraphEdge& edge : of_state) {
      // Near, far, and as far as there are numbers.
      const std::uint32_t ways[] = {state + static_cast<std::uint32_t>(random() % 50),
                                    static_cast<std::uint32_t>(random()) % 1'000'000, 0, 0xFFFFFFFE};
      edge = {ways[random() % 4], static_cast<std::uint32_t>(random()) % (random() % 2 == 0 ? 100 : 0xFFFF)};
    }
    std::sort(of_state.begin(), of_state.end());
    list.add(of_state);
    edges += of_state.size();
  }
  ASSERT_EQ(list.states(), model.size());
  EXPECT_EQ(list.size(), edges);
  for (std::uint32_t state = 0; state < model.size(); ++state) ASSERT_EQ(read(list, state), model[state]) << state;
}

TEST(EdgeList, TakesFewBytes) {
  EdgeList list;
  for (std::uint32_t state = 0; state < 100'000; ++state) list.add({{state + 900, 3}, {state + 901, 4}});
  EXPECT_LT(list.bytes(), 100'000 * 10);
}

/// Two bytes each, until a number needs more.
TEST(KindList, GivesBackLargeNumbersToo) {
  KindList list;
  std::vector<std::uint32_t> model;
  for (std::uint32_t state = 0; state < 300'000; ++state) {
    model.push_back(state % 3 == 0 ? state % 100 : state / 2);
    list.push_back(model.back());
  }
  ASSERT_EQ(list.size(), model.size());
  for (std::size_t state = 0; state < model.size(); ++state) ASSERT_EQ(list[state], model[state]) << state;
}

}  // namespace
}  // namespace quiesce::checker
