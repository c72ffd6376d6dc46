// Two machines that differ in one thing only must not be taken for one. Each design is named by what differs.
#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "checker/reduce/symmetry.h"
#include "model/passes/reduce.h"
#include "tests/differential/designs.h"

namespace quiesce {
namespace {

struct Difference {
  const char* name;
  const char* machine;  // members of M(k: int 0..1), of which the system has m[0] with k = 0 and m[1] with k = 1
  const char* system;   // further members of the system
  const char* before;   // what stands before both
};

void PrintTo(const Difference& difference, std::ostream* out) { *out << difference.name; }

const Difference kDifferences[] = {
    {"GuardsOfActions", "n: int 0..3 = 0  action up when n < 2 + k { n += 1 }", "", ""},
    {"ValuesAssigned", "n: int 0..3 = 0  thread t { n = k + 1 }  never n == 3", "", ""},
    {"ReferencesAssigned", "n: int 0..3 = 0  action up when n < 3 { n += 1 }", R"(who: ref M? = null
      action pick when who == null { who = m[0] }
      action drop when who != null { who.n = 0  who = null })",
     ""},
    {"ConditionsOfHandlers", "n: int 0..3 = 0  handler h at 5 when n == k { accept { n = 2 } }", "", ""},
    {"LevelsOfHandlers", "n: int 0..3 = 0  handler h at 4 + k when n == 0 { accept { n = 2 } }", "", ""},
    {"CpusOfHandlers", "n: int 0..3 = 0  handler h at 5 on Cpu(k) when n == 0 { accept { n = 2 } }", "", ""},
    {"AcceptOfHandlers", "n: int 0..3 = 0  handler h at 5 when n == 0 { accept { n = 2 + k } }", "", ""},
    {"Waits", "n: int 0..3 = 0  thread t { await n == k  n = 2 }  action a when n == 0 { n = 1 }", "", ""},
    {"KindsOfWaits", R"(n: int 0..3 = 0
      thread t { if k == 0 { await n == 1  n = 2 } else { spin until n == 1  n = 2 } })",
     "", ""},
    {"FunctionsThatReturn", R"(n: int 0..3 = 0
      returns fn f() { await n == 1 }  fn g() { await n == 1 }
      thread t { if k == 0 { f() } else { g() }  n = 2 })",
     "", ""},
    {"LocksTaken", "n: int 0..3 = 0  thread t { if k == 0 { with one { n = 1 } } else { with other { n = 1 } } }", "",
     "LOCK"},
    {"LevelsOfLocks", "n: int 0..3 = 0  l: spinlock(2 + k)  thread t { with l { n = 1 } }", "", ""},
    {"RangesOfChoices", "n: int 0..3 = 0  thread t { choose j: int 0..3 where j <= 1 + k  n = j }", "", ""},
    {"WaysTaken", R"(n: int 0..3 = 0
      thread t { if k == 0 { loop { if n == 3 { n = 0 } else { n += 1 } } } else { loop { if n == 3 { n = 0 } else { n += 1  n = 0 } } } })",
     "", ""},
    {"MentionsOfCpus", R"(n: int 0..3 = 0  c: Cpu? = null
      thread t { if k == 0 { c = cpu() } else { c = null } })",
     "", ""},
    {"RulesOfChecks", R"(n: int 0..3 = 0
      thread t { if k == 0 { n = 1  require c.one: n == 2 } else { n = 1  require c.two: n == 2 } })",
     "", "rule c.one {}\nrule c.two {}"},
    {"ConditionsOfChecks", "n: int 0..3 = 0  thread t { n = 1  require c.one: n == k }", "", "rule c.one {}"},
    {"SetsOfChecks", R"(n: int 0..3 = 0
      action a { choose j: int 0..3  n = j }
      thread t { if k == 0 { require c.one: n == 1  require c.one: n == 1  require c.one: n == 2 } else { require c.one: n == 2  require c.one: n == 1  require c.one: n == 2 } })",
     "", "rule c.one {}"},
    {"InitialConditions", "n: int 0..3 = any where n != k", "", ""},
    {"InitialValues", "n: int 0..3 = k  action up when n < 3 { n += 1 }", "", ""},
    {"Conjunctions", "n: int 0..3 = 0  action up when n < 3 { n += 1 }  other: int 0..3 = 0",
     "never m[0].n == 1 && m[1].n == 2 && m[0].n != 3", ""},
    {"Comparisons", "n: int 0..3 = 0  action up when n < 3 { n += 1 }", "never m[0].n < m[1].n", ""},
    {"WhoIsIdle", "n: int 0..3 = 0  handler h at 5 when n == 0 { accept { n = 1 }  pass }", "never idle(m[0].h)", ""},
    {"Triggers", "n: int 0..3 = 0  action up when n < 3 { n += 1 }", "invariant m[0].n == 1 => true", ""},
    {"Witnesses", "n: int 0..3 = 0  action up when n < 3 { n += 1 }", "reachable m[0].n == 1", ""},
    {"Containment", "n: int 0..3 = 0  action up when n < 3 { n += 1 }", R"(chosen: ref M = m[0]
      thread t { choose x: ref M  chosen = x }
      never chosen within m[0] && m[0].n + m[1].n == 4)",
     ""},
    {"Arithmetic", "n: int 0..3 = 0  action up when n < 3 { n += 1 }", "never m[0].n + 2 * m[1].n == 4", ""},

    {"OrderOfAssignments", "n: int 0..3 = 0  action up when n < 3 { n += 1 }  never n == 3",
     "action copy { m[0].n = m[1].n  m[1].n = m[0].n }", ""},
    {"WhatTheTextWrites", R"(n: int 0..3 = 0  v: int 0..3 = 0
      action up when v < 3 { v += 1 }
      thread t { loop { atomic { if v == 1 { if k == 0 { if v == 2 { n = 1 } } }  v = 0 } } }
      thread w { spin until n == 1 })",
     "", ""},
    {"ChecksThatCannotFail", R"(n: int 0..3 = 0
      thread t { atomic { if n == 0 { if k == 0 { assert n == 0 } }  n = 1 } })",
     "", ""},
    {"RulesThatCannotBreak", R"(n: int 0..3 = 0
      thread t { atomic { if n == 0 { require c.one: n == 0  if k == 0 { require c.two: n == 0 } }  n = 1 } })",
     "", "rule c.one {}\nrule c.two {}"},
    // Of what a dispatcher does in the routines of both.
    {"StepsInRoutines",
     "n: int 0..3 = 0  waits: bool = false  fn serve() { n = 1 + k  pass  waits = false }  never n == 3", "LINE", ""},
    {"StepsBehindRoutines", "n: int 0..3 = 0  waits: bool = false  fn serve() { n = 1  pass  waits = false }",
     "LINE  m_0_done: bool = false  handler e at 6 when m[0].n == 1 && !m_0_done { accept { m_0_done = true } }", ""},
    {"WaitsInRoutines", "n: int 0..3 = 0  waits: bool = false  fn serve() { spin until n == k  waits = false }",
     "LINE  action turn { choose x: ref M  x.n = 1 - x.n }", ""},
    {"KindsOfWaitsInRoutines", R"(n: int 0..3 = 0  waits: bool = false
      fn serve() { if k == 0 { spin until n == 1 } else { await n == 1 }  waits = false })",
     "THREAD  action turn { choose x: ref M  x.n = 1 - x.n }", ""},
    {"RoutinesThatReturn", R"(n: int 0..3 = 0  waits: bool = false
      returns fn f() { await n == 1 }  fn g() { await n == 1 }
      fn serve() { if k == 0 { f() } else { g() }  waits = false })",
     "THREAD  action turn { choose x: ref M  x.n = 1 - x.n }", ""},
    {"OrderOfRoutines", R"(n: int 0..3 = 0  waits: bool = false
      fn one() { n = 1 }  fn two() { n = 2 }
      fn serve() { n = 3  if k == 0 { one() } else { two() }  n = 0  if k == 0 { two() } else { one() }  waits = false })",
     "LINE  never m[0].n + m[1].n == 6", ""},
    {"QuestionsForPlaces", "n: int 0..3 = 0  waits: bool = false  fn serve() { n = 1  here: pass  waits = false }",
     "LINE  never at m[0].here && m[0].n == 3", ""},
    {"WhoIsServedFirst", "n: int 0..3 = 0  waits: bool = false  fn serve() { n = 1  pass  waits = false }",
     "FIRST  never m[0].n + m[1].n == 3", ""},
    {"NullInQueues", "n: int 0..3 = 0  never n == 3", R"(q: queue<ref M?, 1>
      action put when q.empty { either { q.push(null) } or { choose x: ref M  q.push(x) } }
      action take when !q.empty { if q.first == m[0] { m[0].n = 1 } else { m[1].n = 1 }  q.pop() })",
     ""},
};

/// A dispatcher that calls what stands in a queue: as a handler, as a thread, or in an order of its own.
std::string with_dispatcher(std::string system) {
  const std::string queue = R"(asked: queue<ref M, 2>
      action ask when !asked.full { choose x: ref M where !x.waits  x.waits = true  asked.push(x) })";
  const std::string body = R"(
      var who: ref M = asked.first
      asked.pop()
      who.serve())";
  const std::pair<std::string, std::string> forms[] = {
      {"LINE", queue + "\nhandler d at 5 when !asked.empty {" + body + "}\n"},
      {"THREAD", queue + "\nthread d { loop { await !asked.empty\n" + body + "} }\n"},
      {"FIRST", queue + R"(
      handler d at 5 when !asked.empty {
        var who: ref M = asked.first
        asked.pop()
        if !asked.empty { if asked.first == m[0] { m[0].serve()  asked.pop() } }
        who.serve()
      })"},
  };
  for (const auto& [word, text] : forms) {
    const std::size_t at = system.find(word);
    if (at != std::string::npos) system.replace(at, word.size(), text);
  }
  return system;
}

class SymmetryConditions : public testing::TestWithParam<Difference> {};

TEST_P(SymmetryConditions, KeepApart) {
  const Difference& difference = GetParam();
  std::string before = difference.before;
  std::string system = with_dispatcher(difference.system);
  std::string parameters = "k: int 0..1";
  std::string arguments = "i";
  if (before == "LOCK") {
    before = "machine Locks() { one: spinlock(2)  other: spinlock(2) }";
    parameters += ", locks: ref Locks";
    system += "\nlocks: Locks()";
    arguments += ", locks";
  }
  std::string machine = difference.machine;
  const auto qualify = [&](const std::string& name, const std::string& full) {
    for (std::size_t at = machine.find(name); at != std::string::npos; at = machine.find(name, at + full.size())) {
      machine.replace(at, name.size(), full);
    }
  };
  if (parameters.find("locks") != std::string::npos) {
    qualify("with one", "with locks.one");
    qualify("with other", "with locks.other");
  }
  const std::string text = "module c\n" + before + "\nmachine M(" + parameters + ") {" + machine +
                           "}\nsystem S {\ncpus 2\nm[i: int 0..1]: M(" + arguments + ")\n" + system + "\n}\ncheck S\n";
  std::string problem;
  const std::vector<DesignCase> cells = cases_of_text(difference.name, text, &problem);
  ASSERT_EQ(cells.size(), 1u) << problem << "\n" << text;
  for (const model::TransitionSystem& one : {cells.front().system, model::reduce(cells.front().system).system}) {
    const checker::InstanceSymmetry symmetry = checker::find_symmetry(one);
    for (const checker::InterchangeableClass& found : symmetry.classes) {
      EXPECT_NE(found.members.front(), "m[0]") << text;
    }
  }
}

/// The machines m[...] of the design `text` are interchangeable, and nothing else is.
void expect_one_class(const std::string& text) {
  std::string problem;
  const std::vector<DesignCase> cells = cases_of_text("c", text, &problem);
  ASSERT_EQ(cells.size(), 1u) << problem;
  const checker::InstanceSymmetry symmetry = checker::find_symmetry(cells.front().system);
  ASSERT_EQ(symmetry.classes.size(), 1u);
  EXPECT_EQ(symmetry.classes.front().members.front(), "m[0]");
}

// The tables of what stands beside a reference map as the instances do: nothing tells the machines apart.
TEST(Symmetry, WhatStandsBesideFollowsTheInstances) {
  expect_one_class(R"(module c
machine Part { used: bool = false }
machine Isr { n: int 0..1 = 0 }
machine M { part: Part()  isr: Isr() }
system S {
  m[2]: M()
  chosen: ref Part? = null
  server: ref Isr? = null
  thread t {
    choose p: ref Part
    atomic { chosen = p  choose i: ref Isr where p beside i  server = i  i.n = 1 }
  }
  invariant mine: server != null => chosen beside server && server beside chosen
  never other: exists i: Isr where chosen != null && chosen beside i: i.n == 0
}
check S
)");
}

// The tables of a containment that is asked at run time map as the instances do: nothing tells the machines apart.
TEST(Symmetry, ContainmentFollowsTheInstances) {
  expect_one_class(R"(module c
machine Part { used: bool = false }
machine M { part: Part()  n: int 0..1 = 0 }
system S {
  m[2]: M()
  chosen: ref Part? = null
  owner: ref M? = null
  thread t {
    choose p: ref Part
    atomic { chosen = p  choose o: ref M where p within o  owner = o  o.n = 1 }
  }
  invariant mine: owner != null => chosen within owner && owner.part within owner
  never other: exists o: M where chosen != null && chosen within o: o.n == 0
}
check S
)");
}

// The places in the routine of one are exchanged with those in the routine of the other, and a reference in a queue is
// never null, whatever its place in the queue holds where the queue ends before it.
TEST(Symmetry, PlacesOfADispatcherFollowTheInstances) {
  for (const char* form : {"LINE", "THREAD"}) {
    expect_one_class(R"(module c
machine M { n: int 0..3 = 0  waits: bool = false  fn serve() { n = 1  here: pass  waits = false  n = 0 } }
system S {
  m[2]: M()
  )" + with_dispatcher(form) +
                     R"(
  never both: at m[0].here && m[1].n == 2 || at m[1].here && m[0].n == 2
}
check S
)");
  }
}

TEST(Symmetry, ReferencesInQueuesAreNotNull) {
  expect_one_class(R"(module c
machine M { n: int 0..3 = 0  never n == 3 }
system S {
  m[2]: M()
  q: queue<ref M, 1>
  action put when q.empty { choose x: ref M  q.push(x) }
  action take when !q.empty { if q.first == m[0] { m[0].n = 1 } else { m[1].n = 1 }  q.pop() }
}
check S
)");
}

INSTANTIATE_TEST_SUITE_P(Exchanges, SymmetryConditions, testing::ValuesIn(kDifferences),
                         [](const testing::TestParamInfo<Difference>& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace quiesce
