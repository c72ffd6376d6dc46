// The breadth-first engine against the reference explorer on random systems. Seeds are fixed; a failure names its seed,
// and --gtest_filter with QUIESCE_SEED=<seed> runs that system alone and prints it.
#include <gtest/gtest.h>

#include <iostream>

#include "checker/search/breadth_first.h"
#include "model/system/validate.h"
#include "tests/differential/engines_agree.h"
#include "tests/differential/random_system.h"

namespace quiesce {
namespace {

struct Totals {
  int compared = 0;
  int skipped = 0;
  int stuck = 0;
  std::uint64_t states = 0;
  std::uint64_t steps = 0;
  std::uint64_t findings = 0;
};

/// Stops after a few differences: one is usually many.
Totals compare(std::uint64_t first_seed, int count, int size, std::uint64_t max_states) {
  Totals totals;
  int failures = 0;
  for (std::uint64_t seed = first_seed; seed < first_seed + static_cast<std::uint64_t>(count) && failures < 5; ++seed) {
    const model::TransitionSystem system = random_system(seed, size);
    const std::vector<std::string> broken = model::validate(system);
    EXPECT_TRUE(broken.empty()) << "seed " << seed << ", size " << size << ": " << broken.front();
    if (!broken.empty()) {
      ++failures;
      continue;
    }
    const Agreement agreement = engines_agree(system, max_states, 4, seed);
    EXPECT_EQ(agreement.difference, "") << "seed " << seed << ", size " << size << ":\n" << agreement.difference;
    failures += agreement.difference.empty() ? 0 : 1;
    agreement.compared ? ++totals.compared : ++totals.skipped;
    totals.stuck += agreement.is_stuck;
    totals.states += agreement.distinct_states;
    totals.steps += agreement.generated_steps;
    totals.findings += agreement.findings;
  }
  std::cout << "seeds from " << first_seed << ", size " << size << ": " << totals.compared << " systems compared, "
            << totals.skipped << " too large, " << totals.states << " states, " << totals.steps << " steps, "
            << totals.findings << " findings, " << totals.stuck << " stuck\n";
  return totals;
}

TEST(RandomSystems, SmallOnesAgree) {
  const Totals totals = compare(1, 2000, 1, 1500);
  EXPECT_GT(totals.compared, 1000);
  EXPECT_GT(totals.stuck, 5) << "the generator should reach core.stuck";
  EXPECT_GT(totals.findings, 100u);
}

TEST(RandomSystems, LargerOnesAgree) { EXPECT_GT(compare(1000000, 400, 2, 2000).compared, 200); }

/// Systems whose visited set needs room before all of their initial states are there: a checkpoint that was written
/// then lost the states that were in no worker's queue yet.
TEST(RandomSystems, GoOnThoughTheirInitialStatesNeedRoom) {
  for (const std::uint64_t seed : {5009686, 5018185, 5018944}) {
    EXPECT_EQ(engines_agree(random_system(seed, 2), 3000).difference, "") << "seed " << seed;
  }
}

/// A limit may turn a verdict into unknown, never into another one.
TEST(RandomSystems, LimitsOnlyMakeVerdictsUnknown) {
  using checker::Verdict;
  int decided = 0, undecided = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    const model::TransitionSystem system = random_system(seed);
    checker::SearchOptions options;
    options.limits.states = 5000;
    const checker::Exploration full = explore_breadth_first(system, options);
    if (full.limit != checker::LimitKind::None) continue;
    const checker::Statistics statistics = full.statistics;
    const checker::SearchResult expected = judge(system, full);
    const auto try_limits = [&](checker::Limits limits) {
      options.limits = limits;
      const checker::SearchResult found = judge(system, explore_breadth_first(system, options));
      for (std::size_t i = 0; i < found.rules.size(); ++i) {
        if (found.rules[i].verdict == Verdict::Unknown) {
          ++undecided;
          continue;
        }
        ++decided;
        EXPECT_EQ(found.rules[i].verdict, expected.rules[i].verdict)
            << "seed " << seed << ", " << system.at(found.rules[i].rule).name;
      }
    };
    for (std::uint64_t states : {std::uint64_t{1}, statistics.distinct_states / 2, statistics.distinct_states - 1}) {
      checker::Limits limits;
      limits.states = std::max<std::uint64_t>(states, 1);
      try_limits(limits);
    }
    for (std::uint32_t depth : {0u, statistics.depth / 2, statistics.depth}) {
      checker::Limits limits;
      limits.depth = depth;
      try_limits(limits);
    }
  }
  EXPECT_GT(decided, 500);
  EXPECT_GT(undecided, 500);
}

/// One system alone: QUIESCE_SEED=<seed> [QUIESCE_SIZE=<size>].
TEST(RandomSystems, OneSeed) {
  const std::optional<model::TransitionSystem> system = system_of_named_seed();
  if (!system) GTEST_SKIP() << "QUIESCE_SEED is not set";
  const Agreement agreement = engines_agree(*system, 100000);
  EXPECT_EQ(agreement.difference, "");
}

}  // namespace
}  // namespace quiesce
