#include "checker/page.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "checker/evidence/original_run.h"
#include "checker/explore.h"
#include "checker/report/html_report.h"
#include "checker/report/told_story.h"
#include "checker/why.h"

namespace quiesce::checker {

using namespace model;

namespace {

constexpr std::size_t kMostStatesOfRun = 20'000;  // looked at for one answer to "why"
constexpr std::size_t kMostStatesOfAnswers = 200'000;
constexpr std::size_t kMostStatesOfGraph = 2'000;
constexpr std::size_t kMostStatesOfGraphs = 20'000;

/// What is found for one page; each kind within its bound.
class Additions {
 public:
  std::vector<RunSentence> why(const CaseOutcome& case_, const Finding& finding, const SourceMap& sources) {
    if (left_for_answers_ == 0) return {};
    WhyOptions options;
    options.most_states = std::min(left_for_answers_, kMostStatesOfRun);
    options.most_tried = options.most_states / 4;
    const std::optional<Why> why = why_of(case_, finding, sources, options);
    if (!why) return {};
    left_for_answers_ -= std::min(left_for_answers_, static_cast<std::size_t>(why->states));
    return why_sentences(*why, searched_system(case_, finding).at(finding.rule).name);
  }

  const ExploredGraph* explored(const CaseOutcome& case_, const SourceMap& sources) {
    if (left_for_graphs_ == 0) return nullptr;
    const std::size_t most = std::min(left_for_graphs_, kMostStatesOfGraph);
    const TransitionSystem& system = case_.original != nullptr ? *case_.original : *case_.system;
    std::optional<ExploredStates> exploration = explore(system, sources, most);
    left_for_graphs_ -= exploration ? exploration->graph.nodes.size() : most;
    if (!exploration) return nullptr;
    return &explorations_.emplace(&case_, std::move(*exploration)).first->second.graph;
  }

  std::vector<std::size_t> states_of_run(const CaseOutcome& case_, const Finding& finding) const {
    const auto exploration = explorations_.find(&case_);
    const SystemsOfRun systems(case_, finding);
    const Expected<OriginalRun> run = original_run(*systems, finding);
    if (exploration == explorations_.end() || !run) return {};
    std::vector<State> states;
    for (const std::size_t at : run->reached) states.push_back(run->run.states[at]);
    return nodes_of(exploration->second, states);
  }

 private:
  std::size_t left_for_answers_ = kMostStatesOfAnswers;
  std::size_t left_for_graphs_ = kMostStatesOfGraphs;
  std::map<const CaseOutcome*, ExploredStates> explorations_;
};

}  // namespace

std::string page_of(const CheckedFiles& checked) {
  Additions found;
  PageAdditions additions;
  additions.why = [&](const CaseOutcome& case_, const Finding& finding, const SourceMap& sources) {
    return found.why(case_, finding, sources);
  };
  additions.explore = [&](const CaseOutcome& case_, const SourceMap& sources) {
    return found.explored(case_, sources);
  };
  additions.states_of_run = [&](const CaseOutcome& case_, const Finding& finding) {
    return found.states_of_run(case_, finding);
  };
  return html_report(checked, additions);
}

std::string page_of(ToldRun run, const std::vector<State>& states) {
  const std::optional<ExploredStates> exploration = explore(*run.system, *run.sources, kMostStatesOfGraph);
  if (exploration) {
    run.graph = &exploration->graph;
    run.graph_nodes = nodes_of(*exploration, states);
  }
  return html_run(run);
}

}  // namespace quiesce::checker
