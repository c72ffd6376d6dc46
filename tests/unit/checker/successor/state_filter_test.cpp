#include "checker/successor/state_filter.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "tests/support/system_builder.h"

namespace quiesce::checker {
namespace {

using model::BinaryOp;
using model::ExprId;
using model::PropertyKind;
using model::SystemBuilder;

/// Counters that run round, so that each takes all its values in each state of the others, and one property with a
/// condition at random: comparisons under disjunctions, conjunctions and negations, often "some counter has this
/// value", of which the contrary is many masks.
struct Formula : SystemBuilder {
  explicit Formula(std::uint32_t seed) : random(seed) {
    for (int i = 0; i < kCells; ++i) {
      cells.push_back(integer("n" + std::to_string(i), 0, kTop));
      action("up" + std::to_string(i), less(get(cells[i]), number(kTop)),
             {set(cells[i], plus(get(cells[i]), number(1)))});
      action("round" + std::to_string(i), is(cells[i], kTop), {set(cells[i], 0)});
    }
    const PropertyKind kinds[] = {PropertyKind::Invariant, PropertyKind::Never, PropertyKind::Reachable};
    kind = kinds[random() % 3];
    ExprId condition = formula(2);
    if (random() % 3 != 0) condition = exprs().binary(BinaryOp::Or, condition, some_is());
    if (random() % 3 == 0) condition = exprs().negation(condition);
    property(kind, rule("toy.formula"), condition);
  }

  ExprId formula(int depth) {
    const model::CellId one = cells[random() % cells.size()];
    const model::CellId other = cells[random() % cells.size()];
    switch (depth == 0 ? random() % 3 : random() % 8) {
      case 0:
        return is(one, static_cast<std::int64_t>(random() % (kTop + 1)));
      case 1:
        return less(get(one), get(other));
      case 2:
        return exprs().equal(get(one), get(other));
      case 3:
        return exprs().negation(formula(depth - 1));
      case 4:
      case 5:
        return exprs().binary(BinaryOp::Or, formula(depth - 1), formula(depth - 1));
      default:
        return exprs().conjunction(formula(depth - 1), formula(depth - 1));
    }
  }

  ExprId some_is() {
    ExprId any = is(cells[0], random() % 2);
    for (int i = 1; i < kCells; ++i) any = exprs().binary(BinaryOp::Or, any, is(cells[i], random() % 2));
    return any;
  }

  static constexpr int kCells = 9;
  static constexpr int kTop = 3;
  std::mt19937 random;
  std::vector<model::CellId> cells;
  PropertyKind kind = PropertyKind::Never;
};

/// Many states of each formula: what is let through is what shows something, no more and no less.
TEST(StateFilter, LetsThroughWhatShowsSomething) {
  std::size_t on_guards = 0;
  std::size_t on_code = 0;
  std::size_t never = 0;  // on the code, but for states that guards exclude
  for (std::uint32_t seed = 1; seed <= 100; ++seed) {
    const Formula toy(seed);
    const PackedSystem packed(toy.system);
    for (const FilterTable::Watch& watch : packed.filter().watches) {
      ++(watch.on_code ? on_code : on_guards);
      if (!watch.never.empty()) ++never;
    }
    std::vector<std::int32_t> cells(packed.packing().cells());
    std::vector<std::uint64_t> states;
    std::vector<bool> shows;
    SuccessorGenerator generator(packed.compiled());
    const CompiledProperty& property = packed.compiled().properties.front();
    std::mt19937 random(seed);
    for (int n = 0; n < 5000; ++n) {
      // Rarely 0, so that "some counter is 0" is often false.
      for (const model::CellId cell : toy.cells) cells[cell.value] = std::min<int>(random() % 16, toy.kTop);
      states.push_back(0);
      packed.packing().pack(cells.data(), &states.back());
      shows.push_back(generator.is_true(property.condition, cells.data()) == (toy.kind != PropertyKind::Invariant));
    }
    StateFilter filter(packed);
    std::vector<std::uint8_t> maybe(states.size());
    filter.may_show(states.data(), states.size(), maybe.data());
    for (std::size_t i = 0; i < states.size(); ++i)
      ASSERT_EQ(maybe[i] != 0, shows[i]) << "seed " << seed << " state " << i;
    filter.look_for(Interest::in_nothing(toy.system));
    filter.may_show(states.data(), states.size(), maybe.data());
    ASSERT_EQ(std::count(maybe.begin(), maybe.end(), 1), 0);
  }
  EXPECT_GT(on_guards, 20u);
  EXPECT_GT(on_code, 20u);
  EXPECT_GT(never, 20u);
}

}  // namespace
}  // namespace quiesce::checker
