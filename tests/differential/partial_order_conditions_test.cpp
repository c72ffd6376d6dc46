// One small design for each condition of the stubborn sets (docs/reductions.md), named as there. Each breaks its rule
// in some run, and would not be seen to in a search whose sets need not meet the condition: every run that breaks it
// has to delay something that the set without the condition prefers.
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>

#include "checker/check.h"
#include "model/passes/reduce.h"
#include "tests/differential/designs.h"
#include "tests/differential/partial_order.h"
#include "tests/support/system_builder.h"

namespace quiesce {
namespace {

struct OrderCondition {
  const char* name;
  const char* rule;  // that is broken; null: the design shows what partial_order_difference() compares besides
  const char* text;  // the members of the system
};

void PrintTo(const OrderCondition& condition, std::ostream* out) { *out << condition.name; }

// `l` leads: of sets of one size, that of the first context is taken.
const OrderCondition kOrderConditions[] = {
    // C1. What others do to the step of a member counts, also later, in handlers that may start, and in actions.
    {"ConflictsOfContexts", "c.S.seen", R"(
  cpus 2
  v: bool = false  w: bool = false
  thread l { v = true }
  thread x { pass  w = !v }
  never seen: w)"},
    {"ConflictsOfAccept", "c.S.seen", R"(
  cpus 2
  v: bool = false  w: bool = false  go: bool = true
  thread l { v = true }
  handler h at 5 when go { accept { go = false  w = !v } }
  never seen: w)"},
    {"ConflictsOfHandlers", "c.S.seen", R"(
  cpus 2
  v: bool = false  w: bool = false  go: bool = true
  thread l { v = true }
  handler h at 5 when go { accept { go = false }  w = !v }
  never seen: w)"},
    {"ConflictsOfHandlersLater", "c.S.seen", R"(
  cpus 2
  v: bool = false  w: bool = false  go: bool = true
  thread l { v = true }
  handler h at 5 when go { accept { go = false }  pass  w = !v }
  never seen: w)"},
    {"ConflictsOfActions", "c.S.seen", R"(
  cpus 2
  v: bool = false  w: bool = false
  thread l { v = true }
  action a when !w { w = !v }
  never seen: w)"},
    {"ConflictsOfTwoWrites", "c.S.seen", R"(
  cpus 2
  v: int 0..2 = 0  w: bool = false  wrote: bool = false  z: bool = false
  thread l { v = 1  wrote = true }
  thread t { await wrote  w = z && v == 1 }
  thread x { v = 2  z = true }
  never seen: w)"},
    {"ConflictsWithConditions", "c.S.seen", R"(
  cpus 2
  go: bool = true  w: bool = false
  thread l { go = false }
  handler h at 5 when go && !w { accept { w = true } }
  never seen: w)"},
    {"ConflictsWithOn", "c.S.seen", R"(
  cpus 2
  home: Cpu? = Cpu(0)  w: bool = false
  thread l { home = null }
  handler h at 5 on home when !w { accept { w = true } }
  never seen: w)"},
    {"WritersOfConditions", "c.S.seen", R"(
  cpus 2
  v: bool = false  w: bool = false  go: bool = false
  thread l { v = true }
  thread x { go = true }
  handler h at 5 when go { accept { go = false }  w = !v }
  never seen: w)"},
    {"ActionsOfMembers", "c.S.seen", R"(
  cpus 2
  v: int 0..2 = 0  z: bool = false  w: bool = false  u: bool = false
  thread l { u = v == 1  w = u }
  thread x { z = true }
  action a when z { v = 1  z = false }
  never seen: w)"},

    // C2. What the scheduler looks at does not change by steps of members, nor do their steps look at it.
    {"StartsWaitForVariablesOnly", "c.S.seen", R"(
  cpus 3
  v: bool = false  bad: bool = false  began: bool = false
  handler g at 6 when !began { accept { began = true }  pass }
  handler h at 5 when !idle(g) { if !v { bad = true } }
  thread l { v = true }
  never seen: bad)"},
    {"ActionsDoNotAskTheScheduler", "c.S.seen", R"(
  cpus 3
  v: bool = false  bad: bool = false  began: bool = false  done: bool = false
  handler g at 6 when !began { accept { began = true }  pass }
  action a when !idle(g) && !done { done = true  if !v { bad = true } }
  thread l { v = true }
  never seen: bad)"},
    {"ContextsDoNotAskTheScheduler", "c.S.seen", R"(
  cpus 2
  v: bool = false  w: bool = false  began: bool = false
  handler g at 5 when !began { accept { began = true }  pass }
  thread l { v = idle(g)  w = !v }
  never seen: w)"},
    {"ActionsDoNotRequestUrgentHandlers", "c.S.seen", R"(
  cpus 1
  v: int 0..2 = 0  w: int 0..2 = 0  q: bool = false  fired: bool = false  p: bool = false  t: bool = false
  thread l { v = v == 1 ? 2 : 0  w = v }
  urgent handler u at DISPATCH on Cpu(0) when q { accept { q = false  p = true } }
  action a when !fired { fired = true  v = 1  q = true }
  thread x { t = !p }
  never seen: t && w == 2)"},
    {"ContextsDoNotRequestUrgentHandlers", "c.S.seen", R"(
  cpus 1
  v: int 0..2 = 0  w: int 0..2 = 0  q: bool = false  p: bool = false  t: bool = false
  thread l { v = v == 1 ? 2 : 0  w = v }
  urgent handler u at DISPATCH on Cpu(0) when q { accept { q = false  p = true } }
  thread y { atomic { v = 1  q = true } }
  thread x { t = !p }
  never seen: t && w == 2)"},
    {"NobodyAsksWhereMembersStand", "c.S.seen", R"(
  cpus 2
  v: bool = false  t: bool = false
  thread l { here: v = true  pass }
  thread x { t = true }
  never seen: t && at here)"},
    {"NobodyAsksWhereMembersGo", "c.S.seen", R"(
  cpus 2
  v: bool = false  t: bool = false  done: bool = false
  thread l { v = true  here: await done }
  thread x { t = true }
  never seen: t && !at here)"},
    {"MembersDoNotMentionCpus", "c.S.seen", R"(
  cpus 2
  mine: Cpu? = null  v: bool = false  w: bool = false
  thread p { raise DISPATCH  mine = cpu()  lower PASSIVE }
  thread l { v = cpu() == mine  w = v }
  never seen: w)"},
    {"MembersDoNotRaise", "c.S.seen", R"(
  cpus 1
  r: bool = false  t: bool = false
  thread l { raise DISPATCH  r = true  lower PASSIVE }
  thread x { t = true }
  never seen: t && !r)"},
    {"MembersDoNotEnd", "c.S.seen", R"(
  cpus 2
  began: bool = false  t: bool = false
  handler h at PASSIVE when !began { accept { began = true }  pass }
  thread x { await began  t = !idle(h) }
  never seen: t)"},
    {"MembersFloat", "c.S.seen", R"(
  cpus 2
  home: Cpu? = null  v: int 0..2 = 0  w: int 0..2 = 0
  urgent handler i at 5 on home when home != null { accept { home = null }  pass }
  thread m { home = cpu()  v = 1 }
  thread l { v = v == 1 ? 2 : 0  w = v }
  never seen: w == 2)"},
    {"MembersAreOutsideOn", "c.S.seen", R"(
  cpus 3
  v: int 0..2 = 0  w: int 0..2 = 0  up: bool = false  low: bool = false  taken: bool = false
  first: Cpu = Cpu(0)  second: Cpu = Cpu(1)
  thread l { await up  v = v == 1 ? 2 : 0  w = v }
  thread r { on Cpu(1) { raise DISPATCH  taken = true  loop { pass } } }
  thread p { await taken  on Cpu(0) { raise DISPATCH  up = true  low = true  lower PASSIVE } }
  thread m { await up  on low ? second : first { v = 1 } }
  never seen: w == 2)"},

    // C3. The leader does not lead forever.
    {"LeadersGoForward", "c.S.seen", R"(
  cpus 2
  v: bool = false  t: bool = false
  thread l { loop { v = !v } }
  thread x { t = true }
  never seen: t)"},

    // C4. Nothing sees the step of the leader.
    {"PropertiesDoNotReadWhatLeadersWrite", "c.S.seen", R"(
  cpus 2
  v: bool = false  t: bool = false
  thread l { v = true }
  thread x { t = true }
  never seen: t && !v)"},
    {"TriggersDoNotReadWhatLeadersWrite", nullptr, R"(
  cpus 2
  v: bool = false  t: bool = false
  thread l { v = true }
  thread x { t = true }
  invariant seen: t && !v => true)"},
    {"StartsDoNotWaitForLeaders", "core.stuck", R"(
  cpus 1
  f: bool = false  g: bool = false
  thread l { g = true }
  thread p { raise DISPATCH  spin until f  lower PASSIVE }
  handler h at 5 when g && !f { accept { f = true } })"},
    {"ActionsDoNotWaitForLeaders", "core.stuck", R"(
  cpus 1
  f: bool = false  g: bool = false  z: bool = false
  thread l { g = true }
  thread p { raise DISPATCH  spin until f  lower PASSIVE }
  action a when g && !z { z = true }
  handler h at 5 when z && !f { accept { f = true } })"},
    {"RoomIsTakenByThreads", "core.stuck", R"(
  cpus 2
  f: bool = false  g: bool = false
  thread l { g = true }
  thread p { raise DISPATCH  spin until f  lower PASSIVE }
  thread q { raise DISPATCH  spin until f  lower PASSIVE }
  handler h at 5 when g && !f { accept { f = true } })"},
    {"RoomIsTakenByHandlers", "core.stuck", R"(
  cpus 1
  f: bool = false  g: bool = false  go: bool = true
  thread l { g = true }
  handler p at DISPATCH when go { accept { go = false }  spin until f }
  handler h at 5 when g && !f { accept { f = true } })"},
    {"RoomIsTakenByAllActivations", "core.stuck", R"(
  cpus 3
  f: bool = false  g: bool = false  go: int 0..3 = 3
  thread l { g = true }
  handler p at DISPATCH when go > 0 concurrent 3 { accept { go -= 1 }  spin until f }
  handler h at 5 when g && !f { accept { f = true } })"},
};

class PartialOrderConditions : public testing::TestWithParam<OrderCondition> {};

TEST_P(PartialOrderConditions, AreNeeded) {
  const OrderCondition& condition = GetParam();
  std::string problem;
  const std::vector<DesignCase> cells =
      cases_of_text(condition.name, std::string("module c\nsystem S {") + condition.text + "\n}\ncheck S\n", &problem);
  ASSERT_EQ(cells.size(), 1u) << problem;
  const model::TransitionSystem& whole = cells.front().system;
  for (const model::TransitionSystem& system : {whole, model::reduce(whole).system}) {
    PartialOrderTotals totals;
    EXPECT_EQ(partial_order_difference(system, 10000, totals), "");
    EXPECT_EQ(totals.compared, 1u);
    checker::CheckOptions options;
    options.search.partial_order = true;
    options.search.threads = 1;
    const checker::SearchResult result = checker::check(system, options);
    const bool found = std::any_of(result.rules.begin(), result.rules.end(), [&](const checker::RuleResult& rule) {
      return condition.rule != nullptr && system.at(rule.rule).name == condition.rule &&
             rule.verdict == checker::Verdict::Violated;
    });
    EXPECT_TRUE(found || condition.rule == nullptr) << condition.rule << " is not found to be broken";
  }
}

/// No text asks for a location but by its number; systems may.
TEST(PartialOrderConditionsOfSystems, LocationsAreNotReadAsNumbers) {
  model::SystemBuilder b(2);
  const model::CellId v = b.boolean("v");
  const model::CellId t = b.boolean("t");
  const model::ContextId l = b.thread("l", 3);
  const model::ContextId x = b.thread("x", 2);
  b.at(l, 1) = b.program({b.set(v, 1), b.go(l, 2)});
  b.at(l, 2) = b.program({b.set(v, 0), b.go(l, 3)});
  b.at(l, 3) = b.program({b.end()});
  b.at(x, 1) = b.program({b.set(t, 1), b.go(x, 2)});
  b.at(x, 2) = b.program({b.end()});
  const model::CellId stands = b.system.at(l).location_cell[0];
  b.property(model::PropertyKind::Never, b.rule("c.seen"),
             b.exprs().conjunction(b.is(t, 1), b.exprs().conjunction(b.less(b.number(0), b.get(stands)),
                                                                     b.less(b.get(stands), b.number(2)))));
  PartialOrderTotals totals;
  EXPECT_EQ(partial_order_difference(b.system, 1000, totals), "");
  EXPECT_EQ(totals.compared, 1u);
}

INSTANTIATE_TEST_SUITE_P(StubbornSets, PartialOrderConditions, testing::ValuesIn(kOrderConditions),
                         [](const testing::TestParamInfo<OrderCondition>& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace quiesce
