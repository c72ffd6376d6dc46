// What can be looked at × what looks × reduction: small designs, each searched by the reference explorer exactly as
// docs/semantics.md says, and by the fast engine with every reduction alone and all together. A reduction that takes
// away what something looks at (docs/reductions.md, What is observed) changes a verdict here.
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "checker/search/reference_explorer.h"
#include "tests/differential/designs.h"
#include "tests/differential/engines_agree.h"
#include "tests/differential/variants.h"

namespace quiesce {
namespace {

/// Something that is true in some states and false in others, with statements around it that nothing else notices.
struct Observable {
  const char* name;
  const char* members;    // of the system
  const char* condition;  // what is looked at
  const char* before = "";
};

void PrintTo(const Observable& one, std::ostream* out) { *out << one.name; }

const Observable kObservables[] = {
    // Where something stands.
    {"LabelInALoop", "a: bool = false  action flip { a = !a }  thread t { loop { l0: pass  var x: bool = a } }",
     "at l0"},
    {"LabelsInALoop",
     "a: bool = false  action flip { a = !a }\n"
     "thread t { loop { l0: pass  var x: bool = a  l1: pass  var y: bool = a } }",
     "(at l0 || at l1)"},
    {"LabelInALoopOfAnInstance", "one: M()", "at one.l0",
     "machine M() { thread t { loop { l0: pass  var x: bool = true  x = false } } }"},
    {"LabelsInTwoLoops",
     "a: bool = false\n"
     "thread t { loop { l0: pass  var x: bool = a } }  thread w { loop { l1: pass  var x: bool = a } }",
     "(at l0 && !(at l1))"},
    {"LabelInALoopOfAFunction", "fn f() { l0: pass  pass }  thread t { loop { f() } }", "at l0"},
    {"LabelInALoopOfHandlers",
     "n: int 0..2 = 2  handler h at PASSIVE when n > 0 concurrent 2 { accept { n -= 1 }  loop { pass  l0: pass } }",
     "at l0"},
    {"LabelAtTheBeginning", "thread t { l0: pass  pass  pass }", "at l0"},
    {"LabelInTheMiddle", "thread t { pass  pass  l0: pass  pass  pass }", "at l0"},
    {"LabelAtTheEnd", "thread t { pass  pass  l0: pass }", "at l0"},
    {"LabelOfAWait",
     "go: bool = false  action set when !go { go = true }\n"
     "thread t { loop { var y: int 0..1 = 0  l0: await go  y = 1  go = false  y = 0 } }",
     "at l0"},
    {"LabelOfABranch", "a: bool = any  thread t { var y: bool = a  if y { l0: pass  pass } else { pass }  pass }",
     "at l0"},
    {"LabelOfATest", "a: bool = any  thread t { var y: bool = a  l0: if y { pass }  pass }", "at l0"},
    {"LabelOfACheck", "a: bool = any  thread t { pass  l0: assert a || !a  pass  pass }", "at l0"},
    {"LabelOfNoStep", "thread t { pass  l0: if true { pass }  pass }", "at l0"},
    {"TwoLabels", "thread t { pass  l0: pass  l1: pass  pass  pass }", "(at l0 || at l1)"},
    {"LabelsOfTwoThreads", "thread t { pass  l0: pass  pass }  thread w { l1: pass  pass }", "(at l0 && !(at l1))"},
    {"LabelInAFunction", "fn f() { pass  l0: pass  pass }  thread t { f()  f() }", "at l0"},
    {"LabelUnderALock", "l: spinlock(DISPATCH)  thread t { with l { pass  l0: pass  pass }  pass }", "at l0"},
    {"LabelInAHandler",
     "n: int 0..2 = 2  handler h at 5 when n > 0 concurrent 2 { accept { n -= 1 }  pass  l0: pass  pass }", "at l0"},
    {"LabelInAnInstance", "one: M()", "at one.l0", "machine M() { thread t { pass  l0: pass  pass } }"},
    {"LabelInOneOfTwoInstances", "ms[i: int 0..1]: M()", "(at ms[0].l0 || at ms[1].l0)",
     "machine M() { thread t { pass  l0: pass  pass } }"},

    // What runs.
    {"IdleHandler", "go: bool = true  handler h at 5 when go { accept { go = false }  var y: bool = true  y = false }",
     "idle(h)"},
    {"RunningOfTwo",
     "n: int 0..2 = 2  handler h at 5 when n > 0 concurrent 2 { accept { n -= 1 }  var y: bool = true  y = false }",
     "running(h)"},
    {"RunningBelowThePinLevel",
     "go: bool = true  handler h at PASSIVE when go { accept { go = false }  var y: bool = true  y = false }",
     "running(h)"},
    {"RunningThread", "thread t { var y: bool = true  y = false }", "running(t)"},
    {"EnabledAction", "n: int 0..2 = 0  action step when n < 2 { n += 1 }", "enabled(step)"},
    {"EnabledActionOfAPlace", "thread t { pass  l0: pass  pass }  b: bool = false  action step when at l0 { b = true }",
     "enabled(step)"},
    {"CpuOfAHandler",
     "go: bool = true  handler h at 5 when go { accept { go = false }  var y: bool = true  y = false }",
     "cpu_of(h) != null"},
    {"CpuOfAThread", "thread t { var y: bool = true  raise DISPATCH  y = false  y = true  lower PASSIVE  y = false }",
     "cpu_of(t) == null"},
    {"CpusOfTwo",
     "go: bool = true  handler h at 5 when go { accept { go = false }  pass  pass }\n"
     "thread t { pass  raise DISPATCH  pass  lower PASSIVE  pass }",
     "cpu_of(h) == cpu_of(t)"},
    {"LevelThatWasStored",
     "old: Level = PASSIVE  thread t { pass  raise DISPATCH  pass  old = level()  lower PASSIVE }", "old == DISPATCH"},

    // What is stored.
    {"Variable", "v: bool = false  thread t { var y: bool = true  v = y  y = false  v = y  pass }", "v"},
    {"VariableOfAnAction", "n: int 0..2 = 0  action step when n < 2 { n += 1 }", "n == 1"},
    {"Element", "i: int 0..1 = any  m: array<bool, 2>  thread t { pass  m[0] = true  pass  m[0] = false }", "m[i]"},
    {"Queue", "q: queue<int 0..1, 2>  thread t { q.push(1)  pass  q.push(0)  q.pop()  pass }",
     "(!q.empty && q.first == 1)"},
    {"FullQueue", "q: queue<int 0..1, 2>  thread t { q.push(1)  pass  q.push(0)  q.pop()  pass }", "q.full"},
    {"Set", "s: set<int 0..2>  thread t { s.add(1)  pass  s.add(2)  pass  s.remove(1) }", "1 in s"},
    {"SizeOfASet", "s: set<int 0..2>  thread t { s.add(1)  pass  s.add(2)  pass  s.remove(1) }", "s.size == 2"},
    {"SetOfCpus", "s: set<Cpu>  thread t { raise DISPATCH  s.add(cpu())  pass  lower PASSIVE  pass  s.clear() }",
     "!s.empty"},
    {"ArrayOverCpus",
     "b: array<bool, Cpu>\n"
     "thread t { raise DISPATCH  b[cpu()] = true  pass  b[cpu()] = false  lower PASSIVE  pass }",
     "exists c: Cpu: b[c]"},
    {"Reference", "one: M()  who: ref M? = null  thread t { who = one  pass  one.n = 1  pass  who = null }",
     "(who != null && who.n == 1)", "machine M() { n: int 0..1 = 0 }"},
    {"Optional", "o: int 0..1? = null  thread t { o = 1  pass  o = 0  pass  o = null }", "o == 1"},
    {"Field", "p: Pair  thread t { p.a = true  pass  p.b = true  pass  p.a = false }", "(p.a && p.b)",
     "struct Pair { a: bool, b: bool }"},
    {"CountOfInstances", "ms[i: int 0..1]: M()", "(count m: M where m.n == 1) == 1",
     "machine M() { n: int 0..1 = 0  thread t { var y: int 0..1 = 1  n = y  y = 0 } }"},
    {"FunctionOfAVariable", "n: int 0..2 = 0  fn many() -> bool = n > 1  thread t { n = 1  pass  n = 2  pass  n = 0 }",
     "many()"},
    {"InitialChoice", "a: bool = any  b: bool = any where a || b  thread t { pass  pass }", "a"},
};

/// Something that looks at a condition C.
struct Question {
  const char* name;
  const char* members;  // of the system; C stands for the condition
};

const Question kQuestions[] = {
    {"Invariant", "invariant m.r: C"},
    {"Never", "never m.r: C"},
    {"Reachable", "reachable m.r: C"},
    {"Implication", "invariant m.r: C => false"},
    {"ImplicationThatHolds", "invariant m.r: C => seen || !seen"},
    {"Await", "thread u { await C  seen = true }  never m.r: seen"},
    {"AwaitLater", "thread u { pass  pass  await C  seen = true }  never m.r: seen"},
    {"AwaitInAtomic", "thread u { atomic { await C  seen = true } }  never m.r: seen"},
    {"AwaitForDeadlock", "thread u { await C }  deadlock_free"},
    {"AwaitAgainForDeadlock", "thread u { await C  await !(C)  await C }  deadlock_free"},
    {"SpinAtDispatch", "thread u at DISPATCH { spin until C }"},
    {"SpinForDeadlock", "thread u { spin until C }  deadlock_free"},
    {"Drain", "returns fn drain() { await C }  thread u { drain() }"},
    {"ChooseWhere", "thread u { choose k: int 0..1 where C && k == 1  seen = true }  never m.r: seen"},
    {"If", "thread u { if C { seen = true } }  never m.r: seen"},
    {"IfThatIsForgotten", "thread u { if C { pass } else { pass  pass } }  deadlock_free"},
    {"While", "thread u { while C { pass }  seen = true }  never m.r: seen"},
    {"Value", "thread u { seen = C }  never m.r: seen"},
    {"Local", "thread u { var y: bool = C  pass  seen = y }  never m.r: seen"},
    {"Require", "thread u { pass  require m.r: C  pass }"},
    {"RequireOfAWaiter", "thread u { require m.r: C  await C }"},
    {"Assert", "thread u { assert C }"},
    {"Violate", "thread u { if C { violate m.r } }"},
    {"RequireInAnAction", "action look when !seen { require m.r: C  seen = true }"},
    {"RequireInAHandler", "handler look at 6 when !seen { accept { seen = true }  require m.r: C }"},
    {"Guard", "action look when C && !seen { seen = true }  never m.r: seen"},
    {"GuardForDeadlock", "action look when C && !seen { seen = true }  thread u { await seen }  deadlock_free"},
    {"Condition", "handler look at 6 when C && !seen { accept { seen = true } }  never m.r: seen"},
    {"UrgentCondition",
     "here: Cpu? = null  thread u { here = cpu() }\n"
     "urgent handler look at DISPATCH on here when here != null && C { accept { here = null }  seen = true }\n"
     "never m.r: seen"},
    {"Argument", "fn told(it: bool) { pass  seen = it }  thread u { told(C) }  never m.r: seen"},
    {"Result", "fn ask() -> bool { return C }  thread u { seen = ask() }  never m.r: seen"},
    {"IndexOfAnArray", "a2: array<bool, 2>  thread u { a2[C ? 1 : 0] = true }  never m.r: a2[1]"},
    {"RangeOfAVariable", "n2: int 0..1 = 0  thread u { n2 = C ? 2 : 1 }"},
};

std::string with_condition(std::string_view text, const std::string& condition) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool word = text[i] == 'C' && (i == 0 || text[i - 1] == ' ' || text[i - 1] == '(' || text[i - 1] == '[') &&
                      (i + 1 == text.size() || text[i + 1] == ' ' || text[i + 1] == ')' || text[i + 1] == ',');
    result += word ? condition : std::string(1, text[i]);
  }
  return result;
}

/// The one cell of a system with these members.
model::TransitionSystem system_of(const std::string& before, const std::string& members) {
  std::string problem;
  const std::string text = "module m\nrule m.r {}\n" + before + "\nsystem S {\n  cpus 2\n  seen: bool = false\n" +
                           members + "\n}\ncheck S\n";
  std::vector<DesignCase> cells = cases_of_text("observations.qsm", text, &problem);
  EXPECT_EQ(cells.size(), 1u) << problem << "\n" << text;
  return cells.empty() ? model::TransitionSystem() : std::move(cells.front().system);
}

void expect_agreement(const std::string& before, const std::string& members) {
  const Agreement agreement = reductions_agree(system_of(before, members), 20000);
  EXPECT_TRUE(agreement.compared) << members;
  EXPECT_EQ(agreement.difference, "") << members;
}

class Observed : public testing::TestWithParam<Observable> {};

TEST_P(Observed, IsTrueAndFalse) {
  const Observable& one = GetParam();
  const std::string condition = one.condition;
  const model::TransitionSystem system =
      system_of(one.before, std::string(one.members) + "\nreachable " + condition + "\nreachable !(" + condition + ")");
  EXPECT_EQ(explore_reference(system, plain_options()).witnessed.size(), 2u);
}

TEST_P(Observed, ByEverybodyWithEveryReduction) {
  const Observable& one = GetParam();
  for (const Question& question : kQuestions) {
    for (const bool negated : {false, true}) {
      const std::string condition =
          negated ? "!(" + std::string(one.condition) + ")" : "(" + std::string(one.condition) + ")";
      SCOPED_TRACE(std::string(question.name) + " " + condition);
      expect_agreement(one.before, std::string(one.members) + "\n" + with_condition(question.members, condition));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Observations, Observed, testing::ValuesIn(kObservables),
                         [](const testing::TestParamInfo<Observable>& one) { return std::string(one.param.name); });

/// What only the context itself can look at, or looks at in another way.
const Observable kOwn[] = {
    {"Level", "raise DISPATCH  y = 1  lower PASSIVE  y = 0", "level() == DISPATCH"},
    {"Local", "y = 1  pass  y = 0", "y == 1"},
    {"OwnCpu", "y = 1  raise DISPATCH  y = 0  lower PASSIVE", "cpu_of(t) == null"},
    {"OwnLabel", "l0: y = 1  y = 0", "at l0"},
    {"OwnRun", "y = 1  y = 0", "running(t)"},
    {"Parameter", "y = given(1)  y = 0", "y == 1", "fn given(n: int 0..1) -> int 0..1 { pass  return n }"},
};

const Question kOwnQuestions[] = {
    {"Require", "require m.r: C"},
    {"Assert", "assert C"},
    {"If", "if C { seen = true }"},
    {"Value", "seen = C"},
    {"While", "while C { seen = true  break }"},
    {"Nothing", "if C { pass } else { pass  pass }"},
};

class ObservedByItself : public testing::TestWithParam<Observable> {};

TEST_P(ObservedByItself, WithEveryReduction) {
  const Observable& one = GetParam();
  for (const Question& question : kOwnQuestions) {
    for (const bool negated : {false, true}) {
      const std::string condition =
          negated ? "!(" + std::string(one.condition) + ")" : "(" + std::string(one.condition) + ")";
      const std::string asked = with_condition(question.members, condition);
      SCOPED_TRACE(asked);
      // Between any two of its statements, and twice.
      std::string body = "thread t {\n var y: int 0..1 = 0\n" + asked + "\n";
      const std::string statements = one.members;
      for (std::size_t at = 0; at != std::string::npos;) {
        const std::size_t end = statements.find("  ", at);
        body += statements.substr(at, end == std::string::npos ? end : end - at) + "\n" + asked + "\n";
        at = end == std::string::npos ? end : end + 2;
      }
      expect_agreement(one.before, body + "}\nthread w { pass  pass }\nnever seen_: seen\ndeadlock_free");
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Observations, ObservedByItself, testing::ValuesIn(kOwn),
                         [](const testing::TestParamInfo<Observable>& one) { return std::string(one.param.name); });

/// Lives of objects, and what keeps them from being freed.
const char* const kObjects[] = {
    "object machine O() { n: int 0..1 = 0 }",
    "object machine O() { n: int 0..1 = 0  busy when n == 1 }",
    "object machine O() { n: int 0..1 = 0  fn work() { pass  pass } }",
    "object machine O() { n: int 0..1 = 0  handler h at 5 when n == 1 { accept { n = 0 }  pass } }",
    "object machine O() { n: int 0..1 = 0  returns fn wait() { await n == 1 } }",
    "object machine O() { n: int 0..1 = 0  l: mutex }",
};
const char* const kUsers[] = {
    "thread u { o.n = 1 }",
    "thread u { var y: int 0..1 = o.n  y = 0 }",
    "thread u { pass  pass  o.n = 1  pass }",
    "action a when o.n == 0 { o.n = 1 }",
    "thread u { await o.n == 1 }  thread w { o.n = 1 }",
};
const char* const kOwners[] = {
    "thread t { init o  pass  free o }",
    "thread t { var y: int 0..1 = 0  init o  y = 1  y = 0  free o  y = 1 }",
    "thread t { init o  if o.n == 1 { pass }  free o }",
    "thread t { init o }",
    "thread t { init o  free o  free o }",
};

TEST(ObservedLives, WithEveryReduction) {
  for (const std::string object : kObjects) {
    for (const std::string user : kUsers) {
      for (const std::string owner : kOwners) {
        std::string members = "o: O()\n" + user + "\n" + owner + "\ndeadlock_free\nreachable one: o.n == 1";
        if (object.find("fn work") != std::string::npos) members += "\nthread x { o.work() }";
        if (object.find("fn wait") != std::string::npos) members += "\nthread x { o.wait() }";
        if (object.find("mutex") != std::string::npos) members += "\nthread x { with o.l { pass } }";
        SCOPED_TRACE(object);
        expect_agreement(object, members);
      }
    }
  }
}

}  // namespace
}  // namespace quiesce
