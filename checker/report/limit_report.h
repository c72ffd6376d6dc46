// The section of a report about a limit: how far the search came, what multiplies the states, what could be made
// smaller, and which options would help. In the words of the design, with its lines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "checker/advise/limit_advice.h"
#include "model/base/source.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

/// Lines ended by line breaks, indented by two. `sampled_states`: on so many the parts were measured. The same
/// arguments give the same text.
std::string limit_text(const model::TransitionSystem& system, const LimitAdvice& advice, std::uint64_t sampled_states,
                       const model::SourceMap& sources, std::size_t width);

}  // namespace quiesce::checker
