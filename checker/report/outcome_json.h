// The outcome of a command as JSON: everything that the text report says, as data. The format is
// docs/schema/outcome.schema.json; its `version` counts up when a reader of the old one would misunderstand.
#pragma once

#include <string>

#include "checker/report/checked_files.h"

namespace quiesce::checker {

/// One JSON document, ended by a line break. Without CheckedFiles::show_cost the same input gives the same bytes. The
/// shortest story of each broken rule is shown once for each check.
std::string outcome_json(const CheckedFiles& checked);

}  // namespace quiesce::checker
