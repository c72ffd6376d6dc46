// The visited set: every packed state found so far, each once. Shared by all threads of a search, without locks.
#pragma once

#include <cstddef>
#include <cstdint>

namespace quiesce::checker {

/// Names a stored state while its store lives: read() gives the state back. A state of one word is its own key.
/// Which key a wider state gets depends on the order of insertion, so keys are never compared across searches.
using StateKey = std::uint64_t;

}  // namespace quiesce::checker
