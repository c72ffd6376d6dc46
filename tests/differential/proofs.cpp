#include "tests/differential/proofs.h"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <optional>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "checker/prove.h"
#include "checker/report/sentences.h"
#include "model/passes/reduce.h"
#include "tests/differential/designs.h"
#include "tests/differential/random_design.h"
#include "tests/differential/random_system.h"

namespace quiesce {

using checker::SearchResult;
using checker::Unprovable;
using checker::Verdict;
using model::TransitionSystem;

namespace {

constexpr int kMostProofFailures = 3;

bool is_why(const checker::RuleResult& rule, Unprovable::Why why) {
  const auto* reason = std::get_if<Unprovable>(&rule.reason);
  return reason != nullptr && reason->why == why;
}

bool is_cut_off(const checker::RuleResult& rule) { return std::holds_alternative<checker::CutOff>(rule.reason); }

/// core.stuck ends no runs of a circuit: the run to a rule may pass a stuck state where another would not.
bool is_cut_off_by_stuck(const TransitionSystem& system, const checker::RuleResult& rule) {
  const auto* cut = std::get_if<checker::CutOff>(&rule.reason);
  return cut != nullptr && cut->by == system.stuck_rule;
}

class ProofComparison {
 public:
  ProofComparison(const TransitionSystem& system, const ProofEffort& effort, ProofTotals& totals)
      : system_(system), effort_(effort), totals_(totals) {}

  std::string difference() {
    checker::CheckOptions reference;
    reference.engine = checker::Engine::Reference;
    reference.search.limits.states = effort_.states;
    expected_ = checker::check(system_, reference);
    if (expected_.limit != checker::LimitKind::None || expected_.problem) {
      ++totals_.skipped;
      return "";
    }
    ++totals_.systems;
    const int skipped = totals_.skipped;
    std::string found = of_proof();
    if (!found.empty() || skipped != totals_.skipped) return found;
    return of_bounded_runs() + of_side_by_side();
  }

 private:
  SearchResult proved(checker::ProofEngine engine, std::optional<std::uint32_t> bound) const {
    checker::ProveOptions options;
    options.engine = engine;
    options.bound = bound;
    options.check.search.limits.time = std::chrono::seconds(effort_.seconds);
    return checker::prove(system_, options);
  }

  std::string told(const char* engine, const checker::RuleResult& wanted, const checker::RuleResult& found) const {
    return fmt::format("{}: '{}' is {} ({}), for the reference explorer {} ({})\n", engine,
                       system_.at(wanted.rule).name, verdict_name(found.verdict),
                       checker::reason_text(system_, found.reason), verdict_name(wanted.verdict),
                       checker::reason_text(system_, wanted.reason));
  }

  std::string of_proof() {
    const SearchResult result = proved(checker::ProofEngine::Ic3, std::nullopt);
    if (!result.proof && result.warning) {  // too large
      ++totals_.skipped;
      return "";
    }
    if (result.warning) return trouble_text(result.warning);
    if (result.limit == checker::LimitKind::Time) {
      ++totals_.skipped;
      return "";
    }
    std::string differences;
    for (std::size_t i = 0; i < expected_.rules.size(); ++i) {
      if (!agrees(expected_.rules[i], result.rules[i])) differences += told("IC3", expected_.rules[i], result.rules[i]);
    }
    return differences;
  }

  bool agrees(const checker::RuleResult& wanted, const checker::RuleResult& found) {
    if (found.verdict == Verdict::Unknown) {
      if (is_why(found, Unprovable::Why::NoFormula) || is_why(found, Unprovable::Why::WantsWitness)) {
        ++totals_.unsaid;
        return found.rule != system_.stuck_rule;
      }
      // A formula over infinite runs: the reference explorer looks at none, either.
      if (wanted.verdict == Verdict::Unknown && !is_cut_off(found) && wanted.reason.index() == found.reason.index()) {
        ++totals_.unsaid;
        return true;
      }
      if (is_cut_off(found)) {
        ++totals_.cut_off;
        return is_cut_off(wanted) || is_cut_off_by_stuck(system_, found);
      }
      ++totals_.idle;
      return is_why(found, Unprovable::Why::MaybeIdle) && wanted.verdict != Verdict::Violated;
    }
    totals_.held += found.verdict == Verdict::Holds ? 1 : 0;
    totals_.violated += found.verdict == Verdict::Violated ? 1 : 0;
    totals_.leaks += system_.at(found.rule).name == "life.leaked" ? 1 : 0;
    totals_.stuck += found.rule == system_.stuck_rule && found.verdict == Verdict::Violated ? 1 : 0;
    return found.verdict == wanted.verdict || (found.verdict == Verdict::Holds && is_behind_unasked_stuck(wanted));
  }

  /// Where core.stuck is not asked for, a proof does not know it, and may prove what holds behind stuck states too.
  bool is_behind_unasked_stuck(const checker::RuleResult& wanted) const {
    return is_cut_off_by_stuck(system_, wanted) &&
           std::find(system_.checked.begin(), system_.checked.end(), system_.stuck_rule) == system_.checked.end();
  }

  std::string of_bounded_runs() {
    const SearchResult result = proved(checker::ProofEngine::Bounded, expected_.statistics.depth);
    if (result.warning) return trouble_text(result.warning);
    if (result.limit == checker::LimitKind::Time) return "";
    std::string differences;
    for (std::size_t i = 0; i < expected_.rules.size(); ++i) {
      const checker::RuleResult& wanted = expected_.rules[i];
      const checker::RuleResult& found = result.rules[i];
      const bool may_be_missed = found.verdict == Verdict::Unknown && !is_why(found, Unprovable::Why::OnlyShortRuns) &&
                                 !is_why(found, Unprovable::Why::NoReplay);
      const bool is_same = (found.verdict == Verdict::Violated) == (wanted.verdict == Verdict::Violated);
      if (!is_same && !may_be_missed) differences += told("bounded runs", wanted, found);
      if (is_same && found.verdict == Verdict::Violated) differences += of_length(wanted, result, found);
    }
    return differences;
  }

  /// The search comes to its end if the proof does not, so that nothing is left open.
  std::string of_side_by_side() {
    const SearchResult result = proved(checker::ProofEngine::Auto, std::nullopt);
    if (result.limit == checker::LimitKind::Time) return "";
    std::string differences;
    for (std::size_t i = 0; i < expected_.rules.size(); ++i) {
      const checker::RuleResult& found = result.rules[i];
      if (found.verdict != expected_.rules[i].verdict && !agrees(expected_.rules[i], found))
        differences += told("both side by side", expected_.rules[i], found);
    }
    return differences;
  }

  /// Bounded runs are shortest; runs that a search ended at core.stuck are longer than those that it would have found.
  std::string of_length(const checker::RuleResult& wanted, const SearchResult& result,
                        const checker::RuleResult& found) const {
    const checker::Finding& theirs = expected_.findings[*wanted.finding];
    const checker::Finding& ours = result.findings[*found.finding];
    if (!ours.is_shortest || theirs.run.steps.size() == ours.run.steps.size()) return "";
    return fmt::format("bounded runs: '{}' is broken after {} steps, for the reference explorer after {}\n",
                       system_.at(wanted.rule).name, ours.run.steps.size(), theirs.run.steps.size());
  }

  const TransitionSystem& system_;
  const ProofEffort& effort_;
  ProofTotals& totals_;
  SearchResult expected_;
};

void compare(const std::string& title, const TransitionSystem& plain, const ProofEffort& effort, ProofTotals& totals) {
  const TransitionSystem system = model::reduce(plain).system;
  const std::string difference = ProofComparison(system, effort, totals).difference();
  EXPECT_EQ(difference, "") << title;
  totals.failures += difference.empty() ? 0 : 1;
}

void report(const std::string& what, const ProofTotals& totals) {
  std::cout << what << ": " << totals.systems << " systems, " << totals.skipped << " skipped; rules: " << totals.held
            << " hold, " << totals.violated << " violated, " << totals.idle << " perhaps idle, " << totals.cut_off
            << " cut off, " << totals.unsaid << " without a formula; leaks: " << totals.leaks
            << "; stuck: " << totals.stuck << "\n";
}

}  // namespace

ProofTotals compare_proofs_of_systems(std::uint64_t first_seed, int count, int size, const ProofEffort& effort) {
  ProofTotals totals;
  for (std::uint64_t seed = first_seed; seed < first_seed + static_cast<std::uint64_t>(count); ++seed) {
    if (totals.failures >= kMostProofFailures) break;
    compare(fmt::format("seed {}, size {}", seed, size), random_system(seed, size), effort, totals);
  }
  report("random systems", totals);
  return totals;
}

ProofTotals compare_proofs_of_designs(std::uint64_t first_seed, int count, int size, const ProofEffort& effort,
                                      DesignMaker make) {
  ProofTotals totals;
  for (std::uint64_t seed = first_seed; seed < first_seed + static_cast<std::uint64_t>(count); ++seed) {
    if (totals.failures >= kMostProofFailures) break;
    const std::string text = text_of(make(seed, size));
    std::string problem;
    for (const DesignCase& cell : cases_of_text("random.qsm", text, &problem))
      compare(fmt::format("seed {}, size {}, {}\n{}", seed, size, cell.title, text), cell.system, effort, totals);
  }
  report("random designs", totals);
  return totals;
}

ProofTotals compare_proofs_of_files(const std::string& folder, int cells, const ProofEffort& effort) {
  ProofTotals totals;
  for (const std::string& file : design_files(folder)) {
    if (totals.failures >= kMostProofFailures) break;
    std::string problem;
    const std::vector<DesignCase> all = design_cases(file, &problem);
    // Cases of one design differ in parameters only.
    for (std::size_t i = 0; i < all.size() && i < static_cast<std::size_t>(cells); ++i)
      compare(all[i].title, all[i].system, effort, totals);
  }
  report(folder, totals);
  return totals;
}

}  // namespace quiesce
