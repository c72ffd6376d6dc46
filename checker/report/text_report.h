// The report that people read: what was checked, for each broken rule its reason and the shortest run as a story, the
// verdicts of all rules, and what the search cost. One writer of text; it decides layout and nothing else (verdicts
// come from judge(), stories from story.h).
//
// The same results give the same bytes, except for time and memory, which `show_cost` leaves out.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "checker/report/explosion_report.h"
#include "checker/result/result.h"
#include "model/base/source.h"
#include "model/system/reduce.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

struct TextOptions {
  bool colour = false;      // ANSI colours, for terminals
  bool show_cost = true;    // time and memory
  bool quiet = false;       // verdicts and expectations only: neither stories nor tables of rules that hold
  bool full = false;        // stories tell every statement, also inside the library
  std::size_t width = 110;  // columns
};

/// A cell of a check and what became of it.
struct CellOutcome {
  std::string title;                                // "SharedLine with trigger = level, processors = 2"
  model::Span span;                                 // the check, or the system when the text has no check
  const model::TransitionSystem* system = nullptr;  // what was searched
  model::ReductionStatistics reduction;             // what was left out of the system before
  SearchResult result;
  AskedFor asked;  // how it was searched
  bool has_expectation = false;
  bool undecided = false;  // a limit came before the expectation was met or missed
  std::string difference;  // from what was expected, a sentence a line; empty: none
};

/// The answer for a whole cell: Violated when a rule is, else Unknown, Vacuous, Holds. NotExercised counts as Holds.
Verdict overall(const SearchResult& result);

/// The report of one `check`: its cells in order, at least one. A rule that several cells break is told once, by the
/// shortest of their stories.
std::string check_report(const std::vector<CellOutcome>& cells, const model::SourceMap& sources,
                         const TextOptions& options);

/// "violated wdm.a, wdm.b; unknown (time limit of 10 s reached) core.stuck"; "holds" when nothing is to be said.
std::string verdict_summary(const model::TransitionSystem& system, const SearchResult& result);

}  // namespace quiesce::checker
