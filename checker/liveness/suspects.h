// Which formulas some run may break, all of them looked at together: what none of its states can break needs no product
// of its own with the whole graph (product.h).
#pragma once

#include <cstdint>
#include <vector>

#include "checker/automata/automaton.h"
#include "checker/liveness/state_graph.h"
#include "checker/result/search_control.h"

namespace quiesce::checker {

/// A formula, negated, and what its automaton reads.
struct Negated {
  const Automaton* automaton = nullptr;
  std::vector<std::uint64_t> passing;  // by kind of state: when a step follows, or one went before
  std::vector<std::uint64_t> quiet;    // when nothing happens any more, and nothing just has
};

/// By formula: whether some fair run of the expanded states of `graph` may be accepted by its automaton. False is
/// certain; true is, too, but for automata of more than 64 states. Cost: some passes over the edges for all formulas
/// whose automata have 64 states together, and products of what lies in the fair core (fair_core.h). Throws
/// SearchStopped at a limit of `control`, or when it would take more than `spare_bytes`; std::bad_alloc.
std::vector<bool> suspects(const StateGraph& graph, const Units& units, const std::vector<Negated>& formulas,
                           const SearchControl& control, std::uint64_t spare_bytes);

}  // namespace quiesce::checker
