// Rules about infinite runs of random designs in the language, with monitors: the search against the naive checker, both
// on what elaboration makes of the text. Formulas that say what a monitor has seen hold the two ways to watch events
// together. QUIESCE_SEED=<seed> runs one design alone and prints it; QUIESCE_TIMES=<n> n times as many.
#include <cstdlib>
#include <iostream>
#include <map>

#include <gtest/gtest.h>

#include "checker/evidence/lasso.h"
#include "checker/liveness/infinite_runs.h"
#include "model/interpret/interpreter.h"
#include "model/passes/merge_for_infinite_runs.h"
#include "model/passes/observe_events.h"
#include "model/passes/reduce.h"
#include "tests/differential/designs.h"
#include "tests/differential/naive_infinite_runs.h"
#include "tests/differential/random_design.h"

namespace quiesce {
namespace {

using checker::Verdict;
using model::TransitionSystem;

struct Totals {
  int compared = 0, too_large = 0, refused = 0, violated = 0, held = 0, cut_off = 0, unfair_to_one = 0, agreeing = 0,
      held_merged = 0;
};

bool is_agreeing(const TransitionSystem& system, const model::TemporalProperty& property) {
  return system.at(property.rule).name.find("agreeSeen") != std::string::npos;
}

/// What is wrong with the answer to one property; "" when nothing is.
std::string problem_of(const TransitionSystem& system, const model::TemporalProperty& property,
                       const checker::TemporalAnswer& answer, const NaiveVerdict& naive, Totals& totals) {
  if (answer.finding) {
    const auto lasso = checker::confirm(model::Interpreter(system), property, answer.finding->run);
    if (!lasso) return lasso.error();
    if (is_agreeing(system, property)) return "a monitor and a formula saw something else";
    if (*lasso == checker::Lasso::UnfairToOne) {
      ++totals.unfair_to_one;
      return "";
    }
    ++totals.violated;
    return naive.violated ? "" : "violated, where the naive checker finds nothing";
  }
  if (naive.violated) return "the naive checker finds a run that breaks it";
  const bool is_cut_off = answer.verdict == Verdict::Unknown;
  if (is_cut_off != naive.cut_off) return is_cut_off ? "cut off by nothing" : "nothing is said of what is cut off";
  ++(is_cut_off ? totals.cut_off : totals.held);
  totals.agreeing += !is_cut_off && is_agreeing(system, property) ? 1 : 0;
  return "";
}

/// What is wrong with the answer of the merged system; "" when nothing is.
std::string problem_of(const checker::TemporalAnswer& answer, const NaiveVerdict& naive, Totals& totals) {
  const bool holds = answer.verdict == Verdict::Holds || answer.verdict == Verdict::Vacuous;
  totals.held_merged += holds ? 1 : 0;
  if (holds && (naive.violated || naive.cut_off)) return "the merged system says that it holds";
  const bool is_violated = answer.finding.has_value() && !naive.violated && !naive.cut_off;
  return is_violated ? "the merged system says that it is violated" : "";
}

/// What is wrong with the cells of a text; "" when nothing is.
std::string problem_of(const std::string& text, Totals& totals) {
  std::string refused;
  const std::vector<DesignCase> cells = cases_of_text("random.qsm", text, &refused);
  if (cells.empty()) ++totals.refused;
  for (const DesignCase& cell : cells) {
    const TransitionSystem observed = model::observe_events(cell.system).system;
    std::vector<NaiveVerdict> naive;
    for (std::size_t i = 0; i < observed.temporal.size(); ++i) {
      if (const auto verdict = naive_verdict(observed, i, 100)) naive.push_back(*verdict);
    }
    ++(naive.size() == observed.temporal.size() ? totals.compared : totals.too_large);
    if (naive.size() != observed.temporal.size()) continue;
    const TransitionSystem searched = model::reduce_for_infinite_runs(cell.system).system;
    const checker::InfiniteRuns runs = checker::search_infinite_runs(searched, {});
    const std::optional<TransitionSystem> merged = model::merge_for_infinite_runs(searched);
    std::optional<checker::InfiniteRuns> of_merged;
    if (merged) of_merged = checker::search_infinite_runs(*merged, {});
    for (std::size_t i = 0; i < naive.size(); ++i) {
      if (searched.temporal[i].formula.empty()) continue;
      const bool is_checked = std::find(searched.checked.begin(), searched.checked.end(), searched.temporal[i].rule) !=
                              searched.checked.end();
      if (!is_checked) continue;
      std::string problem = problem_of(searched, searched.temporal[i], runs.answers[i], naive[i], totals);
      if (of_merged && problem.empty()) problem = problem_of(of_merged->answers[i], naive[i], totals);
      if (!problem.empty()) return searched.at(searched.temporal[i].rule).name + ": " + problem;
    }
  }
  return "";
}

/// Compares the designs of so many seeds.
Totals compare(bool counts_steps, bool hands_over = false) {
  Totals totals;
  const char* named = std::getenv("QUIESCE_SEED");
  const char* count = std::getenv("QUIESCE_TIMES");
  const std::uint64_t first = named != nullptr ? std::strtoull(named, nullptr, 10) : 1;
  const std::uint64_t times = count != nullptr ? std::strtoull(count, nullptr, 10) : 1;
  const std::uint64_t last = first + (named != nullptr && count == nullptr ? 1 : 400 * times);
  for (std::uint64_t seed = first; seed < last && !::testing::Test::HasFailure(); ++seed) {
    const DesignLines lines = random_design_with_formulas(seed, counts_steps, hands_over);
    if (named != nullptr && count == nullptr) std::cout << text_of(lines);
    const std::string problem = problem_of(text_of(lines), totals);
    if (problem.empty()) continue;
    const DesignLines small = shrink(lines, [](const std::string& candidate) {
      Totals of_candidate;
      return !problem_of(candidate, of_candidate).empty();
    });
    Totals of_small;
    ADD_FAILURE() << "seed " << seed << ": " << problem << "\nmade small:\n"
                  << text_of(small) << problem_of(text_of(small), of_small);
  }
  std::cout << totals.compared << " compared, " << totals.too_large << " too large, " << totals.refused
            << " refused; properties: " << totals.violated << " violated, " << totals.held << " held ("
            << totals.agreeing << " of monitors, " << totals.held_merged << " once more when merged), "
            << totals.cut_off << " cut off, " << totals.unfair_to_one << " undecided\n";
  if (named != nullptr) return totals;
  EXPECT_LT(totals.refused, 40);
  EXPECT_GT(totals.compared, 100);
  EXPECT_GT(totals.violated, 50);
  EXPECT_GT(totals.held, 50);
  return totals;
}

TEST(RandomFormulas, OfDesignsAgreeWithTheNaiveChecker) {
  const Totals totals = compare(true);
  EXPECT_TRUE(std::getenv("QUIESCE_SEED") != nullptr || totals.agreeing > 10);
}

TEST(RandomFormulas, OfDesignsThatHandOverAgreeWithTheNaiveChecker) { compare(true, true); }

TEST(RandomFormulas, ThatCountNoStepsAgreeWhereStepsAreMerged) {
  const Totals totals = compare(false);
  EXPECT_TRUE(std::getenv("QUIESCE_SEED") != nullptr || totals.held_merged > 50);
}

}  // namespace
}  // namespace quiesce
