// What observed events change, and that they change nothing else: on random systems each step of the observed system is
// a step of the system without observers, and the cells say what the trace of that step did.
#include <algorithm>
#include <deque>
#include <set>

#include <gtest/gtest.h>

#include "model/interpret/interpreter.h"
#include "model/interpret/trace.h"
#include "model/passes/observe_events.h"
#include "model/system/print.h"
#include "model/system/validate.h"
#include "tests/differential/random_events.h"
#include "tests/differential/random_system.h"

namespace quiesce {
namespace {

using namespace model;

/// Whether the step from `from`, which names no events, did what is observed.
bool happened(const TransitionSystem& system, const Observer& observer, const State& from, const Step& step) {
  if (observer.event == Observer::Event::Accepted) {
    return step.actor.kind == Actor::Kind::Start && step.actor.index == observer.context.value;
  }
  const std::vector<TraceEvent> events = trace(system, from, step);
  return std::any_of(events.begin(), events.end(), [&](const TraceEvent& event) {
    if (observer.event == Observer::Event::Called) {
      const auto* enter = std::get_if<EnterOp>(event.op);
      return enter != nullptr && enter->function == observer.function;
    }
    const auto* leave = std::get_if<LeaveOp>(event.op);
    if (leave == nullptr || leave->function != observer.function) return false;
    return observer.result_type == nullptr || event.values.at(0).at(0) == observer.result;
  });
}

State without_events(const TransitionSystem& system, State state) {
  for (const Observer& observer : system.observers) state[observer.cell.value] = 0;
  return state;
}

struct EventTotals {
  int steps = 0, events = 0;
};

void compare_step(const TransitionSystem& plain, const Successor& seen, const Successor& step, const State& from,
                  EventTotals& totals) {
  ASSERT_EQ(seen.step.actor, step.step.actor);
  ASSERT_EQ(seen.step.cpu, step.step.cpu);
  ASSERT_EQ(seen.step.choices, step.step.choices);
  ASSERT_EQ(seen.ends_run, step.ends_run);
  if (seen.ends_run) return;
  ASSERT_EQ(without_events(plain, seen.next), step.next);
  ++totals.steps;
  for (const Observer& observer : plain.observers) {
    const bool is_seen = seen.next[observer.cell.value] != 0;
    ASSERT_EQ(is_seen, happened(plain, observer, from, step.step)) << plain.at(observer.cell).name;
    totals.events += is_seen ? 1 : 0;
  }
}

void compare_seed(std::uint64_t seed, EventTotals& totals) {
  TransitionSystem plain = random_system(seed);
  Random random(seed + 5);
  add_events(plain, random);
  const TransitionSystem observed = observe_events(plain).system;
  ASSERT_TRUE(validate(observed).empty()) << validate(observed).front();
  const Interpreter of_plain(plain), of_observed(observed);
  std::set<State> known;
  std::deque<State> open;
  for (const State& state : of_observed.initial_states()) open.push_back(state);
  while (!open.empty() && known.size() < 60) {
    const State state = open.front();
    open.pop_front();
    if (!known.insert(state).second) continue;
    const State from = without_events(plain, state);
    const std::vector<Successor> seen = of_observed.successors(state), steps = of_plain.successors(from);
    ASSERT_EQ(seen.size(), steps.size());
    for (std::size_t i = 0; i < seen.size(); ++i) {
      compare_step(plain, seen[i], steps[i], from, totals);
      if (::testing::Test::HasFatalFailure()) return;
      if (!seen[i].ends_run) open.push_back(seen[i].next);
    }
  }
}

TEST(ObservedEvents, AreWhatStepsDid) {
  EventTotals totals;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    compare_seed(seed, totals);
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
  EXPECT_GT(totals.steps, 10000);
  EXPECT_GT(totals.events, 3000);
}

TEST(ObservedEvents, AreNothingWithoutObservers) {
  const TransitionSystem plain = random_system(3);
  EXPECT_EQ(print_system(observe_events(plain).system), print_system(plain));
}

}  // namespace
}  // namespace quiesce
