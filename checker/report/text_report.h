// The report that people read: what was checked, for each broken rule its reason and the shortest run as a story, the
// verdicts of all rules, and what the search cost. One writer of text; it decides layout and nothing else (verdicts
// come from judge(), stories from story.h).
//
// The same results give the same bytes, except for time and memory, which `show_cost` leaves out.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "checker/result/outcome.h"
#include "model/base/source.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

struct TextOptions {
  bool colour = false;    // ANSI colours, for terminals
  bool show_cost = true;  // time and memory
  bool quiet = false;     // verdicts and expectations only: neither stories nor tables of rules that hold
  bool full = false;      // stories show every statement, also inside the library
  bool timeline = false;  // a timeline below each story that is shown in full
  /// Which other turn would have made the difference in the run of a finding, a sentence below the first story that is
  /// shown in full; empty: nothing is said. May be empty itself.
  std::function<std::string(const CaseOutcome&, const Finding&)> telling_turn;
  std::string command;          // that checks the same: "quiesce check nic.qsm --check 2"; empty: none is shown
  std::size_t case_number = 0;  // the only case is this one...
  std::size_t case_count = 0;   // ...of so many; 0: all cases are there
  std::size_t width = 110;      // columns
};

/// The report of one `check`: its cases in order. A rule that several cases break is shown once, by the shortest of
/// their stories. Stories of one case that begin alike are shown together, the first in full, the others from where
/// they part.
std::string check_report(const CheckOutcome& outcome, const model::SourceMap& sources, const TextOptions& options);

/// "violated wdm.a, wdm.b; unknown (time limit of 10 s reached) core.stuck"; "holds" when nothing is to be said.
std::string verdict_summary(const model::TransitionSystem& system, const SearchResult& result);

}  // namespace quiesce::checker
