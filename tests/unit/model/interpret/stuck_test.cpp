// Partial deadlock (docs/semantics.md, 5).
#include "model/interpret/stuck.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/model/interpret/toy_system.h"

namespace quiesce::model {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

std::vector<Actor> stuck(const Toy& toy, const State& state) { return stuck_set(Interpreter(toy.s), state); }
Actor step(ContextId k, std::uint32_t activation = 0) { return {Actor::Kind::Step, k.value, activation}; }
Actor start(ContextId k) { return {Actor::Kind::Start, k.value, 0}; }

/// Puts a context at a location, level and CPU (-1: floating).
void place(const Toy& toy, State& state, ContextId k, std::int32_t location, std::int64_t level, std::int32_t cpu) {
  state[toy.s.at(k).location_cell[0].value] = location;
  state[toy.s.at(k).level_cell[0].value] = static_cast<std::int32_t>(level);
  state[toy.s.at(k).cpu_cell[0].value] = cpu + 1;
}
std::int32_t name_of(const Toy& toy, ContextId k) { return static_cast<std::int32_t>(toy.s.at(k).first_slot + 1); }

TEST(Stuck, TwoLocksInOppositeOrders) {
  Toy toy(2);
  const CellId l1 = toy.lock("l1");
  const CellId l2 = toy.lock("l2");
  const ContextId a = toy.thread("a");
  const ContextId b = toy.thread("b");
  toy.body(a, {{toy.set(l2, toy.me(a))}, {}});
  toy.body(b, {{toy.set(l1, toy.me(b))}, {}});
  toy.waits(a, 1, WaitKind::Lock, toy.is(l2, 0), l2);
  toy.waits(b, 1, WaitKind::Lock, toy.is(l1, 0), l1);
  State state = toy.initial();
  state[l1.value] = name_of(toy, a);
  EXPECT_THAT(stuck(toy, state), IsEmpty());  // a may go on
  state[l2.value] = name_of(toy, b);
  EXPECT_THAT(stuck(toy, state), SizeIs(2));
  ASSERT_THAT(Interpreter(toy.s).violations_of(state), SizeIs(1));
  EXPECT_EQ(Interpreter(toy.s).violations_of(state)[0].rule, toy.s.stuck_rule);
  EXPECT_TRUE(ends_run(toy.s, Interpreter(toy.s).violations_of(state)));
}

TEST(Stuck, WhoHasYetToRaiseToTheLocksLevelDoesNotWaitForIt) {
  Toy toy(2);
  const CellId l1 = toy.lock("l1");
  const CellId l2 = toy.lock("l2");
  const CellId raised = toy.flag("raised");  // stands for a's level having reached that of l2
  const ContextId a = toy.thread("a");
  const ContextId b = toy.thread("b");
  toy.body(a, {{}, {toy.set(l1, 0)}});
  toy.body(b, {{}, {toy.set(l2, 0)}});
  toy.waits(a, 1, WaitKind::Lock, toy.either(toy.is(raised, 0), toy.is(l2, 0)), l2);
  toy.waits(b, 1, WaitKind::Lock, toy.is(l1, 0), l1);
  State state = toy.initial();
  state[l1.value] = name_of(toy, a);
  state[l2.value] = name_of(toy, b);
  EXPECT_THAT(stuck(toy, state), IsEmpty());
  state[raised.value] = 1;
  EXPECT_THAT(stuck(toy, state), SizeIs(2));
}

/// A thread holds a lock at PASSIVE_LEVEL; another spins for it at DISPATCH_LEVEL on CPU 0.
struct Spinner : Toy {
  explicit Spinner(std::uint32_t cpus) : Toy(cpus), l(lock("l")), holder(thread("holder")), spinner(thread("spinner")) {
    body(holder, {{}, {set(l, 0)}});
    body(spinner, {{set(l, me(spinner))}, {}});
    waits(spinner, 1, WaitKind::Lock, is(l, 0), l);
    state = initial();
    place(*this, state, spinner, 1, Toy::kDispatch, 0);
    state[l.value] = name_of(*this, holder);
  }
  CellId l;
  ContextId holder, spinner;
  State state;
};

TEST(Stuck, AFloatingHolderAndASpinnerOnTheOnlyCpu) {
  const Spinner one(1);
  EXPECT_THAT(stuck(one, one.state), SizeIs(2));
  const Spinner two(2);
  EXPECT_THAT(stuck(two, two.state), IsEmpty());
}

/// A thread spins at DISPATCH_LEVEL on CPU 0 until a deferred call that is queued on `home` has run.
struct SpinForDpc : Toy {
  SpinForDpc(std::uint32_t cpus, std::int32_t queued_on)
      : Toy(cpus), home(cpu_cell("home")), done(flag("done")), t(thread("t")), call(dpc("dpc", home)) {
    body(t, {{}, {}});
    waits(t, 1, WaitKind::Spin, get(done));
    body(call, {{set(done, 1)}, {}});
    state = initial();
    place(*this, state, t, 1, Toy::kDispatch, 0);
    state[home.value] = queued_on + 1;
  }
  CellId home, done;
  ContextId t, call;
  State state;
};

TEST(Stuck, ASpinForADpcOfTheSameCpu) {
  const SpinForDpc same(2, 0);
  EXPECT_THAT(stuck(same, same.state), Contains(step(same.t)));
  EXPECT_THAT(stuck(same, same.state), Contains(start(same.call)));
  const SpinForDpc other(2, 1);
  EXPECT_THAT(stuck(other, other.state), IsEmpty());
}

TEST(Stuck, ADpcThatNobodyQueuesIsWaitedForForEver) {
  const SpinForDpc toy(2, -1);
  EXPECT_THAT(stuck(toy, toy.state), Contains(start(toy.call)));
}

TEST(Stuck, ADpcThatHardwareMayStillQueueIsNot) {
  SpinForDpc toy(2, -1);
  toy.action("queue", toy.is(toy.home, 0), {toy.set(toy.home, 2)});
  EXPECT_THAT(stuck(toy, toy.state), IsEmpty());
}

TEST(Stuck, AHandlerThatMayStillBeSentElsewhereIsNotBlockedByAnOldOn) {
  // `home` still names CPU 0, but the request is not there yet and comes with a new home.
  Toy toy(2);
  const CellId queued = toy.flag("queued");
  const CellId home = toy.cpu_cell("home");
  const CellId done = toy.flag("done");
  const ContextId t = toy.thread("t");
  const ContextId dpc = toy.handler("dpc", Toy::kDispatch, toy.get(queued), OnOne{toy.get(home)}, true);
  toy.body(t, {{}, {}});
  toy.waits(t, 1, WaitKind::Spin, toy.get(done));
  toy.body(dpc, {{toy.set(done, 1)}});
  toy.action("queue", toy.is(queued, 0), {toy.set(queued, 1), toy.set(home, 2)});
  State state = toy.initial();
  place(toy, state, t, 1, Toy::kDispatch, 0);
  state[home.value] = 1;
  EXPECT_THAT(stuck(toy, state), IsEmpty());
  state[queued.value] = 1;  // now it is queued on the spinner's CPU, and the action cannot act
  EXPECT_THAT(stuck(toy, state), Contains(start(dpc)));
}

TEST(Stuck, AFlushFromInsideTheFlushedHandler) {
  Toy toy(2);
  const CellId home = toy.cpu_cell("home");
  const ContextId item = toy.handler("item", Toy::kPassive, toy.number(1));
  toy.body(item, {{}, {}});
  toy.waits(item, 1, WaitKind::Await, toy.both(toy.is(home, 0), toy.idle(item)));
  State state = toy.initial();
  place(toy, state, item, 1, Toy::kPassive, -1);
  EXPECT_THAT(stuck(toy, state), Contains(step(item)));
}

TEST(Stuck, TheFlushedHandlerBuriesTheFlusher) {
  // An interrupt handler spins until the deferred call under it is idle.
  Toy toy(2);
  const CellId home = toy.cpu_cell("home");
  const ContextId dpc = toy.dpc("dpc", home);
  const ContextId isr = toy.handler("isr", Toy::kDevice, toy.number(1));
  toy.body(dpc, {{}});
  toy.body(isr, {{}, {}});
  toy.waits(isr, 1, WaitKind::Spin, toy.idle(dpc));
  State state = toy.initial();
  place(toy, state, dpc, 1, Toy::kDispatch, 0);
  place(toy, state, isr, 1, Toy::kDevice, 0);
  EXPECT_THAT(stuck(toy, state), Contains(step(dpc)));
  place(toy, state, isr, 1, Toy::kDevice, 1);
  EXPECT_THAT(stuck(toy, state), IsEmpty());
}

TEST(Stuck, AThreadThatWaitsForWorkWithEmptyHandsIsNot) {
  Toy toy(1);
  const CellId work = toy.flag("work");
  const ContextId t = toy.thread("t");
  toy.body(t, {{}, {}});
  toy.waits(t, 1, WaitKind::Await, toy.get(work));
  EXPECT_THAT(stuck(toy, toy.initial()), IsEmpty());
}

TEST(Stuck, InsideAFunctionThatReturnsItIs) {
  Toy toy(1);
  const CellId work = toy.flag("work");
  const ContextId t = toy.thread("t");
  toy.body(t, {{}, {}});
  toy.waits(t, 1, WaitKind::Await, toy.get(work));
  toy.s.functions.push_back({"drain", true, {}});
  toy.s.locations[toy.s.at(t).locations[0].value].inside.push_back(FunctionId(std::size_t{0}));
  EXPECT_THAT(stuck(toy, toy.initial()), SizeIs(1));
}

TEST(Stuck, ALockHolderThatWaitsForEverIs) {
  Toy toy(1);
  const CellId l = toy.lock("l");
  const CellId work = toy.flag("work");
  const ContextId t = toy.thread("t");
  toy.body(t, {{}, {}});
  toy.waits(t, 1, WaitKind::Await, toy.get(work));
  State state = toy.initial();
  state[l.value] = name_of(toy, t);
  EXPECT_THAT(stuck(toy, state), SizeIs(1));
}

TEST(Stuck, OneFalseConjunctThatOnlyMembersChangeIsEnough) {
  Toy toy(1);
  const CellId nobody = toy.flag("nobody");
  const CellId anybody = toy.flag("anybody");
  const ContextId t = toy.thread("t");
  toy.body(t, {{}, {}});
  toy.action("toggle", toy.number(1), {toy.set(anybody, toy.inverse(toy.get(anybody)))});
  const auto stuck_when = [&](ExprId guard) {
    Toy copy = toy;
    copy.waits(t, 1, WaitKind::Spin, guard);
    State state = copy.initial();
    return !stuck(copy, state).empty();
  };
  EXPECT_TRUE(stuck_when(toy.both(toy.get(anybody), toy.get(nobody))));
  EXPECT_TRUE(stuck_when(toy.both(toy.get(nobody), toy.get(anybody))));
  EXPECT_FALSE(stuck_when(toy.either(toy.get(anybody), toy.get(nobody))));
  EXPECT_FALSE(stuck_when(toy.get(anybody)));
}

TEST(Stuck, WhatAContextWroteBeforeItsPlaceItWritesNoMore) {
  Toy toy(2);
  const CellId go = toy.flag("go");
  const ContextId giver = toy.thread("giver");
  const ContextId taker = toy.thread("taker");
  toy.body(giver, {{toy.set(go, 1)}, {}});
  toy.body(taker, {{}, {}});
  toy.waits(taker, 1, WaitKind::Spin, toy.get(go));
  State state = toy.initial();
  EXPECT_THAT(stuck(toy, state), IsEmpty());
  place(toy, state, giver, 2, Toy::kPassive, -1);  // it went past, and something took the flag away again
  EXPECT_THAT(stuck(toy, state), Contains(step(taker)));
  EXPECT_THAT(stuck(toy, state), Not(Contains(step(giver))));
}

}  // namespace
}  // namespace quiesce::model
