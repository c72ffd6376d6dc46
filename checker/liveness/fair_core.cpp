#include "checker/liveness/fair_core.h"

#include <bit>

#include "checker/liveness/fair_components.h"
#include "model/base/bits.h"

namespace quiesce::checker {

void NumberedStates::number() {
  before_.clear();
  members_.clear();
  for (std::size_t w = 0; w < words_.size(); ++w) {
    before_.push_back(static_cast<std::uint32_t>(members_.size()));
    model::for_each_bit(words_[w],
                        [&](std::size_t bit) { members_.push_back(static_cast<std::uint32_t>(w * 64 + bit)); });
  }
}

std::uint32_t NumberedStates::number_of(std::uint32_t state) const {
  if (!contains(state)) return kNone;
  return before_[state / 64] + static_cast<std::uint32_t>(std::popcount(words_[state / 64] & (bit(state) - 1)));
}

namespace {

/// Some states of a graph with the edges between them that may repeat forever, as FairComponents wants them: a node is
/// a state.
class Part {
 public:
  using Edges = EdgeReader;

  Part(const StateGraph& graph, const Units& units, const NumberedStates& states)
      : graph_(graph), units_(units), states_(states) {}

  std::size_t size() const { return graph_.expanded(); }
  bool has(std::uint32_t node) const { return states_.contains(node); }
  std::uint32_t state(std::uint32_t node) const { return node; }
  Edges edges(std::uint32_t node) const { return graph_.edges(node); }

  bool next(Edges& edges, ProductEdge& edge) const {
    while (edges.has_more()) {
      const GraphEdge step = edges.next();
      if (step.target >= graph_.expanded() || !has(step.target) || !units_.may_repeat(step.unit)) continue;
      edge = {step.target, static_cast<std::uint16_t>(step.unit), 0};
      return true;
    }
    return false;
  }

 private:
  const StateGraph& graph_;
  const Units& units_;
  const NumberedStates& states_;
};

/// Takes states away that are on no cycle: from which no step leads to a state that is left.
class Trimming {
 public:
  Trimming(const StateGraph& graph, const Units& units, const SearchControl& control)
      : graph_(graph), units_(units), control_(control), states_(graph.expanded()) {}

  NumberedStates trimmed() {
    for (std::uint32_t state = 0; state < graph_.expanded(); ++state) states_.insert(state);
    // Most edges lead to states with higher numbers, so one pass from the last state to the first takes away nearly
    // all.
    std::uint32_t left = graph_.expanded();
    for (int pass = 0; pass < kMostPasses && left != 0; ++pass) {
      const std::uint32_t gone = pass_down();
      left -= gone;
      if (gone < left / 16) break;
    }
    return std::move(states_);
  }

 private:
  static constexpr int kMostPasses = 4;

  std::uint32_t pass_down() {
    std::uint32_t gone = 0;
    for (std::uint32_t state = graph_.expanded(); state-- > 0;) {
      if ((state & 0xFFF) == 0) control_.check();
      if (!states_.contains(state) || leads_on(state)) continue;
      states_.erase(state);
      ++gone;
    }
    return gone;
  }

  bool leads_on(std::uint32_t state) const {
    for (EdgeReader reader = graph_.edges(state); reader.has_more();) {
      const GraphEdge step = reader.next();
      if (step.target < graph_.expanded() && states_.contains(step.target) && units_.may_repeat(step.unit)) return true;
    }
    return false;
  }

  const StateGraph& graph_;
  const Units& units_;
  const SearchControl& control_;
  NumberedStates states_;
};

}  // namespace

FairCore fair_core(const StateGraph& graph, const Units& units, const SearchControl& control) {
  const NumberedStates left = Trimming(graph, units, control).trimmed();
  std::vector<std::vector<std::uint32_t>> found;
  FairCore core{NumberedStates(graph.expanded()), {}};
  const Part part(graph, units, left);
  FairComponents(part, graph, 0, control)
      .find([](std::uint32_t) { return true; },
            [&](std::span<const std::uint32_t> component, std::uint32_t) {
              for (const std::uint32_t state : component) core.states.insert(state);
              found.emplace_back(component.begin(), component.end());
            });
  core.states.number();
  core.component.resize(core.states.size());
  for (std::uint32_t i = 0; i < found.size(); ++i) {
    for (const std::uint32_t state : found[i]) core.component[core.states.number_of(state)] = i;
  }
  return core;
}

}  // namespace quiesce::checker
