// What a proper end is (docs/semantics.md, 8): the part of the definition of a deadlock that depends on the text alone.
#pragma once

#include <algorithm>

#include "model/system/transition_system.h"

namespace quiesce::model {

/// Whether a state in which nothing runs and nothing can step may be an end: there is a thread, and it has ended. In a
/// system without threads nothing ever ends, so `deadlock_free` asks whether anything comes to rest.
inline bool can_end(const TransitionSystem& system) {
  return std::any_of(system.contexts.begin(), system.contexts.end(),
                     [](const Context& context) { return context.kind == ContextKind::Thread; });
}

}  // namespace quiesce::model
