// One small design for what each condition of the movers is there for (docs/reductions.md, Movers), and designs in
// which they are merged. By the proof a verdict would be another one without the condition; no condition was removed to
// see it.
#include <gtest/gtest.h>

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

#include "checker/search/reference_explorer.h"
#include "model/passes/reduce.h"
#include "tests/differential/designs.h"
#include "tests/differential/engines_agree.h"

namespace quiesce {
namespace {

struct Condition {
  const char* name;
  const char* text;  // the members of the system
};

void PrintTo(const Condition& one, std::ostream* out) { *out << one.name; }

const Condition kConditions[] = {
    // Nothing waits forever at a pinned level.
    {"LocksTakenAboveTheLevelAtWhichTheyAreHeld", R"(
  cpus 1
  l: spinlock  go: bool = true
  handler h at 5 when go { accept { go = false }  acquire l  release l }
  thread t { raise DISPATCH  acquire l  pass  release l  lower PASSIVE })"},
    {"LocksThatFloat", R"(
  cpus 1
  l: spinlock
  thread t { acquire l  pass  release l }
  thread u { raise DISPATCH  acquire l  release l  lower PASSIVE })"},
    {"LocksTakenWhileHoldingOthers", R"(
  cpus 2
  a: spinlock(DISPATCH)  b: spinlock(DISPATCH)
  thread t { with a { with b { pass } } }
  thread u { with b { with a { pass } } })"},
    {"WaitsUnderALock", R"(
  cpus 2
  l: spinlock(DISPATCH)  f: bool = false
  thread t { acquire l  spin until f  release l }
  thread u { with l { f = true } })"},
    {"WaitsOfThoseWhoBuryAHolder", R"(
  cpus 2
  a: spinlock(DISPATCH)  b: spinlock  go: bool = true
  handler h at 5 when go { accept { go = false }  acquire b  release b }
  thread k { with a { pass } }
  thread m { raise DISPATCH  acquire b  acquire a  release a  release b  lower PASSIVE })"},
    {"WaitsAtAPinnedLevelForAnEnd", R"(
  cpus 1
  go: bool = true  done: bool = false
  handler h at PASSIVE when go { accept { go = false }  done = true }
  thread t { await done  raise DISPATCH  spin until idle(h)  lower PASSIVE })"},

    {"WaitsAtThePinnedLevelThatAReleaseRestores", R"(
  cpus 1
  l: spinlock(5)  go: bool = true  done: bool = false
  handler h at PASSIVE when go { accept { go = false }  done = true }
  thread t { await done  raise DISPATCH  with l { pass }  spin until idle(h)  lower PASSIVE }
  thread u { with l { pass } })"},
    {"LevelsThatDependOnTheWay", R"(
  cpus 1
  l: spinlock(5)  go: bool = true  done: bool = false  high: bool = any
  handler h at PASSIVE when go { accept { go = false }  done = true }
  thread t {
    await done
    if high { raise DISPATCH }
    acquire l  pass  release l
    if high { spin until idle(h)  lower PASSIVE }
  })"},

    // What looks at the end of a handler.
    {"RulesLookAtEnds", R"(
  cpus 1
  go: bool = true  done: bool = false
  handler h at 5 when go { accept { go = false }  done = true }
  never late: done && running(h))"},
    {"ActionsLookAtEnds", R"(
  cpus 1
  go: bool = true  done: bool = false  seen: bool = false
  handler h at 5 when go { accept { go = false }  done = true }
  action look when done && running(h) && !seen { seen = true }
  never late: seen)"},
    {"WaitsUntilItRuns", R"(
  cpus 2
  go: bool = true  done: bool = false  seen: bool = false
  handler h at 5 when go { accept { go = false }  done = true }
  thread t { await done && running(h)  seen = true }
  never late: seen)"},
    {"ChecksLookAtEnds", R"(
  cpus 2
  go: bool = true  done: bool = false
  handler h at 5 when go { accept { go = false }  done = true }
  thread t { await done  assert idle(h) })"},
    {"TestsLookAtEnds", R"(
  cpus 2
  go: bool = true  done: bool = false  seen: bool = false
  handler h at 5 when go { accept { go = false }  done = true }
  thread t { await done  if running(h) { seen = true } }
  never late: seen)"},
    {"HandlersLookAtEnds", R"(
  cpus 2
  go: bool = true  done: bool = false  seen: bool = false
  handler h at 5 when go { accept { go = false }  done = true }
  handler i at 5 when done && running(h) && !seen { accept { seen = true }  pass }
  never late: seen)"},
    {"RulesLookAtTheCpu", R"(
  cpus 1
  go: bool = true  done: bool = false
  handler h at 5 when go { accept { go = false }  done = true }
  never late: done && cpu_of(h) != null)"},
    {"LabelsOfTheHandler", R"(
  cpus 1
  go: bool = true  done: bool = false
  handler h at 5 when go { accept { go = false }  l0: done = true  l1: pass }
  never late: done && at l1)"},
    {"ThreadsThatStayPinnedUnderAHandlerAndWait", R"(
  cpus 2
  home: Cpu? = null  go: bool = false  done: bool = false
  urgent handler u at DISPATCH on home when home != null { accept { home = null }  done = true }
  thread m { home = cpu()  await go }
  thread w { await done  choose b: bool  if b { go = true } })"},

    // Where threads look at ends.
    {"RulesLookAtEndsWhereAThreadComes", R"(
  cpus 2
  go: bool = true  x: bool = false
  handler h at 5 when go { accept { go = false }  x = true }
  thread t { await x  l: pass }
  never late: running(h) && at l)"},
    {"TheThreadHasVisitedAllCpusBefore", R"(
  cpus 2
  go: bool = true  x: bool = false
  handler h at 5 when go { accept { go = false }  x = true }
  thread t { for c in Cpu { on c { pass } }  await x  l: pass }
  never late: running(h) && at l)"},
    {"TheThreadVisitsOneCpu", R"(
  cpus 2
  go: bool = true  x: bool = false
  handler h at 5 when go { accept { go = false }  x = true }
  thread t { await x  choose c: Cpu  on c { pass }  l: pass }
  never late: running(h) && at l)"},
    {"TheThreadVisitsTheFirstCpu", R"(
  cpus 2
  go: bool = true  x: bool = false
  handler h at 5 when go { accept { go = false }  x = true }
  thread t { await x  on Cpu(0) { pass }  l: pass }
  never late: running(h) && at l)"},
    {"ChecksOfHandlersLookAtEnds", R"(
  cpus 2
  go: bool = true  x: bool = false
  handler h at 5 when go { accept { go = false }  x = true }
  handler i at 5 when x { accept { x = false }  assert idle(h) })"},
    {"StartsLookAtEnds", R"(
  cpus 2
  go: bool = true  done: bool = false  seen: bool = false
  handler h at 5 when go { accept { go = false }  done = true }
  handler i at 5 when done { accept { done = false  seen = running(h) }  pass }
  never late: seen)"},
    {"TheThreadVisitsAllCpusPerhaps", R"(
  cpus 2
  go: bool = true  x: bool = false
  handler h at 5 when go { accept { go = false }  x = true }
  thread t { await x  choose b: bool  if b { for c in Cpu { on c { pass } } }  l: pass }
  never late: running(h) && at l)"},
    {"TheThreadVisitsTheCpuBeforeItLooksForTheLastTime", R"(
  cpus 2
  n: int 0..2 = 1  x: bool = false
  handler h at 5 when n > 0 { accept { n -= 1  x = false }  x = true }
  thread t { for c in Cpu { on c { n = 1 } }  await x  l: pass }
  never late: running(h) && at l)"},
    {"HandlersThatFloatKeepNoCpu", R"(
  cpus 2
  go: bool = true  x: bool = false
  handler h at PASSIVE when go { accept { go = false }  x = true }
  thread t { await x  for c in Cpu { on c { pass } }  l: pass }
  never late: running(h) && at l)"},
    {"WaitsThatAreTrueWithoutTheEnd", R"(
  cpus 2
  go: bool = true  x: bool = false
  handler h at 5 when go { accept { go = false }  x = true }
  thread t { await x  await idle(h) || x  l: pass }
  never late: running(h) && at l)"},
    {"WaitsForAnotherHandler", R"(
  cpus 2
  go: bool = true  x: bool = false
  handler h at 5 when go { accept { go = false }  x = true }
  handler i at 5 when false { accept { }  pass }
  thread t { await x && idle(i)  l: pass }
  never late: running(h) && at l)"},
    {"WaitsThatWereBefore", R"(
  cpus 2
  go: bool = true  x: bool = false
  handler h at 5 when go { accept { go = false }  x = true }
  thread t { await idle(h)  await x  l: pass }
  never late: running(h) && at l)"},
    {"RulesLookAtEndsElsewhere", R"(
  cpus 2
  go: bool = true  x: bool = false
  handler h at 5 when go { accept { go = false }  x = true }
  thread t { pass  await idle(h)  l: pass }
  never late: running(h) && x && !at l)"},
    {"OneThreadWaitsAndAnotherDoesNot", R"(
  cpus 3
  go: bool = true  x: bool = false
  handler h at 5 when go { accept { go = false }  x = true }
  thread t { await x && idle(h)  l: pass }
  thread u { await x  m: pass }
  never late: running(h) && (at l || at m))"},
    {"WitnessesLookAtEndsWhereAThreadComes", R"(
  cpus 2
  go: bool = true  x: bool = false
  handler h at 5 when go { accept { go = false }  x = true }
  thread t { await x  l: pass }
  reachable late: running(h) && at l && x)"},
    {"HandlersComeToThePlace", R"(
  cpus 2
  go: bool = true  x: bool = false
  handler h at 5 when go { accept { go = false }  x = true }
  handler i at 5 when x { accept { x = false }  l: pass }
  never late: running(h) && at l)"},
    {"ChecksLookAtEndsBehindAVisit", R"(
  cpus 2
  go: bool = true  x: bool = false
  handler h at PASSIVE when go { accept { go = false }  x = true }
  thread t { await x  for c in Cpu { on c { pass } }  assert idle(h) })"},
    {"RulesLookAtTheCpuOfAThreadUnderAHandler", R"(
  cpus 1
  home: Cpu? = null  x: bool = false
  urgent handler u at DISPATCH on home when home != null { accept { home = null }  x = true }
  thread t { home = cpu()  pass }
  never seen_: x && cpu_of(t) != null)"},
    {"OthersLookAtTheCpuOfAThreadUnderAHandler", R"(
  cpus 2
  home: Cpu? = null  x: bool = false  seen: bool = false
  urgent handler u at DISPATCH on home when home != null { accept { home = null }  x = true }
  thread t { home = cpu()  pass }
  thread v { await x  if cpu_of(t) != null { seen = true } }
  never seen_: seen)"},

    // Visits of CPUs.
    {"VisitsWaitForTheirCpu", R"(
  cpus 2
  busy: bool = false
  thread t { await busy  on Cpu(0) { pass }  pass  l: pass }
  thread u { on Cpu(0) { raise DISPATCH  busy = true  busy = false  lower PASSIVE } }
  never both: busy && at l)"},
    {"VisitsWithinVisits", R"(
  cpus 2
  busy: bool = false  x: bool = false
  thread t { on Cpu(0) { on Cpu(1) { await busy  x = true } }  pass  l: pass }
  thread u { on Cpu(0) { raise DISPATCH  busy = true  busy = false  lower PASSIVE } }
  never both: busy && at l)"},
    {"VisitsOfPinnedContexts", R"(
  cpus 2
  x: bool = false
  thread t { raise DISPATCH  x = true  on Cpu(0) { pass }  x = false  lower PASSIVE }
  thread u { on Cpu(1) { raise DISPATCH  x = false  lower PASSIVE } }
  never both: x && cpu_of(t) == cpu_of(u) && cpu_of(t) != null)"},
    {"VisitsOfThoseThatStayPinned", R"(
  cpus 2
  home: Cpu? = null  x: bool = false
  urgent handler h at DISPATCH on home when home != null { accept { home = null }  x = true  x = false }
  thread t { home = cpu()  on Cpu(0) { pass }  on Cpu(1) { pass }  l: pass }
  never both: x && at l)"},
    {"LabelsInVisits", R"(
  cpus 2
  x: bool = false
  thread t { l0: on Cpu(0) { l1: x = true }  l2: pass }
  thread u { x = false }
  never inside_: x && at l1
  reachable before: !x && at l0
  reachable after: x && at l2)"},

    // What looks at what a lock protects.
    {"RulesLookAtTheData", R"(
  cpus 2
  l: spinlock(DISPATCH)  x: bool = false
  thread t { with l { x = true  x = false } }
  thread u { with l { x = false } }
  never seen_: x)"},
    {"WitnessesLookAtTheData", R"(
  cpus 2
  l: spinlock(DISPATCH)  x: int 0..2 = 0
  thread t { with l { x = 1  x = 2  x = 0 } }
  thread u { with l { x = 0 } }
  reachable one: x == 1
  reachable two: x == 2)"},
    {"ActionsLookAtTheData", R"(
  cpus 2
  l: spinlock(DISPATCH)  x: bool = false  seen: bool = false
  thread t { with l { x = true  x = false } }
  action look when x && !seen { seen = true }
  never seen_: seen)"},
    {"ReadersWithoutTheLock", R"(
  cpus 2
  l: spinlock(DISPATCH)  x: bool = false  seen: bool = false
  thread t { with l { x = true  x = false } }
  thread u { seen = x }
  never seen_: seen)"},
    {"WritersWithoutTheLock", R"(
  cpus 2
  l: spinlock(DISPATCH)  x: bool = false  y: bool = false  z: bool = false
  thread t { with l { y = x  z = x }  assert y == z }
  thread u { x = true })"},
    {"ReadersWithAnotherLock", R"(
  cpus 2
  l: spinlock(DISPATCH)  k: spinlock(DISPATCH)  x: bool = false  seen: bool = false
  thread t { with l { x = true  x = false } }
  thread u { with k { seen = x } }
  never seen_: seen)"},
    {"ReadersThatHoldItPerhaps", R"(
  cpus 2
  l: spinlock  c: bool = any  x: bool = false  seen: bool = false
  thread t { raise DISPATCH  acquire l  x = true  x = false  release l  lower PASSIVE }
  thread u { raise DISPATCH  if c { acquire l }  seen = x  if c { release l }  lower PASSIVE }
  never seen_: seen)"},
    {"HandlersLookAtTheData", R"(
  cpus 2
  l: spinlock(DISPATCH)  x: bool = false  seen: bool = false
  thread t { with l { x = true  x = false } }
  handler h at 5 when x && !seen { accept { seen = true }  pass }
  never seen_: seen)"},
    {"RulesLookAtTheLock", R"(
  cpus 2
  l: spinlock(DISPATCH)  x: bool = false
  thread t { with l { x = true } }
  never seen_: l.held && x
  reachable held: l.held)"},
    {"ActionsLookAtTheLock", R"(
  cpus 2
  l: spinlock(DISPATCH)  seen: bool = false
  thread t { with l { pass } }
  action look when l.held && !seen { seen = true }
  never seen_: seen)"},
    {"ProgramsLookAtTheLock", R"(
  cpus 2
  l: spinlock(DISPATCH)  seen: bool = false
  thread t { with l { pass } }
  thread u { if l.held { seen = true } }
  never seen_: seen)"},
    {"LabelsUnderTheLock", R"(
  cpus 2
  l: spinlock(DISPATCH)  x: bool = false
  thread t { with l { l0: x = true  l1: x = false }  l2: pass }
  thread u { with l { x = false } }
  never seen_: at l1
  reachable there: at l0)"},
    {"RulesLookAtTheCpuOfAThread", R"(
  cpus 1
  x: bool = false
  thread t { raise DISPATCH  x = true  lower PASSIVE  pass }
  never seen_: x && cpu_of(t) != null)"},

    // What the step does that a mover follows.
    {"StepsThatMakeUrgentHandlersDue", R"(
  cpus 2
  l: spinlock(DISPATCH)  home: Cpu? = null  x: bool = false  y: bool = false  seen: bool = false
  urgent handler u at 5 on home when home != null { accept { home = null }  if y { seen = true } }
  thread t { acquire l  atomic { x = true  home = cpu() }  release l }
  thread m { acquire l  if x { y = true }  release l }
  never seen_: seen)"},
    {"ThreadsThatStayPinnedAndWait", R"(
  cpus 2
  home: Cpu? = null  mine: Cpu? = null  go: bool = false
  urgent handler u at DISPATCH on home when home != null { accept { home = null }  pass }
  thread t { raise DISPATCH  mine = cpu()  lower PASSIVE  await go }
  thread w { await mine != null  home = mine })"},
    {"ChecksOfTheRelease", R"(
  cpus 2
  l: spinlock(DISPATCH)  x: bool = false
  thread t { acquire l  x = true  release l  release l }
  thread u { with l { x = false } })"},
    {"ChecksOfTheEnd", R"(
  cpus 2
  go: bool = true  x: bool = false
  handler h at 5 when go { accept { go = false }  x = true  raise 7  x = false })"},
    {"ChecksUnderTheLock", R"(
  cpus 2
  l: spinlock(DISPATCH)  x: bool = false
  thread t { with l { x = true  pass  assert !x } }
  thread u { with l { x = false } })"},
    {"LowersThatRaise", R"(
  cpus 1
  old: Level = any where old <= DISPATCH  x: bool = false
  thread t { raise DISPATCH  x = true  lower old  x = false })"},
    {"DeadlocksBehindStuckStates", R"(
  cpus 2
  l: spinlock(DISPATCH)  k: mutex  x: bool = false
  thread t { with l { x = true }  acquire k  await !x  release k }
  thread u { with l { pass }  acquire k  release k }
  deadlock_free)"},
    {"ReadersThatHoldItOnOneWay", R"(
  cpus 2
  l: spinlock  c: bool = any  x: bool = false  seen: bool = false  go: bool = true
  thread t { raise DISPATCH  acquire l  x = true  x = false  release l  lower PASSIVE }
  handler h at DISPATCH when go { accept { go = false }  if c { acquire l }  seen = x  if c { release l } }
  never seen_: seen)"},
    {"ActionsWriteTheData", R"(
  cpus 2
  l: spinlock  x: bool = false  y: bool = false  z: bool = false
  thread t { raise DISPATCH  acquire l  y = x  z = x  assert y == z  release l  lower PASSIVE }
  action flip { x = true })"},
    {"StartsWriteTheData", R"(
  cpus 2
  l: spinlock  x: bool = false  y: bool = false  z: bool = false  go: bool = true
  thread t { raise DISPATCH  acquire l  y = x  z = x  assert y == z  release l  lower PASSIVE }
  handler h at 5 when go { accept { go = false  x = true }  pass })"},
    {"OtherActivationsWriteTheData", R"(
  cpus 2
  n: int 0..2 = 0  x: bool = false
  handler h at DISPATCH when n < 2 concurrent 2 {
    accept { n += 1 }
    var a = x
    var b = x
    assert a == b
    x = true
  })"},
    {"StepsThatReadAPlace", R"(
  cpus 2
  l: spinlock  y: bool = false  z: bool = false
  thread t { raise DISPATCH  acquire l  y = at here  z = at here  assert y == z  release l  lower PASSIVE }
  thread u { pass  here: pass })"},
    {"StepsThatReadWhetherAHandlerRuns", R"(
  cpus 2
  l: spinlock  y: bool = false  z: bool = false  go: bool = true
  thread t { raise DISPATCH  acquire l  y = idle(h)  z = idle(h)  assert y == z  release l  lower PASSIVE }
  handler h at 5 when go { accept { go = false }  pass })"},
    {"StepsThatReadTheCpu", R"(
  cpus 2
  y: Cpu? = null  z: Cpu? = null
  thread t { y = cpu()  z = cpu()  assert y == z })"},
    {"RaisesThatShutOut", R"(
  cpus 1
  x: bool = false  seen: bool = false
  thread t { raise DISPATCH  x = true  raise 5  x = false  lower PASSIVE }
  handler h at 3 when x && !seen { accept { seen = true }  pass }
  never seen_: seen)"},
    {"UrgentHandlersThatComeFirst", R"(
  cpus 2
  l: spinlock  home: Cpu? = null  x: bool = false  y: bool = false  seen: bool = false
  urgent handler u at 5 on home when home != null { accept { home = null  seen = y }  pass }
  thread t { raise DISPATCH  acquire l  atomic { x = true  home = cpu() }  release l  lower PASSIVE }
  thread m { raise DISPATCH  acquire l  if x { y = true }  release l  lower PASSIVE }
  never seen_: seen)"},
    {"UrgentHandlersThatALoweringLetsCome", R"(
  cpus 2
  l: spinlock  home: Cpu? = null  x: bool = false  y: bool = false  seen: bool = false
  urgent handler u at 5 on home when home != null { accept { home = null  seen = y }  pass }
  thread t {
    raise DISPATCH  acquire l  raise 7  atomic { x = true  home = cpu() }  lower DISPATCH  release l  lower PASSIVE
  }
  thread m { raise DISPATCH  acquire l  if x { y = true }  release l  lower PASSIVE }
  never seen_: seen)"},
    {"LocksGoRound", R"(
  cpus 2
  l: spinlock(DISPATCH)  x: bool = false  n: bool = any
  thread t { acquire l  while n { x = !x }  release l }
  thread u { with l { x = false } })"},
};

class MoverConditions : public testing::TestWithParam<Condition> {};

model::TransitionSystem system_of(const Condition& one) {
  std::string problem;
  const std::vector<DesignCase> cells =
      cases_of_text(one.name, std::string("module c\nsystem S {") + one.text + "\n}\ncheck S\n", &problem);
  EXPECT_EQ(cells.size(), 1u) << problem;
  return cells.empty() ? model::TransitionSystem() : cells.front().system;
}

TEST_P(MoverConditions, AreNeeded) {
  const Agreement agreement = reductions_agree(system_of(GetParam()), 20000);
  EXPECT_EQ(agreement.difference, "");
  EXPECT_TRUE(agreement.compared);
}

INSTANTIATE_TEST_SUITE_P(Movers, MoverConditions, testing::ValuesIn(kConditions),
                         [](const testing::TestParamInfo<Condition>& one) { return std::string(one.param.name); });

/// What is merged, and how many states are then left of how many that merging of silent steps leaves.
struct Merged {
  Condition design;
  std::size_t before;
  std::size_t after;
};

const Merged kMerged[] = {
    {{"LocksAndTheirRelease", R"(
  cpus 2
  l: spinlock(DISPATCH)  x: bool = false  y: bool = false
  thread t { with l { x = true  y = true } }
  thread u { with l { y = x  x = false } })"},
     44,
     28},
    {{"EndsOfHandlers", R"(
  cpus 2
  n: int 0..2 = 2  x: int 0..2 = 0
  handler h at 5 when n > 0 concurrent 2 { accept { n -= 1 }  x += 1 }
  thread t { await idle(h) && x > 0  x = 0 })"},
     26,
     17},
    {{"LevelsAreRestoredToWhereEachTookTheLock", R"(
  cpus 2
  l: spinlock(5)  go: bool = true  x: bool = false  y: bool = false
  handler h at 5 when go { accept { go = false }  with l { x = true  y = true } }
  thread t { with l { y = x  x = false }  await y })"},
     45,
     22},
    {{"EndsThatARuleSeesBehindAVisitOfAllCpus", R"(
  cpus 2
  go: bool = true  x: int 0..2 = 0
  handler h at 5 when go { accept { go = false }  x = 1  x = 2 }
  thread t { await x > 0  for c in Cpu { on c { pass } }  for c in Cpu { on c { pass } }  l: pass }
  never late: running(h) && at l)"},
     38,
     22},
    {{"EndsThatACheckSeesBehindAWait", R"(
  cpus 2
  go: bool = true  x: int 0..2 = 0
  handler h at PASSIVE when go { accept { go = false }  x = 1  x = 2 }
  thread t { await x > 0  await idle(h)  assert idle(h) })"},
     10,
     8},
    {{"VisitsOfAllCpus", R"(
  cpus 2
  x: int 0..2 = 0
  thread t { for c in Cpu { on c { pass } }  x = 0 }
  thread u { x = 1  x = 2 })"},
     46,
     38},
    {{"EndsBesideAContextThatReadsItsOwnCpu", R"(
  cpus 2
  go: bool = true  x: int 0..2 = 0
  handler h at 5 when go { accept { go = false }  x = 1  x = 2 }
  thread t { await x > 0  choose c: Cpu  on c { pass } })"},
     21,
     11},
};

TEST(MoverConditionsThatHold, MergeStates) {
  for (const Merged& one : kMerged) {
    const model::TransitionSystem system = system_of(one.design);
    checker::SearchOptions options;
    const auto states = [&](bool movers) {
      return checker::explore_reference(model::reduce(system, {.slice = false, .movers = movers}).system, options)
          .statistics.distinct_states;
    };
    EXPECT_EQ(states(false), one.before) << one.design.name;
    EXPECT_EQ(states(true), one.after) << one.design.name;
    EXPECT_EQ(reductions_agree(system, 20000).difference, "") << one.design.name;
  }
}

}  // namespace
}  // namespace quiesce
