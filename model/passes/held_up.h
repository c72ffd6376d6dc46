// Where a thread can come while a handler has not ended, for the pass that merges ends (unseen_ends.h): a wait for its
// end holds the thread up, and so does the handler's CPU where the thread must run on it. Found by following the thread
// alone. Internal to this folder.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "model/passes/value_ranges.h"
#include "model/system/transition_system.h"

namespace quiesce::model {

/// The places of `thread`, by number, from which it can come to one of `places`, or stands there, although an
/// activation of `handler` stands at its last place, at the level at which it began, and does not end. Too many rather
/// than too few; nothing when there is too much to follow.
///
/// The thread's own small variables are known, all else is not. Cost: places times what these variables may be, at most
/// some ten thousand.
std::optional<std::set<std::int64_t>> places_that_come_to(const TransitionSystem& system, const ValueRanges& ranges,
                                                          ContextId thread, const std::set<std::int64_t>& places,
                                                          ContextId handler);

}  // namespace quiesce::model
