// What the engine promises beside the facts that tests/differential/ compares with the reference: limits, order,
// progress, interruption.
#include "checker/search/breadth_first.h"

#include <gtest/gtest.h>

#include "model/interpret/interpreter.h"
#include "tests/support/system_builder.h"

namespace quiesce::checker {
namespace {

using model::PropertyKind;
using model::SystemBuilder;

/// Counts to `top` in steps of one, in `counters` counters: (top + 1) ^ counters states, depth counters * top.
struct Counting : SystemBuilder {
  explicit Counting(int counters, std::int64_t top) {
    for (int i = 0; i < counters; ++i) {
      cells.push_back(integer("n" + std::to_string(i), 0, top));
      action("count" + std::to_string(i), less(get(cells[i]), number(top)),
             {set(cells[i], plus(get(cells[i]), number(1)))});
    }
  }
  std::vector<model::CellId> cells;
};

TEST(BreadthFirst, CountsStatesStepsAndDepth) {
  const Counting b(2, 9);
  const Exploration found = explore_breadth_first(b.system, {});
  EXPECT_EQ(found.statistics.distinct_states, 100u);
  EXPECT_EQ(found.statistics.generated_steps, 180u);
  EXPECT_EQ(found.statistics.depth, 18u);
  EXPECT_EQ(found.statistics.frontier, 0u);
  EXPECT_EQ(found.limit, LimitKind::None);
}

TEST(BreadthFirst, FindsAShortestRunForEachRule) {
  Counting b(2, 9);
  const model::RuleId near = b.rule("toy.near");
  const model::RuleId far = b.rule("toy.far");
  const model::RuleId never = b.rule("toy.never");
  b.property(PropertyKind::Never, far, b.exprs().conjunction(b.is(b.cells[0], 3), b.is(b.cells[1], 4)));
  b.property(PropertyKind::Never, near, b.is(b.cells[1], 2));
  b.property(PropertyKind::Never, never, b.is(b.cells[1], 10));
  b.property(PropertyKind::Reachable, never, b.is(b.cells[0], 5));
  const Exploration found = explore_breadth_first(b.system, {});
  ASSERT_EQ(found.findings.size(), 2u);
  EXPECT_EQ(found.findings[0].rule, near);
  EXPECT_EQ(found.findings[0].run.steps.size(), 2u);
  EXPECT_EQ(found.findings[1].rule, far);
  EXPECT_EQ(found.findings[1].run.steps.size(), 7u);
  ASSERT_EQ(found.findings[1].run.states.size(), 8u);
  EXPECT_EQ(found.findings[1].run.states[7][b.cells[0].value], 3);
  EXPECT_EQ(found.findings[1].run.states[7][b.cells[1].value], 4);
  ASSERT_EQ(found.witnesses.size(), 1u);
  EXPECT_EQ(found.witnesses[0].steps.size(), 5u);
  EXPECT_EQ(found.statistics.distinct_states, 100u) << "findings do not cut the search short";
}

TEST(BreadthFirst, StopsAtTheFirstFindingWhenAsked) {
  Counting b(2, 9);
  const model::RuleId rule = b.rule("toy.near");
  b.property(PropertyKind::Never, rule, b.is(b.cells[1], 2));
  SearchOptions options;
  options.stop_at_first = true;
  const Exploration found = explore_breadth_first(b.system, options);
  EXPECT_TRUE(found.stopped_at_first);
  ASSERT_EQ(found.findings.size(), 1u);
  EXPECT_LE(found.statistics.distinct_states, 10u) << "the layer in which it was found is finished";
}

TEST(BreadthFirst, JudgesStatesAtTheDepthLimit) {
  Counting b(1, 9);
  const model::RuleId at_limit = b.rule("toy.at_limit");
  const model::RuleId beyond = b.rule("toy.beyond");
  b.property(PropertyKind::Never, at_limit, b.is(b.cells[0], 4));
  b.property(PropertyKind::Never, beyond, b.is(b.cells[0], 5));
  SearchOptions options;
  options.limits.depth = 4;
  const Exploration found = explore_breadth_first(b.system, options);
  EXPECT_EQ(found.limit, LimitKind::Depth);
  EXPECT_EQ(found.statistics.distinct_states, 5u);
  EXPECT_EQ(found.statistics.frontier, 1u);
  ASSERT_EQ(found.findings.size(), 1u);
  EXPECT_EQ(found.findings[0].rule, at_limit);
}

TEST(BreadthFirst, IsCompleteWhenTheDepthLimitIsNotReached) {
  const Counting b(1, 9);
  SearchOptions options;
  options.limits.depth = 10;
  EXPECT_EQ(explore_breadth_first(b.system, options).limit, LimitKind::None);
}

TEST(BreadthFirst, StopsAtTheLimitOnStates) {
  const Counting b(2, 9);
  for (std::uint64_t states : {1u, 2u, 50u, 99u}) {
    SearchOptions options;
    options.limits.states = states;
    const Exploration found = explore_breadth_first(b.system, options);
    EXPECT_EQ(found.limit, LimitKind::States);
    EXPECT_EQ(found.statistics.distinct_states, states);
    EXPECT_GT(found.statistics.frontier, 0u);
  }
  SearchOptions options;
  options.limits.states = 100;
  EXPECT_EQ(explore_breadth_first(b.system, options).limit, LimitKind::None) << "just enough";
}

#if !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)  // whose shadow is memory of the process
TEST(BreadthFirst, StaysWithinTheLimitOnMemory) {
  const Counting b(5, 40);
  SearchOptions options;
  options.limits.memory_bytes = 32 << 20;  // of the whole process
  const Exploration found = explore_breadth_first(b.system, options);
  EXPECT_EQ(found.limit, LimitKind::Memory);
  EXPECT_LE(found.statistics.peak_memory_bytes, 32u << 20);
  EXPECT_GT(found.statistics.distinct_states, 50000u);
}
#endif

TEST(BreadthFirst, StopsAtTheTimeLimit) {
  const Counting b(5, 60);
  SearchOptions options;
  options.limits.time = std::chrono::milliseconds(50);
  const Exploration found = explore_breadth_first(b.system, options);
  EXPECT_EQ(found.limit, LimitKind::Time);
  EXPECT_GT(found.statistics.distinct_states, 0u);
  EXPECT_GT(found.statistics.frontier, 0u);
}

TEST(BreadthFirst, StopsInTheMiddleOfAState) {
  SystemBuilder b;
  const model::CellId n = b.integer("n", 0, 1000000);
  b.action("pick", b.number(1), {b.choose(0, 0, 1000000), b.choose(1, 0, 1000000), b.set(n, b.temp(0))});
  SearchOptions options;
  options.limits.time = std::chrono::milliseconds(20);
  const Exploration found = explore_breadth_first(b.system, options);
  EXPECT_EQ(found.limit, LimitKind::Time);
  EXPECT_GE(found.statistics.frontier, 1u);
  EXPECT_LT(found.statistics.wall, std::chrono::seconds(10));
}

TEST(BreadthFirst, StopsWhenInterrupted) {
  const Counting b(5, 60);
  std::atomic<bool> interrupt = true;
  SearchOptions options;
  options.interrupt = &interrupt;
  const Exploration found = explore_breadth_first(b.system, options);
  EXPECT_EQ(found.limit, LimitKind::Interrupted);
  EXPECT_EQ(found.statistics.distinct_states, 1u);
}

TEST(BreadthFirst, TellsItsProgress) {
  const Counting b(4, 30);
  SearchOptions options;
  options.limits.time = std::chrono::milliseconds(400);
  std::uint64_t last = 0;
  int calls = 0;
  options.progress = [&](const Statistics& statistics) {
    EXPECT_GE(statistics.distinct_states, last);
    last = statistics.distinct_states;
    ++calls;
  };
  explore_breadth_first(b.system, options);
  EXPECT_GE(calls, 1);
  EXPECT_LE(calls, 6) << "about ten a second";
}

TEST(BreadthFirst, GoesOnFromNoStateThatBreaksACoreRule) {
  Counting b(1, 9);
  const model::RuleId core = b.rule("core.toy", true);
  b.property(PropertyKind::Never, core, b.is(b.cells[0], 4));
  const Exploration found = explore_breadth_first(b.system, {});
  EXPECT_EQ(found.statistics.distinct_states, 5u);
  EXPECT_EQ(found.statistics.generated_steps, 4u);
  ASSERT_EQ(found.findings.size(), 1u);
}

TEST(BreadthFirst, ReportsCoreRulesThatNobodyAskedFor) {
  Counting b(1, 9);
  const model::RuleId core = b.rule("core.toy", true);
  const model::RuleId other = b.rule("toy.other");
  b.system.checked.clear();
  b.property(PropertyKind::Never, core, b.is(b.cells[0], 4));
  b.property(PropertyKind::Never, other, b.is(b.cells[0], 2));
  const Exploration found = explore_breadth_first(b.system, {});
  ASSERT_EQ(found.findings.size(), 1u);
  EXPECT_EQ(found.findings[0].rule, core);
}

TEST(BreadthFirst, FindsTheSameWithEveryNumberOfThreads) {
  Counting b(4, 14);
  const model::RuleId corner = b.rule("toy.corner");
  const model::RuleId core = b.rule("core.toy", true);
  b.property(PropertyKind::Never, corner, b.exprs().conjunction(b.is(b.cells[0], 9), b.is(b.cells[1], 9)));
  b.property(PropertyKind::Never, core, b.exprs().conjunction(b.is(b.cells[2], 11), b.is(b.cells[3], 5)));
  b.property(PropertyKind::Reachable, corner, b.is(b.cells[3], 14));
  SearchOptions options;
  options.threads = 1;
  const Exploration alone = explore_breadth_first(b.system, options);
  for (const unsigned threads : {2u, 3u, 8u}) {
    options.threads = threads;
    const Exploration found = explore_breadth_first(b.system, options);
    EXPECT_EQ(found.statistics.distinct_states, alone.statistics.distinct_states);
    EXPECT_EQ(found.statistics.generated_steps, alone.statistics.generated_steps);
    EXPECT_EQ(found.statistics.layers, alone.statistics.layers);
    ASSERT_EQ(found.findings.size(), 2u);
    for (std::size_t i = 0; i < found.findings.size(); ++i) {
      EXPECT_EQ(found.findings[i].rule, alone.findings[i].rule);
      EXPECT_EQ(found.findings[i].run.states, alone.findings[i].run.states);
    }
    ASSERT_EQ(found.witnesses.size(), alone.witnesses.size());
    for (std::size_t i = 0; i < found.witnesses.size(); ++i) {
      EXPECT_EQ(found.witnesses[i].states, alone.witnesses[i].states);
    }
  }
}

TEST(BreadthFirst, KeepsStatesInWaysThatLoseSome) {
  Counting b(4, 14);
  const model::RuleId corner = b.rule("toy.corner");
  b.property(PropertyKind::Never, corner, b.exprs().conjunction(b.is(b.cells[0], 9), b.is(b.cells[1], 9)));
  for (const Storage storage : {Storage::Compact, Storage::Bitstate}) {
    SearchOptions options;
    options.storage = storage;
    options.limits.memory_bytes = std::uint64_t{1} << 30;
    const Exploration found = explore_breadth_first(b.system, options);
    EXPECT_EQ(found.storage, storage);
    EXPECT_LE(found.statistics.distinct_states, 15u * 15 * 15 * 15);
    EXPECT_GT(found.statistics.distinct_states, 50000u);
    EXPECT_GT(found.missed_probability, 0);
    ASSERT_EQ(found.findings.size(), 1u);
    EXPECT_GE(found.findings[0].run.steps.size(), 18u);
    options.limits.states = 1000;
    EXPECT_EQ(explore_breadth_first(b.system, options).statistics.distinct_states, 1000u);
  }
}

TEST(BreadthFirst, ExploresASystemWithoutInitialState) {
  Counting b(1, 9);
  b.initial_any(b.cells[0]);
  b.system.initial_conditions.push_back(b.number(0));
  const Exploration found = explore_breadth_first(b.system, {});
  EXPECT_EQ(found.statistics.distinct_states, 0u);
  EXPECT_EQ(found.limit, LimitKind::None);
}

TEST(BreadthFirst, CountsAChoiceOfManyValuesExactly) {
  SystemBuilder b;
  const model::CellId n = b.integer("n", 0, 999);
  b.action("pick", b.number(1), {b.choose(0, 0, 999), b.set(n, b.temp(0))});
  const Exploration found = explore_breadth_first(b.system, {});
  EXPECT_EQ(found.statistics.distinct_states, 1000u);
  EXPECT_EQ(found.statistics.generated_steps, 1000000u);
}

/// So many that they are inserted in parts, beside a step that may be the same as another.
TEST(BreadthFirst, CountsStepsThatMayRepeatBesideAChoiceOfManyValues) {
  SystemBuilder b;
  const model::CellId m = b.integer("m", 0, 1);
  const model::CellId n = b.integer("n", 0, 99999);
  const model::CellId k = b.integer("k", 0, 1);  // 0 is for the last n only: no state consists of zeros
  b.initial(k, 1);
  model::Op either = b.choose(0, 0, 3);
  std::get<model::ChooseOp>(either).counted = false;
  b.action("again", b.number(1), {either, b.set(m, 1)});
  b.action("pick", b.is(n, 0), {b.choose(0, 0, 99999), b.set(n, b.temp(0))});
  b.action("last", b.is(n, 99999), {b.set(k, 0)});
  for (const Successors successors : {Successors::Table, Successors::Bytecode}) {
    for (const unsigned threads : {1U, 2U}) {
      SearchOptions options;
      options.successors = successors;
      options.threads = threads;
      const Exploration found = explore_breadth_first(b.system, options);
      EXPECT_EQ(found.statistics.distinct_states, 200002u);
      EXPECT_EQ(found.statistics.generated_steps, 200002u + 2 * 100000u + 4);
    }
  }
}

}  // namespace
}  // namespace quiesce::checker
