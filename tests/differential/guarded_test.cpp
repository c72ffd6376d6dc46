// Guarded commands are the steps of the reference interpreter: on random systems, on random designs, on the pinned
// verdicts, in states reachable and not. Many more: guarded_nightly_test.cpp.
#include "tests/differential/guarded.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "model/guarded/print.h"
#include "tests/differential/designs.h"

namespace quiesce {
namespace {

TEST(Guarded, OfRandomSystems) {
  const GuardedTotals totals = compare_guarded_systems(1, 600, 1, {60, 120, 1});
  EXPECT_GT(totals.unreachable, 40000u);
  EXPECT_GT(totals.broken, 1000u);
}

TEST(Guarded, OfRandomDesigns) { EXPECT_GT(compare_guarded_designs(1, 60, 1, {40, 60, 1}).unreachable, 1000u); }

TEST(Guarded, OfRandomDesignsThatHandOver) {
  EXPECT_GT(compare_guarded_designs(1, 60, 1, {40, 60, 1}, random_design_with_hand_overs).unreachable, 1000u);
}

TEST(Guarded, OfPinnedDesigns) {
  EXPECT_GT(compare_guarded_files("tests/verdicts/designs", {40, 40, 1}).unreachable, 1000u);
}

// Two urgent handlers, one above the other, and a thread below both.
constexpr const char* kUrgent = R"(
module c
system S {
  cpus 2
  home: Cpu? = null  away: Cpu? = null
  urgent handler low at DISPATCH on home when home != null { accept { home = null }  pass }
  urgent handler high at 5 on away when away != null { accept { away = null }  pass }
  thread t { raise DISPATCH  home = cpu()  away = cpu()  lower PASSIVE }
  thread u { pass }
}
check S
)";

/// A conjunction without its last part.
void drop_last(model::GuardedSystem& guarded, model::ExprId& formula) {
  const auto* conjunction = std::get_if<model::BinaryExpr>(&guarded.system.at(formula));
  ASSERT_TRUE(conjunction != nullptr && conjunction->op == model::BinaryOp::And);
  formula = conjunction->left;
}

struct Mutant {
  const char* name;
  void (*make)(model::GuardedSystem&);
};

void PrintTo(const Mutant& mutant, std::ostream* out) { *out << mutant.name; }

template <const char* name>
void drop_of_condition(model::GuardedSystem& guarded) {
  const auto one = std::find_if(guarded.conditions.begin(), guarded.conditions.end(),
                                [](const model::NamedCondition& condition) { return condition.name == name; });
  ASSERT_NE(one, guarded.conditions.end()) << name;
  drop_last(guarded, one->formula);
}

constexpr char kStart[] = "may_start_low_on_0";
constexpr char kCalm[] = "floaters_run_on_1";

constexpr Mutant kMutants[] = {
    {"AStartBelowAnUrgentHandler", drop_of_condition<kStart>},
    {"AFloatingStepBelowAnUrgentHandler", drop_of_condition<kCalm>},
    {"AStepWithoutTheScheduler",
     [](model::GuardedSystem& guarded) { drop_last(guarded, guarded.commands.front().guard); }},
    {"AStepThatStaysWhereItIs", [](model::GuardedSystem& guarded) { guarded.commands.front().updates.pop_back(); }},
    {"AStepThatIsMissing", [](model::GuardedSystem& guarded) { guarded.commands.pop_back(); }},
    {"AContextThatNeverFloatsAgain", [](model::GuardedSystem& guarded) { guarded.floats.pop_back(); }},
    {"ARenamingThatIsMissing", [](model::GuardedSystem& guarded) { guarded.renamings.pop_back(); }},
};

class GuardedMutants : public testing::TestWithParam<Mutant> {};

/// The comparison is worth what it notices.
TEST_P(GuardedMutants, AreNoticed) {
  std::string problem;
  const std::vector<DesignCase> cells = cases_of_text("mutants", kUrgent, &problem);
  ASSERT_EQ(cells.size(), 1u) << problem;
  auto guarded = model::guarded_system(cells.front().system);
  ASSERT_TRUE(guarded);
  GuardedTotals totals;
  ASSERT_EQ(guarded_difference(*guarded, {50, 500, 1}, totals), "");
  GetParam().make(*guarded);
  EXPECT_NE(guarded_difference(*guarded, {50, 500, 1}, totals), "") << model::print_guarded(*guarded, nullptr);
}

INSTANTIATE_TEST_SUITE_P(Mutants, GuardedMutants, testing::ValuesIn(kMutants),
                         [](const auto& parameter) { return std::string(parameter.param.name); });

}  // namespace
}  // namespace quiesce
