// What to do when a search ended at a limit: how far it came, what multiplies the states, what could be made smaller,
// and which options would help. In the words of the design, with its lines.
#pragma once

#include <cstddef>
#include <string>

#include "checker/result/outcome.h"
#include "checker/result/result.h"
#include "model/base/source.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

/// The section of a report, lines ended by line breaks, indented by two; empty when no limit ended the search.
/// Multipliers are told when they were measured. The same arguments give the same text.
std::string explosion_text(const model::TransitionSystem& system, const SearchResult& result,
                           const model::SourceMap& sources, const AskedFor& asked, std::size_t width);

}  // namespace quiesce::checker
