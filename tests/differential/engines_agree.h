// Compares the breadth-first engine with the reference explorer on one system: verdicts, counts, lengths of runs, and
// that every run replays.
#pragma once

#include <cstdint>
#include <string>

#include "model/system/transition_system.h"

namespace quiesce {

struct Agreement {
  bool compared = false;   // false: larger than the bound, so that stopping points differ legitimately
  std::string difference;  // empty: none
  std::uint64_t distinct_states = 0;
  std::uint64_t generated_steps = 0;
  std::size_t findings = 0;
  bool is_stuck = false;  // core.stuck was found
};

/// Explores `system` with both engines, up to `max_states`.
Agreement engines_agree(const model::TransitionSystem& system, std::uint64_t max_states);

}  // namespace quiesce
