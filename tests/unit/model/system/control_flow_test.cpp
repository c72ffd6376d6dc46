#include "model/system/control_flow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/system/traverse.h"
#include "tests/support/system_builder.h"

namespace quiesce::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// L1 -> L2 <-> L3, L2 -> L4 (ends), L5 unreachable.
struct Loop : SystemBuilder {
  CellId a = boolean("a");
  CellId b = boolean("b");
  CellId c = boolean("c");
  ContextId k = thread("k", 5);

  Loop() {
    at(k, 1) = program({set(a, 1), go(k, 2)});
    at(k, 2) = program({branch(is(b, 0), 2), go(k, 3), go(k, 4)});
    at(k, 3) = program({set(b, 1), go(k, 2)});
    at(k, 4) = program({end()});
    at(k, 5) = program({set(c, 1), go(k, 4)});
  }

  std::vector<std::uint32_t> numbers(const std::vector<LocationId>& locations) const {
    std::vector<std::uint32_t> result;
    for (const LocationId location : locations) {
      result.push_back(system.at(location).number);
    }
    return result;
  }
};

TEST(ControlFlowTest, FindsWhatIsReachableAndCyclic) {
  const Loop s;
  const ControlFlow flow(s.system, s.k);
  EXPECT_EQ(boost::num_vertices(flow.graph()), 7u);
  EXPECT_EQ(boost::num_edges(flow.graph()), 7u);
  EXPECT_THAT(s.numbers(flow.reachable()), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(s.numbers(flow.on_cycle()), ElementsAre(2, 3));
}

TEST(ControlFlowTest, FindsDominators) {
  const Loop s;
  const auto dominators = ControlFlow(s.system, s.k).immediate_dominators();
  ASSERT_EQ(dominators.size(), 5u);
  EXPECT_EQ(dominators[0], std::nullopt);
  EXPECT_EQ(dominators[1], s.id(s.k, 1));
  EXPECT_EQ(dominators[2], s.id(s.k, 2));
  EXPECT_EQ(dominators[3], s.id(s.k, 2));
  EXPECT_EQ(dominators[4], std::nullopt);
}

TEST(ControlFlowTest, ALocationThatGoesToItselfIsOnACycle) {
  SystemBuilder s;
  const ContextId k = s.thread("k", 1);
  s.at(k, 1) = s.program({s.go(k, 1)});
  EXPECT_THAT(ControlFlow(s.system, k).on_cycle(), ElementsAre(s.id(k, 1)));
}

TEST(ControlFlowTest, DrawsTheAutomatonWithStatements) {
  Loop s;
  SourceMap sources;
  const FileId file = sources.add("x.qsm", "a = true");
  s.at(s.k, 1).ops.insert(s.at(s.k, 1).ops.begin(), StatementOp{Span{file, 0, 8}});
  s.location(s.k, 2).labels = {"k.here"};
  s.location(s.k, 2).wait = WaitKind::Spin;
  const std::string dot = ControlFlow(s.system, s.k).graphviz(&sources);
  EXPECT_THAT(dot, HasSubstr("1->2 [label=\"a = true\"];"));
  EXPECT_THAT(dot, HasSubstr("2[shape=box, label=\"L2\\nk.here\\nspin\"];"));
  EXPECT_THAT(dot, HasSubstr("6[shape=doublecircle, label=ended];"));
  EXPECT_EQ(dot, ControlFlow(s.system, s.k).graphviz(&sources));
}

bool has(const std::vector<std::uint64_t>& words, CellId cell) {
  return (words[cell.value / 64] >> (cell.value % 64) & 1) != 0;
}

TEST(MayWriteTest, CollectsWhatCanStillComeFromALocation) {
  const Loop s;
  const MayWrite may_write(s.system);
  EXPECT_TRUE(has(may_write.from(s.id(s.k, 1)), s.a));
  EXPECT_TRUE(has(may_write.from(s.id(s.k, 1)), s.b));
  EXPECT_FALSE(has(may_write.from(s.id(s.k, 1)), s.c)) << "only an unreachable location writes it";
  EXPECT_FALSE(has(may_write.from(s.id(s.k, 3)), s.a));
  EXPECT_TRUE(has(may_write.from(s.id(s.k, 2)), s.b)) << "around the cycle";
  EXPECT_FALSE(has(may_write.from(s.id(s.k, 4)), s.b));
  EXPECT_TRUE(has(may_write.from(s.id(s.k, 4)), s.system.at(s.k).location_cell[0])) << "it may still end";
}

TEST(MayWriteTest, AHandlersStartMayWriteAllThatFollows) {
  SystemBuilder s;
  const CellId accepted = s.boolean("accepted");
  const CellId done = s.boolean("done");
  const CellId other = s.boolean("other");
  const ContextId h = s.handler("h", 5, s.number(1), 1);
  s.system.contexts[h.value].start = s.program({s.set(accepted, 1), s.go(h, 1)});
  s.at(h, 1) = s.program({s.set(done, 1), s.end()});
  const ActionId tick = s.action("tick", s.number(1), {s.set(other, 1)});
  const MayWrite may_write(s.system);
  EXPECT_TRUE(has(may_write.of_start(h), accepted));
  EXPECT_TRUE(has(may_write.of_start(h), done));
  EXPECT_FALSE(has(may_write.from(s.id(h, 1)), accepted)) << "another start is another member";
  EXPECT_FALSE(has(may_write.of_start(h), other));
  EXPECT_TRUE(has(may_write.of_action(tick), other));
  EXPECT_FALSE(has(may_write.of_action(tick), done));
}

TEST(TraverseTest, FindsReadsAndWritesOfPrograms) {
  SystemBuilder s(2);
  const CellId a = s.boolean("a");
  const CellId b = s.boolean("b");
  const CellId c = s.boolean("c");
  const ContextId h = s.handler("h", 5, s.number(1), 1);
  const Program program = s.program({s.assume(s.exprs().conjunction(s.is(a, 1), s.exprs().add(IdleExpr{h}))),
                                     s.set(Place{{b, c}, s.get(a)}, s.exprs().add(CurrentCpuExpr{})), s.end()});
  const ProgramUse use = use_of(s.system, program);
  EXPECT_TRUE(use.reads.contains(a));
  EXPECT_TRUE(use.reads.contains(s.system.at(h).location_cell[0]));
  EXPECT_FALSE(use.reads.contains(b));
  EXPECT_TRUE(use.writes.contains(b));
  EXPECT_TRUE(use.writes.contains(c));
  EXPECT_FALSE(use.writes.contains(a));
  EXPECT_THAT(use.idle, ElementsAre(h));
  EXPECT_TRUE(use.current_cpu);
  EXPECT_FALSE(use.self);
  EXPECT_TRUE(program.uses_cpu);
}

TEST(TraverseTest, RewritesExpressionsAndFoldsAgain) {
  SystemBuilder s;
  const CellId a = s.integer("a", 0, 3);
  const CellId b = s.integer("b", 0, 3);
  const CellId c = s.integer("c", 0, 3);
  Program program = s.program({s.set(Place{{b, c}, s.get(a)}, s.plus(s.get(a), s.get(b))), s.end()});
  ExprRewriter a_is_one(s.exprs(), [&](ExprId id, const Expr&) -> std::optional<ExprId> {
    return id == s.get(a) ? std::optional<ExprId>(s.number(1)) : std::nullopt;
  });
  a_is_one.rewrite(program);
  const auto& assign = std::get<AssignOp>(program.ops[0]);
  EXPECT_EQ(assign.place, (Place{{c}, ExprId()}));
  EXPECT_EQ(assign.value, s.plus(s.number(1), s.get(b)));
}

}  // namespace
}  // namespace quiesce::model
