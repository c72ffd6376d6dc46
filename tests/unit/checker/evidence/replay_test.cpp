#include "checker/evidence/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/system_builder.h"

namespace quiesce::checker {
namespace {

using model::CellId;
using model::Interpreter;
using model::PropertyKind;
using model::Step;
using model::SystemBuilder;
using ::testing::HasSubstr;

/// A counter from 0 to 3 that breaks toy.two as it becomes 2 and a core rule as it leaves 3.
struct Counter : SystemBuilder {
  Counter() {
    n = integer("n", 0, 3);
    two = rule("toy.two");
    end = rule("core.end", true);
    action(
        "count", number(1),
        {check(exprs().negation(is(n, 1)), two), check(less(get(n), number(3)), end), set(n, plus(get(n), number(1)))});
    property(PropertyKind::Never, two, is(n, 2));
  }
  Run to(int top) const {
    Run run;
    for (int i = 0; i <= top; ++i) run.states.push_back({i});
    Step step;
    step.actor = {model::Actor::Kind::Act, 0, 0};
    run.steps.assign(static_cast<std::size_t>(top), step);
    return run;
  }
  CellId n;
  model::RuleId two, end;
};

TEST(Replay, RepeatsARunOfTheSystem) {
  const Counter b;
  const auto run = replay(Interpreter(b.system), b.to(3));
  ASSERT_TRUE(run) << run.error();
  EXPECT_EQ(run->states, b.to(3).states);
  EXPECT_EQ(run->steps.size(), 3u);
}

TEST(Replay, RefusesARunThatBeginsElsewhere) {
  const Counter b;
  checker::Run run = b.to(2);
  run.states.erase(run.states.begin());
  run.steps.pop_back();
  const auto refused = replay(Interpreter(b.system), run);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error(), HasSubstr("initial state"));
}

TEST(Replay, RefusesAStepThatDoesNotExistAndSaysWhatDoes) {
  const Counter b;
  checker::Run run = b.to(2);
  run.states[2] = {3};
  const auto refused = replay(Interpreter(b.system), run);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error(), HasSubstr("step 1, action 'count', cannot be repeated from n=1"));
  EXPECT_THAT(refused.error(), HasSubstr("n=3"));
  EXPECT_THAT(refused.error(), HasSubstr("[action 'count' to n=2]"));
}

Finding finding(const Counter& b, model::RuleId rule, bool in_state, Run run) {
  Finding finding;
  finding.rule = rule;
  finding.violation.rule = rule;
  finding.in_state = in_state;
  finding.run = std::move(run);
  (void)b;
  return finding;
}

TEST(Replay, AcceptsViolationsOfStatesAndSteps) {
  const Counter b;
  const Interpreter interpreter(b.system);
  EXPECT_TRUE(replay(interpreter, finding(b, b.two, true, b.to(2))));
  EXPECT_TRUE(replay(interpreter, finding(b, b.two, false, b.to(2))));
  checker::Run ending = b.to(4);
  ending.states.pop_back();  // the last step ends the run
  const auto ended = replay(interpreter, finding(b, b.end, false, ending));
  ASSERT_TRUE(ended) << ended.error();
  EXPECT_EQ(ended->run.states.size(), 4u);
  EXPECT_EQ(ended->run.steps.size(), 4u);
}

TEST(Replay, RefusesViolationsThatAreNone) {
  const Counter b;
  const Interpreter interpreter(b.system);
  const auto refused = replay(interpreter, finding(b, b.two, true, b.to(1)));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error(), HasSubstr("does not break 'toy.two'"));
  EXPECT_FALSE(replay(interpreter, finding(b, b.two, false, b.to(1))));
  EXPECT_FALSE(replay(interpreter, finding(b, b.end, false, b.to(3))));
}

TEST(Replay, GoesThroughNoStateThatBreaksACoreRule) {
  Counter b;
  b.property(PropertyKind::Never, b.end, b.is(b.n, 1));
  const auto refused = replay(Interpreter(b.system), b.to(2));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error(), HasSubstr("breaks a core rule"));
}

TEST(Replay, TellsARunWithOneNumberingOfCpus) {
  // A thread remembers its CPU, another one asks for a different CPU: the run of representatives names both CPU 1.
  SystemBuilder b(2);
  model::Cell cell;
  cell.hi = 2;
  cell.kind = model::CellKind::Cpu;
  std::vector<CellId> homes;
  for (const char* name : {"first", "second"}) {
    cell.name = name;
    b.system.cells.push_back(cell);
    homes.push_back(CellId(b.system.cells.size() - 1));
  }
  model::ChooseOp choose;
  choose.hi = 2;
  choose.lo = 1;
  choose.counted = false;
  choose.temp = model::TempId(0);
  for (CellId home : homes) b.action(b.system.at(home).name, b.is(home, 0), {choose, b.set(home, b.temp(0))});
  const Interpreter interpreter(b.system);
  checker::Run run;
  run.states.push_back(interpreter.initial_states().front());
  for (int i = 0; i < 2; ++i) {
    for (const model::Successor& successor : interpreter.distinct_successors(run.states.back())) {
      if (successor.step.actor.index != static_cast<std::uint32_t>(i)) continue;
      run.states.push_back(successor.next);
      run.steps.push_back(successor.step);
      break;
    }
  }
  const auto replayed = replay(interpreter, run);
  ASSERT_TRUE(replayed) << replayed.error();
  EXPECT_EQ(replayed->states[1][homes[0].value], replayed->states[2][homes[0].value]);
}

}  // namespace
}  // namespace quiesce::checker
