// Expressions of which only a part is known. Internal to this folder.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "model/system/transition_system.h"

namespace quiesce::model {

/// What is known of one node of an expression; nothing: what its operands say.
using KnownNode = std::function<std::optional<std::int64_t>(const Expr& expr)>;

/// The value of an expression whatever the unknown parts are; nothing where they decide, or where it is not understood.
/// Looks into some hundred nodes at most.
std::optional<std::int64_t> partly_known(const TransitionSystem& system, ExprId root, const KnownNode& known);

}  // namespace quiesce::model
