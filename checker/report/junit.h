// The outcome in the XML of JUnit, which test dashboards read: a suite for each case of a check, in it a test case for
// each rule; a failure holds the story. What cannot be used or was not decided is an error, so that no dashboard is
// green by mistake.
#pragma once

#include <string>

#include "checker/report/checked_files.h"

namespace quiesce::checker {

/// One XML 1.0 document, ended by a line break. Without CheckedFiles::show_cost the same input gives the same bytes.
/// With CheckedFiles::is_test a rule passes when it is as expected, else when it holds. Costs a story for each rule of
/// each case that fails.
std::string junit_xml(const CheckedFiles& checked);

}  // namespace quiesce::checker
