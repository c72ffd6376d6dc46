// Pictures of small systems made by hand, held against the reference interpreter, and as text.
#include "checker/graph/state_picture.h"

#include <deque>
#include <set>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checker/graph/write_picture.h"
#include "model/interpret/interpreter.h"
#include "tests/support/system_builder.h"

namespace quiesce::checker {
namespace {

using model::CellId;
using model::ContextId;
using model::RuleId;
using model::State;
using model::SystemBuilder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A device that is enabled and asks, and a thread that connects, enables, disables and disconnects, as often as it
/// likes.
/// Two things are never both wanted: a request while nothing is connected.
struct Device : SystemBuilder {
  CellId connected = boolean("nic.connected");
  CellId enabled = boolean("nic.enabled");
  CellId asking = boolean("nic.asking");
  RuleId quiet = rule("quiet");

  Device() {
    const ContextId manager = thread("manager", 4);
    at(manager, 1) = program({set(connected, 1), go(manager, 2)});
    at(manager, 2) = program({set(enabled, 1), go(manager, 3)});
    at(manager, 3) = program({set(connected, 0), go(manager, 4)});  // too early
    at(manager, 4) = program({set(enabled, 0), set(asking, 0), go(manager, 1)});
    action("ask", is(enabled, 1), {set(asking, 1)});
    property(model::PropertyKind::Never, quiet, exprs().binary(model::BinaryOp::And, is(asking, 1), is(connected, 0)));
  }
};

using Edges = std::set<std::pair<std::vector<std::int32_t>, std::vector<std::int32_t>>>;

/// The edges between different values of `cells`, found by the reference interpreter.
Edges reference_edges(const model::TransitionSystem& system, const std::vector<CellId>& cells) {
  const model::Interpreter interpreter(system);
  const auto key = [&](const State& state) {
    std::vector<std::int32_t> values;
    for (const CellId cell : cells) values.push_back(state[cell.value]);
    return values;
  };
  std::set<State> seen;
  std::deque<State> frontier;
  interpreter.for_each_initial_state([&](const State& state) {
    if (seen.insert(interpreter.canonical(state)).second) frontier.push_back(interpreter.canonical(state));
    return true;
  });
  Edges edges;
  for (; !frontier.empty(); frontier.pop_front()) {
    const State state = frontier.front();
    if (model::ends_run(system, interpreter.violations_of(state))) continue;
    for (const model::Successor& one : interpreter.successors(state)) {
      if (one.ends_run) continue;
      const State next = interpreter.canonical(one.next);
      if (key(state) != key(next)) edges.insert({key(state), key(next)});
      if (seen.insert(next).second) frontier.push_back(next);
    }
  }
  return edges;
}

TEST(StatePicture, ProjectedIsThatOfTheReference) {
  Device device;
  PictureOptions options;
  options.variables = {0, 1};
  const auto picture = picture_of_states(device.system, {}, options);
  ASSERT_TRUE(picture) << picture.error();
  EXPECT_EQ(picture->nodes.size(), 4u) << "connected and enabled: four states";
  EXPECT_EQ(picture->edges.size(), reference_edges(device.system, {device.connected, device.enabled}).size());
  EXPECT_THAT(picture->nodes[0].lines, ElementsAre("nic.connected = false", "nic.enabled = false"));
  EXPECT_TRUE(picture->nodes[0].is_initial);
  EXPECT_FALSE(picture->nodes[1].is_initial);
  EXPECT_THAT(picture->nodes[3].broken, ElementsAre("quiet"));
  std::uint64_t states = 0;
  for (const PictureNode& node : picture->nodes) states += node.states;
  EXPECT_EQ(states, picture->states) << "each state is in one node";
}

TEST(StatePicture, WholeHasEveryState) {
  Device device;
  const auto picture = picture_of_states(device.system, {}, {});
  ASSERT_TRUE(picture) << picture.error();
  EXPECT_EQ(picture->nodes.size(), picture->states);
  std::vector<CellId> all;
  for (std::size_t i = 0; i < device.system.cells.size(); ++i) all.emplace_back(i);
  EXPECT_EQ(picture->edges.size(), reference_edges(device.system, all).size());
  EXPECT_THAT(picture->nodes[0].details, HasSubstr("nic.asking = false\n"));
}

TEST(StatePicture, SaysWhatToDoWhenThereIsTooMuch) {
  Device device;
  PictureOptions options;
  options.most_nodes = 3;
  const auto whole = picture_of_states(device.system, {}, options);
  ASSERT_FALSE(whole);
  EXPECT_THAT(whole.error(), HasSubstr("--on VARIABLE"));
  EXPECT_THAT(whole.error(), HasSubstr("(for example of nic.connected, nic.enabled, nic.asking)"));
  options.variables = {0, 1};
  const auto projected = picture_of_states(device.system, {}, options);
  ASSERT_FALSE(projected);
  EXPECT_THAT(projected.error(), HasSubstr("nic.connected has 2 values, nic.enabled has 2 values"));
  options.most_nodes = 4;
  EXPECT_TRUE(picture_of_states(device.system, {}, options));
}

TEST(StatePicture, KnowsItsLimit) {
  Device device;
  PictureOptions options;
  options.limits.states = 2;
  const auto picture = picture_of_states(device.system, {}, options);
  ASSERT_TRUE(picture);
  EXPECT_EQ(picture->limit, LimitKind::States);
}

TEST(StatePicture, OfARunNumbersItsSteps) {
  Device device;
  const model::Interpreter interpreter(device.system);
  checker::Run run;
  interpreter.for_each_initial_state([&](const State& state) {
    run.states.push_back(state);
    return false;
  });
  for (int i = 0; i < 4; ++i) {  // only the thread, once around
    const model::Actor manager{model::Actor::Kind::Step, 0, 0};
    const model::Successor taken = interpreter.successors(run.states.back(), manager).front();
    run.steps.push_back(taken.step);
    run.states.push_back(taken.next);
  }
  PictureOptions options;
  options.variables = {0};
  const auto picture = picture_of_run(device.system, {}, run, "quiet", options);
  ASSERT_TRUE(picture);
  ASSERT_EQ(picture->nodes.size(), 2u);
  ASSERT_EQ(picture->edges.size(), 2u);
  EXPECT_THAT(picture->edges[0].labels, ElementsAre("  1 manager:"));
  EXPECT_THAT(picture->edges[1].labels, ElementsAre("  3 manager:"));
  EXPECT_THAT(picture->nodes[0].broken, ElementsAre("quiet"));
}

StatePicture hostile() {
  StatePicture picture;
  picture.name = "A \"name\"";
  picture.is_projected = true;
  picture.nodes.resize(2);
  picture.nodes[0].lines = {"a = \"x\\y\"", "b = <&>"};
  picture.nodes[0].is_initial = true;
  picture.nodes[1].broken = {"r.rule"};
  picture.nodes[1].states = 1234;
  picture.edges.push_back({0, 1, {"one", "two", "three", "four", "five", "six"}});
  return picture;
}

TEST(Dot, IsEscaped) {
  const std::string dot = dot_text(hostile());
  EXPECT_THAT(dot, HasSubstr("label=\"A \\\"name\\\"\""));
  EXPECT_THAT(dot, HasSubstr("0[label=\"a = \\\"x\\\\y\\\"\\nb = <&>\", tooltip=\"\", peripheries=2]"));
  EXPECT_THAT(dot, HasSubstr("1,234 states\\n✗ r.rule"));
  EXPECT_THAT(dot, HasSubstr("0->1 [label=\"one\\ltwo\\lthree\\lfour\\land 2 more\\l\"]"));
}

TEST(GraphMl, IsEscapedAndWhole) {
  const std::string text = graphml_text(hostile());
  EXPECT_THAT(text, HasSubstr("b = &lt;&amp;&gt;"));
  EXPECT_THAT(text, HasSubstr("one\ntwo\nthree\nfour\nfive\nsix"));
  EXPECT_THAT(text, HasSubstr("attr.name=\"broken\""));
}

}  // namespace
}  // namespace quiesce::checker
