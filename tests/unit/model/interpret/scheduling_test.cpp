// Contexts, levels and CPUs (docs/semantics.md, 3), with counts done by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/model/interpret/toy_system.h"

namespace quiesce::model {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr std::int64_t kPassive = Toy::kPassive;
constexpr std::int64_t kDispatch = Toy::kDispatch;
constexpr std::int64_t kDevice = Toy::kDevice;

/// `state` after the only step of `k`.
State after(const Toy& toy, const State& state, ContextId k) {
  auto successors = steps_of(toy.s, state, k);
  EXPECT_THAT(successors, SizeIs(1)) << "steps of " << toy.s.at(k).name;
  return successors.at(0).next;
}
State started(const Toy& toy, const State& state, ContextId k, std::int32_t cpu) {
  for (const Successor& successor : starts_of(toy.s, state, k)) {
    if (successor.step.cpu == cpu) return successor.next;
  }
  ADD_FAILURE() << toy.s.at(k).name << " does not start on CPU " << cpu;
  return state;
}

/// Two threads of two statements, on any number of CPUs.
struct TwoThreads : Toy {
  explicit TwoThreads(std::uint32_t cpus) : Toy(cpus), a(thread("a")), b(thread("b")) {
    body(a, {{level(a, kDispatch)}, {level(a, kPassive)}, {}});
    body(b, {{}, {}});
  }
  ContextId a, b;
};

TEST(Scheduling, FloatingThreadsInterleaveHoweverManyCpus) {
  for (const std::uint32_t cpus : {1u, 2u, 4u}) {
    Toy toy(cpus);
    const ContextId a = toy.thread("a");
    const ContextId b = toy.thread("b");
    toy.body(a, {{}, {}});
    toy.body(b, {{}, {}});
    EXPECT_EQ(reachable(toy.s).size(), 9u) << cpus;  // 3 places each
    EXPECT_EQ(count_steps(toy.s), 12u) << cpus;      // 2 steps of each in each of 3 places of the other
  }
}

TEST(Scheduling, ARaisedThreadShutsOutOthersOfItsCpuOnly) {
  // a: raise, lower, end. b: pass, end. On one CPU b stands still while a is raised (one of a's 4 places).
  const TwoThreads one(1);
  EXPECT_EQ(reachable(one.s).size(), 12u);
  EXPECT_EQ(count_steps(one.s), 3u * 3u + 2u * 3u);
  const TwoThreads two(2);
  EXPECT_EQ(reachable(two.s).size(), 12u);
  EXPECT_EQ(count_steps(two.s), 3u * 3u + 2u * 4u);
}

TEST(Scheduling, RaisingMayHappenOnAnyCpuButIsOneStep) {
  const TwoThreads toy(4);
  const Interpreter interpreter(toy.s);
  EXPECT_THAT(steps_of(toy.s, toy.initial(), toy.a), SizeIs(4));
  std::size_t distinct = 0;
  for (const Successor& successor : interpreter.distinct_successors(toy.initial())) {
    distinct += successor.step.actor.index == toy.a.value;
  }
  EXPECT_EQ(distinct, 1u);
}

TEST(Scheduling, TheHighestOfACpuRuns) {
  Toy toy(1);
  const CellId home = toy.cpu_cell("home");
  const CellId line = toy.flag("line");
  const ContextId t = toy.thread("t");
  const ContextId dpc = toy.dpc("dpc", home);
  const ContextId isr = toy.handler("isr", kDevice, toy.get(line));
  toy.accept(isr, {toy.set(line, 0)});
  toy.body(t, {{}, {}});
  toy.body(dpc, {{}, {}});
  toy.body(isr, {{}});
  State state = toy.initial();
  state[home.value] = 1;
  state[line.value] = 1;
  EXPECT_THAT(steps_of(toy.s, state, t), IsEmpty());  // the DPC is urgent
  state = started(toy, state, dpc, 0);
  EXPECT_EQ(in(state, home), 0);
  EXPECT_THAT(steps_of(toy.s, state, t), IsEmpty());
  EXPECT_THAT(steps_of(toy.s, state, dpc), SizeIs(1));  // the interrupt may come later
  state = started(toy, state, isr, 0);
  EXPECT_THAT(steps_of(toy.s, state, t), IsEmpty());
  EXPECT_THAT(steps_of(toy.s, state, dpc), IsEmpty());
  state = after(toy, state, isr);
  EXPECT_EQ(in(state, toy.s.at(isr).cpu_cell[0]), 0);
  EXPECT_EQ(in(state, toy.s.at(isr).level_cell[0]), 0);
  state = after(toy, after(toy, state, dpc), dpc);
  EXPECT_THAT(steps_of(toy.s, state, t), SizeIs(1));
}

TEST(Scheduling, AnInterruptAndADpcRunAtOnceOnTwoCpus) {
  Toy toy(2);
  const CellId home = toy.cpu_cell("home");
  const CellId line = toy.flag("line");
  const ContextId dpc = toy.dpc("dpc", home);
  const ContextId isr = toy.handler("isr", kDevice, toy.get(line));
  toy.body(dpc, {{}, {}});
  toy.body(isr, {{}, {}});
  State state = toy.initial();
  state[home.value] = 1;
  state[line.value] = 1;
  state = started(toy, started(toy, state, dpc, 0), isr, 1);
  EXPECT_THAT(steps_of(toy.s, state, dpc), SizeIs(1));
  EXPECT_THAT(steps_of(toy.s, state, isr), SizeIs(1));
  EXPECT_THAT(starts_of(toy.s, state, isr), IsEmpty());  // its only activation runs
}

TEST(Scheduling, AHandlerWaitsUntilItsCpuIsBelowItsLevel) {
  Toy toy(1);
  const ContextId t = toy.thread("t");
  const ContextId low = toy.handler("low", 4, toy.number(1));
  const ContextId high = toy.handler("high", kDevice, toy.number(1));
  toy.body(t, {{toy.level(t, 4)}, {}});
  toy.body(low, {{}});
  toy.body(high, {{}});
  const State state = after(toy, toy.initial(), t);
  EXPECT_THAT(starts_of(toy.s, state, low), IsEmpty());
  EXPECT_THAT(starts_of(toy.s, state, high), SizeIs(1));
}

/// A thread at PASSIVE_LEVEL queues a deferred call on its own CPU, then goes on.
struct Queueing : Toy {
  explicit Queueing(std::uint32_t cpus)
      : Toy(cpus), home(cpu_cell("home")), t(thread("t")), other(thread("other")), call(dpc("dpc", home)) {
    body(t, {{set(home, current_cpu())}, {}});
    body(other, {{}});
    body(call, {{}});
  }
  CellId home;
  ContextId t, other, call;
};

TEST(Scheduling, WhoQueuesACallOnItsOwnCpuGoesOnOnlyAfterIt) {
  for (const std::uint32_t cpus : {1u, 2u, 4u}) {
    const Queueing toy(cpus);
    const auto queued = steps_of(toy.s, toy.initial(), toy.t);
    ASSERT_THAT(queued, SizeIs(cpus));
    State state = queued.front().next;
    EXPECT_EQ(in(state, toy.s.at(toy.t).cpu_cell[0]), 1);
    EXPECT_THAT(steps_of(toy.s, state, toy.t), IsEmpty());
    EXPECT_THAT(steps_of(toy.s, state, toy.other), SizeIs(cpus > 1 ? 1 : 0)) << "another CPU is free";
    state = started(toy, state, toy.call, 0);
    EXPECT_THAT(steps_of(toy.s, state, toy.t), IsEmpty()) << "buried";
    EXPECT_EQ(in(state, toy.s.at(toy.t).cpu_cell[0]), 1);
    state = after(toy, state, toy.call);
    EXPECT_EQ(in(state, toy.s.at(toy.t).cpu_cell[0]), 0) << "floats again";
    EXPECT_THAT(steps_of(toy.s, state, toy.t), SizeIs(1));
  }
}

TEST(Scheduling, StayingPinnedEndsWhenTheCallIsTakenBack) {
  Queueing toy(2);
  toy.action("cancel", toy.inverse(toy.is(toy.home, 0)), {toy.set(toy.home, 0)});
  const State queued = steps_of(toy.s, toy.initial(), toy.t).front().next;
  for (const Successor& successor : Interpreter(toy.s).successors(queued)) {
    if (successor.step.actor.kind != Actor::Kind::Act) continue;
    EXPECT_EQ(in(successor.next, toy.s.at(toy.t).cpu_cell[0]), 0);
    EXPECT_EQ(successor.step.cpu, -1);
  }
}

TEST(Scheduling, AStepThatUsesTheCpuWithoutACallFloatsAgain) {
  Toy toy(2);
  const CellId seen = toy.cpu_cell("seen");
  const ContextId t = toy.thread("t");
  toy.body(t, {{toy.set(seen, toy.current_cpu())}, {}});
  const auto steps = steps_of(toy.s, toy.initial(), t);
  ASSERT_THAT(steps, SizeIs(2));
  EXPECT_EQ(in(steps[1].next, seen), 2);
  EXPECT_EQ(in(steps[1].next, toy.s.at(t).cpu_cell[0]), 0);
  EXPECT_EQ(Interpreter(toy.s).distinct_successors(toy.initial()).size(), 1u);  // the CPU is not counted
}

TEST(Scheduling, WhoDropsBelowThePinLevelOverACallStaysPinned) {
  Toy toy(2);
  const CellId home = toy.cpu_cell("home");
  const ContextId t = toy.thread("t");
  const ContextId dpc = toy.dpc("dpc", home);
  toy.body(t, {{toy.level(t, kDispatch)}, {toy.set(home, toy.current_cpu())}, {toy.level(t, kPassive)}, {}});
  toy.body(dpc, {{}});
  State state = steps_of(toy.s, toy.initial(), t).front().next;
  state = after(toy, state, t);
  EXPECT_THAT(starts_of(toy.s, state, dpc), IsEmpty());  // masked by the thread itself
  state = after(toy, state, t);
  EXPECT_THAT(steps_of(toy.s, state, t), IsEmpty());
  EXPECT_THAT(starts_of(toy.s, state, dpc), SizeIs(1));
}

TEST(Scheduling, AnUrgentHandlerComesBeforeLowerOnesOfItsCpu) {
  Toy toy(2);
  const CellId home = toy.cpu_cell("home");
  const ContextId urgent = toy.handler("urgent", 6, toy.inverse(toy.is(home, 0)), OnOne{toy.get(home)}, true);
  const ContextId dpc = toy.handler("dpc", kDispatch, toy.number(1), OnSet{{toy.number(1), toy.number(1)}}, true);
  const ContextId isr = toy.handler("isr", kDevice, toy.number(1));
  const ContextId nmi = toy.handler("nmi", 7, toy.number(1));
  for (const ContextId k : {urgent, dpc, isr, nmi}) toy.body(k, {{}});
  State state = toy.initial();
  state[home.value] = 1;
  const auto cpus = [&](ContextId k) {
    std::set<std::int32_t> result;
    for (const Successor& successor : starts_of(toy.s, state, k)) result.insert(successor.step.cpu);
    return result;
  };
  EXPECT_EQ(cpus(urgent), std::set<std::int32_t>({0}));
  EXPECT_EQ(cpus(dpc), std::set<std::int32_t>({1}));
  EXPECT_EQ(cpus(isr), std::set<std::int32_t>({1}));
  EXPECT_EQ(cpus(nmi), std::set<std::int32_t>({0, 1}));  // higher than the urgent one
}

TEST(Scheduling, OnOfASetRestrictsTheStart) {
  Toy toy(3);
  const ContextId h = toy.handler("h", kDevice, toy.number(1), OnSet{{toy.number(0), toy.number(1), toy.number(0)}});
  toy.body(h, {{}});
  const auto starts = starts_of(toy.s, toy.initial(), h);
  ASSERT_THAT(starts, SizeIs(1));
  EXPECT_EQ(starts[0].step.cpu, 1);
}

TEST(Scheduling, ConcurrentActivationsRunBesideEachOther) {
  Toy toy(2);
  const CellId home = toy.cpu_cell("home");
  const ContextId dpc = toy.dpc("dpc", home, 2);
  toy.body(dpc, {{}, {}});
  State state = toy.initial();
  state[home.value] = 1;
  state = started(toy, state, dpc, 0);
  state[home.value] = 1;  // queued again where it still runs
  EXPECT_THAT(starts_of(toy.s, state, dpc), IsEmpty());
  state[home.value] = 2;
  state = started(toy, state, dpc, 1);
  EXPECT_THAT(steps_of(toy.s, state, dpc), SizeIs(2));
  const auto distinct = Interpreter(toy.s).distinct_successors(state);
  EXPECT_THAT(distinct, SizeIs(1)) << "interchangeable activations on interchangeable CPUs";
}

TEST(Scheduling, AHandlerBelowThePinLevelFloats) {
  Toy toy(1);
  const CellId work = toy.flag("work");
  const ContextId t = toy.thread("t");
  const ContextId item = toy.handler("item", kPassive, toy.get(work));
  toy.accept(item, {toy.set(work, 0)});
  toy.body(t, {{toy.level(t, kDispatch)}, {toy.level(t, kPassive)}, {}});
  toy.body(item, {{}});
  State state = toy.initial();
  state[work.value] = 1;
  ASSERT_THAT(starts_of(toy.s, state, item), SizeIs(1));
  EXPECT_EQ(starts_of(toy.s, state, item)[0].step.cpu, -1);
  const State item_runs = starts_of(toy.s, state, item)[0].next;
  EXPECT_EQ(in(item_runs, toy.s.at(item).cpu_cell[0]), 0);
  EXPECT_THAT(steps_of(toy.s, item_runs, t), SizeIs(1));
  const State raised = after(toy, state, t);
  EXPECT_THAT(starts_of(toy.s, raised, item), IsEmpty()) << "the only CPU is taken";
}

TEST(Scheduling, InsideOnAFloatingContextRunsOnlyThere) {
  Toy toy(2);
  const ContextId a = toy.thread("a");
  const ContextId b = toy.thread("b");
  toy.s.contexts[a.value].affinity_cell.push_back(toy.cpu_cell("a.affinity"));
  toy.body(a, {{}, {}});
  toy.body(b, {{toy.level(b, kDispatch)}, {}});
  State state = toy.initial();
  state[toy.s.at(a).affinity_cell[0].value] = 2;
  const auto raised = steps_of(toy.s, state, b);
  ASSERT_THAT(raised, SizeIs(2));
  EXPECT_THAT(steps_of(toy.s, raised[0].next, a), SizeIs(1));  // b took CPU 0
  EXPECT_THAT(steps_of(toy.s, raised[1].next, a), IsEmpty());  // b took CPU 1
}

TEST(Scheduling, EndingGivesBackAffinityAndCpu) {
  Toy toy(2);
  const ContextId a = toy.thread("a");
  toy.s.contexts[a.value].affinity_cell.push_back(toy.cpu_cell("a.affinity"));
  toy.body(a, {{}});
  State state = toy.initial();
  state[toy.s.at(a).affinity_cell[0].value] = 2;
  state = after(toy, state, a);
  EXPECT_EQ(in(state, toy.s.at(a).affinity_cell[0]), 0);
  EXPECT_EQ(in(state, toy.s.at(a).location_cell[0]), 0);
  EXPECT_TRUE(Interpreter(toy.s).all_ended(state));
}

TEST(Scheduling, AThreadThatBeginsRaisedBeginsPinned) {
  Toy toy(2);
  const ContextId a = toy.thread("a", kDispatch);
  const ContextId b = toy.thread("b", kDispatch);
  toy.body(a, {{}});
  toy.body(b, {{}});
  const auto initial = Interpreter(toy.s).initial_states();
  ASSERT_THAT(initial, SizeIs(1));  // on two CPUs that cannot be told apart
  EXPECT_NE(in(initial[0], toy.s.at(a).cpu_cell[0]), in(initial[0], toy.s.at(b).cpu_cell[0]));
}

TEST(Scheduling, AnyAndWhereGiveAllInitialStates) {
  Toy toy(1);
  const CellId x = toy.cell("x", 0, 9);
  const CellId y = toy.cell("y", 0, 9);
  toy.s.initial.push_back({x, {}, 1, 3});
  toy.s.initial.push_back({y, toy.get(x), 0, 0});
  toy.s.initial_conditions.push_back(toy.inverse(toy.is(y, 2)));
  const auto initial = Interpreter(toy.s).initial_states();
  ASSERT_THAT(initial, SizeIs(2));
  EXPECT_EQ(in(initial[1], y), 3);
  int visited = 0;
  Interpreter(toy.s).for_each_initial_state([&](const State&) { return ++visited < 1; });
  EXPECT_EQ(visited, 1) << "nobody wanted a second one";
  toy.s.initial_conditions.push_back(toy.is(x, 9));
  EXPECT_THAT(Interpreter(toy.s).initial_states(), IsEmpty());
}

TEST(Scheduling, ThreeInterchangeableThreadsOnOneToFourCpus) {
  // Each: raise, lower, end. On n CPUs at most n are raised at once: 4^3 places of the threads without those with more
  // than n raised: 64 - C(3,2)*3 - 1 = 54 on one CPU, 63 on two, 64 on three and four.
  const std::size_t expected[] = {54, 63, 64, 64};
  for (std::uint32_t cpus = 1; cpus <= 4; ++cpus) {
    Toy toy(cpus);
    for (const char* name : {"a", "b", "c"}) {
      const ContextId k = toy.thread(name);
      toy.body(k, {{toy.level(k, kDispatch)}, {toy.level(k, kPassive)}, {}});
    }
    EXPECT_EQ(reachable(toy.s).size(), expected[cpus - 1]) << cpus;
  }
}

}  // namespace
}  // namespace quiesce::model
