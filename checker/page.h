// The page of a report with what it takes searches of its own to find: html_report() with the answers to "why" (why.h),
// and with all states of small cases, to be stepped through (explore.h).
#pragma once

#include <string>
#include <vector>

#include "checker/report/checked_files.h"
#include "checker/report/html_report.h"
#include "model/interpret/state.h"

namespace quiesce::checker {

/// The report of `checked`. Beside each run stands why it breaks its rule, as far as it is known within 20,000 states a
/// run and 200,000 in all. Of each check one case, that of its first story or its first one, can be stepped through,
/// where it has at most 2,000 states, before any reduction, and takes at most 1 MB; of all checks 20,000 states are
/// looked at. What the page holds does not depend on time.
std::string page_of(const CheckedFiles& checked);

/// The page of a run that was shown alone, with all states of its case where they are within the same bounds. `states`:
/// of the run, before each step of its story and behind the last one. Requires: `run.graph` is null.
std::string page_of(ToldRun run, const std::vector<model::State>& states);

}  // namespace quiesce::checker
