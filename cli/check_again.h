// The command that checks again what a report tells of, so that a run can be found alone.
#pragma once

#include <string>
#include <vector>

#include "checker/load.h"
#include "cli/search_flags.h"

namespace quiesce::cli {

/// "quiesce check nic.qsm --check 2 --depth 40": makes `check` again, as far as the options decide what is checked.
/// `is_alone`: it needs no number, since nothing else is checked. `defines`: "NAME=VALUE".
std::string check_again(const checker::LoadedDesign& design, const checker::LoadedCheck& check, bool is_alone,
                        const std::vector<std::string>& defines, const SearchFlags& flags);

}  // namespace quiesce::cli
