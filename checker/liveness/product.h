// The state space and an automaton side by side: its runs are those of the system that the automaton accepts, as far as
// its acceptance marks decide. The automaton reads what is true of a state when the run leaves it. Of a graph that is not complete only
// the states that are expanded belong to it, so each run of it is one of the system.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "checker/automata/automaton.h"
#include "checker/liveness/state_graph.h"
#include "checker/result/search_control.h"

namespace quiesce::checker {

/// By state of an automaton: whether its strongly connected component has transitions of all acceptance sets. Automata are
/// small; of a large one all states are taken for such.
std::vector<bool> accepting_loops(const Automaton& automaton);

struct ProductEdge {
  std::uint32_t target = 0;
  std::uint16_t unit = 0;
  std::uint16_t marks = 0;
};

/// The part that can be reached, nodes in the order of a search by layers.
class Product {
 public:
  static constexpr std::uint32_t kMostSets = 16;  // of an automaton

  /// Requires: at most kMostSets sets; `letters` of all expanded states. Stops at a limit of `control`, and when it would
  /// take more than `spare_bytes`. O(edges x edges of the automaton).
  Product(const StateGraph& graph, const std::vector<std::uint64_t>& letters, const Automaton& automaton,
          const SearchControl& control, std::uint64_t spare_bytes);

  std::size_t size() const { return nodes_.size(); }

  /// Whether a loop through `node` could be accepted, as far as its state of the automaton tells. Only such nodes have
  /// edges.
  bool may_loop(std::uint32_t node) const { return loops_[nodes_[node].automaton_state]; }
  std::uint32_t state(std::uint32_t node) const { return nodes_[node].state; }
  std::uint32_t automaton_state(std::uint32_t node) const { return nodes_[node].automaton_state; }
  std::span<const ProductEdge> edges(std::uint32_t node) const {
    return {edges_.data() + first_edge_[node], edges_.data() + first_edge_[node + 1]};
  }

  /// The states on a shortest way to `node`, an initial one first; `units`: of the steps between them.
  struct Way {
    std::vector<std::uint32_t> states;
    std::vector<std::uint32_t> units;
  };
  Way way_to(std::uint32_t node) const;

  LimitKind limit() const { return limit_; }  // not None: it is incomplete

 private:
  class Builder;

  struct Node {
    std::uint32_t state = 0;
    std::uint32_t automaton_state = 0;
    std::uint32_t parent = 0;  // itself: an initial one
    std::uint32_t unit = 0;    // of the step from the parent
  };

  std::vector<bool> loops_;  // by state of the automaton
  std::vector<Node> nodes_;
  std::vector<std::uint64_t> first_edge_{0};
  std::vector<ProductEdge> edges_;
  LimitKind limit_ = LimitKind::None;
};

}  // namespace quiesce::checker
