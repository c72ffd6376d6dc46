#include "model/passes/reduce.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/system/print.h"
#include "model/system/validate.h"
#include "tests/support/system_builder.h"

namespace quiesce::model {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// The reduced system, which must be valid.
TransitionSystem reduced(const SystemBuilder& builder, ReductionStatistics* statistics = nullptr) {
  EXPECT_THAT(validate(builder.system), IsEmpty());
  Reduced reduced = reduce(builder.system, {.slice = false, .movers = false});
  if (statistics != nullptr) *statistics = reduced.statistics;
  TransitionSystem result = std::move(reduced.system);
  EXPECT_THAT(validate(result), IsEmpty());
  return result;
}

/// The program of L`number` of the first context.
std::string program_of(const TransitionSystem& system, std::uint32_t number) {
  const LocationId id = system.contexts[0].locations.at(number - 1);
  return print_program(system, system.at(id).program, "");
}

TEST(ReduceTest, MergesSilentSuccessorsIntoASharedStep) {
  SystemBuilder s;
  const CellId shared = s.integer("shared", 0, 3);
  const ContextId k = s.thread("k", 4);
  const CellId own = s.local(k, "own", 0, 3)[0];
  s.at(k, 1) = s.program({s.set(shared, 1), s.go(k, 2)});
  s.at(k, 2) = s.program({s.set(own, 2), s.go(k, 3)});
  s.at(k, 3) = s.program({s.set(own, s.plus(s.get(own), s.number(1))), s.go(k, 4)});
  s.at(k, 4) = s.program({s.set(shared, s.get(own)), s.end()});
  s.action("reader", s.is(shared, 3), {s.set(shared, 0)});
  ReductionStatistics statistics;
  const TransitionSystem r = reduced(s, &statistics);
  EXPECT_EQ(statistics.locations_before, 4u);
  EXPECT_EQ(statistics.locations_after, 2u);
  EXPECT_EQ(program_of(r, 1),
            "0  shared := 1\n"
            "1  k#0/own := 2\n"
            "2  k#0/own := k#0/own + 1\n"
            "3  goto L2\n");
  EXPECT_EQ(program_of(r, 2),
            "0  shared := k#0/own\n"
            "1  k#0/own := 0  (dead)\n"
            "2  end\n");
  EXPECT_EQ(r.at(r.contexts[0].location_cell[0]).hi, 2);
}

TEST(ReduceTest, LeavesWhatOthersCanSeeOrChange) {
  SystemBuilder s;
  const CellId read_elsewhere = s.boolean("read_elsewhere");
  const CellId written_elsewhere = s.boolean("written_elsewhere");
  const CellId in_property = s.boolean("in_property");
  const ContextId k = s.thread("k", 5);
  const CellId own = s.local(k, "own", 0, 1)[0];
  s.at(k, 1) = s.program({s.set(own, 1), s.go(k, 2)});
  s.at(k, 2) = s.program({s.set(read_elsewhere, s.get(own)), s.go(k, 3)});
  s.at(k, 3) = s.program({s.branch(s.get(written_elsewhere), 2), s.go(k, 4), s.go(k, 5)});
  s.at(k, 4) = s.program({s.set(in_property, 1), s.go(k, 5)});
  s.at(k, 5) = s.program({s.end()});
  s.action("other", s.get(read_elsewhere), {s.set(written_elsewhere, 1)});
  s.property(PropertyKind::Never, s.rule("r"), s.get(in_property));
  const TransitionSystem r = reduced(s);
  EXPECT_EQ(r.locations.size(), 5u);
}

TEST(ReduceTest, MergesTestsOfVariablesThatNobodyElseWrites) {
  SystemBuilder s;
  const CellId constant = s.boolean("constant");
  const CellId shared = s.boolean("shared");
  s.initial_any(constant);
  const ContextId k = s.thread("k", 3);
  s.at(k, 1) = s.program({s.set(shared, 1), s.go(k, 2)});
  s.at(k, 2) = s.program({s.branch(s.get(constant), 2), s.go(k, 1), s.go(k, 3)});
  s.at(k, 3) = s.program({s.set(shared, 0), s.end()});
  s.property(PropertyKind::Never, s.rule("r"), s.exprs().conjunction(s.get(shared), s.get(constant)));
  const TransitionSystem r = reduced(s);
  EXPECT_EQ(program_of(r, 1),
            "0  shared := true\n"
            "1  if constant else 3\n"
            "2  goto L1\n"
            "3  goto L2\n");
}

TEST(ReduceTest, RespectsWhatElaborationForbids) {
  SystemBuilder s;
  const CellId shared = s.boolean("shared");
  const ContextId k = s.thread("k", 3);
  const CellId own = s.local(k, "own", 0, 1)[0];
  s.at(k, 1) = s.program({s.set(shared, 1), s.go(k, 2)});
  s.at(k, 2) = s.program({s.set(own, 1), s.go(k, 3)});
  s.at(k, 3) = s.program({s.set(shared, s.get(own)), s.end()});
  s.property(PropertyKind::Never, s.rule("r"), s.get(shared));
  s.location(k, 2).mergeable = false;
  EXPECT_EQ(reduced(s).locations.size(), 3u);
  s.location(k, 2).mergeable = true;
  EXPECT_EQ(reduced(s).locations.size(), 2u);
}

TEST(ReduceTest, KeepsOneLocationOfEveryCycle) {
  SystemBuilder s;
  const CellId shared = s.boolean("shared");
  const ContextId k = s.thread("k", 4);
  const CellId own = s.local(k, "own", 0, 1)[0];
  s.at(k, 1) = s.program({s.set(shared, 1), s.go(k, 2)});
  s.at(k, 2) = s.program({s.set(own, 1), s.go(k, 3)});
  s.at(k, 3) = s.program({s.set(own, 0), s.go(k, 4)});
  s.at(k, 4) = s.program({s.go(k, 2)});
  s.property(PropertyKind::Never, s.rule("r"), s.get(shared));
  const TransitionSystem r = reduced(s);
  ASSERT_EQ(r.locations.size(), 2u);
  EXPECT_THAT(program_of(r, 1), HasSubstr("goto L2"));
  EXPECT_THAT(program_of(r, 2), HasSubstr("goto L2"));
}

TEST(ReduceTest, KeepsALocationThatLoopsAlone) {
  SystemBuilder s;
  const ContextId k = s.thread("k", 2);
  s.at(k, 1) = s.program({s.go(k, 2)});
  s.at(k, 2) = s.program({s.go(k, 2)});
  const TransitionSystem r = reduced(s);
  EXPECT_EQ(r.locations.size(), 2u);
}

TEST(ReduceTest, StopsInFrontOfALocationWhoseCheckFails) {
  SystemBuilder s;
  const CellId shared = s.integer("shared", 0, 3);
  const RuleId range = s.rule("core.range", true);
  const ContextId k = s.thread("k", 3);
  const CellId own = s.local(k, "own", 0, 3)[0];
  s.at(k, 1) = s.program({s.set(shared, 1), s.go(k, 2)});
  s.at(k, 2) = s.program({Op(StatementOp{}), s.check(s.less(s.get(own), s.number(3)), range),
                          s.set(own, s.plus(s.get(own), s.number(1))), s.go(k, 3)});
  s.at(k, 3) = s.program({s.set(shared, s.get(own)), s.go(k, 1)});
  s.property(PropertyKind::Never, s.rule("r"), s.is(shared, 3));
  const TransitionSystem r = reduced(s);
  EXPECT_EQ(program_of(r, 1),
            "0  shared := 1\n"
            "1  if k#0/own < 3 else 6\n"
            "2  statement\n"
            "3  check core.range: k#0/own < 3\n"
            "4  k#0/own := k#0/own + 1\n"
            "5  goto L3\n"
            "6  goto L2\n");
  EXPECT_THAT(program_of(r, 2), HasSubstr("check core.range"));
}

TEST(ReduceTest, DoesNotMergeACheckThatComesAfterAnAssignment) {
  SystemBuilder s;
  const CellId shared = s.integer("shared", 0, 3);
  const RuleId rule = s.rule("r");
  const ContextId k = s.thread("k", 3);
  const CellId own = s.local(k, "own", 0, 3)[0];
  s.at(k, 1) = s.program({s.set(shared, 1), s.go(k, 2)});
  s.at(k, 2) =
      s.program({s.choose(0, 0, 3), s.set(own, s.temp(0)), s.check(s.less(s.get(own), s.number(3)), rule), s.go(k, 3)});
  s.at(k, 3) = s.program({s.set(shared, s.get(own)), s.end()});
  s.property(PropertyKind::Never, rule, s.is(shared, 3));
  EXPECT_EQ(reduced(s).locations.size(), 3u);
}

TEST(ReduceTest, RenumbersTempsOfCopies) {
  SystemBuilder s;
  const CellId shared = s.integer("shared", 0, 3);
  const ContextId k = s.thread("k", 3);
  const CellId own = s.local(k, "own", 0, 3)[0];
  s.at(k, 1) = s.program({s.choose(0, 0, 1), s.set(shared, s.temp(0)), s.go(k, 2)});
  s.at(k, 2) = s.program({s.choose(0, 0, 2), s.set(own, s.temp(0)), s.go(k, 3)});
  s.at(k, 3) = s.program({s.set(shared, s.get(own)), s.go(k, 1)});
  s.property(PropertyKind::Never, s.rule("r"), s.is(shared, 3));
  const TransitionSystem r = reduced(s);
  EXPECT_EQ(program_of(r, 1),
            "0  t0 := choose \"either\" 0..1\n"
            "1  shared := t0\n"
            "2  t1 := choose \"either\" 0..2\n"
            "3  k#0/own := t1\n"
            "4  goto L2\n");
  EXPECT_EQ(r.at(r.contexts[0].entry).program.temps, 2u);
}

TEST(ReduceTest, LimitsTheOutcomesOfAStep) {
  SystemBuilder s;
  const CellId shared = s.integer("shared", 0, 3);
  const ContextId k = s.thread("k", 5);
  std::vector<CellId> own;
  for (const char* name : {"a", "b", "c", "d"}) {
    own.push_back(s.local(k, name, 0, 3)[0]);
  }
  s.at(k, 1) = s.program({s.set(shared, 1), s.go(k, 2)});
  for (std::uint32_t i = 2; i <= 4; ++i) {
    s.at(k, i) = s.program({s.choose(0, 0, 3), s.set(own[i - 2], s.temp(0)), s.go(k, i + 1)});
  }
  s.at(k, 5) = s.program({s.set(shared, s.plus(s.get(own[0]), s.plus(s.get(own[1]), s.get(own[2])))), s.end()});
  s.property(PropertyKind::Never, s.rule("r"), s.is(shared, 3));
  // Two choices of four are merged into one step, the third would make it 64 outcomes.
  EXPECT_EQ(reduced(s).locations.size(), 3u);
}

/// A handler that starts at `level`; its first statement is silent.
SystemBuilder handler_with_a_silent_start(std::int64_t level) {
  SystemBuilder s;
  const CellId shared = s.boolean("shared");
  const ContextId h = s.handler("h", level, s.get(shared), 2);
  const CellId own = s.local(h, "own", 0, 1)[0];
  s.system.contexts[0].start = s.program({s.set(shared, 0), s.go(h, 1)});
  s.at(h, 1) = s.program({s.set(own, 1), s.go(h, 2)});
  s.at(h, 2) = s.program({s.set(shared, s.get(own)), s.end()});
  return s;
}

TEST(ReduceTest, MergesSilentStatementsIntoTheStartOfAHandler) {
  for (const std::int64_t level : {0, 5}) {
    const TransitionSystem r = reduced(handler_with_a_silent_start(level));
    EXPECT_EQ(r.locations.size(), 1u);
    EXPECT_EQ(print_program(r, r.contexts[0].start, ""), "0  shared := false\n1  h#0/own := 1\n2  goto L1\n");
  }
}

/// A floating handler whose start mentions cpu() stays pinned until urgent handlers have run.
TEST(ReduceTest, MergesNothingIntoAStartThatMayStayPinned) {
  SystemBuilder floating = handler_with_a_silent_start(0);
  floating.system.contexts[0].start.uses_cpu = true;
  EXPECT_EQ(reduced(floating).locations.size(), 2u);
  SystemBuilder pinned = handler_with_a_silent_start(5);
  pinned.system.contexts[0].start.uses_cpu = true;
  EXPECT_EQ(reduced(pinned).locations.size(), 1u);
}

TEST(ReduceTest, RenumbersLocationsInExpressions) {
  SystemBuilder s;
  const CellId shared = s.boolean("shared");
  const ContextId k = s.thread("k", 4);
  const CellId own = s.local(k, "own", 0, 1)[0];
  s.at(k, 1) = s.program({s.set(shared, 1), s.go(k, 2)});
  s.at(k, 2) = s.program({s.set(own, 1), s.go(k, 4)});
  s.at(k, 3) = s.program({s.end()});  // unreachable
  s.at(k, 4) = s.program({s.set(shared, s.get(own)), s.end()});
  s.location(k, 4).mergeable = false;
  const RuleId rule = s.rule("r");
  const CellId location = s.system.at(k).location_cell[0];
  s.property(PropertyKind::Never, rule, s.is(location, 4));
  s.property(PropertyKind::Never, rule, s.is(location, 3));
  s.property(PropertyKind::Never, rule, s.is(location, 0));
  s.property(PropertyKind::Never, rule, s.get(shared));
  const TransitionSystem r = reduced(s);
  // The step into location 4 is seen, so location 2 stays.
  EXPECT_EQ(r.locations.size(), 3u);
  EXPECT_EQ(print_expr(r, r.properties[0].condition), "k/location == 3");
  EXPECT_EQ(print_expr(r, r.properties[1].condition), "0");
  EXPECT_EQ(print_expr(r, r.properties[2].condition), "k/location == 0");
}

TEST(ReduceTest, DoesNotMergeALocationThatAnExpressionNames) {
  SystemBuilder s;
  const CellId shared = s.boolean("shared");
  const ContextId k = s.thread("k", 3);
  const CellId own = s.local(k, "own", 0, 1)[0];
  s.at(k, 1) = s.program({s.set(shared, 1), s.go(k, 2)});
  s.at(k, 2) = s.program({s.set(own, 1), s.go(k, 3)});
  s.at(k, 3) = s.program({s.set(shared, s.get(own)), s.end()});
  s.property(PropertyKind::Never, s.rule("r"),
             s.exprs().conjunction(s.is(s.system.at(k).location_cell[0], 2), s.get(shared)));
  EXPECT_EQ(reduced(s).locations.size(), 3u);
}

TEST(ReduceTest, KeepsNumbersThatAreUsedInAnotherWay) {
  SystemBuilder s;
  const CellId shared = s.boolean("shared");
  const ContextId k = s.thread("k", 3);
  s.at(k, 1) = s.program({s.set(shared, 1), s.go(k, 3)});
  s.at(k, 2) = s.program({s.end()});  // unreachable
  s.at(k, 3) = s.program({s.set(shared, 0), s.end()});
  s.property(PropertyKind::Never, s.rule("r"),
             s.exprs().conjunction(s.get(shared), s.less(s.number(2), s.get(s.system.at(k).location_cell[0]))));
  EXPECT_EQ(reduced(s).locations.size(), 3u);
}

TEST(ReduceTest, ForgetsADeadLocalOfEachActivation) {
  SystemBuilder s;
  const CellId shared = s.integer("shared", 0, 3);
  const ContextId h = s.handler("h", 5, s.is(shared, 0), 3, 2);
  const Place own = s.own(s.local(h, "own", 0, 3));
  s.at(h, 1) = s.program({s.set(own, s.get(shared)), s.go(h, 2)});
  s.at(h, 2) = s.program({s.set(shared, s.get(own)), s.go(h, 3)});
  s.at(h, 3) = s.program({s.set(shared, 1), s.end()});
  const TransitionSystem r = reduced(s);
  EXPECT_EQ(program_of(r, 1), "0  (h#0/own, h#1/own)[self] := shared\n1  goto L2\n");
  EXPECT_EQ(program_of(r, 2),
            "0  shared := (h#0/own, h#1/own)[self]\n1  (h#0/own, h#1/own)[self] := 0  (dead)\n2  goto L3\n");
  EXPECT_EQ(program_of(r, 3), "0  shared := 1\n1  end\n");
}

TEST(ReduceTest, AVariableOfAMachineThatOneHandlerKeepsStaysLiveBetweenActivations) {
  SystemBuilder s;
  const CellId shared = s.integer("shared", 0, 3);
  const CellId count = s.integer("count", 0, 3);
  s.initial(count, 2);
  const ContextId h = s.handler("h", 5, s.is(shared, 0), 2);
  s.at(h, 1) = s.program({s.set(shared, s.get(count)), s.go(h, 2)});
  s.at(h, 2) = s.program({s.set(count, s.get(shared)), s.end()});
  const TransitionSystem r = reduced(s);
  EXPECT_THAT(print_contexts(r), Not(HasSubstr("count := 0  (dead)\n    2  end")));
  EXPECT_EQ(r.initial.size(), s.system.initial.size()) << "its initial value is read by the first activation";
}

TEST(ReduceTest, APartialWriteDoesNotEndALife) {
  SystemBuilder s;
  const CellId shared = s.integer("shared", 0, 1);
  const ContextId k = s.thread("k", 3);
  const CellId a = s.local(k, "a", 0, 1)[0];
  const CellId b = s.local(k, "b", 0, 1)[0];
  const Place either{{a, b}, s.get(shared)};
  s.at(k, 1) = s.program({s.set(a, s.get(shared)), s.set(b, s.get(shared)), s.go(k, 2)});
  s.at(k, 2) = s.program({s.set(either, s.number(0)), s.go(k, 3)});
  s.at(k, 3) = s.program({s.set(shared, s.plus(s.get(a), s.get(b))), s.end()});
  s.action("flip", s.is(shared, 0), {s.set(shared, 1)});
  const TransitionSystem r = reduced(s);
  EXPECT_THAT(program_of(r, 1), Not(HasSubstr("dead")));
  EXPECT_THAT(program_of(r, 2), Not(HasSubstr("dead")));
}

TEST(ReduceTest, DropsInitialValuesThatNobodyReads) {
  SystemBuilder s;
  const CellId shared = s.integer("shared", 0, 1);
  const CellId scratch = s.integer("scratch", 0, 3);
  const CellId source = s.integer("source", 0, 3);
  s.initial_any(scratch);
  s.initial_any(source);
  s.system.initial.push_back({shared, s.less(s.get(source), s.number(2)), 0, 0});
  const ContextId k = s.thread("k", 3);
  s.at(k, 1) = s.program({s.set(scratch, s.get(shared)), s.set(source, 1), s.go(k, 2)});
  s.at(k, 2) = s.program({s.set(shared, s.plus(s.get(scratch), s.get(source))), s.go(k, 3)});
  s.at(k, 3) = s.program({s.end()});
  s.action("flip", s.is(shared, 0), {s.set(shared, 1)});
  ReductionStatistics statistics;
  const TransitionSystem r = reduced(s, &statistics);
  EXPECT_EQ(statistics.initial_dropped, 1u) << "the other one is read by an initial value";
  EXPECT_EQ(r.initial.size(), s.system.initial.size() - 1);
}

TEST(ReduceTest, ForgetsArraysOverCpusAsAWhole) {
  SystemBuilder s(2);
  const CellId shared = s.integer("shared", 0, 1);
  const ContextId k = s.thread("k", 3);
  const CellId on0 = s.local(k, "on0", 0, 1)[0];
  const CellId on1 = s.local(k, "on1", 0, 1)[0];
  s.system.cpu_blocks.push_back({{on0, on1}, 1});
  s.at(k, 1) = s.program({s.set(on0, s.get(shared)), s.set(on1, s.get(shared)), s.go(k, 2)});
  s.at(k, 2) = s.program({s.set(shared, s.get(on0)), s.go(k, 3)});
  s.at(k, 3) = s.program({s.set(shared, s.get(on1)), s.end()});
  s.action("flip", s.is(shared, 0), {s.set(shared, 1)});
  const TransitionSystem r = reduced(s);
  EXPECT_THAT(program_of(r, 2), Not(HasSubstr("dead"))) << "renaming CPUs must not swap a live with a dead cell";
  EXPECT_THAT(program_of(r, 3), HasSubstr("k#0/on0 := 0  (dead)"));
  EXPECT_THAT(program_of(r, 3), HasSubstr("k#0/on1 := 0  (dead)"));
}

TEST(ReduceTest, ReducingTwiceChangesNothingMore) {
  SystemBuilder s;
  const CellId shared = s.integer("shared", 0, 3);
  const RuleId rule = s.rule("r");
  const ContextId k = s.thread("k", 4);
  const CellId own = s.local(k, "own", 0, 3)[0];
  s.at(k, 1) = s.program({s.set(shared, 1), s.go(k, 2)});
  s.at(k, 2) = s.program({s.check(s.is(own, 0), rule), s.set(own, 2), s.go(k, 3)});
  s.at(k, 3) = s.program({s.branch(s.is(own, 2), 2), s.go(k, 4), s.go(k, 1)});
  s.at(k, 4) = s.program({s.set(shared, s.get(own)), s.end()});
  s.property(PropertyKind::Never, rule, s.is(shared, 3));
  const TransitionSystem once = reduced(s);
  const auto [twice, map, statistics] = reduce(once, {.slice = false, .movers = false});
  EXPECT_EQ(statistics.locations_after, once.locations.size());
  EXPECT_EQ(statistics.forgotten, 0u);
}

}  // namespace
}  // namespace quiesce::model
