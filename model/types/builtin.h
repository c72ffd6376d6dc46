// The rules that belong to the language itself. The checker puts them first into every Program, elaboration
// finds them by these names. Rules 'core.*' end the run when broken (no next state is defined); the others are
// recorded and the run continues.
#pragma once

namespace quiesce::model::types::rule_name {

inline constexpr const char* kRange = "core.range";  // value out of its range; division by zero
inline constexpr const char* kIndex = "core.index";  // index out of bounds; queue[i] past the length
inline constexpr const char* kNull = "core.null";    // null used as a value
inline constexpr const char* kQueue = "core.queue";  // push to full; pop, first, last of empty
inline constexpr const char* kWaitAtPinnedLevel = "core.wait_at_pinned_level";
inline constexpr const char* kLevel = "core.level";
inline constexpr const char* kLock = "core.lock";
inline constexpr const char* kStuck = "core.stuck";
inline constexpr const char* kRecursion = "core.recursion";

inline constexpr const char* kAssert = "assert.holds";                   // 'assert c'
inline constexpr const char* kUsedBeforeInit = "life.used_before_init";  // object machines
inline constexpr const char* kUsedAfterFree = "life.used_after_free";
inline constexpr const char* kInitialisedTwice = "life.initialised_twice";
inline constexpr const char* kFreedTwice = "life.freed_twice";        // also: freed before init
inline constexpr const char* kFreedInUse = "life.freed_in_use";       // held, running, waited for, busy
inline constexpr const char* kDeadlockFree = "assert.deadlock_free";  // 'deadlock_free'
inline constexpr const char* kLeak = "life.leaked";                   // live at the end of everything

}  // namespace quiesce::model::types::rule_name
