// The page of a report with all that is said of its runs: html_report() with the answers to "why" (why.h), which need
// searches of their own.
#pragma once

#include <string>

#include "checker/report/checked_files.h"

namespace quiesce::checker {

/// The report of `checked` as html_report() makes it. Beside each run stands why it breaks its rule, as far as it is known
/// within 20,000 states a run and 200,000 in all: what the page holds does not depend on time.
std::string page_of(const CheckedFiles& checked);

}  // namespace quiesce::checker
