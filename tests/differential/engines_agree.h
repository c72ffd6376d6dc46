// Compares the variants of the engine (variants.h) with the reference explorer on one system: verdicts, counts, lengths
// of runs, as far as each variant claims them; and that every run replays.
#pragma once

#include <cstdint>
#include <map>
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
  std::size_t searches = 0;
  std::map<std::string, int> verdicts;  // so many rules got each
};

/// Explores `system` with the reference explorer and the variants, up to `max_states`. `one_of`: of the variants after
/// the first only every so-many-th, beginning at `turn`, so that a test over many systems gets round all of them.
Agreement engines_agree(const model::TransitionSystem& system, std::uint64_t max_states, std::size_t one_of = 1,
                        std::uint64_t turn = 0);

/// The same for the variants that reduce: those that need not visit the states of the reference explorer.
Agreement reductions_agree(const model::TransitionSystem& system, std::uint64_t max_states);

}  // namespace quiesce
