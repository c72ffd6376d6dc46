// The outcome of a command as one HTML file that needs nothing else: verdicts and cases, and the run of each broken
// rule to be stepped through, with the state, the source and a timeline of levels beside it. Its frame, style and
// script are files of checker/report/html/.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "checker/report/checked_files.h"
#include "checker/report/explored_graph.h"
#include "checker/report/run_sentence.h"
#include "checker/report/story.h"

namespace quiesce::checker {

/// What is found for a page beside the outcome (checker/page.h).
struct PageAdditions {
  /// Why the run of this finding breaks its rule; empty: nothing is known. May be empty itself.
  std::function<std::vector<RunSentence>(const CaseOutcome&, const Finding&, const model::SourceMap&)> why;

  /// All states of a case, to be stepped through; null: there are too many. Asked of one case of each check, that of
  /// its first story or its first one. May be empty itself.
  std::function<const ExploredGraph*(const CaseOutcome&, const model::SourceMap&)> explore;

  /// Of such a case: the states, by number, in which the run of a finding is before each step of its story and behind
  /// the last one, as far as there are such. Requires: `explore` is given too.
  std::function<std::vector<std::size_t>(const CaseOutcome&, const Finding&)> states_of_run;
};

/// The report of `checked`. Size: the outcome, the text of each file that a story passes, and of states what changes.
std::string html_report(const CheckedFiles& checked, const PageAdditions& additions = {});

/// A run that was shown alone, outside of any check.
struct ToldRun {
  const model::TransitionSystem* system = nullptr;
  const model::SourceMap* sources = nullptr;
  const Story* story = nullptr;
  std::string file;             // of the design
  std::string rule;             // that it breaks, or broke
  std::size_t case_number = 1;  // from 1
  std::string note;             // what became of it, in a sentence
  std::vector<RunSentence> why = {};
  std::string tool_version;
  std::string case_title = {};                // "Machine with processors = 1"; empty: it is not explored
  model::Span case_span = {};                 // the check
  const ExploredGraph* graph = nullptr;       // all states of the case, to be stepped through; null: there are too many
  std::vector<std::size_t> graph_nodes = {};  // PageAdditions::states_of_run of the run
};

/// The same page with that run only.
std::string html_run(const ToldRun& run);

/// Replaces each {{NAME}} of `page` by `parts(NAME)`; what is put in is not looked at again.
std::string filled_page(std::string_view page, const std::function<std::string(std::string_view)>& parts);

/// JSON for a script element of a page: no character of it can end the element or begin markup.
std::string script_json(std::string_view json);

}  // namespace quiesce::checker
