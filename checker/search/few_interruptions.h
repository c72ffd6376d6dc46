// Runs with few interruptions first: breadth first among the runs in which nothing is interrupted, then among those
// with one interruption, and so on. Most violations need no more than one or two (Qadeer and Rehof, "Context-Bounded
// Model Checking of Concurrent Software", TACAS 2005), and the runs with so few are a small part of all.
//
// An interruption is a step of a thread or handler, or the start of a handler, while the context that stepped last
// could step itself. Actions of the hardware are none: they may happen between any two steps.
#pragma once

#include "checker/result/exploration.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

inline constexpr std::uint32_t kDefaultInterruptions = 2;

/// Searches all runs with at most options.interruptions interruptions, exactly; one thread. Each violation found has a
/// run with as few interruptions as any that breaks the rule (the step that breaks it not counted), and of these about
/// the shortest. A hunt: what takes more interruptions is not seen. Cost: a state is expanded once for each context
/// that may have stepped last.
Exploration explore_few_interruptions(const model::TransitionSystem& system, const SearchOptions& options);

}  // namespace quiesce::checker
