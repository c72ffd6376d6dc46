#include "model/passes/program_draft.h"

#include <cstddef>

#include "model/system/jumps.h"

namespace quiesce::model {

void ProgramDraft::splice(std::size_t at, const std::vector<Op>& body, const std::vector<bool>& body_keep) {
  const std::size_t grown = body.size() - 1;
  for (Op& op : ops) {
    std::uint32_t* target = target_of(op);
    if (target != nullptr && *target > at) *target += static_cast<std::uint32_t>(grown);
  }
  const auto position = static_cast<std::ptrdiff_t>(at);
  ops.erase(ops.begin() + position);
  keep.erase(keep.begin() + position);
  ops.insert(ops.begin() + position, body.begin(), body.end());
  keep.insert(keep.begin() + position, body_keep.begin(), body_keep.end());
  for (std::size_t i = at; i < at + body.size(); ++i) {
    if (std::uint32_t* target = target_of(ops[i])) *target += static_cast<std::uint32_t>(at);
  }
}

}  // namespace quiesce::model
