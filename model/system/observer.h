// Events: when a program does what an observer watches.
#pragma once

#include <optional>

#include "model/system/transition_system.h"

namespace quiesce::model {

/// Whether `op` does what `observer` watches: nothing where it never does, else the condition under which it does,
/// about the state at that point of the program. May add expressions to `table`.
std::optional<ExprId> happens_at(ExprTable& table, const Observer& observer, const Op& op);

/// Whether the start of handler `started` is what `observer` watches.
bool happens_at_start(const Observer& observer, ContextId started);

}  // namespace quiesce::model
