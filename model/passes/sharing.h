// What mentions and what writes which cell: by this a pass of the reduction (reduce.h) knows that nothing else notices
// a step. Internal to this folder.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "model/system/transition_system.h"

namespace quiesce::model {

/// For each cell, which contexts mention and write it.
struct Sharing {
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::uint32_t kShared = kNone - 1;

  std::vector<std::uint32_t> mentioned_by;  // a context's index, kNone or kShared
  std::vector<std::uint32_t> written_by;    // likewise; the scheduler counts as another writer

  explicit Sharing(const TransitionSystem& system);
};

}  // namespace quiesce::model
