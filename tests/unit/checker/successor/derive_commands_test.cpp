#include "checker/successor/derive_commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checker/successor/packed_expander.h"
#include "model/base/internal_check.h"
#include "tests/support/system_builder.h"

namespace quiesce::checker {
namespace {

using namespace model;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// The commands of the only program that is reached.
const DerivedProgram& only_program(const CommandDerivation& derivation) {
  const DerivedProgram* found = nullptr;
  for (const DerivedProgram& program : derivation.programs()) {
    if (program.is_reached) found = &program;
  }
  return *found;
}

TEST(DeriveCommands, OneWayIsOneRule) {
  SystemBuilder b;
  const CellId x = b.integer("x", 0, 5);
  b.initial_any(x);
  b.action("a", b.is(x, 3), {b.set(x, 0)});
  const CompiledSystem compiled(b.system);
  const CommandDerivation derivation(compiled);
  const DerivedProgram& program = only_program(derivation);
  EXPECT_EQ(program.reason, "");
  ASSERT_EQ(program.commands.size(), 1u);
  const DerivedCommand& command = program.commands[0];
  ASSERT_EQ(command.conditions.size(), 1u);
  EXPECT_EQ(command.conditions[0].cell, x);
  EXPECT_EQ(command.conditions[0].values, ValueSet::single(3));
  ASSERT_EQ(command.writes.size(), 1u);
  EXPECT_EQ(command.writes[0].number, 0);
}

TEST(DeriveCommands, ValuesThatLeaveTheSameRestStayTogether) {
  SystemBuilder b;
  const CellId x = b.integer("x", 0, 99);
  const CellId small = b.boolean("small");
  b.initial_any(x);
  b.action("a", b.number(1),
           {b.branch(b.less(b.get(x), b.number(50)), 4), b.set(small, 1), b.jump(5), b.set(small, 0)});
  const CompiledSystem compiled(b.system);
  const CommandDerivation derivation(compiled);
  EXPECT_EQ(only_program(derivation).commands.size(), 2u);
}

TEST(DeriveCommands, ChoicesBranchAndChecksAreListed) {
  SystemBuilder b;
  const CellId x = b.integer("x", 0, 3);
  const RuleId rule = b.rule("small");
  const RuleId core = b.rule("core.tiny", true);
  b.action("a", b.number(1),
           {b.choose(0, 0, 3), b.check(b.less(b.temp(0), b.number(2)), rule),
            b.check(b.less(b.temp(0), b.number(3)), core), b.set(x, b.temp(0))});
  const CompiledSystem compiled(b.system);
  const CommandDerivation derivation(compiled);
  const DerivedProgram& program = only_program(derivation);
  ASSERT_EQ(program.commands.size(), 4u);
  EXPECT_THAT(program.commands[1].choices, ElementsAre(1));
  EXPECT_TRUE(program.commands[1].failed.empty());
  EXPECT_THAT(program.commands[2].failed, ElementsAre(0));
  EXPECT_FALSE(program.commands[2].ends_run);
  EXPECT_THAT(program.commands[3].failed, ElementsAre(0, 1));
  EXPECT_THAT(program.commands[3].reached, ElementsAre(0, 1));
  EXPECT_TRUE(program.commands[3].ends_run);
}

TEST(DeriveCommands, ACopyOfAWideCellIsOneRule) {
  SystemBuilder b;
  const CellId x = b.integer("x", 0, 100000);
  const CellId y = b.integer("y", 0, 100000);
  b.initial_any(x);
  b.action("a", b.number(1), {b.set(y, b.get(x))});
  const CompiledSystem compiled(b.system);
  const CommandDerivation derivation(compiled);
  const DerivedProgram& program = only_program(derivation);
  EXPECT_EQ(program.reason, "");
  ASSERT_EQ(program.commands.size(), 1u);
  ASSERT_EQ(program.commands[0].copies.size(), 1u);
  EXPECT_EQ(program.commands[0].copies[0].from, x);
}

TEST(DeriveCommands, WhatDoesNotFitSaysWhy) {
  SystemBuilder b;
  const CellId x = b.integer("x", 0, 100000);
  const CellId y = b.boolean("y");
  b.initial_any(x);
  b.action("a", b.less(b.get(x), b.number(50)), {b.set(y, 1)});
  b.action("b", b.number(1), {b.choose(0, 0, 999), b.set(y, 1)});
  const CompiledSystem compiled(b.system);
  const CommandDerivation derivation(compiled);
  EXPECT_THAT(derivation.programs()[0].reason, HasSubstr("'x' has a domain of 100001 values"));
  EXPECT_THAT(derivation.programs()[1].reason, HasSubstr("a choice among 1000 values"));
}

TEST(DeriveCommands, CellsAreAsNarrowAsWhatTheyEverHold) {
  SystemBuilder b;
  const CellId level = b.integer("level", 0, 31);
  const CellId never = b.integer("never", 0, 31);
  const CellId counter = b.integer("counter", 0, 3);
  b.action("up", b.is(level, 0), {b.set(level, 5)});
  b.action("down", b.is(level, 5), {b.set(level, 0)});
  b.action("odd", b.is(never, 7), {b.set(counter, 1)});
  b.action("count", b.less(b.get(counter), b.number(2)), {b.set(counter, b.plus(b.get(counter), b.number(1)))});
  const CompiledSystem compiled(b.system);
  const CommandDerivation derivation(compiled);
  const Packing::Numbers numbers = derivation.numbers();
  EXPECT_THAT(numbers[level.value], ElementsAre(0, 5));
  EXPECT_THAT(numbers[never.value], ElementsAre(0));
  EXPECT_THAT(numbers[counter.value], ElementsAre(0, 1, 2));
  const Packing packing(b.system, numbers);
  EXPECT_EQ(packing.bits(), 3u);
  std::vector<std::int32_t> cells = {5, 0, 2}, again(3);
  std::uint64_t word = 0;
  packing.pack(cells.data(), &word);
  packing.unpack(&word, again.data());
  EXPECT_EQ(again, cells);
}

/// Cells that a renaming may exchange are equally wide, however they are used.
TEST(DeriveCommands, ExchangedCellsHoldTheSame) {
  SystemBuilder b;
  const CellId left = b.integer("left", 0, 31);
  const CellId right = b.integer("right", 0, 31);
  b.action("left", b.is(left, 0), {b.set(left, 9)});
  const CompiledSystem compiled(b.system);
  CellExchanges exchanges;
  exchanges.exchanged.emplace_back(left.value, right.value);
  const CommandDerivation derivation(compiled, exchanges);
  EXPECT_THAT(derivation.numbers()[right.value], ElementsAre(0, 9));
  exchanges.renamed.push_back(left.value);
  const CommandDerivation renamed(compiled, exchanges);
  EXPECT_TRUE(renamed.numbers()[right.value].empty());
}

// ------------------------------------------------------------- what a cell cannot hold

/// A program that may write what the cell cannot hold has no commands, and bytecode refuses to make such a state.
TEST(DeriveCommands, WhatACellCannotHoldHasNoRule) {
  SystemBuilder b;
  const CellId x = b.integer("x", 0, 5);
  b.initial_any(x);
  b.action("constant", b.is(x, 3), {b.set(x, 9)});
  b.action("sum", b.number(1), {b.set(x, b.plus(b.get(x), b.number(1)))});
  b.action("sum that fits", b.less(b.get(x), b.number(5)), {b.set(x, b.plus(b.get(x), b.number(1)))});
  const CompiledSystem compiled(b.system);
  const CommandDerivation derivation(compiled);
  EXPECT_THAT(derivation.programs()[0].reason, HasSubstr("'x' may leave its domain"));
  EXPECT_TRUE(derivation.programs()[0].commands.empty());
  EXPECT_THAT(derivation.programs()[1].reason, HasSubstr("'x' may leave its domain"));
  EXPECT_EQ(derivation.programs()[2].reason, "");
  EXPECT_FALSE(derivation.programs()[2].commands.empty());

  const PackedSystem packed(b.system);
  PackedExpander expander(packed);
  PackedSuccessors out;
  std::vector<std::int32_t> cells = {5};
  std::uint64_t word = 0;
  packed.packing().pack(cells.data(), &word);
  EXPECT_THROW(expander.expand(&word, 1, out), InternalError);
}

/// Where a cell can hold what the other does not, a copy is split into what fits.
TEST(DeriveCommands, ACopyIntoANarrowerCellIsSplitOrRefused) {
  SystemBuilder b;
  const CellId wide = b.integer("wide", 0, 50);
  const CellId narrow = b.integer("narrow", 0, 9);
  b.initial_any(wide);
  b.action("always", b.number(1), {b.set(narrow, b.get(wide))});
  b.action("where it fits", b.less(b.get(wide), b.number(10)), {b.set(narrow, b.get(wide))});
  const CompiledSystem compiled(b.system);
  const CommandDerivation derivation(compiled);
  EXPECT_THAT(derivation.programs()[0].reason, HasSubstr("'narrow' may leave its domain"));
  const DerivedProgram& fits = derivation.programs()[1];
  ASSERT_EQ(fits.reason, "");
  ASSERT_EQ(fits.commands.size(), 1u);
  ASSERT_EQ(fits.commands[0].copies.size(), 1u);
  EXPECT_EQ(fits.commands[0].copies[0].from, wide);
}

/// A packing in which a number has no place is none for these commands: an internal error, not another number.
TEST(DeriveCommands, ARuleThatWritesWhatThePackingCannotHoldIsAnError) {
  SystemBuilder b;
  const CellId x = b.integer("x", 0, 31);
  b.action("up", b.is(x, 0), {b.set(x, 9)});
  b.action("down", b.is(x, 9), {b.set(x, 0)});
  const CompiledSystem compiled(b.system);
  CommandDerivation derivation(compiled);
  Packing::Numbers numbers = derivation.numbers();
  ASSERT_THAT(numbers[x.value], ElementsAre(0, 9));
  numbers[x.value] = {0, 5};
  const Packing narrower(b.system, numbers);
  derivation.fit(narrower);
  EXPECT_THROW(CommandTable(compiled, narrower, derivation, VectorTarget::Portable, 64), InternalError);
}

/// Fields of different encodings cannot be copied as bits.
TEST(DeriveCommands, ACopyThatThePackingCannotMakeIsSplit) {
  SystemBuilder b;
  const CellId listed = b.integer("listed", 0, 31);
  const CellId plain = b.integer("plain", 0, 63);
  const CellId big = b.integer("big", 0, 63);
  b.initial_any(big);
  for (const std::int64_t number : {0, 1, 7, 19, 20, 31}) b.action("to", b.is(big, number), {b.set(listed, number)});
  b.action("copy", b.number(1), {b.set(plain, b.get(listed))});
  b.action("other", b.number(1), {b.set(plain, b.get(big))});
  const CompiledSystem compiled(b.system);
  CommandDerivation derivation(compiled);
  const DerivedProgram& copy = derivation.programs()[6];
  ASSERT_EQ(copy.commands.size(), 1u);
  EXPECT_EQ(copy.commands[0].copies.size(), 1u);
  const Packing packing(b.system, derivation.numbers());
  ASSERT_EQ(packing.field(listed)->encoding, Packing::Encoding::Listed);
  ASSERT_EQ(packing.field(plain)->encoding, Packing::Encoding::Number);
  derivation.fit(packing);
  EXPECT_EQ(copy.commands.size(), 6u) << "one for each number that it can hold";
  EXPECT_TRUE(copy.commands[0].copies.empty());
  EXPECT_EQ(derivation.programs()[7].commands[0].copies.size(), 1u);
}

// ------------------------------------------------------------------------------ scheduling

TEST(DeriveCommands, WhatASchedulerMustKnowIsSaid) {
  SystemBuilder b(2);
  const CellId asked = b.boolean("asked");
  b.initial_any(asked);
  const ContextId thread = b.thread("t", 3);
  const CellId level = b.system.at(thread).level_cell[0];
  b.at(thread, 1) = b.program({b.set(level, 5), b.go(thread, 2)});
  b.at(thread, 2) = b.program({b.set(level, 0), b.go(thread, 3)});
  b.at(thread, 3) = b.program({b.end()});
  const ContextId handler = b.handler("isr", 7, b.is(asked, 1), 1);
  b.at(handler, 1) = b.program({b.set(asked, 0), b.end()});
  const CompiledSystem compiled(b.system);
  const CommandDerivation derivation(compiled);
  const auto find = [&](ProgramKey::Kind kind, ContextId context, std::uint32_t location, std::uint32_t cpu) {
    for (const DerivedProgram& program : derivation.programs()) {
      if (program.key.kind == kind && program.key.index == context.value && program.key.location == location &&
          program.key.cpu == cpu) {
        return program;
      }
    }
    return DerivedProgram();
  };
  const DerivedProgram rise = find(ProgramKey::Kind::Step, thread, 1, 0);
  ASSERT_EQ(rise.commands.size(), 1u);
  EXPECT_TRUE(rise.commands[0].pins_if_floating);
  EXPECT_FALSE(rise.commands[0].may_unpin);
  EXPECT_TRUE(rise.commands[0].conditions.empty()) << "the level is known where the thread stands";
  const DerivedProgram fall = find(ProgramKey::Kind::Step, thread, 2, 0);
  ASSERT_EQ(fall.commands.size(), 1u);
  EXPECT_TRUE(fall.commands[0].may_unpin);
  // The start of a handler that pins, on each CPU: its condition, its location, level and CPU.
  for (std::uint32_t cpu = 1; cpu <= 2; ++cpu) {
    const DerivedProgram start = find(ProgramKey::Kind::Start, handler, 0, cpu);
    ASSERT_EQ(start.commands.size(), 1u);
    ASSERT_EQ(start.commands[0].conditions.size(), 1u);
    EXPECT_EQ(start.commands[0].conditions[0].cell, asked);
    std::vector<std::pair<std::uint32_t, std::int64_t>> writes;
    for (const DerivedCommand::Write& write : start.commands[0].writes)
      writes.emplace_back(write.cell.value, write.number);
    const Context& isr = b.system.at(handler);
    EXPECT_THAT(writes, ::testing::UnorderedElementsAre(std::pair(isr.location_cell[0].value, std::int64_t{1}),
                                                        std::pair(isr.level_cell[0].value, std::int64_t{7}),
                                                        std::pair(isr.cpu_cell[0].value, std::int64_t{cpu})));
  }
}

// ------------------------------------------------------------------------------ conditions

/// The cubes of a condition hold in exactly the states in which it is true, each state in one of them.
TEST(DeriveCommands, CubesOfAConditionAreDisjointAndExact) {
  SystemBuilder b;
  const CellId x = b.integer("x", 0, 6);
  const CellId y = b.integer("y", 0, 6);
  b.initial_any(x);
  b.initial_any(y);
  const CompiledSystem compiled(b.system);
  for (const bool wanted : {false, true}) {
    CommandDerivation derivation(compiled);
    ExprTable& table = derivation.expressions();
    const ExprId sum = table.binary(BinaryOp::Add, table.load(x), table.load(y));
    const ExprId condition = table.disjunction(table.binary(BinaryOp::Less, sum, table.constant(4)),
                                               table.equal(table.load(x), table.load(y)));
    const auto cubes = derivation.conditions(condition, wanted, {}, 0);
    ASSERT_TRUE(cubes.has_value());
    for (std::int64_t of_x = 0; of_x <= 6; ++of_x) {
      for (std::int64_t of_y = 0; of_y <= 6; ++of_y) {
        std::size_t in = 0;
        for (const std::vector<CellCondition>& cube : *cubes) {
          bool holds = true;
          for (const CellCondition& one : cube) {
            holds = holds && one.values.contains(one.cell == x ? of_x : of_y);
          }
          in += holds;
        }
        EXPECT_EQ(in, (of_x + of_y < 4 || of_x == of_y) == wanted ? 1u : 0u) << of_x << " " << of_y;
      }
    }
  }
}

TEST(DeriveCommands, TooManyWaysAreRefused) {
  SystemBuilder b;
  const CellId x = b.integer("x", 0, 99);
  b.action("a", b.number(1), {b.choose(0, 0, 19), b.choose(1, 0, 19), b.set(x, b.plus(b.temp(0), b.temp(1)))});
  const CompiledSystem compiled(b.system);
  const CommandDerivation derivation(compiled);
  EXPECT_THAT(derivation.programs()[0].reason, HasSubstr("more than 256 ways"));
}

}  // namespace
}  // namespace quiesce::checker
