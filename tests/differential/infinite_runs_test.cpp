// The search of infinite runs on random systems with random fairness and random formulas, against the naive checker;
// each run that it finds is confirmed by the reference interpreter. QUIESCE_SEED=<seed> runs one system alone.
#include "checker/liveness/infinite_runs.h"

#include <cstdlib>
#include <iostream>

#include <gtest/gtest.h>

#include "checker/evidence/lasso.h"
#include "model/interpret/interpreter.h"
#include "model/passes/merge_for_infinite_runs.h"
#include "model/passes/observe_events.h"
#include "model/passes/reduce.h"
#include "model/system/print.h"
#include "model/system/validate.h"
#include "tests/differential/naive_infinite_runs.h"
#include "tests/differential/random.h"
#include "tests/differential/system_formulas.h"

namespace quiesce {
namespace {

using checker::Verdict;
using model::TemporalProperty;
using model::TransitionSystem;

/// Puts steps that do nothing before some places of contexts.
void add_silent_steps(TransitionSystem& system, Random& random) {
  const std::size_t before = system.locations.size();
  std::vector<model::LocationId> instead(before);
  for (std::size_t i = 0; i < before; ++i) {
    if (!random.chance(40)) continue;
    model::Context& context = system.contexts[system.locations[i].context.value];
    model::Location silent;
    silent.context = system.locations[i].context;
    silent.number = static_cast<std::uint32_t>(context.locations.size()) + 1;
    silent.mergeable = true;
    silent.program.ops = {model::GotoOp{model::LocationId(i)}};
    instead[i] = model::LocationId(system.locations.size());
    context.locations.push_back(instead[i]);
    for (const model::CellId cell : context.location_cell) ++system.cells[cell.value].hi;
    system.locations.push_back(std::move(silent));
  }
  const auto lead = [&](model::Program& program) {
    for (model::Op& op : program.ops) {
      auto* leads = std::get_if<model::GotoOp>(&op);
      if (leads != nullptr && instead[leads->location.value].valid()) leads->location = instead[leads->location.value];
    }
  };
  for (std::size_t i = 0; i < before; ++i) lead(system.locations[i].program);
  for (model::Context& context : system.contexts) lead(context.start);
}

struct Totals {
  int systems = 0, violated = 0, held = 0, cut_off = 0, unfair_to_one = 0;
  int merged = 0, held_merged = 0;
  std::uint64_t states = 0, merged_states = 0;
};

/// Whether what the engine says of one property is what the naive checker says.
void compare_one(const TransitionSystem& system, std::size_t i, const checker::TemporalAnswer& answer,
                 const NaiveVerdict& naive, Totals& totals) {
  const TemporalProperty& property = system.temporal[i];
  if (answer.finding) {
    const auto lasso = checker::confirm(model::Interpreter(system), property, answer.finding->run);
    ASSERT_TRUE(lasso.has_value()) << lasso.error();
    if (*lasso == checker::Lasso::UnfairToOne) {
      ++totals.unfair_to_one;  // the engine says unknown: the naive checker may know better
      return;
    }
    ++totals.violated;
    EXPECT_TRUE(naive.violated);
  } else if (answer.verdict == Verdict::Unknown) {
    ++totals.cut_off;
    EXPECT_TRUE(naive.cut_off);
    EXPECT_FALSE(naive.violated);
  } else {
    ++totals.held;
    EXPECT_FALSE(naive.violated);
    EXPECT_FALSE(naive.cut_off);
  }
}

/// What is said to hold of the merged system does; and what does is mostly said to.
void compare_merged(const TransitionSystem& system, const std::vector<std::optional<NaiveVerdict>>& naive,
                    Totals& totals) {
  const std::optional<TransitionSystem> merged = model::merge_for_infinite_runs(system);
  if (!merged) return;
  ASSERT_TRUE(model::validate(*merged).empty()) << model::validate(*merged).front();
  ++totals.merged;
  const checker::InfiniteRuns runs = checker::search_infinite_runs(*merged, {});
  totals.states += checker::search_infinite_runs(system, {}).statistics.distinct_states;
  totals.merged_states += runs.statistics.distinct_states;
  for (std::size_t i = 0; i < naive.size(); ++i) {
    const Verdict verdict = runs.answers[i].verdict;
    const bool holds = verdict == Verdict::Holds || verdict == Verdict::Vacuous;
    totals.held_merged += holds ? 1 : 0;
    EXPECT_FALSE(holds && (naive[i]->violated || naive[i]->cut_off)) << "merged, property " << i;
    EXPECT_FALSE(verdict == Verdict::Violated && !naive[i]->violated && !naive[i]->cut_off) << "merged, property " << i;
    if (::testing::Test::HasFailure()) {
      ADD_FAILURE() << model::print_system(system) << "\nmerged:\n" << model::print_system(*merged);
      return;
    }
  }
}

void compare(std::uint64_t seed, Totals& totals) {
  const TransitionSystem unobserved = system_with_formulas(seed);
  const TransitionSystem system = model::observe_events(unobserved).system;
  ASSERT_TRUE(model::validate(system).empty()) << model::validate(system).front();
  std::vector<std::optional<NaiveVerdict>> naive;
  for (std::size_t i = 0; i < system.temporal.size(); ++i) {
    naive.push_back(naive_verdict(system, i, 120));
    if (!naive.back()) return;
  }
  ++totals.systems;
  for (const TransitionSystem& searched : {system, model::reduce_for_infinite_runs(unobserved).system}) {
    const checker::InfiniteRuns runs = checker::search_infinite_runs(searched, {});
    for (std::size_t i = 0; i < system.temporal.size(); ++i) {
      compare_one(searched, i, runs.answers[i], *naive[i], totals);
      if (::testing::Test::HasFailure()) {
        ADD_FAILURE() << "seed " << seed << ", property " << i << "\n" << model::print_system(searched);
        return;
      }
    }
  }
}

/// Formulas that do not count steps, on systems of which the steps are merged.
void compare_when_merged(std::uint64_t seed, Totals& totals) {
  TransitionSystem original = system_with_formulas(seed, false);
  Random random(seed + 41);
  add_silent_steps(original, random);
  ASSERT_TRUE(model::validate(original).empty()) << model::validate(original).front();
  const TransitionSystem system = model::reduce_for_infinite_runs(original).system;
  std::vector<std::optional<NaiveVerdict>> naive;
  for (std::size_t i = 0; i < system.temporal.size(); ++i) {
    naive.push_back(naive_verdict(system, i, 120));
    if (!naive.back()) return;
  }
  compare_merged(system, naive, totals);
  if (::testing::Test::HasFailure()) ADD_FAILURE() << "seed " << seed;
}

/// Which systems are made: `count` of them; QUIESCE_SEED names a single one, or with QUIESCE_TIMES the first of so many
/// times `count`.
struct Seeds {
  explicit Seeds(std::uint64_t count) {
    const char* named = std::getenv("QUIESCE_SEED");
    const char* times = std::getenv("QUIESCE_TIMES");
    is_named = named != nullptr;
    first = is_named ? std::strtoull(named, nullptr, 10) : 1;
    const bool is_single = is_named && times == nullptr;
    behind = first + (is_single ? 1 : count * (times != nullptr ? std::strtoull(times, nullptr, 10) : 1));
  }

  bool is_named = false;
  std::uint64_t first = 1;
  std::uint64_t behind = 1;
};

TEST(InfiniteRuns, AgreeWithTheNaiveChecker) {
  Totals totals;
  const Seeds seeds(4000);
  for (std::uint64_t seed = seeds.first; seed < seeds.behind; ++seed) {
    compare(seed, totals);
    if (HasFailure()) return;
  }
  std::cout << totals.systems << " systems; properties: " << totals.violated << " violated, " << totals.held
            << " held, " << totals.cut_off << " cut off, " << totals.unfair_to_one << " undecided\n";
  if (seeds.is_named) return;
  EXPECT_GT(totals.systems, 2000);
  EXPECT_GT(totals.violated, 500);
  EXPECT_GT(totals.held, 500);
}

TEST(InfiniteRuns, OfMergedSystemsAgreeWithTheNaiveChecker) {
  Totals totals;
  const Seeds seeds(3000);
  for (std::uint64_t seed = seeds.first; seed < seeds.behind; ++seed) {
    compare_when_merged(seed, totals);
    if (HasFailure()) return;
  }
  std::cout << totals.merged << " systems, " << totals.states << " states, " << totals.merged_states << " when merged, "
            << totals.held_merged << " properties held\n";
  if (seeds.is_named) return;
  EXPECT_GT(totals.merged, 1000);
  EXPECT_GT(totals.held_merged, 1000);
  EXPECT_LT(totals.merged_states, totals.states);
}

}  // namespace
}  // namespace quiesce
