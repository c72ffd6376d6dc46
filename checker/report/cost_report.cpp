#include "checker/report/cost_report.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "checker/report/layout.h"
#include "checker/report/sentences.h"
#include "checker/report/story.h"

namespace quiesce::checker {
namespace {

using Cases = std::vector<CaseOutcome>;

class CostWriter {
 public:
  CostWriter(const Cases& cases, const model::SourceMap& sources, const TextOptions& options)
      : cases_(cases), sources_(sources), options_(options), of_all_(cases.size() > 1 ? " (all cases)" : "") {
    for (const CaseOutcome& outcome : cases_) {
      add(sum_, outcome.result.statistics);
      if (outcome.result.infinite) add(infinite_, *outcome.result.infinite);
      if (outcome.result.proof) proofs_.insert(proof_text(*outcome.result.proof));
    }
  }

  std::string report() {
    distance();
    slicing();
    partial_order();
    symmetry();
    hunt();
    limits();
    if (options_.show_cost) time_and_memory();
    return std::move(out_);
  }

 private:
  static void add(Statistics& sum, const Statistics& one) {
    sum.distinct_states += one.distinct_states;
    sum.generated_steps += one.generated_steps;
    sum.reduced_states += one.reduced_states;
    sum.depth = std::max(sum.depth, one.depth);
    sum.wall += one.wall;
    sum.peak_memory_bytes = std::max(sum.peak_memory_bytes, one.peak_memory_bytes);
  }

  void line(const std::string& text) { out_ += "  " + text + "\n"; }
  void long_line(const std::string& text) { out_ += wrapped(text, 2, options_.width); }

  /// How far the search came, and what was proved.
  void distance() {
    // A hunt may meet states again without knowing it.
    const char* states = !cases_[0].result.hunt ? "distinct state" : "visited state";
    if (proofs_.empty() || sum_.distinct_states > 0) {
      line(fmt::format("{}, {}, depth {}{}", counted(sum_.distinct_states, states),
                       counted(sum_.generated_steps, "generated step"), grouped(sum_.depth), of_all_));
    }
    for (const std::string& proof : proofs_) long_line(proof);
    if (infinite_.distinct_states > 0) {
      line(fmt::format("infinite runs: {}, {}{}", counted(infinite_.distinct_states, "distinct state"),
                       counted(infinite_.generated_steps, "step"), of_all_));
    }
  }

  /// Of the case where it saved most, as symmetry().
  void slicing() {
    const auto most = std::max_element(cases_.begin(), cases_.end(), [](const CaseOutcome& a, const CaseOutcome& b) {
      return a.reduction.variables_sliced < b.reduction.variables_sliced;
    });
    const model::ReductionStatistics& reduction = most->reduction;
    if (reduction.variables_sliced == 0) return;
    line(fmt::format("slicing: {}{} of {} do not matter to the rules asked for", cases_.size() > 1 ? "up to " : "",
                     grouped(reduction.variables_sliced), counted(reduction.variables, "variable")));
  }

  void partial_order() {
    if (sum_.reduced_states == 0) return;
    const std::uint64_t reduced = std::min(sum_.reduced_states, sum_.distinct_states);
    const std::uint64_t percent = std::max<std::uint64_t>(1, reduced * 100 / sum_.distinct_states);
    line(fmt::format("partial order: in {} % of the states the steps of some contexts were enough", percent));
  }

  void symmetry() {
    const auto interchangeable = [](const CaseOutcome& case_) {
      std::size_t members = 0;
      for (const auto& one : case_.result.symmetry.classes) members += one.size();
      return members;
    };
    const auto alike = std::max_element(cases_.begin(), cases_.end(), [&](const CaseOutcome& a, const CaseOutcome& b) {
      return interchangeable(a) < interchangeable(b);
    });
    for (const std::vector<std::string>& members : alike->result.symmetry.classes) {
      const std::string names = members.size() <= 3
                                    ? joined(members)
                                    : fmt::format("{}, {} and {} more", members[0], members[1], members.size() - 2);
      long_line(fmt::format("symmetry: {} are interchangeable", names));
    }
    // What breaks a symmetry matters where there are too many states, or where everything was asked for.
    if (!options_.full && cases_[0].result.limit == LimitKind::None) return;
    for (const SymmetryObstacle& obstacle : cases_[0].result.symmetry.obstacles) {
      std::string where = line_of(sources_, obstacle.span);
      if (!where.empty()) where = " (" + where + ")";
      long_line(fmt::format("symmetry: {} and {} are not interchangeable: {}{}", obstacle.first, obstacle.second,
                            asymmetry_text(obstacle.reason), where));
    }
  }

  void hunt() {
    const std::string hunt = hunt_text(cases_[0].result);
    const bool is_of_all = std::all_of(cases_.begin(), cases_.end(),
                                       [&](const CaseOutcome& outcome) { return hunt_text(outcome.result) == hunt; });
    if (!hunt.empty() && is_of_all) line("by " + hunt + (cases_.size() > 1 ? ", in each case" : ""));
  }

  /// Several cases say it in their own lines.
  void limits() {
    if (cases_.size() > 1) return;
    const SearchResult& result = cases_[0].result;
    const bool rules_say_it = result.limit == LimitKind::None && result.storage == Storage::Exact;
    if (rules_say_it && !result.hunt) return;
    std::set<std::string> limits;
    for (const RuleResult& rule : result.rules) {
      if (rule.verdict == Verdict::Unknown) limits.insert(reason_text(*cases_[0].system, rule.reason));
    }
    for (const std::string& limit : limits) {
      line(inked("search not complete: " + limit, Ink::Doubtful, options_.colour));
    }
  }

  void time_and_memory() {
    const double seconds = std::chrono::duration<double>(sum_.wall).count();
    std::string cost = duration_text(sum_.wall);
    if (sum_.peak_memory_bytes > 0) cost += ", " + memory_text(sum_.peak_memory_bytes);
    if (seconds > 0.2 && sum_.distinct_states > 0 && proofs_.empty()) {
      cost += fmt::format(", {} states/s", grouped(static_cast<std::uint64_t>(sum_.distinct_states / seconds)));
    }
    line(inked(cost, Ink::Dim, options_.colour));
  }

  const Cases& cases_;
  const model::SourceMap& sources_;
  const TextOptions& options_;
  const std::string of_all_;
  Statistics sum_;
  Statistics infinite_;
  std::set<std::string> proofs_;
  std::string out_;
};

}  // namespace

std::string cost_report(const Cases& cases, const model::SourceMap& sources, const TextOptions& options) {
  return CostWriter(cases, sources, options).report();
}

}  // namespace quiesce::checker
