#include "tests/differential/slicing.h"

#include <optional>
#include <vector>

#include "checker/evidence/replay.h"
#include "checker/report/sentences.h"
#include "checker/result/exploration.h"
#include "checker/search/breadth_first.h"
#include "model/interpret/interpreter.h"
#include "model/passes/reduce.h"
#include "model/passes/slice.h"
#include "model/system/validate.h"

namespace quiesce {

using namespace checker;

namespace {

/// What a search says of each checked rule, and how long the runs are; none when it was cut.
std::optional<SearchResult> searched(const model::TransitionSystem& system, std::uint64_t max_states,
                                     std::string& problem) {
  for (const std::string& sentence : model::validate(system)) problem += "  not valid: " + sentence + "\n";
  if (!problem.empty()) return std::nullopt;
  SearchOptions options;
  options.limits.states = max_states;
  options.threads = 1;
  Exploration exploration = explore_breadth_first(system, options);
  if (exploration.limit != LimitKind::None) return std::nullopt;
  const model::Interpreter interpreter(system);
  for (const Finding& finding : exploration.findings) {
    if (const auto run = replay(interpreter, finding); !run) {
      problem += "  a run does not replay: " + run.error() + "\n";
    }
  }
  return judge(system, std::move(exploration));
}

std::string verdict_of(const model::TransitionSystem& system, const RuleResult& rule, const SearchResult& result,
                       bool with_lengths) {
  std::string text = verdict_name(rule.verdict);
  // Which of several core rules is told to have cut a rule off depends on the order of findings.
  if (std::holds_alternative<CutOff>(rule.reason)) {
    text += " (cut off)";
  } else if (const std::string why = reason_text(system, rule.reason); !why.empty()) {
    text += " (" + why + ")";
  }
  if (with_lengths && rule.finding) {
    text += ", " + std::to_string(result.findings[*rule.finding].run.steps.size()) + " steps";
  }
  return text;
}

std::string difference(const model::TransitionSystem& system, const SearchResult& whole, const SearchResult& part,
                       bool merged) {
  std::string text;
  bool stuck = false;
  for (const Finding& finding : whole.findings) stuck |= system.stuck_rule.valid() && finding.rule == system.stuck_rule;
  for (std::size_t i = 0; i < whole.rules.size(); ++i) {
    const std::string expected = verdict_of(system, whole.rules[i], whole, !merged);
    const std::string found = verdict_of(system, part.rules[i], part, !merged);
    if (expected == found || (merged && stuck && part.rules[i].verdict == Verdict::Unknown)) continue;
    text += "  " + system.at(whole.rules[i].rule).name + ": whole " + expected + (merged ? ", reduced " : ", sliced ") +
            found + "\n";
  }
  if (part.statistics.distinct_states > whole.statistics.distinct_states) text += "  more states than before\n";
  return text;
}

std::string compare(const model::TransitionSystem& system, std::uint64_t max_states, SlicingTotals& totals) {
  std::string problem;
  const auto whole = searched(system, max_states, problem);
  if (!problem.empty()) return problem;
  if (!whole) {
    ++totals.too_large;
    return "";
  }
  model::ReductionStatistics statistics;
  const model::TransitionSystem sliced = model::slice(system, statistics).system;
  const auto part = searched(sliced, max_states + 1, problem);
  const auto reduced = searched(model::reduce(system).system, max_states + 1, problem);
  if (!problem.empty()) return problem;
  if (!part || !reduced) return "  more states than before\n";
  ++totals.compared;
  totals.states_whole += whole->statistics.distinct_states;
  totals.states_sliced += part->statistics.distinct_states;
  for (std::size_t i = 0; i < system.cells.size(); ++i) {
    totals.variables += system.cells[i].lo != system.cells[i].hi && sliced.cells[i].lo == sliced.cells[i].hi;
  }
  return difference(system, *whole, *part, false) + difference(system, *whole, *reduced, true);
}

/// With merging a slice has no more states than the whole, unless a step grew so long that something was left unmerged:
/// what is left then depends on how long the parts are, and may be worse by a few states.
std::string growth(const model::TransitionSystem& system, std::uint64_t max_states, SlicingTotals& totals) {
  SearchOptions options;
  options.limits.states = max_states;
  options.threads = 1;
  model::ReduceOptions keep;
  keep.slice = false;
  const Exploration whole = explore_breadth_first(model::reduce(system, keep).system, options);
  if (whole.limit != LimitKind::None) return "";
  const model::Reduced reduced = model::reduce(system);
  const model::ReductionStatistics& statistics = reduced.statistics;
  options.limits.states = 2 * max_states;
  const Exploration part = explore_breadth_first(reduced.system, options);
  const std::uint64_t before = whole.statistics.distinct_states;
  const std::uint64_t after = part.statistics.distinct_states;
  ++totals.merged;
  totals.merged_fully += statistics.left_alone == 0;
  totals.grown += after > before;
  if (after <= (statistics.left_alone == 0 ? before : before + before / 10)) return "";
  return "  merged: " + std::to_string(before) + " states, merged and sliced: " + std::to_string(after) + "\n";
}

}  // namespace

std::string slicing_difference(const model::TransitionSystem& system, std::uint64_t max_states, std::size_t stride,
                               SlicingTotals& totals) {
  if (std::string text = compare(system, max_states, totals); !text.empty()) return "for all rules:\n" + text;
  if (std::string text = growth(system, max_states, totals); !text.empty()) return "for all rules:\n" + text;
  model::TransitionSystem one = system;
  for (std::size_t i = 0; i < system.checked.size(); i += stride) {
    one.checked = {system.checked[i]};
    if (std::string text = compare(one, max_states, totals); !text.empty()) {
      return "for " + system.at(system.checked[i]).name + " alone:\n" + text;
    }
  }
  one.checked = {};
  return compare(one, max_states, totals);
}

}  // namespace quiesce
