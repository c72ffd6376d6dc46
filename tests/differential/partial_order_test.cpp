// Partial order reduction loses nothing: on random systems, on two of them side by side, and on designs. Larger ones:
// partial_order_nightly_test.cpp.
#include "tests/differential/partial_order.h"

#include <gtest/gtest.h>

#include <iostream>

#include "checker/check.h"
#include "model/passes/reduce.h"
#include "model/system/print.h"
#include "model/system/validate.h"
#include "tests/differential/designs.h"
#include "tests/differential/loose_system.h"
#include "tests/differential/random_system.h"
#include "tests/differential/side_by_side.h"

namespace quiesce {
namespace {

void report(const char* what, const PartialOrderTotals& totals) {
  std::cout << what << ": " << totals.compared << " compared, " << totals.too_large << " too large, " << totals.reduced
            << " reduced, " << totals.cut_off << " with runs cut off, " << totals.states_whole << " states, reduced "
            << totals.states_reduced << "\n";
}

TEST(PartialOrder, OfRandomSystems) {
  PartialOrderTotals totals;
  int failures = 0;
  for (std::uint64_t seed = 40000; seed < 40400 && failures < 3; ++seed) {
    const model::TransitionSystem system = random_system(seed, 1);
    const std::string difference = partial_order_difference(system, 600, totals);
    EXPECT_EQ(difference, "") << "seed " << seed << "\n" << difference << model::print_system(system);
    failures += difference.empty() ? 0 : 1;
  }
  report("random systems", totals);
}

TEST(PartialOrder, OfLooseSystems) {
  PartialOrderTotals totals;
  int failures = 0;
  for (std::uint64_t seed = 42000; seed < 45000 && failures < 3; ++seed) {
    const model::TransitionSystem system = loose_system(seed);
    const std::vector<std::string> broken = model::validate(system);
    ASSERT_TRUE(broken.empty()) << "seed " << seed << ": " << broken.front();
    const std::string difference = partial_order_difference(system, 500, totals);
    EXPECT_EQ(difference, "") << "seed " << seed << "\n" << difference << model::print_system(system);
    failures += difference.empty() ? 0 : 1;
  }
  report("loose systems", totals);
  EXPECT_GT(totals.compared, 700);
  EXPECT_GT(totals.reduced * 3, totals.compared) << "hardly anything was reduced";
}

TEST(PartialOrder, OfTwoRandomSystemsSideBySide) {
  PartialOrderTotals totals;
  int failures = 0;
  for (std::uint64_t seed = 41000; seed < 41900 && failures < 3; seed += 2) {
    const model::TransitionSystem left = random_system(seed, 0);
    model::TransitionSystem right = random_system(seed + 1, 0);
    if (left.cpus != right.cpus) continue;
    const model::TransitionSystem system = side_by_side(left, right);
    const std::vector<std::string> broken = model::validate(system);
    ASSERT_TRUE(broken.empty()) << "seed " << seed << ": " << broken.front();
    for (const model::TransitionSystem& one : {system, model::reduce(system).system}) {
      const std::string difference = partial_order_difference(one, 1500, totals);
      EXPECT_EQ(difference, "") << "seed " << seed << "\n" << difference << model::print_system(one);
      failures += difference.empty() ? 0 : 1;
    }
  }
  report("side by side", totals);
  EXPECT_GT(totals.compared, 100);
  EXPECT_GT(totals.reduced, 10) << "hardly anything was reduced";
}

/// Verdicts and lengths of runs, as check() gives them.
std::string verdicts_of(const model::TransitionSystem& system, bool partial_order, unsigned threads,
                        checker::Statistics& statistics) {
  checker::CheckOptions options;
  options.search.partial_order = partial_order;
  options.search.threads = threads;
  const checker::SearchResult result = checker::check(system, options);
  statistics = result.statistics;
  std::string text;
  for (const checker::RuleResult& rule : result.rules) {
    text += system.at(rule.rule).name + " " + checker::verdict_name(rule.verdict);
    if (rule.finding) text += " " + std::to_string(result.findings[*rule.finding].run.steps.size());
    text += "\n";
  }
  return text;
}

TEST(PartialOrder, ChangesNoVerdictAndNoLengthOfARun) {
  int reduced = 0;
  for (std::uint64_t seed = 47000; seed < 47250; ++seed) {
    const model::TransitionSystem system = loose_system(seed);
    checker::Statistics whole, some, again;
    const std::string expected = verdicts_of(system, false, 1, whole);
    ASSERT_EQ(verdicts_of(system, true, 1, some), expected) << "seed " << seed << "\n" << model::print_system(system);
    ASSERT_EQ(verdicts_of(system, true, 2, again), expected) << "seed " << seed;
    EXPECT_EQ(some.distinct_states, again.distinct_states) << "seed " << seed;
    EXPECT_EQ(some.generated_steps, again.generated_steps) << "seed " << seed;
    EXPECT_EQ(some.reduced_states, again.reduced_states) << "seed " << seed;
    EXPECT_LE(some.distinct_states, whole.distinct_states) << "seed " << seed;
    reduced += some.reduced_states > 0;
  }
  EXPECT_GT(reduced, 50);
}

/// The systems as they are searched, and as they are written when `plain`.
void compare_designs(const char* folder, std::uint64_t max_states, std::size_t cells, bool plain) {
  PartialOrderTotals totals;
  for (const std::string& file : design_files(folder)) {
    std::string problem;
    std::size_t of_file = 0;
    for (const DesignCase& cell : design_cases(file, &problem)) {
      if (++of_file > cells) break;
      std::string difference = partial_order_difference(model::reduce(cell.system).system, max_states, totals);
      if (plain) difference += partial_order_difference(cell.system, max_states, totals);
      EXPECT_EQ(difference, "") << cell.title << "\n" << difference;
    }
  }
  report(folder, totals);
}

TEST(PartialOrder, OfTheVerdictTests) { compare_designs("tests/verdicts", 2000, 100, true); }
TEST(PartialOrder, OfTheLibrary) { compare_designs("specs", 1000, 1, false); }

}  // namespace
}  // namespace quiesce
