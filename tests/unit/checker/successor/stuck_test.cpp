// Cases of core.stuck that random systems (tests/differential/) hardly meet, each against the reference too.
#include "checker/successor/stuck.h"

#include <gtest/gtest.h>

#include "model/interpret/interpreter.h"
#include "tests/support/system_builder.h"

namespace quiesce::checker {
namespace {

using model::CellId;
using model::ContextId;
using model::State;
using model::SystemBuilder;

/// Whether both agree on `state`, and on what.
bool is_stuck(const model::TransitionSystem& system, const State& state) {
  const CompiledSystem compiled(system);
  const bool stuck = StuckDetector(compiled).is_stuck(state.data());
  EXPECT_EQ(stuck, !model::stuck_set(model::Interpreter(system), state).empty());
  return stuck;
}

/// A thread spins at DISPATCH on CPU 0 for what only a handler sets, which nothing has asked for yet; its `on` names
/// the thread's CPU. An action may ask for it, and, if `redirects`, on another CPU.
struct SpinForHandler : SystemBuilder {
  explicit SpinForHandler(bool redirects) : SystemBuilder(2) {
    system.fixed_cpus = 3;
    asked = boolean("asked");
    done = boolean("done");
    home = integer("home", 0, 2);
    system.cells[home.value].kind = model::CellKind::Cpu;
    initial(home, 1);
    spinner = thread("spinner", 1);
    at(spinner, 1) = program({end()});
    wait(spinner, 1, get(done), model::WaitKind::Spin);
    const ContextId handler = SystemBuilder::handler("handler", 2, get(asked), 1);
    system.contexts[handler.value].cpus = model::OnOne{get(home)};
    at(handler, 1) = program({set(done, 1), end()});
    std::vector<model::Op> ops = {set(asked, 1)};
    if (redirects) ops.push_back(set(home, 2));
    action("ask", number(1), ops);
  }
  State spinning() const {
    State state = model::Interpreter(system).initial_states().front();
    const model::Context& context = system.at(spinner);
    state[context.level_cell[0].value] = 2;
    state[context.cpu_cell[0].value] = 1;
    return state;
  }
  CellId asked, done, home;
  ContextId spinner;
};

TEST(StuckDetector, FindsASpinForAHandlerThatTheSpinnerKeepsOut) {
  const SpinForHandler b(false);
  EXPECT_TRUE(is_stuck(b.system, b.spinning()));
}

TEST(StuckDetector, KnowsThatAHandlerMayYetBeSentToAnotherCpu) {
  const SpinForHandler b(true);
  EXPECT_FALSE(is_stuck(b.system, b.spinning()));
}

TEST(StuckDetector, LetsThreadsWaitWithEmptyHands) {
  SystemBuilder b;
  const CellId never = b.boolean("never");
  const ContextId waiter = b.thread("waiter", 1);
  b.at(waiter, 1) = b.program({b.end()});
  b.wait(waiter, 1, b.get(never));
  EXPECT_FALSE(is_stuck(b.system, model::Interpreter(b.system).initial_states().front()));
}

TEST(StuckDetector, MindsAWaitInAFunctionThatMustReturn) {
  SystemBuilder b;
  const CellId never = b.boolean("never");
  const ContextId waiter = b.thread("waiter", 1);
  b.at(waiter, 1) = b.program({b.end()});
  b.wait(waiter, 1, b.get(never));
  b.system.functions.push_back({"drain", true, {}});
  b.location(waiter, 1).inside = {model::FunctionId(0)};
  EXPECT_TRUE(is_stuck(b.system, model::Interpreter(b.system).initial_states().front()));
}

}  // namespace
}  // namespace quiesce::checker
