// One small design for what each part of a slice is there for (docs/reductions.md, Slicing): without it, a verdict of
// the slice would be another one, or a run longer or shorter.
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "tests/differential/designs.h"
#include "tests/differential/slicing.h"
#include "tests/support/system_builder.h"

namespace quiesce {
namespace {

struct Part {
  const char* name;
  const char* text;    // the members of the system
  const char* before;  // what stands before it
};

void PrintTo(const Part& part, std::ostream* out) { *out << part.name; }

const Part kParts[] = {
    // The cone.
    {"ConditionsOfHandlers", R"(
  cpus 1
  go: bool = any  seen: bool = false
  handler h at 5 when go { accept { go = false }  seen = true }
  never never_seen: seen)",
     ""},
    {"OnOfHandlers", R"(
  cpus 1
  home: Cpu? = null  first: Cpu = Cpu(0)  done: bool = false  seen: bool = false
  handler h at 5 on home when !done { accept { done = true }  seen = true }
  thread t { home = first }
  never never_seen: seen)",
     ""},
    {"SetsOfCpus", R"(
  cpus 2
  homes: set<Cpu> = {}  first: Cpu = Cpu(0)  done: bool = false  seen: bool = false
  handler h at 5 on homes when !done { accept { done = true }  seen = true }
  thread t { homes.add(first) }
  never never_seen: seen)",
     ""},
    {"Waits", R"(
  cpus 1
  go: bool = false  seen: bool = false
  thread t { await go  seen = true }
  action a when !go { go = true }
  never never_seen: seen)",
     ""},
    {"WaitsThatNobodyEnds", R"(
  cpus 1
  go: bool = false  other: bool = false
  thread t { raise DISPATCH  spin until go  lower PASSIVE }
  thread u { other = true })",
     ""},
    {"LocksAndLevels", R"(
  cpus 2
  l: spinlock(DISPATCH)  seen: bool = false
  thread t { with l { pass }  seen = level() == PASSIVE }
  thread u { with l { pass } }
  never never_seen: seen)",
     ""},
    {"InitialConditions", R"(
  cpus 1
  x: int 0..2 = any  y: int 0..2 = any where y == x + 1
  never big: y == 2
  never small: y == 0)",
     ""},
    {"TriggersOfInvariants", R"(
  cpus 1
  x: bool = false  y: bool = false
  thread t { x = true }
  invariant trivial: x => true
  invariant vacuous: y => true)",
     ""},
    {"LifeOfObjects", R"(
  cpus 1
  b: Buffer()
  x: int 0..1 = 0
  thread t { init b  b.n = 1  free b }
  thread u { x = 1  b.n = 2 })",
     "object machine Buffer() { n: int 0..2 = 0 }"},
    {"ActionsOfDeadlocks", R"(
  cpus 1
  x: bool = false  go: bool = false
  thread t { await go }
  action toggle { x = !x }
  deadlock_free)",
     ""},
    {"ActionsOfLeaks", R"(
  cpus 1
  b: Buffer()
  x: bool = false
  thread t { init b }
  action toggle { x = !x })",
     "object machine Buffer() { n: int 0..2 = 0 }"},
    {"ChecksInActions", R"(
  cpus 1
  n: int 0..2 = 0  u: int 0..5 = 0
  action up { n += 1 }
  action judge when u < 5 { require c.few: n < 2  u += 1 })",
     "rule c.few {}"},
    {"ChecksOfCoreRules", R"(
  cpus 1
  n: int 0..2 = 0
  thread t { n += 1  n += 1  n += 1 })",
     ""},
    {"IndicesOfAssignments", R"(
  cpus 1
  i: int 0..1 = any  a: array<bool, 2>
  thread t { a[i] = true }
  never first: a[0])",
     ""},
    {"ElementsOfSeveralMachines", R"(
  cpus 1
  a: M()  b: M()
  who: ref M = any
  thread t { who.n = 1 }
  never never_b: b.n == 1)",
     "machine M() { n: int 0..1 = 0 }"},
    {"AllActivations", R"(
  cpus 2
  left: int 0..2 = 2  sum: int 0..4 = 0
  handler h at 5 when left > 0 concurrent 2 {
    accept { left -= 1 }
    var own: int 0..2 = left
    pass
    sum = sum + own > 4 ? 4 : sum + own
  }
  never three: sum == 3)",
     ""},
    {"AllCpus", R"(
  cpus 2
  busy: array<bool, Cpu>
  seen: bool = false
  thread t { raise DISPATCH  busy[cpu()] = true  lower PASSIVE  raise DISPATCH  seen = busy[cpu()]  lower PASSIVE }
  never never_seen: seen)",
     ""},

    // Branches decide when what is to come differs: at once, or later.
    {"ValuesDiffer", R"(
  cpus 1
  c: bool = any  x: int 0..2 = 0
  thread t { atomic { if c { x = 1 } else { x = 2 } } }
  never one: x == 1
  never two: x == 2)",
     ""},
    {"CellsDiffer", R"(
  cpus 1
  c: bool = any  x: int 0..2 = 0  y: int 0..2 = 0
  thread t { atomic { if c { x = 1 } else { y = 1 } } }
  never one: x == 1
  never two: y == 1)",
     ""},
    {"IndicesDiffer", R"(
  cpus 1
  c: bool = any  i: int 0..1 = any  j: int 0..1 = any  a: array<bool, 2>
  thread t { await i != j  atomic { if c { a[i] = true } else { a[j] = true } }  j = i }
  never one: a[i] && i != j
  never two: a[j] && i != j)",
     ""},
    {"WhatFollowsAnAssignmentDiffers", R"(
  cpus 1
  c: bool = any  x: int 0..2 = 0  y: int 0..2 = 0
  thread t { atomic { if c { x = 1  y = 1 } else { x = 1  y = 2 } } }
  never one: x == 1 && y == 1
  never two: x == 1 && y == 2)",
     ""},
    {"ConditionsDiffer", R"(
  cpus 1
  c: bool = any  d: bool = any  e: bool = any  x: int 0..2 = 0
  thread t { atomic { if c { if d { x = 1 } else { x = 2 } } else { if e { x = 1 } else { x = 2 } } } }
  never one: x == 1 && d != e && d
  never two: x == 2 && d != e && d)",
     ""},
    {"SecondWaysDiffer", R"(
  cpus 1
  c: bool = any  d: bool = any  x: int 0..3 = 0
  thread t { atomic { if c { if d { x = 1 } else { x = 2 } } else { if d { x = 1 } else { x = 3 } } } }
  never two: x == 2
  never three: x == 3)",
     ""},
    {"ChecksDiffer", R"(
  cpus 1
  c: bool = any  x: int 0..2 = any
  thread t { atomic { if c { require c.zero: x == 0 } else { require c.zero: x <= 2 } } })",
     "rule c.zero {}"},
    {"PlacesDiffer", R"(
  cpus 1
  c: bool = any  x: int 0..2 = 0
  thread t { if c { x = 1 }  x = 2 }
  never one: x == 1)",
     ""},
    {"RangesOfChoicesDiffer", R"(
  cpus 1
  c: bool = any  x: int 0..2 = 0
  thread t { atomic { if c { choose k: int 0..1  x = k } else { choose k: int 0..2  x = k } } }
  never two: x == 2)",
     ""},
    {"BeginningsOfChoicesDiffer", R"(
  cpus 1
  c: bool = any  x: int 0..2 = 0
  thread t { atomic { if c { choose k: int 1..2  x = k } else { choose k: int 0..2  x = k } } }
  never zero: x == 0 && !c)",
     ""},
    {"WhatFollowsAChoiceDiffers", R"(
  cpus 1
  c: bool = any  x: int 0..3 = 0
  thread t { atomic { if c { choose k: int 0..1  x = k } else { choose k: int 0..1  x = k + 2 } } }
  never one: x == 1
  never three: x == 3)",
     ""},
    {"ChoicesThatMayBlockDiffer", R"(
  cpus 1
  c: bool = any  d: bool = any  x: int 0..3 = 0
  thread t { atomic { if c { choose k: int 0..1 where d  x = k } else { choose k: int 0..1 where !d  x = k } } }
  never one: x == 1 && d
  never two: x == 1 && !d)",
     ""},
    {"WaitsDiffer", R"(
  cpus 1
  c: bool = any  d: bool = any  x: int 0..3 = 0
  thread t { atomic { if c { choose k: int 0..1 where d  x = 1 } else { choose k: int 0..1 where !d  x = 1 } } }
  never one: x == 1 && d
  never two: x == 1 && !d)",
     ""},
    {"WhatFollowsAWaitDiffers", R"(
  cpus 1
  c: bool = any  d: bool = any  x: int 0..3 = 0
  thread t { atomic { if c { choose k: int 0..1 where d  x = 1 } else { choose k: int 0..1 where d  x = 2 } } }
  never one: x == 1
  never two: x == 2)",
     ""},
};

class SlicingParts : public testing::TestWithParam<Part> {};

TEST_P(SlicingParts, AreNeeded) {
  const Part& part = GetParam();
  std::string problem;
  const std::vector<DesignCase> cells = cases_of_text(
      part.name, std::string("module c\n") + part.before + "\nsystem S {" + part.text + "\n}\ncheck S\n", &problem);
  ASSERT_EQ(cells.size(), 1u) << problem;
  SlicingTotals totals;
  EXPECT_EQ(slicing_difference(cells.front().system, 10000, 1, totals), "");
  EXPECT_GT(totals.compared, 0u);
}

/// Registers of the text are never the same on two ways; systems may have it so.
TEST(SlicingPartsOfSystems, RegistersDiffer) {
  using Ops = std::vector<model::Op>;
  const auto compare_one = [](const auto& way, bool swapped) {
    model::SystemBuilder b;
    const model::CellId c = b.boolean("c");
    const model::CellId x = b.integer("x", 0, 3);
    const model::CellId y = b.integer("y", 0, 3);
    const model::CellId u = b.integer("u", 0, 3);
    for (const model::CellId cell : {c, u}) b.initial_any(cell);
    const model::ContextId t = b.thread("t", 2);
    Ops ops = way(b, x, y, u, !swapped);
    const auto otherwise = static_cast<std::uint32_t>(ops.size() + 2);
    ops.insert(ops.begin(), b.branch(b.is(c, 1), otherwise));
    ops.push_back(b.go(t, 2));
    for (const model::Op& op : way(b, x, y, u, swapped)) ops.push_back(op);
    ops.push_back(b.go(t, 2));
    b.at(t, 1) = b.program(ops);
    b.at(t, 2) = b.program({b.end()});
    for (std::int64_t value = 0; value < 4; ++value) {
      b.property(model::PropertyKind::Never, b.rule("c.x" + std::to_string(value)),
                 b.exprs().conjunction(b.is(x, value), b.is(y, 0)));
      b.property(model::PropertyKind::Never, b.rule("c.y" + std::to_string(value)), b.is(y, value));
      b.property(model::PropertyKind::Never, b.rule("c.u" + std::to_string(value)),
                 b.exprs().conjunction(b.is(x, 3), b.is(u, value)));
    }
    SlicingTotals totals;
    EXPECT_EQ(slicing_difference(b.system, 10000, 1, totals), "");
    EXPECT_GT(totals.compared, 0u);
  };
  const auto compare = [&](const auto& way) {
    compare_one(way, false);
    compare_one(way, true);
  };
  using B = model::SystemBuilder;
  using Cell = model::CellId;
  compare([](B& b, Cell x, Cell, Cell, bool first) { return Ops{b.choose(0, first ? 1 : 2, 3), b.set(x, b.temp(0))}; });
  compare([](B& b, Cell x, Cell, Cell, bool first) { return Ops{b.choose(0, 0, first ? 1 : 2), b.set(x, b.temp(0))}; });
  compare([](B& b, Cell x, Cell y, Cell, bool first) {
    return Ops{b.choose(0, 0, 2), b.set(first ? x : y, b.temp(0))};
  });
  compare([](B& b, Cell x, Cell, Cell, bool first) {
    return Ops{b.choose(first ? 0 : 1, 0, 1), b.choose(first ? 1 : 0, 2, 3), b.set(x, b.temp(0))};
  });
  compare([](B& b, Cell x, Cell, Cell u, bool first) {
    return Ops{b.let(0, first ? b.get(u) : b.number(3)), b.set(x, b.temp(0))};
  });
  compare([](B& b, Cell x, Cell y, Cell u, bool first) {
    return Ops{b.let(0, b.get(u)), b.set(first ? x : y, b.temp(0))};
  });
  compare([](B& b, Cell x, Cell, Cell u, bool first) {
    return Ops{b.let(first ? 0 : 1, b.get(u)), b.let(first ? 1 : 0, b.number(3)), b.set(x, b.temp(0))};
  });
}

INSTANTIATE_TEST_SUITE_P(Slices, SlicingParts, testing::ValuesIn(kParts),
                         [](const testing::TestParamInfo<Part>& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace quiesce
