#include "model/system/control_flow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/system/may_write.h"
#include "model/system/traverse.h"
#include "tests/support/system_builder.h"

namespace quiesce::model {
namespace {

using ::testing::ElementsAre;

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

TEST(ControlFlowTest, FindsWhatIsReachableAndTheComponents) {
  const Loop s;
  const ControlFlow flow(s.system, s.k);
  EXPECT_EQ(boost::num_vertices(flow.graph()), 7u);
  EXPECT_EQ(boost::num_edges(flow.graph()), 7u);
  EXPECT_THAT(s.numbers(flow.reachable()), ElementsAre(1, 2, 3, 4));
  const std::vector<std::size_t> components = flow.components();
  EXPECT_EQ(components[2], components[3]) << "they are on a cycle";
  EXPECT_NE(components[1], components[2]);
  EXPECT_NE(components[4], components[2]);
}

TEST(MayWriteTest, CollectsWhatCanStillComeFromALocation) {
  const Loop s;
  const MayWrite may_write(s.system);
  EXPECT_TRUE(may_write.from(s.id(s.k, 1)).contains(s.a));
  EXPECT_TRUE(may_write.from(s.id(s.k, 1)).contains(s.b));
  EXPECT_FALSE(may_write.from(s.id(s.k, 1)).contains(s.c)) << "only an unreachable location writes it";
  EXPECT_FALSE(may_write.from(s.id(s.k, 3)).contains(s.a));
  EXPECT_TRUE(may_write.from(s.id(s.k, 2)).contains(s.b)) << "around the cycle";
  EXPECT_FALSE(may_write.from(s.id(s.k, 4)).contains(s.b));
  EXPECT_TRUE(may_write.from(s.id(s.k, 4)).contains(s.system.at(s.k).location_cell[0])) << "it may still end";
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
  EXPECT_TRUE(may_write.of_start(h).contains(accepted));
  EXPECT_TRUE(may_write.of_start(h).contains(done));
  EXPECT_FALSE(may_write.from(s.id(h, 1)).contains(accepted)) << "another start is another member";
  EXPECT_FALSE(may_write.of_start(h).contains(other));
  EXPECT_TRUE(may_write.of_action(tick).contains(other));
  EXPECT_FALSE(may_write.of_action(tick).contains(done));
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
