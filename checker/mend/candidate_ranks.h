// In which order kinds of candidates are tried, and what their makers share. Internal to this folder.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace quiesce::checker {

// What is tried first among changes of one size: a reader would think of it first, or it changes least.
inline constexpr double kReturn = 0;
inline constexpr double kCondition = 0.5;
inline constexpr double kMove = 1;
inline constexpr double kElse = 1.5;
inline constexpr double kSwap = 1.5;
inline constexpr double kAddUsed = 2;
inline constexpr double kArgument = 2;
inline constexpr double kUnlock = 2;
inline constexpr double kExchange = 3;
inline constexpr double kAddOther = 3;
inline constexpr double kLock = 3;
inline constexpr double kGuard = 5;
inline constexpr double kIgnored = 0.5;  // a result that is not looked at is often the mistake
inline constexpr double kGuardRest = 2;  // there are few
inline constexpr double kHeed = 2.5;     // likewise
// What does less than before mends most easily and is rarely meant: it is shown only where there is nothing else. There
// are few removals: to have tried them costs little, and a limit finds them done.
inline constexpr double kRemove = 1;
inline constexpr double kEarly = 12;
inline constexpr double kOtherBlock = 3;  // more for a move
// What sets a variable that the condition of a broken rule reads comes earlier by so much.
inline constexpr double kAsked = 1.5;
// Being one statement further from the end of the run counts as much as so much of a kind.
inline constexpr double kStep = 0.25;
// Of a change that touches several places, for each statement between the nearest and the farthest: moves and exchanges
// are many, and mostly of what stands far apart.
inline constexpr double kStepBetween = 0.1;
inline constexpr std::size_t kFar = 16;

/// How many other constants of an enumeration are tried, unless the design names more.
inline constexpr std::size_t kMostConstants = 4;

/// How many statements a lock is taken around.
inline constexpr std::size_t kLongestLocked = 4;

/// "wdm.KeFlushQueuedDpcs" of a call.
inline std::string callee_text(const std::string& call) { return call.substr(0, call.find('(')); }

}  // namespace quiesce::checker
