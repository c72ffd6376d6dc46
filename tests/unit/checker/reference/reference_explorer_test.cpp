#include "checker/search/reference_explorer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/model/interpret/toy_system.h"

namespace quiesce::checker {
namespace {

using model::CellId;
using model::ContextId;
using model::PropertyKind;
using model::RuleId;
using model::Toy;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// Counts x from 0 to 5, one step each; then the thread ends.
struct Counter : Toy {
  Counter() : Toy(1), x(cell("x", 0, 9)), t(thread("t")) {
    std::vector<std::vector<model::Op>> statements;
    for (int i = 1; i <= 5; ++i) statements.push_back({set(x, i)});
    statements.push_back({});
    body(t, statements);
  }
  CellId x;
  ContextId t;
};

TEST(ReferenceExplorer, CountsStatesStepsAndDepth) {
  const Counter toy;
  const Exploration result = explore_reference(toy.s, {});
  EXPECT_EQ(result.statistics.distinct_states, 7u);
  EXPECT_EQ(result.statistics.generated_steps, 6u);
  EXPECT_EQ(result.statistics.depth, 6u);
  EXPECT_EQ(result.statistics.frontier, 0u);
  EXPECT_EQ(result.limit, LimitKind::None);
}

TEST(ReferenceExplorer, FindsAShortestRunForEachRule) {
  Counter toy;
  const RuleId late = toy.rule("lib.late");
  const RuleId early = toy.rule("lib.early");
  toy.property(PropertyKind::Never, late, toy.is(toy.x, 4));
  toy.property(PropertyKind::Never, early, toy.is(toy.x, 2));
  toy.property(PropertyKind::Never, early, toy.is(toy.x, 3));
  const Exploration result = explore_reference(toy.s, {});
  ASSERT_THAT(result.findings, SizeIs(2));
  EXPECT_EQ(result.findings[0].rule, early);
  EXPECT_TRUE(result.findings[0].in_state);
  EXPECT_THAT(result.findings[0].run.steps, SizeIs(2));
  EXPECT_THAT(result.findings[0].run.states, SizeIs(3));
  EXPECT_EQ(result.findings[1].rule, late);
  EXPECT_THAT(result.findings[1].run.steps, SizeIs(4));
  EXPECT_EQ(result.statistics.distinct_states, 7u) << "the run goes on behind a broken library rule";
}

TEST(ReferenceExplorer, AStateThatBreaksACoreRuleHasNoSuccessors) {
  Counter toy;
  const RuleId core = toy.rule("core.index", true);
  toy.property(PropertyKind::Never, core, toy.is(toy.x, 2));
  const Exploration result = explore_reference(toy.s, {});
  EXPECT_EQ(result.statistics.distinct_states, 3u);
  EXPECT_EQ(result.statistics.generated_steps, 2u);
}

TEST(ReferenceExplorer, AStepThatBreaksACoreRuleIsNotCounted) {
  Toy toy(1);
  const RuleId core = toy.rule("core.range", true);
  const ContextId t = toy.thread("t");
  toy.body(t, {{}, {toy.check(toy.number(0), core)}});
  const Exploration result = explore_reference(toy.s, {});
  EXPECT_EQ(result.statistics.distinct_states, 2u);
  EXPECT_EQ(result.statistics.generated_steps, 1u);
  ASSERT_THAT(result.findings, SizeIs(1));
  EXPECT_THAT(result.findings[0].run.states, SizeIs(2));
  EXPECT_THAT(result.findings[0].run.steps, SizeIs(2));
  EXPECT_FALSE(result.findings[0].in_state);
  EXPECT_THAT(result.exercised, ElementsAre(core));
}

TEST(ReferenceExplorer, RecordsWitnessesAndTriggers) {
  Counter toy;
  const RuleId r = toy.rule("lib.rule");
  toy.property(PropertyKind::Reachable, r, toy.is(toy.x, 3));
  toy.property(PropertyKind::Reachable, r, toy.is(toy.x, 8));
  toy.property(PropertyKind::Invariant, r, toy.number(1), toy.is(toy.x, 5));
  toy.property(PropertyKind::Invariant, r, toy.number(1), toy.is(toy.x, 9));
  const Exploration result = explore_reference(toy.s, {});
  EXPECT_THAT(result.witnessed, ElementsAre(model::PropertyId(std::size_t{0})));
  ASSERT_THAT(result.witnesses, SizeIs(1));
  EXPECT_THAT(result.witnesses[0].steps, SizeIs(3));
  EXPECT_THAT(result.triggered, ElementsAre(model::PropertyId(std::size_t{2})));
}

TEST(ReferenceExplorer, FindsDeadlocks) {
  Toy toy(1);
  const RuleId r = toy.rule("assert.deadlock_free");
  const CellId go = toy.flag("go");
  const ContextId t = toy.thread("t");
  toy.body(t, {{}, {}});
  toy.waits(t, 2, model::WaitKind::Await, toy.get(go));
  toy.property(PropertyKind::DeadlockFree, r);
  const Exploration result = explore_reference(toy.s, {});
  ASSERT_THAT(result.findings, SizeIs(1));
  EXPECT_EQ(result.findings[0].rule, r);
  EXPECT_THAT(result.findings[0].run.steps, SizeIs(1));
}

TEST(ReferenceExplorer, TheEndOfEverythingIsNoDeadlock) {
  Counter toy;
  toy.property(PropertyKind::DeadlockFree, toy.rule("assert.deadlock_free"));
  EXPECT_THAT(explore_reference(toy.s, {}).findings, IsEmpty());
}

TEST(ReferenceExplorer, FindsWhatIsLeakedAtTheEndOfEverything) {
  Counter toy;
  const RuleId leaked = toy.rule("life.leaked");
  model::Instance object;
  object.path = "buffer";
  object.life = toy.cell("buffer.life", 0, 2);
  toy.s.instances.push_back(object);
  EXPECT_THAT(explore_reference(toy.s, {}).findings, IsEmpty());  // it was never made
  toy.s.initial.push_back({*object.life, toy.number(1), 0, 0});
  const Exploration result = explore_reference(toy.s, {});
  ASSERT_THAT(result.findings, SizeIs(1));
  EXPECT_EQ(result.findings[0].rule, leaked);
  EXPECT_THAT(result.findings[0].run.steps, SizeIs(6));
}

TEST(ReferenceExplorer, StopsAtLimitsAndSaysWhatIsLeft) {
  const Counter toy;
  SearchOptions options;
  options.limits.states = 3;
  Exploration result = explore_reference(toy.s, options);
  EXPECT_EQ(result.limit, LimitKind::States);
  EXPECT_EQ(result.statistics.distinct_states, 3u);
  EXPECT_GT(result.statistics.frontier, 0u);

  options.limits = {};
  options.limits.depth = 2;
  result = explore_reference(toy.s, options);
  EXPECT_EQ(result.limit, LimitKind::Depth);
  EXPECT_EQ(result.statistics.depth, 2u);
  EXPECT_EQ(result.statistics.distinct_states, 3u);

  options.limits = {};
  options.limits.time = std::chrono::milliseconds(0);
  EXPECT_EQ(explore_reference(toy.s, options).limit, LimitKind::Time);

  options.limits = {};
  options.limits.memory_bytes = 1;
  EXPECT_EQ(explore_reference(toy.s, options).limit, LimitKind::Memory);

  options.limits = {};
  std::atomic<bool> interrupt{true};
  options.interrupt = &interrupt;
  EXPECT_EQ(explore_reference(toy.s, options).limit, LimitKind::Interrupted);
}

TEST(ReferenceExplorer, LimitsThatAreJustLargeEnoughAreNotReached) {
  const Counter toy;
  SearchOptions options;
  options.limits.states = 7;
  EXPECT_EQ(explore_reference(toy.s, options).limit, LimitKind::None);
}

TEST(ReferenceExplorer, StopsAtTheFirstViolationOfACheckedRule) {
  Counter toy;
  const RuleId unchecked = toy.rule("lib.unchecked");
  toy.s.checked.pop_back();
  const RuleId r = toy.rule("lib.rule");
  toy.property(PropertyKind::Never, unchecked, toy.is(toy.x, 1));
  toy.property(PropertyKind::Never, r, toy.is(toy.x, 2));
  SearchOptions options;
  options.stop_at_first = true;
  const Exploration result = explore_reference(toy.s, options);
  EXPECT_TRUE(result.stopped_at_first);
  ASSERT_THAT(result.findings, SizeIs(1));
  EXPECT_EQ(result.findings[0].rule, r);
  EXPECT_EQ(result.statistics.distinct_states, 3u);
}

TEST(ReferenceExplorer, EveryRunCanBeTakenStepByStep) {
  Counter toy;
  const RuleId r = toy.rule("lib.rule");
  toy.property(PropertyKind::Never, r, toy.is(toy.x, 5));
  const Exploration result = explore_reference(toy.s, {});
  const model::Interpreter interpreter(toy.s);
  ASSERT_THAT(result.findings, SizeIs(1));
  const checker::Run& run = result.findings[0].run;
  EXPECT_EQ(run.states.front(), interpreter.initial_states().front());
  for (std::size_t i = 0; i < run.steps.size(); ++i) {
    bool possible = false;
    for (const model::Successor& successor : interpreter.distinct_successors(run.states[i])) {
      possible = possible || (successor.step.actor == run.steps[i].actor && successor.next == run.states[i + 1]);
    }
    EXPECT_TRUE(possible) << "step " << i;
  }
}

}  // namespace
}  // namespace quiesce::checker
