// A fair run that an automaton accepts: a shortest way to it and a short loop, in numbers of a graph.
//
// Fair loops lie in strongly connected components (fair_components.h).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "checker/liveness/product.h"

namespace quiesce::checker {

struct GraphLasso {
  Product::Way stem;  // to the first state of the loop
  Product::Way loop;  // from it back to it: as many units as states; none: there nothing happens any more
};

/// What is true in each state of a graph, as the automaton reads it.
struct Letters {
  const std::vector<std::uint64_t>& passing;  // when a step follows, or one went before
  const std::vector<std::uint64_t>& quiet;    // when nothing happens any more, and nothing just has
};

/// A lasso with a shortest stem, over all fair runs of `product` that its automaton accepts; none when there is no such run.
/// Cost: O(edges) for each time that strong fairness takes states away; a loop O(edges of its component) for each
/// thing that it must visit. Throws SearchStopped at a limit of `control`.
std::optional<GraphLasso> find_fair_lasso(const Product& product, const StateGraph& graph, const Units& units,
                                          const Automaton& automaton, const Letters& letters,
                                          const SearchControl& control);

}  // namespace quiesce::checker
