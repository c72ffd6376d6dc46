// The story of a finding of a case, as every report shows it: from the view of the author of the check's file.
#pragma once

#include <optional>

#include "checker/report/story.h"
#include "checker/result/outcome.h"

namespace quiesce::checker {

/// The story of `finding` in `case_`; nothing when there is no run to show (what should be reachable is not, or a limit
/// came before the run was found). `full`: every statement is shown, also inside the library. Costs as tell().
std::optional<Story> told_story(const CaseOutcome& case_, const Finding& finding, const model::SourceMap& sources,
                                bool full);

/// The system on which a finding was made, and the one that its run is led back to: the same where nothing was reduced.
class SystemsOfRun {
 public:
  /// What is given must outlive it.
  SystemsOfRun(const CaseOutcome& case_, const Finding& finding);
  SystemsOfRun(const SystemsOfRun&) = delete;
  SystemsOfRun& operator=(const SystemsOfRun&) = delete;

  const ReducedSystem& operator*() const { return systems_; }
  const ReducedSystem* operator->() const { return &systems_; }

 private:
  const model::BackMap same_;
  const ReducedSystem systems_;
};

/// The system of which the run of `finding` is one: infinite runs are searched on a system of their own.
const model::TransitionSystem& searched_system(const CaseOutcome& case_, const Finding& finding);

/// Whether no shorter run than that of `finding` breaks the rule, as far as the search that found it can say so.
bool is_known_shortest(const CaseOutcome& case_, const Finding& finding);

}  // namespace quiesce::checker
