#include "checker/report/told_story.h"

namespace quiesce::checker {
namespace {

/// Null: the run is one of the system that is to be spoken of.
const model::BackMap* way_back(const CaseOutcome& case_, const Finding& finding) {
  if (case_.original == nullptr) return nullptr;
  return finding.is_of_infinite ? case_.infinite_map : case_.map;
}

}  // namespace

SystemsOfRun::SystemsOfRun(const CaseOutcome& case_, const Finding& finding)
    : same_(way_back(case_, finding) != nullptr ? model::BackMap()
                                                : model::identity_map(searched_system(case_, finding))),
      systems_{searched_system(case_, finding),
               way_back(case_, finding) != nullptr ? *case_.original : searched_system(case_, finding),
               way_back(case_, finding) != nullptr ? *way_back(case_, finding) : same_} {}

std::optional<Story> told_story(const CaseOutcome& case_, const Finding& finding, const model::SourceMap& sources,
                                bool full) {
  if (finding.no_run != LimitKind::None || finding.run.states.empty()) return std::nullopt;
  TellOptions options;
  if (!full) options.own_file = case_.span.file;
  return tell(*SystemsOfRun(case_, finding), finding, sources, options);
}

const model::TransitionSystem& searched_system(const CaseOutcome& case_, const Finding& finding) {
  return finding.is_of_infinite ? *case_.infinite : *case_.system;
}

bool is_known_shortest(const CaseOutcome& case_, const Finding& finding) {
  return finding.is_shortest && !case_.result.hunt && case_.result.storage == Storage::Exact;
}

}  // namespace quiesce::checker
