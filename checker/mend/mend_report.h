// What was found of mends, as text: sentences and patches.
#pragma once

#include <string>

#include "checker/mend/mend.h"

namespace quiesce::checker {

/// The report of one check; `title` names it ("check 1, SharedLine"). `timing`: with the time that it took.
std::string mend_report(const MendResult& result, const std::string& title, bool timing);

/// "'hw.disable()' before '...': wdm.a and 2 more rules hold": what a mend does and what it is good for.
std::string mend_reason(const Mend& mend, const std::vector<std::string>& broken);

}  // namespace quiesce::checker
