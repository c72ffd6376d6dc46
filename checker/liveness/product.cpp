#include "checker/liveness/product.h"

#include <algorithm>
#include <limits>
#include <new>

namespace quiesce::checker {

Product::Product(const StateGraph& graph, const std::vector<std::uint64_t>& letters, const Automaton& automaton,
                 const SearchControl& control, std::uint64_t spare_bytes) {
  constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  const std::size_t width = automaton.states.size();
  try {
    std::vector<std::uint32_t> number(graph.size() * width, kNone);
    const auto reach = [&](std::uint32_t state, std::uint32_t at, std::uint32_t parent, std::uint32_t unit) {
      std::uint32_t& known = number[state * width + at];
      if (known == kNone) {
        known = static_cast<std::uint32_t>(nodes_.size());
        nodes_.push_back({state, at, parent == kNone ? known : parent, unit});
      }
      return known;
    };
    for (std::uint32_t state = 0; state < graph.initial_states(); ++state) reach(state, 0, kNone, 0);
    for (std::uint32_t node = 0; node < nodes_.size(); ++node) {
      if ((node & 0x3FF) == 0) {
        limit_ = control.reason();
        const std::uint64_t held = number.size() * 4 + nodes_.capacity() * sizeof(Node) + first_edge_.capacity() * 8 +
                                   edges_.capacity() * sizeof(ProductEdge);
        if (held > spare_bytes) limit_ = LimitKind::Memory;
        if (limit_ != LimitKind::None) return;
      }
      const Node from = nodes_[node];
      for (const AutomatonEdge& move : automaton.states[from.automaton_state]) {
        if (!move.label.allows(letters[from.state])) continue;
        for (const GraphEdge& step : graph.edges(from.state)) {
          const std::uint32_t target = reach(step.target, move.target, node, step.unit);
          edges_.push_back({target, static_cast<std::uint16_t>(step.unit), static_cast<std::uint16_t>(move.marks)});
        }
      }
      first_edge_.push_back(edges_.size());
    }
  } catch (const std::bad_alloc&) {
    limit_ = LimitKind::Memory;
  }
}

Product::Way Product::way_to(std::uint32_t node) const {
  Way way;
  for (std::uint32_t at = node;; at = nodes_[at].parent) {
    way.states.push_back(nodes_[at].state);
    if (nodes_[at].parent == at) break;
    way.units.push_back(nodes_[at].unit);
  }
  std::reverse(way.states.begin(), way.states.end());
  std::reverse(way.units.begin(), way.units.end());
  return way;
}

}  // namespace quiesce::checker
