#include "checker/page.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "checker/report/html_report.h"
#include "checker/report/told_story.h"
#include "checker/why.h"

namespace quiesce::checker {

using namespace model;

namespace {

constexpr std::size_t kMostStatesOfRun = 20'000;
constexpr std::size_t kMostStatesOfPage = 200'000;

/// Answers until the states of the page are used up.
class Whys {
 public:
  std::vector<RunSentence> of(const CaseOutcome& case_, const Finding& finding, const SourceMap& sources) {
    if (left_ == 0) return {};
    WhyOptions options;
    options.most_states = std::min(left_, kMostStatesOfRun);
    options.most_tried = options.most_states / 4;
    const std::optional<Why> why = why_of(case_, finding, sources, options);
    if (!why) return {};
    left_ -= std::min(left_, static_cast<std::size_t>(why->states));
    return why_sentences(*why, searched_system(case_, finding).at(finding.rule).name);
  }

 private:
  std::size_t left_ = kMostStatesOfPage;
};

}  // namespace

std::string page_of(const CheckedFiles& checked) {
  Whys whys;
  PageAdditions additions;
  additions.why = [&](const CaseOutcome& case_, const Finding& finding, const SourceMap& sources) {
    return whys.of(case_, finding, sources);
  };
  return html_report(checked, additions);
}

}  // namespace quiesce::checker
