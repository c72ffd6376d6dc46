#include "checker/successor/command_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checker/successor/packed_expander.h"
#include "checker/successor/print_packing.h"
#include "tests/support/system_builder.h"

namespace quiesce::checker {
namespace {

using namespace model;
using ::testing::HasSubstr;

std::size_t successors(const PackedSystem& system, const std::vector<std::int32_t>& cells) {
  std::vector<std::uint64_t> words(system.packing().words());
  system.packing().pack(cells.data(), words.data());
  PackedExpander expander(system);
  PackedSuccessors out;
  expander.expand(words.data(), 1, out);
  return out.states.size() / words.size();
}

/// What does not fit stays in bytecode, which is asked only where the part of its guard that fits holds.
TEST(CommandTable, RegisterCodeIsRunWhereItsGuardMatches) {
  SystemBuilder b;
  const CellId x = b.integer("x", 0, 5);
  const CellId wide = b.integer("wide", 0, 100000);
  const CellId y = b.integer("y", 0, 999);
  b.initial_any(x);
  b.initial_any(wide);
  b.action("fits", b.is(x, 3), {b.choose(0, 0, 999), b.set(y, b.temp(0))});
  b.action("half fits", b.exprs().conjunction(b.less(b.get(wide), b.number(50)), b.is(x, 4)), {b.set(y, 1)});
  b.action("does not fit", b.less(b.get(wide), b.number(7)), {b.set(y, 2)});
  const PackedSystem packed(b.system);
  ASSERT_EQ(packed.table()->coded_actions.size(), 3u);
  EXPECT_NE(packed.table()->coded_actions[0].guard, CommandTable::kNone);
  EXPECT_NE(packed.table()->coded_actions[1].guard, CommandTable::kNone);
  EXPECT_EQ(packed.table()->coded_actions[2].guard, CommandTable::kNone);
  EXPECT_THAT(print_packing(packed), HasSubstr("in bytecode (2 of 3 only where a guard in the table matches)"));
  for (std::int32_t of_x = 0; of_x <= 5; ++of_x) {
    EXPECT_EQ(successors(packed, {of_x, 99, 0}), of_x == 3 ? 1000u : 0u);
    EXPECT_EQ(successors(packed, {of_x, 49, 0}), of_x == 3 ? 1000u : of_x == 4 ? 1u : 0u);
    EXPECT_EQ(successors(packed, {of_x, 6, 0}), of_x == 3 ? 1001u : of_x == 4 ? 2u : 1u);
  }
}

/// The start of a handler whose body has too many ways waits for its condition.
TEST(CommandTable, StartsOnRegisterCodeWaitForTheirCondition) {
  SystemBuilder b;
  const CellId asked = b.integer("asked", 0, 2);
  const CellId y = b.integer("y", 0, 999);
  b.initial_any(asked);
  const ContextId handler = b.handler("h", 0, b.is(asked, 1), 1);
  b.system.contexts[handler.value].start = b.program({b.choose(0, 0, 999), b.set(y, b.temp(0)), b.go(handler, 1)});
  b.at(handler, 1) = b.program({b.end()});
  const PackedSystem packed(b.system);
  ASSERT_EQ(packed.table()->handlers.size(), 1u);
  const CommandTable::Place& start = packed.table()->handlers[0].starts[0];
  EXPECT_EQ(start.first_group, CommandTable::kNone);
  EXPECT_NE(start.guard, CommandTable::kNone);
  std::vector<std::int32_t> cells(b.system.cells.size());
  for (std::int32_t number = 0; number <= 2; ++number) {
    cells[asked.value] = number;
    EXPECT_EQ(successors(packed, cells), number == 1 ? 1000u : 0u);
  }
}

}  // namespace
}  // namespace quiesce::checker
