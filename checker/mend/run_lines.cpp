#include "checker/mend/run_lines.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "checker/mend/asked_names.h"
#include "checker/report/told_story.h"

namespace quiesce::checker {

namespace {

/// The statements of the story of a rule that is broken later are as far away as so many more.
constexpr std::size_t kLaterStory = 4;

/// The lines of the own file that the story executes, the last one first.
std::vector<std::uint32_t> own_lines(const Story& story, const model::SourceFile& own) {
  std::vector<std::uint32_t> lines;
  for (auto step = story.steps.rbegin(); step != story.steps.rend(); ++step) {
    for (auto line = step->lines.rbegin(); line != step->lines.rend(); ++line) {
      if (line->span.valid() && line->span.file == model::FileId(0))
        lines.push_back(own.position(line->span.begin).line);
    }
  }
  return lines;
}

/// Whether it matters for the violation where contexts stand: for what repeats, what is stuck, and what is left behind.
bool depends_on_places(const model::TransitionSystem& system, const Finding& finding) {
  if (finding.run.loop) return true;
  if (!finding.in_state) return false;
  const model::PropertyId property = finding.violation.property;
  return !property.valid() || finding.is_of_infinite || system.at(property).kind == model::PropertyKind::DeadlockFree;
}

}  // namespace

RunLines run_lines(const CheckOutcome& outcome, const model::SourceMap& sources) {
  RunLines result;
  std::size_t stories = 0;
  std::vector<std::string> asked;
  std::vector<model::Span> conditions;
  for (const BrokenRule& broken : outcome.broken) {
    const CaseOutcome& best = outcome.cases[broken.best];
    const RuleResult* rule = result_of(*best.system, best.result, broken.name);
    const Finding* finding = rule != nullptr ? finding_of(best, *rule) : nullptr;
    const auto story = finding != nullptr ? told_story(best, *finding, sources, false) : std::nullopt;
    if (!story) continue;
    const std::vector<std::uint32_t> lines = own_lines(*story, sources.file(model::FileId(0)));
    std::size_t distance = kLaterStory * stories++;
    for (const std::uint32_t line : lines) {
      const auto [where, is_new] = result.nearness.emplace(line, distance);
      if (!is_new) where->second = std::min(where->second, distance);
      ++distance;
    }
    if (const model::Span span = finding->violation.span; span.valid()) {
      const std::vector<std::string> names = names_in_text(sources.text(span));
      asked.insert(asked.end(), names.begin(), names.end());
      conditions.push_back(span);
    }
    ExecutedLines executed{{lines.begin(), lines.end()}, depends_on_places(*best.system, *finding), {}, {}};
    const ExecutedLines& known = result.executed;
    const bool is_better =
        known.lines.empty() || (known.with_routines && !executed.with_routines) ||
        (known.with_routines == executed.with_routines && executed.lines.size() < known.lines.size());
    if (is_better) result.executed = std::move(executed);
  }
  result.executed.asked = std::move(asked);
  result.executed.broken = std::move(conditions);
  return result;
}

}  // namespace quiesce::checker
