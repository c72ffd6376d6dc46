// Mends of all checks of a file that fail. A mend of one check is tried on the next ones first, since several checks
// often ask the same design under other parameters; and no mend may break a check that holds.
#pragma once

#include <cstddef>
#include <vector>

#include "checker/mend/mend.h"

namespace quiesce::checker {

struct CheckMends {
  std::size_t check = 0;  // position in LoadedDesign::checks
  MendResult result;
};

/// The mends as fixes for reports: of each of the first checks those that were found.
std::vector<std::vector<ProposedFix>> fixes_of(const std::vector<CheckMends>& found);

/// Looks for mends of each check that breaks a rule, in order, for MendOptions::time each. `outcomes`: of the first
/// checks of `design`, in order. `load` and `search`: how the design was loaded and searched.
std::vector<CheckMends> find_mends_of_file(const LoadedDesign& design, const std::vector<CheckOutcome>& outcomes,
                                           const LoadOptions& load, const CheckOptions& search,
                                           const MendOptions& options);

}  // namespace quiesce::checker
