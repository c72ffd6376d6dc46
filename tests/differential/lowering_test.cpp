// Statements are lowered twice: as steps of their own (backwards, model/elaborate/statements.cpp and others), and within
// one step (forwards, one_step.cpp). docs/decisions.md says why. The two must mean the same: every kind of statement,
// alone in a system, leads to the same final states and breaks the same rules whether it stands in a function, in
// `atomic { }`, or in an atomic function.
#include <gtest/gtest.h>

#include <deque>
#include <ostream>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "model/interpret/interpreter.h"
#include "model/types/typed_tree.h"
#include "tests/differential/designs.h"

namespace quiesce {
namespace {

using namespace model;

/// What can come of a system without other contexts.
struct Ends {
  std::set<std::string> states;  // where all has ended: the shared variables
  std::set<std::string> broken;
  std::set<std::string> exercised;
  std::size_t blocked = 0;  // states in which something waits forever

  bool operator==(const Ends& other) const {
    return states == other.states && broken == other.broken && exercised == other.exercised &&
           (blocked > 0) == (other.blocked > 0);
  }
};

void PrintTo(const Ends& ends, std::ostream* out) {
  for (const std::string& state : ends.states) *out << "\n  ends with " << state;
  for (const std::string& rule : ends.broken) *out << "\n  breaks " << rule;
  for (const std::string& rule : ends.exercised) *out << "\n  checks " << rule;
  if (ends.blocked > 0) *out << "\n  waits forever";
}

std::string shared(const TransitionSystem& system, const State& state) {
  std::string text;
  for (const Variable& variable : system.variables) {
    if (variable.owner || variable.hidden) continue;
    text += fmt::format("{}={} ", variable.name, format_value(*variable.type, state.data() + variable.first.value));
  }
  for (const Instance& instance : system.instances) {
    if (instance.life) text += fmt::format("{}:{} ", instance.path, state[instance.life->value]);
  }
  return text;
}

Ends ends_of(const TransitionSystem& system) {
  const Interpreter interpreter(system);
  Ends ends;
  std::set<State> seen;
  std::deque<State> open;
  const auto visit = [&](const State& state) {
    if (seen.insert(state).second) open.push_back(state);
  };
  for (const State& state : interpreter.initial_states()) visit(state);
  while (!open.empty()) {
    const State state = open.front();
    open.pop_front();
    if (interpreter.all_ended(state)) ends.states.insert(shared(system, state));
    const std::vector<Violation> violations = interpreter.violations_of(state);
    for (const Violation& violation : violations) {
      if (violation.rule != system.stuck_rule) ends.broken.insert(system.at(violation.rule).name);
    }
    if (ends_run(system, violations)) {
      ++ends.blocked;
      continue;
    }
    const std::vector<Successor> successors = interpreter.successors(state);
    ends.blocked += successors.empty() && !interpreter.all_ended(state);
    for (const Successor& next : successors) {
      for (const Violation& violation : next.violations) ends.broken.insert(system.at(violation.rule).name);
      for (const RuleId rule : next.exercised) ends.exercised.insert(system.at(rule).name);
      if (!next.ends_run) visit(interpreter.canonical(next.next));
    }
  }
  return ends;
}

/// `body` in a system with variables of every type; `call` and `extra` say how it is executed.
std::string text_of(const std::string& thread, const std::string& function) {
  return fmt::format(R"(module s
rule positive {{ title "a" because "b" cite "c" }}
enum Colour {{ Red, Green, Blue }}
struct Pair {{ a: int 0..3, b: bool }}
object machine Thing {{ n: int 0..3 = 0 }}
machine Other {{
  v: int 0..3 = 2
  fn bump() {{ v = 1  if v == 1 {{ v = 3 }} }}
  atomic fn get(add: int 0..3) -> int 0..9 {{ v = 0  return add + 1 }}
  atomic fn is(n: int 0..3) -> bool {{ v = 1  return n == 2 }}
  atomic fn maybe(go: bool) {{ if go {{ v = 1  return }}  v = 0 }}
}}
system S {{
  x: int 0..9 = 0  y: int 0..9 = 3  flag: bool  colour: Colour  pair: Pair
  list: array<int 0..3, 3>  jobs: queue<int 0..3, 3>  some: set<Colour>
  plain: spinlock  door: mutex  meeting: handover<int 0..3>
  other: Other()  second: Other()  thing: Thing()
  pick: ref Other? = null
  {}
  thread t {{ {} }}
}}
check S
)",
                     function, thread);
}

Ends ends_of_text(const std::string& text) {
  std::string problem;
  const std::vector<DesignCase> cases = cases_of_text("lowering.qsm", text, &problem);
  EXPECT_EQ(cases.size(), 1u) << problem << "\n" << text;
  return cases.empty() ? Ends() : ends_of(cases.front().system);
}

struct Statement {
  const char* name;
  const char* text;
};

void PrintTo(const Statement& statement, std::ostream* out) { *out << statement.text; }

class Lowering : public testing::TestWithParam<Statement> {};

TEST_P(Lowering, IsTheSameInOneStepAndInMany) {
  const std::string body = GetParam().text;
  const Ends steps = ends_of_text(text_of(body, ""));
  EXPECT_FALSE(steps.states.empty() && steps.broken.empty() && steps.blocked == 0);
  EXPECT_EQ(steps, ends_of_text(text_of("atomic { " + body + " }", "")));
  EXPECT_EQ(steps, ends_of_text(text_of("f()", "fn f() { " + body + " }")));
  EXPECT_EQ(steps, ends_of_text(text_of("f()", "atomic fn f() { " + body + " }")));
}

// A new kind of statement needs a line here. `while`, `raise`, `lower`, `at LEVEL { }` and `on c { }` take steps always.
static_assert(std::variant_size_v<decltype(types::Stmt::node)> == 30);

constexpr Statement kStatements[] = {
    {"AssignStmt", "x = y + 1  list[x - 4] = 2  pair.a = list[0]  pair.b = !flag"},
    {"AssignStmtOutOfRange", "x = y + 7"},
    {"AssignStmtOutsideAnArray", "list[y] = 1"},
    {"AssignStmtThroughNull", "pick.v = 1"},
    {"AssignStmtThroughAReference", "pick = second  pick.v = 1  pick = other  x = pick.v"},
    {"LocalStmt", "var n: int 0..9 = y  n += 1  x = n"},
    {"CallStmt", "other.bump()  second.maybe(flag)  x = other.get(2)"},
    {"CallStmtThroughAReference", "pick = other  pick.maybe(true)  x = pick.get(1)"},
    {"CallStmtForALocal", "var n = other.get(3)  x = n"},
    {"CollectionStmtPush", "jobs.push(1)  jobs.push(2)  x = jobs.first  jobs.pop()  y = jobs.length"},
    {"CollectionStmtOverflow", "jobs.push(1)  jobs.push(2)  jobs.push(3)  jobs.push(0)"},
    {"CollectionStmtUnderflow", "jobs.pop()"},
    {"CollectionStmtRemove", "jobs.push(1)  jobs.push(2)  jobs.push(1)  jobs.remove(1)  x = jobs.first"},
    {"CollectionStmtClear", "jobs.push(1)  some.add(Green)  jobs.clear()  some.remove(Green)  some.add(Blue)"},
    {"IfStmt", "if y == 3 { x = 1 } else if flag { x = 2 } else { x = 3 }  if flag { x = 9 } else { y = 0 }"},
    {"IfStmtOfACall", "if other.is(2) { x = 1 } else { x = 2 }  if other.is(1) { y = 0 }"},
    {"ForStmtOverValues", "for n in 1..3 { x += n  if n == 2 { break } }"},
    {"ForStmtOverAnEnum", "for c in Colour { if c == Green { continue }  some.add(c) }"},
    {"ForStmtOverInstances", "for m in Other { m.v = 3  x += 1 }"},
    {"ForStmtOverAQueue", "jobs.push(3)  jobs.push(1)  for n in jobs { x += n }"},
    {"ForStmtOverASet", "some.add(Red)  some.add(Blue)  for c in some { x += 1  colour = c }"},
    {"ForStmtInside", "for n in 0..1 { for m in 0..1 { if m == n { continue }  x += 1 + n } }"},
    {"EitherStmt", "either { x = 1 } or { x = 2  y = 2 } or { pass }"},
    {"EitherStmtInside", "either { x = 1 } or { either { x = 2 } or { x = 3 } }  y = x"},
    {"ChooseStmt", "choose n: int 0..3 where n != 1  x = n"},
    {"ChooseStmtOfAReference", "choose m: ref Other  m.v = 0"},
    {"ChooseStmtOfNothing", "choose n: int 0..3 where n > y  x = n"},
    {"AwaitStmt", "await y == 3  x = 1"},
    {"AwaitStmtForEver", "await y == 4  x = 1"},
    {"SpinStmt", "spin until y == 3  x = 1"},
    {"SpinStmtForEver", "spin until flag  x = 1"},
    {"AtomicStmt", "atomic { x = 1  y = x }  x = 2"},
    {"AcquireStmt", "acquire plain  x = plain.mine ? 1 : 2  release plain  y = plain.held ? 1 : 2"},
    {"AcquireStmtOfAMutex", "acquire door  x = door.mine ? 1 : 2  release door"},
    {"AcquireStmtTwice", "acquire plain  acquire plain"},
    {"WithLockStmt", "with plain { x = plain.mine ? 1 : 2 }  y = 1"},
    {"WithLockStmtOfAMutex", "with door { x = door.mine ? 1 : 2 }"},
    {"ReleaseStmtOfAFreeLock", "release plain"},
    {"GiveStmtToNothing", "give meeting, y  x = 1"},
    {"GiveStmtOfANumberThatIsTooLarge", "give meeting, y + 1  x = 1"},
    {"TakeStmtOfNothing", "x = take meeting  x = 1"},
    {"AssertStmt", "x = 2  assert x == 2  assert y == 2  y = 0"},
    {"RequireStmt", "require s.positive: y > 0  x = 1  require s.positive: x > 1  y = 1"},
    {"ViolateStmt", "if y == 3 { violate s.positive }  x = 1"},
    {"ReturnStmt", "other.maybe(true)  x = other.v  second.maybe(false)  y = second.v"},
    {"PassStmt", "pass  x = 1  pass"},
    {"InitStmt", "init thing  thing.n = 2"},
    {"InitStmtTwice", "init thing  init thing"},
    {"FreeStmt", "init thing  thing.n = 2  free thing"},
    {"FreeStmtUsedAfterwards", "init thing  free thing  thing.n = 1"},
    {"FreeStmtBeforeInit", "free thing"},
};

INSTANTIATE_TEST_SUITE_P(Kinds, Lowering, testing::ValuesIn(kStatements),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace quiesce
