#include "model/system/step_local_cells.h"

#include <gtest/gtest.h>

#include "tests/support/system_builder.h"

namespace quiesce::model {
namespace {

/// One thread with one step, and the cell that its program writes.
struct OneStep {
  SystemBuilder b;
  CellId cell = b.integer("cell", 0, 3);
  CellId other = b.boolean("other");
  ContextId t = b.thread("t", 1);

  bool rests(std::vector<Op> ops) {
    b.at(t, 1) = b.program(std::move(ops));
    return step_local_cells(b.system).contains(cell);
  }
};

TEST(StepLocalCells, AreThoseThatEveryStepGivesBack) {
  OneStep s;
  SystemBuilder& b = s.b;
  EXPECT_TRUE(s.rests({b.end()}));
  EXPECT_TRUE(s.rests({b.set(s.cell, 2), b.set(s.cell, 0), b.end()}));
  EXPECT_FALSE(s.rests({b.set(s.cell, 2), b.end()}));
  EXPECT_FALSE(s.rests({b.set(s.cell, 0), b.set(s.cell, 2), b.end()}));
  EXPECT_FALSE(s.rests({b.set(s.cell, b.get(s.other)), b.end()}));
}

TEST(StepLocalCells, LooksAtEveryWay) {
  OneStep s;
  SystemBuilder& b = s.b;
  const auto way = [&](std::uint32_t otherwise) {
    return std::vector<Op>{b.set(s.cell, 2), b.branch(b.get(s.other), otherwise), b.set(s.cell, 0), b.end()};
  };
  EXPECT_FALSE(s.rests(way(3)));
  EXPECT_TRUE(s.rests(way(2)));
  EXPECT_FALSE(s.rests({b.set(s.cell, 2), b.jump(3), b.set(s.cell, 0), b.end()}));
}

TEST(StepLocalCells, LooksAtInitialValues) {
  OneStep s;
  EXPECT_TRUE(s.rests({s.b.end()}));
  s.b.initial(s.cell, 0);
  EXPECT_TRUE(s.rests({s.b.end()}));
  s.b.initial(s.cell, 1);
  EXPECT_FALSE(s.rests({s.b.end()}));
  OneStep any;
  any.b.initial_any(any.cell);
  EXPECT_FALSE(any.rests({any.b.end()}));
}

TEST(StepLocalCells, KnowsThatAnActivationStaysTheSameInAStep) {
  SystemBuilder b;
  const ContextId h = b.handler("h", 1, b.number(1), 1, 2);
  const std::vector<CellId> x = b.local(h, "x", 0, 3);
  const auto resting = [&](std::vector<Op> ops) {
    b.at(h, 1) = b.program(std::move(ops));
    const CellSet cells = step_local_cells(b.system);
    return cells.contains(x[0]) && cells.contains(x[1]);
  };
  EXPECT_TRUE(resting({b.set(b.own(x), b.number(2)), b.set(b.own(x), b.number(0)), b.end()}));
  EXPECT_FALSE(resting({b.set(b.own(x), b.number(2)), b.end()}));
  // One of the two, whichever, is not enough.
  EXPECT_FALSE(resting({b.set(b.own(x), b.number(2)), b.set(x[0], 0), b.end()}));
  EXPECT_FALSE(resting({b.set(x[0], 2), b.set(b.own(x), b.number(0)), b.end()}));
}

TEST(StepLocalCells, LeavesOutWhatTheSchedulerWrites) {
  SystemBuilder b;
  const ContextId t = b.thread("t", 1);
  b.at(t, 1) = b.program({b.end()});
  const CellSet cells = step_local_cells(b.system);
  EXPECT_FALSE(cells.contains(b.system.at(t).location_cell[0]));
  EXPECT_FALSE(cells.contains(b.system.at(t).level_cell[0]));
  EXPECT_FALSE(cells.contains(b.system.at(t).cpu_cell[0]));
}

}  // namespace
}  // namespace quiesce::model
