#include "checker/liveness/product.h"

#include <algorithm>
#include <limits>
#include <new>

namespace quiesce::checker {
namespace {

constexpr std::uint32_t kNoNode = std::numeric_limits<std::uint32_t>::max();

/// The states that some way leads to from `from`.
std::vector<bool> reached_from(const Automaton& automaton, std::uint32_t from) {
  std::vector<bool> reached(automaton.states.size(), false);
  std::vector<std::uint32_t> open{from};
  while (!open.empty()) {
    const std::uint32_t at = open.back();
    open.pop_back();
    for (const AutomatonEdge& edge : automaton.states[at]) {
      if (reached[edge.target]) continue;
      reached[edge.target] = true;
      open.push_back(edge.target);
    }
  }
  return reached;
}

}  // namespace

std::vector<bool> accepting_loops(const Automaton& automaton) {
  constexpr std::size_t kLarge = 256;
  const std::size_t size = automaton.states.size();
  if (size > kLarge) return std::vector<bool>(size, true);
  std::vector<std::vector<bool>> reaches;
  for (std::uint32_t state = 0; state < size; ++state) reaches.push_back(reached_from(automaton, state));
  std::vector<bool> result(size, false);
  for (std::uint32_t state = 0; state < size; ++state) {
    if (!reaches[state][state]) continue;
    std::uint64_t marks = 0;
    for (std::uint32_t at = 0; at < size; ++at) {
      if (!reaches[state][at] || !reaches[at][state]) continue;
      for (const AutomatonEdge& edge : automaton.states[at]) marks |= reaches[edge.target][state] ? edge.marks : 0;
    }
    result[state] = marks == automaton.all_marks();
  }
  return result;
}

class Product::Builder {
 public:
  Builder(Product& product, const StateGraph& graph, const std::vector<std::uint64_t>& letters,
          const Automaton& automaton, const SearchControl& control, std::uint64_t spare_bytes)
      : product_(product),
        graph_(graph),
        letters_(letters),
        automaton_(automaton),
        control_(control),
        spare_bytes_(spare_bytes),
        numbers_(automaton.states.size()) {}

  void build() {
    for (std::uint32_t state = 0; state < std::min(graph_.initial_states(), graph_.expanded()); ++state) {
      reach(state, 0, kNoNode, 0);
    }
    for (std::uint32_t node = 0; node < product_.nodes_.size(); ++node) {
      if ((node & 0x3FF) == 0 && !may_go_on()) return;
      expand(node);
    }
  }

 private:
  bool may_go_on() {
    product_.limit_ = control_.reason();
    // With what the search of loops (fair_loop.h) takes of each node: numbers, parts, the way that it is on.
    const std::uint64_t held = product_.nodes_.size() * 32 + numbers_held_ * graph_.expanded() * sizeof(std::uint32_t) +
                               product_.nodes_.capacity() * sizeof(Node) + product_.first_edge_.capacity() * 8 +
                               product_.edges_.capacity() * sizeof(ProductEdge);
    if (held > spare_bytes_) product_.limit_ = LimitKind::Memory;
    return product_.limit_ == LimitKind::None;
  }

  void expand(std::uint32_t node) {
    const Node from = product_.nodes_[node];
    const bool loops = product_.loops_[from.automaton_state];
    for (const AutomatonEdge& move : automaton_.states[from.automaton_state]) {
      if (!move.label.allows(letters_[from.state])) continue;
      graph_.for_each_edge(from.state, [&](const GraphEdge& step) {
        if (step.target >= graph_.expanded()) return;
        const std::uint32_t target = reach(step.target, move.target, node, step.unit);
        if (!loops) return;
        product_.edges_.push_back(
            {target, static_cast<std::uint16_t>(step.unit), static_cast<std::uint16_t>(move.marks)});
      });
    }
    product_.first_edge_.push_back(product_.edges_.size());
  }

  std::uint32_t reach(std::uint32_t state, std::uint32_t at, std::uint32_t parent, std::uint32_t unit) {
    std::vector<std::uint32_t>& numbers = numbers_[at];
    if (numbers.empty()) {
      numbers.assign(graph_.expanded(), kNoNode);
      ++numbers_held_;
    }
    std::uint32_t& known = numbers[state];
    if (known == kNoNode) {
      known = static_cast<std::uint32_t>(product_.nodes_.size());
      product_.nodes_.push_back({state, at, parent == kNoNode ? known : parent, unit});
    }
    return known;
  }

  Product& product_;
  const StateGraph& graph_;
  const std::vector<std::uint64_t>& letters_;
  const Automaton& automaton_;
  const SearchControl& control_;
  const std::uint64_t spare_bytes_;
  std::vector<std::vector<std::uint32_t>> numbers_;  // of nodes, by state of the automaton, by state; made when needed
  std::uint64_t numbers_held_ = 0;
};

Product::Product(const StateGraph& graph, const std::vector<std::uint64_t>& letters, const Automaton& automaton,
                 const SearchControl& control, std::uint64_t spare_bytes)
    : loops_(accepting_loops(automaton)) {
  try {
    Builder(*this, graph, letters, automaton, control, spare_bytes).build();
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
