// Rules about infinite runs, searched by SPIN for acceptance cycles: violated where ours are, on designs and on random
// systems with random formulas. QUIESCE_SEED=<seed> runs one random system alone, QUIESCE_TIMES=<n> n times as many.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "checker/evidence/lasso.h"
#include "checker/export/export.h"
#include "checker/liveness/infinite_runs.h"
#include "model/interpret/interpreter.h"
#include "model/passes/reduce.h"
#include "model/system/print.h"
#include "tests/differential/designs.h"
#include "tests/differential/system_formulas.h"
#include "tests/export/other_checkers.h"

namespace quiesce {
namespace {

using checker::Verdict;
using model::TransitionSystem;

struct Totals {
  int violated = 0, held = 0, undecided = 0, too_large = 0;
};

/// Compares the verdicts on each property of `system`, as infinite runs are searched on, with those of SPIN. What is
/// wrong; "" when nothing is.
std::string compare(TransitionSystem system, Totals& totals) {
  system.stuck_rule = {};  // it ends no run of an exported system
  checker::SearchOptions search;
  search.threads = 1;
  const checker::InfiniteRuns ours = checker::search_infinite_runs(system, search);
  const auto text = checker::export_infinite_runs(system, {});
  if (!text) {
    ++totals.too_large;
    return "";
  }
  const SpinOnClaims spin = run_spin_on_claims(*text);
  if (spin.gave_up) {
    ++totals.too_large;
    return "";
  }
  if (!spin.problem.empty()) return spin.problem;
  std::size_t claim = 0;
  for (std::size_t i = 0; i < system.temporal.size(); ++i) {
    const model::TemporalProperty& property = system.temporal[i];
    if (property.always_possible || property.formula.empty()) continue;
    if (std::find(system.checked.begin(), system.checked.end(), property.rule) == system.checked.end()) continue;
    if (claim >= spin.violated.size()) return "a rule has no claim";
    const bool theirs = spin.violated[claim++];
    const checker::TemporalAnswer& answer = ours.answers[i];
    if (answer.finding) {
      const auto lasso = checker::confirm(model::Interpreter(system), property, answer.finding->run);
      if (!lasso) return lasso.error();
      if (*lasso == checker::Lasso::UnfairToOne) {
        ++totals.undecided;
        continue;
      }
    }
    // What is cut off by a core rule is not known to be violated.
    const bool is_violated = answer.finding.has_value();
    ++(is_violated ? totals.violated : totals.held);
    if (is_violated != theirs) {
      return system.at(property.rule).name + (theirs ? ": SPIN alone finds a run" : ": SPIN finds no run");
    }
  }
  return "";
}

void print(const Totals& totals) {
  std::cout << "properties: " << totals.violated << " violated, " << totals.held << " held, " << totals.undecided
            << " undecided; " << totals.too_large << " systems too large\n";
}

TEST(InfiniteRunsOfSpin, OfRandomSystemsAreOurs) {
  const char* named = std::getenv("QUIESCE_SEED");
  const char* times = std::getenv("QUIESCE_TIMES");
  const std::uint64_t first = named != nullptr ? std::strtoull(named, nullptr, 10) : 1;
  const std::uint64_t count = named != nullptr && times == nullptr ? 1 : 25;
  const std::uint64_t behind = first + count * (times != nullptr ? std::strtoull(times, nullptr, 10) : 1);
  Totals totals;
  for (std::uint64_t seed = first; seed < behind; ++seed) {
    const TransitionSystem system = model::reduce_for_infinite_runs(system_with_formulas(seed)).system;
    const std::string problem = compare(system, totals);
    if (problem.empty()) continue;
    ADD_FAILURE() << "seed " << seed << ": " << problem << "\n" << model::print_system(system);
    break;
  }
  print(totals);
  if (named != nullptr) return;
  EXPECT_GT(totals.violated, 15);
  EXPECT_GT(totals.held, 15);
}

class OfDesigns : public testing::TestWithParam<const char*> {};

TEST_P(OfDesigns, AreOurs) {
  constexpr std::size_t kMostCells = 3;  // of one design: each takes seconds to compile
  std::string problem;
  const std::vector<DesignCase> cells = design_cases(std::string(GetParam()) + ".qsm", &problem);
  ASSERT_FALSE(cells.empty()) << problem;
  Totals totals;
  for (std::size_t i = 0; i < cells.size() && i < kMostCells; ++i) {
    EXPECT_EQ(compare(model::reduce_for_infinite_runs(cells[i].system).system, totals), "") << cells[i].title;
  }
  print(totals);
  EXPECT_EQ(totals.too_large, 0);
  EXPECT_GT(totals.violated + totals.held, 0);
}

INSTANTIATE_TEST_SUITE_P(InfiniteRunsOfSpin, OfDesigns,
                         testing::Values("tests/liveness/designs/fairness", "tests/liveness/designs/events",
                                         "tests/liveness/designs/formulas", "tests/liveness/designs/interrupt_storm",
                                         "tests/liveness/designs/two_routines"),
                         [](const auto& parameter) { return std::filesystem::path(parameter.param).stem().string(); });

}  // namespace
}  // namespace quiesce
