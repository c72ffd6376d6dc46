#include "checker/search/multipliers.h"

#include <algorithm>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "tests/support/system_builder.h"

namespace quiesce::checker {
namespace {

using model::CellId;
using model::State;
using model::SystemBuilder;

/// The factor of variable `index`; 1 when it has no line.
double factor_of(const std::vector<Multiplier>& multipliers, std::uint32_t index) {
  for (const Multiplier& one : multipliers) {
    if (one.kind == Multiplier::Kind::Variable && one.index == index) return one.factor;
  }
  return 1;
}

std::vector<Multiplier> measured(const SystemBuilder& b, const std::set<State>& visited, std::size_t sample) {
  std::vector<State> states(visited.begin(), visited.end());
  std::mt19937_64 random(7);
  for (std::size_t i = states.size(); i > 1; --i) std::swap(states[i - 1], states[random() % i]);
  states.resize(sample);
  return measure_multipliers(b.system, states, [&](const State& state) { return visited.count(state) != 0; });
}

TEST(Multipliers, IndependentPartsMultiply) {
  SystemBuilder b;
  b.integer("x", 0, 9);
  b.boolean("y");
  b.integer("copy_of_x", 0, 9);
  std::set<State> visited;
  for (int x = 0; x < 5; ++x) {
    for (int y = 0; y < 2; ++y) visited.insert({x, y, x});
  }
  const auto all = measured(b, visited, visited.size());
  EXPECT_DOUBLE_EQ(factor_of(all, 0), 1);  // what its copy knows costs nothing
  EXPECT_DOUBLE_EQ(factor_of(all, 1), 2);
  EXPECT_DOUBLE_EQ(factor_of(all, 2), 1);
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(all[0].index, 1u);
  EXPECT_EQ(all[0].values, 2u);
  EXPECT_FALSE(all[0].is_lower_bound);
}

TEST(Multipliers, ASparseSampleShowsTheFactorOfTheWhole) {
  SystemBuilder b;
  for (const char* name : {"a", "b", "c", "d", "e"}) b.integer(name, 0, 9);
  b.integer("half", 0, 9);  // only where a is even
  std::set<State> visited;
  State state(6);
  for (int i = 0; i < 100'000; ++i) {
    int rest = i;
    for (std::size_t k = 0; k < 5; ++k, rest /= 10) state[k] = rest % 10;
    for (int h = 0; h < (state[0] % 2 == 0 ? 3 : 1); ++h) {
      state[5] = h;
      visited.insert(state);
    }
  }
  ASSERT_EQ(visited.size(), 200'000u);
  const auto found = measured(b, visited, 2000);  // one of a hundred: no two are neighbours
  for (std::uint32_t k = 1; k < 5; ++k) EXPECT_NEAR(factor_of(found, k), 10, 0.01);
  EXPECT_NEAR(factor_of(found, 5), 2, 0.1);  // 200,000 states, 100,000 without it
  EXPECT_NEAR(factor_of(found, 0), 200'000 / 30'000.0, 0.4);
}

TEST(Multipliers, SaysWhenTheSampleShowsOnlySomeValues) {
  SystemBuilder b;
  b.integer("big", 0, 99'999);
  std::set<State> visited;
  for (int i = 0; i < 100'000; ++i) visited.insert({i});
  const auto found = measured(b, visited, 2000);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(found[0].is_lower_bound);
  EXPECT_NEAR(found[0].factor, 2000, 1);
}

TEST(Multipliers, NothingFromNothing) {
  SystemBuilder b;
  b.boolean("y");
  EXPECT_TRUE(measure_multipliers(b.system, {}, [](const State&) { return true; }).empty());
  EXPECT_TRUE(measure_multipliers(b.system, {{0}}, [](const State&) { return true; }).empty());
}

}  // namespace
}  // namespace quiesce::checker
