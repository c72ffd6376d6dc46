#include "checker/report/told_story.h"

namespace quiesce::checker {

std::optional<Story> told_story(const CaseOutcome& case_, const Finding& finding, const model::SourceMap& sources,
                                bool full) {
  if (finding.no_run != LimitKind::None || finding.run.states.empty()) return std::nullopt;
  TellOptions options;
  if (!full) options.own_file = case_.span.file;
  const model::TransitionSystem& searched = searched_system(case_, finding);
  const model::BackMap* map = finding.is_of_infinite ? case_.infinite_map : case_.map;
  const bool is_reduced = map != nullptr && case_.original != nullptr;
  const model::BackMap same = is_reduced ? model::BackMap() : model::identity_map(searched);
  const ReducedSystem systems{searched, is_reduced ? *case_.original : searched, is_reduced ? *map : same};
  return tell(systems, finding, sources, options);
}

const model::TransitionSystem& searched_system(const CaseOutcome& case_, const Finding& finding) {
  return finding.is_of_infinite ? *case_.infinite : *case_.system;
}

const Finding* finding_of(const CaseOutcome& case_, const RuleResult& rule) {
  return rule.finding ? &case_.result.findings[*rule.finding] : nullptr;
}

bool is_known_shortest(const CaseOutcome& case_, const Finding& finding) {
  return finding.is_shortest && !case_.result.hunt && case_.result.storage == Storage::Exact;
}

}  // namespace quiesce::checker
