// Branches and jumps of programs whose operations are replaced, inserted or left out.
#pragma once

#include <cstdint>

#include "model/system/transition_system.h"

namespace quiesce::model {

/// The position at which a program may continue behind `op`, apart from the next one; null: it is no branch or jump.
inline std::uint32_t* target_of(Op& op) {
  if (auto* branch = std::get_if<BranchOp>(&op)) return &branch->otherwise;
  if (auto* jump = std::get_if<JumpOp>(&op)) return &jump->target;
  return nullptr;
}

}  // namespace quiesce::model
