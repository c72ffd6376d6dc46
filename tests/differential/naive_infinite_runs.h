// The infinite runs of small systems, searched as plainly as can be: every state by the reference interpreter, no
// renamings, fairness activation by activation, components by going forwards and backwards. The yardstick for
// checker/liveness.
#pragma once

#include <cstddef>
#include <optional>

#include "model/system/transition_system.h"

namespace quiesce {

struct NaiveVerdict {
  bool violated = false;
  bool cut_off = false;  // a core rule ends some run
};

/// Whether some fair run of `system` breaks its property `property`. Nothing when it has more than `most` states.
std::optional<NaiveVerdict> naive_verdict(const model::TransitionSystem& system, std::size_t property,
                                          std::size_t most);

}  // namespace quiesce
