#include "checker/check.h"

#include <algorithm>
#include <map>

#include "checker/evidence/replay.h"
#include "checker/result/search_control.h"
#include "checker/search/breadth_first.h"
#include "checker/search/coverage.h"
#include "checker/search/depth_first.h"
#include "checker/search/random_walk.h"
#include "checker/search/reference_explorer.h"
#include "checker/search/swarm.h"
#include "model/base/internal_check.h"

namespace quiesce::checker {
namespace {

Exploration explore_whole(const model::TransitionSystem& system, SearchOptions options) {
  options.partial_order = false;
  return explore_breadth_first(system, options);
}

/// Partial order reduction keeps what is broken, but not the length of runs, nor what a broken core rule cuts off
/// (docs/reductions.md). So what it finds is found again without it: as deep as its runs reach, or to the end when a
/// core rule is among it. Where that comes to a limit, what was found first stands.
Exploration explore_reduced(const model::TransitionSystem& system, const SearchOptions& options) {
  Exploration first = explore_breadth_first(system, options);
  if (first.statistics.reduced_states == 0 || first.findings.empty() || !first.problem.empty()) return first;
  for (Finding& finding : first.findings) finding.is_shortest = finding.run.steps.size() <= 1;
  if (first.limit == LimitKind::Time || first.limit == LimitKind::Interrupted) return first;
  SearchOptions again = options;
  again.partial_order = false;
  again.checkpoint.clear();
  again.resume.clear();
  std::size_t depth = 0;
  bool ends_runs = false;
  for (const Finding& finding : first.findings) {
    if (finding.no_run != LimitKind::None) return first;  // how deep to search is not known
    depth = std::max(depth, finding.run.steps.size());
    ends_runs = ends_runs || system.at(finding.rule).core;
  }
  if (!ends_runs) again.limits.depth = static_cast<std::uint32_t>(depth);
  Exploration second = explore_breadth_first(system, again);
  second.statistics.wall += first.statistics.wall;
  second.statistics.peak_memory_bytes =
      std::max(second.statistics.peak_memory_bytes, first.statistics.peak_memory_bytes);
  if (second.limit == LimitKind::None && second.problem.empty()) return second;
  first.statistics.wall = second.statistics.wall;
  first.statistics.peak_memory_bytes = second.statistics.peak_memory_bytes;
  for (Finding& finding : first.findings) {
    const auto shorter = std::find_if(second.findings.begin(), second.findings.end(), [&](const Finding& other) {
      return other.rule == finding.rule && other.no_run == LimitKind::None &&
             other.run.steps.size() <= finding.run.steps.size();
    });
    if (shorter != second.findings.end()) finding = std::move(*shorter);
  }
  return first;
}

Exploration explore(const model::TransitionSystem& system, const CheckOptions& options) {
  switch (options.engine) {
    case Engine::Explicit:
      switch (options.search.order) {
        case Order::BreadthFirst: {
          // A limit on depth is one on the length of runs, which the reduction changes.
          const bool reduces =
              options.search.partial_order && options.search.storage == Storage::Exact && !options.search.limits.depth;
          return reduces ? explore_reduced(system, options.search) : explore_whole(system, options.search);
        }
        case Order::DepthFirst:
          return explore_depth_first(system, options.search);
        case Order::Random:
          return explore_randomly(system, options.search);
        case Order::Swarm:
          return explore_swarm(system, options.search);
      }
      break;
    case Engine::Reference:
      return explore_reference(system, options.search);
  }
  QUIESCE_CHECK(false) << "unknown engine";
  return {};
}

/// Repeats all runs with the reference interpreter. A run that there is no time to repeat is not told, but what it
/// breaks is.
void replay_all(const model::TransitionSystem& system, const SearchControl& control, Exploration& exploration) {
  const model::Interpreter interpreter(system);
  for (Finding& finding : exploration.findings) {
    try {
      model::Expected<Finding> replayed = replay(interpreter, finding, &control);
      QUIESCE_CHECK(replayed.has_value())
          << "the run that breaks '" << system.at(finding.rule).name << "' does not replay: " << replayed.error();
      finding = std::move(*replayed);
    } catch (const SearchStopped& stopped) {
      finding.run = {};
      finding.no_run = stopped.limit;
    }
  }
  for (std::size_t i = 0; i < exploration.witnesses.size(); ++i) {
    model::Expected<Run> replayed;
    try {
      replayed = replay(interpreter, exploration.witnesses[i], &control);
    } catch (const SearchStopped&) {
      exploration.witnesses.resize(i);
      break;
    }
    QUIESCE_CHECK(replayed.has_value()) << "the witness of '"
                                        << system.at(system.at(exploration.witnessed[i]).rule).name
                                        << "' does not replay: " << replayed.error();
    const std::vector<model::PropertyId> shown = interpreter.witnessed_by(replayed->states.back());
    QUIESCE_CHECK(std::find(shown.begin(), shown.end(), exploration.witnessed[i]) != shown.end())
        << "the witness of '" << system.at(system.at(exploration.witnessed[i]).rule).name << "' does not show it";
    exploration.witnesses[i] = std::move(*replayed);
  }
}

}  // namespace

SearchResult check(const model::TransitionSystem& system, const CheckOptions& options) {
  const SearchControl control(options.search.limits, options.search.interrupt);
  CheckOptions with = options;
  with.search.control = &control;
  Exploration exploration = explore(system, with);
  replay_all(system, control.for_evidence(), exploration);
  return judge(system, std::move(exploration));
}

CoverageFacts cover(const CheckCase& case_, const CheckOptions& options) {
  // What the text says is marked before anything is merged.
  const MarkedSystem marked = with_marks(case_.original ? *case_.original : case_.system);
  const model::Reduced merged = case_.original ? reduce(marked.system, {.slice = false}) : model::Reduced();
  const model::TransitionSystem& searched = case_.original ? merged.system : marked.system;
  CheckOptions search = options;
  const SearchControl control(options.search.limits, options.search.interrupt);
  search.search = coverage_search(searched, options.search);
  search.search.control = &control;
  return coverage_facts(marked, explore(searched, search));
}

CaseOutcome case_outcome(const CheckCase& case_, SearchResult result, AskedFor asked) {
  CaseOutcome outcome;
  outcome.title = case_.title;
  outcome.span = case_.span;
  outcome.system = &case_.system;
  outcome.original = case_.original ? &*case_.original : nullptr;
  outcome.map = &case_.map;
  outcome.reduction = case_.reduction;
  outcome.has_expectation = !case_.expect.empty();
  outcome.comparison = compare(case_.system, case_.expect, result);
  outcome.result = std::move(result);
  outcome.asked = std::move(asked);
  return outcome;
}

}  // namespace quiesce::checker
