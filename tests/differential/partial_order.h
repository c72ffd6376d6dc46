// Compares what a system shows with and without partial order reduction.
#pragma once

#include <cstdint>
#include <string>

#include "model/system/transition_system.h"

namespace quiesce {

struct PartialOrderTotals {
  int compared = 0;
  int too_large = 0;
  int reduced = 0;  // systems of which some state was expanded by some of its steps only
  int cut_off = 0;  // compared as far as a core rule allows
  std::uint64_t states_whole = 0;
  std::uint64_t states_reduced = 0;
};

/// What differs between the two searches, empty: nothing. Without a violation of a core rule both must break the same
/// rules, show the same witnesses and triggers, and execute the same checks. A core rule that is broken ends runs, and
/// may do so in another order: then the reduced search must break some core rule, and nothing that the whole does not.
std::string partial_order_difference(const model::TransitionSystem& system, std::uint64_t max_states,
                                     PartialOrderTotals& totals);

}  // namespace quiesce
