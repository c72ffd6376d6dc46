// The result of a complete search as text that quiesce reads again (checker/outcome_cache.h). Everything that reports
// show of such a result is in it, so that they are the same as those of the search.
#pragma once

#include <string>
#include <string_view>

#include "checker/result/result.h"
#include "model/base/expected.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

/// Whether the result can be stored: everything was searched, exactly, and nothing that is shown depends on a limit, on
/// time or on chance.
bool is_final(const SearchResult& result);

/// One line of JSON. Requires: is_final(result).
std::string stored_result(const SearchResult& result);

/// The inverse, for a case whose states were searched on `system`. Nothing when the text is not of that form, or names
/// what the system has not. Whether its runs are runs is for the caller to see.
model::Expected<SearchResult> read_stored_result(const model::TransitionSystem& system, std::string_view text);

}  // namespace quiesce::checker
