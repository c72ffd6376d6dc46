#include "checker/successor/derive_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checker/successor/packed_expander.h"
#include "tests/support/system_builder.h"

namespace quiesce::checker {
namespace {

using namespace model;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// The rules of the only program that is reached.
const DerivedProgram& only_program(const RuleDerivation& derivation) {
  const DerivedProgram* found = nullptr;
  for (const DerivedProgram& program : derivation.programs()) {
    if (program.is_reached) found = &program;
  }
  return *found;
}

TEST(DeriveRules, OneWayIsOneRule) {
  SystemBuilder b;
  const CellId x = b.integer("x", 0, 5);
  b.initial_any(x);
  b.action("a", b.is(x, 3), {b.set(x, 0)});
  const CompiledSystem compiled(b.system);
  const RuleDerivation derivation(compiled);
  const DerivedProgram& program = only_program(derivation);
  EXPECT_EQ(program.reason, "");
  ASSERT_EQ(program.rules.size(), 1u);
  const DerivedRule& rule = program.rules[0];
  ASSERT_EQ(rule.conditions.size(), 1u);
  EXPECT_EQ(rule.conditions[0].cell, x);
  EXPECT_EQ(rule.conditions[0].values, ValueSet::single(3));
  ASSERT_EQ(rule.writes.size(), 1u);
  EXPECT_EQ(rule.writes[0].number, 0);
}

TEST(DeriveRules, ValuesThatLeaveTheSameRestStayTogether) {
  SystemBuilder b;
  const CellId x = b.integer("x", 0, 99);
  const CellId small = b.boolean("small");
  b.initial_any(x);
  b.action("a", b.number(1),
           {b.branch(b.less(b.get(x), b.number(50)), 4), b.set(small, 1), b.jump(5), b.set(small, 0)});
  const CompiledSystem compiled(b.system);
  const RuleDerivation derivation(compiled);
  EXPECT_EQ(only_program(derivation).rules.size(), 2u);
}

TEST(DeriveRules, ChoicesBranchAndChecksAreListed) {
  SystemBuilder b;
  const CellId x = b.integer("x", 0, 3);
  const RuleId rule = b.rule("small");
  const RuleId core = b.rule("core.tiny", true);
  b.action("a", b.number(1),
           {b.choose(0, 0, 3), b.check(b.less(b.temp(0), b.number(2)), rule),
            b.check(b.less(b.temp(0), b.number(3)), core), b.set(x, b.temp(0))});
  const CompiledSystem compiled(b.system);
  const RuleDerivation derivation(compiled);
  const DerivedProgram& program = only_program(derivation);
  ASSERT_EQ(program.rules.size(), 4u);
  EXPECT_THAT(program.rules[1].choices, ElementsAre(1));
  EXPECT_TRUE(program.rules[1].failed.empty());
  EXPECT_THAT(program.rules[2].failed, ElementsAre(0));
  EXPECT_FALSE(program.rules[2].ends_run);
  EXPECT_THAT(program.rules[3].failed, ElementsAre(0, 1));
  EXPECT_THAT(program.rules[3].reached, ElementsAre(0, 1));
  EXPECT_TRUE(program.rules[3].ends_run);
}

TEST(DeriveRules, ACopyOfAWideCellIsOneRule) {
  SystemBuilder b;
  const CellId x = b.integer("x", 0, 100000);
  const CellId y = b.integer("y", 0, 100000);
  b.initial_any(x);
  b.action("a", b.number(1), {b.set(y, b.get(x))});
  const CompiledSystem compiled(b.system);
  const RuleDerivation derivation(compiled);
  const DerivedProgram& program = only_program(derivation);
  EXPECT_EQ(program.reason, "");
  ASSERT_EQ(program.rules.size(), 1u);
  ASSERT_EQ(program.rules[0].copies.size(), 1u);
  EXPECT_EQ(program.rules[0].copies[0].from, x);
}

TEST(DeriveRules, WhatDoesNotFitSaysWhy) {
  SystemBuilder b;
  const CellId x = b.integer("x", 0, 100000);
  const CellId y = b.boolean("y");
  b.initial_any(x);
  b.action("a", b.less(b.get(x), b.number(50)), {b.set(y, 1)});
  b.action("b", b.number(1), {b.choose(0, 0, 999), b.set(y, 1)});
  const CompiledSystem compiled(b.system);
  const RuleDerivation derivation(compiled);
  EXPECT_THAT(derivation.programs()[0].reason, HasSubstr("'x' has a domain of 100001 values"));
  EXPECT_THAT(derivation.programs()[1].reason, HasSubstr("a choice among 1000 values"));
}

TEST(DeriveRules, CellsAreAsNarrowAsWhatTheyEverHold) {
  SystemBuilder b;
  const CellId level = b.integer("level", 0, 31);
  const CellId never = b.integer("never", 0, 31);
  const CellId counter = b.integer("counter", 0, 3);
  b.action("up", b.is(level, 0), {b.set(level, 5)});
  b.action("down", b.is(level, 5), {b.set(level, 0)});
  b.action("odd", b.is(never, 7), {b.set(counter, 1)});
  b.action("count", b.less(b.get(counter), b.number(2)), {b.set(counter, b.plus(b.get(counter), b.number(1)))});
  const CompiledSystem compiled(b.system);
  const RuleDerivation derivation(compiled);
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
TEST(DeriveRules, ExchangedCellsHoldTheSame) {
  SystemBuilder b;
  const CellId left = b.integer("left", 0, 31);
  const CellId right = b.integer("right", 0, 31);
  b.action("left", b.is(left, 0), {b.set(left, 9)});
  const CompiledSystem compiled(b.system);
  CellExchanges exchanges;
  exchanges.exchanged.emplace_back(left.value, right.value);
  const RuleDerivation derivation(compiled, exchanges);
  EXPECT_THAT(derivation.numbers()[right.value], ElementsAre(0, 9));
  exchanges.renamed.push_back(left.value);
  const RuleDerivation renamed(compiled, exchanges);
  EXPECT_TRUE(renamed.numbers()[right.value].empty());
}

}  // namespace
}  // namespace quiesce::checker
