// The strongly connected components of a graph in which some run is fair and accepted. Acceptance and weak fairness ask
// for an edge or a state of a kind anywhere in a component; strong fairness (Streett) is decided by taking away the
// states that owe a unit what the component never gives it, and looking at what is left: Emerson and Lei, "Modalities
// for Model Checking", 1987, section 6; Lichtenstein and Pnueli, POPL 1985. Components by Pearce's form of Tarjan's
// algorithm, without recursion. Explicit and sequential: see docs/performance.md.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "checker/liveness/product.h"
#include "checker/liveness/state_graph.h"
#include "checker/result/search_control.h"

namespace quiesce::checker {

/// `Graph` has, for nodes numbered from 0:
///   std::size_t size() const;
///   bool has(std::uint32_t node) const;                     // whether the node belongs to what is looked at
///   std::uint32_t state(std::uint32_t node) const;          // of the system
///   Edges edges(std::uint32_t node) const;                  // small: one is kept for each node of a path
///   bool next(Edges& edges, ProductEdge& edge) const;       // the next one that may repeat forever; false: there is none
template <class Graph>
class FairComponents {
 public:
  using Nodes = std::vector<std::uint32_t>;
  using Component = std::span<std::uint32_t>;

  /// What is given must outlive it. `marks`: those that a component must have.
  FairComponents(const Graph& nodes, const StateGraph& graph, std::uint64_t marks, const SearchControl& control)
      : nodes_(nodes), graph_(graph), marks_(marks), control_(control) {}

  /// Calls `wants(least)` for each component, with its least node: false passes it over; and `take(component, least)`
  /// for each that is fair and accepted, or what is left of it. Cost: O(edges) for each time that strong fairness takes
  /// states away; 8 bytes a node, and the longest path without repetition. Throws SearchStopped.
  template <class Wants, class Take>
  void find(const Wants& wants, const Take& take) {
    index_.assign(nodes_.size(), kOutside);
    for (std::uint32_t node = 0; node < index_.size(); ++node) {
      if (nodes_.has(node)) index_[node] = kNew;
    }
    std::deque<Nodes> open;
    const auto judge_one = [&](Component component) { judge(component, open, wants, take); };
    const auto size = static_cast<std::uint32_t>(index_.size());
    split(
        size, [](std::uint32_t i) { return i; }, judge_one);
    for (; !open.empty(); open.pop_front()) {
      const Nodes& part = open.front();
      for (const std::uint32_t node : part) index_[node] = kNew;
      split(
          static_cast<std::uint32_t>(part.size()), [&](std::uint32_t i) { return part[i]; }, judge_one);
    }
  }

 private:
  using Words = std::vector<std::uint64_t>;
  using Edges = decltype(std::declval<const Graph&>().edges(0));

  // In index_, above all numbers: not yet visited; of the component that is judged; done, or not of what is split.
  static constexpr std::uint32_t kNew = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::uint32_t kJudged = kNew - 1;
  static constexpr std::uint32_t kOutside = kNew - 2;

  /// What a component has.
  struct Facts {
    bool has_edge = false;
    std::uint64_t marks = 0;
    Words stepped, weak_throughout, strong_somewhere;
  };

  /// Called for each piece of work; asks the clock now and then.
  void look_around() {
    if (++looks_ % 4096 == 0) control_.check();
  }

  Facts facts_of(Component component) {
    Facts facts;
    const std::size_t words = graph_.unit_words();
    facts.stepped.assign(words, 0);
    facts.weak_throughout.assign(words, ~std::uint64_t{0});
    facts.strong_somewhere.assign(words, 0);
    for (const std::uint32_t node : component) index_[node] = kJudged;
    for (const std::uint32_t node : component) {
      look_around();
      const std::uint64_t* weakly = graph_.weakly_owed(nodes_.state(node));
      const std::uint64_t* strongly = graph_.strongly_owed(nodes_.state(node));
      for (std::size_t w = 0; w < words; ++w) {
        facts.weak_throughout[w] &= weakly[w];
        facts.strong_somewhere[w] |= strongly[w];
      }
      ProductEdge edge;
      for (Edges edges = nodes_.edges(node); nodes_.next(edges, edge);) {
        if (index_[edge.target] != kJudged) continue;
        facts.has_edge = true;
        facts.marks |= edge.marks;
        facts.stepped[edge.unit / 64] |= std::uint64_t{1} << (edge.unit % 64);
      }
    }
    for (const std::uint32_t node : component) index_[node] = kOutside;
    return facts;
  }

  /// Hands over a component that is fair; one that lacks only what strong fairness owes goes back to be looked at
  /// without the states that owe it.
  template <class Wants, class Take>
  void judge(Component component, std::deque<Nodes>& open, const Wants& wants, const Take& take) {
    const std::uint32_t least = *std::min_element(component.begin(), component.end());
    if (!wants(least)) return;
    const Facts facts = facts_of(component);
    if (!facts.has_edge || (facts.marks & marks_) != marks_) return;
    Words missing(graph_.unit_words());
    for (std::size_t w = 0; w < missing.size(); ++w) {
      if ((facts.weak_throughout[w] & ~facts.stepped[w]) != 0) return;
      missing[w] = facts.strong_somewhere[w] & ~facts.stepped[w];
    }
    if (std::all_of(missing.begin(), missing.end(), [](std::uint64_t word) { return word == 0; })) {
      take(component, least);
      return;
    }
    Nodes left;
    for (const std::uint32_t node : component) {
      const std::uint64_t* owed = graph_.strongly_owed(nodes_.state(node));
      bool owes = false;
      for (std::size_t w = 0; w < missing.size(); ++w) owes = owes || (owed[w] & missing[w]) != 0;
      if (!owes) left.push_back(node);
    }
    if (!left.empty()) open.push_back(std::move(left));
  }

  struct Visit {
    std::uint32_t node = 0;
    std::uint32_t index = 0;  // when it was entered
    Edges edges;              // those that are left
  };

  /// Hands over the strongly connected components of the nodes that are new, of which there are `count`, at most, in
  /// `part(i)`; not those that have no edge. Afterwards all of them are outside. Pearce, "A space-efficient algorithm
  /// for finding strongly connected components", IPL 2016: one array; only nodes of components with more than one node
  /// are put aside.
  template <class InPart, class Use>
  void split(std::uint32_t count, const InPart& part, const Use& use) {
    Nodes aside;
    std::deque<Visit> path;
    std::uint32_t next = 0;
    const auto enter = [&](std::uint32_t node) {
      look_around();
      index_[node] = next;
      path.push_back({node, next++, nodes_.edges(node)});
    };
    for (std::uint32_t i = 0; i < count; ++i) {
      if (index_[part(i)] != kNew) continue;
      enter(part(i));
      while (!path.empty()) {
        Visit& visit = path.back();
        const std::uint32_t node = visit.node;
        bool entered = false;
        ProductEdge edge;
        while (!entered && nodes_.next(visit.edges, edge)) {
          if (index_[edge.target] == kNew) {
            enter(edge.target);
            entered = true;
          } else if (index_[edge.target] != kOutside) {
            index_[node] = std::min(index_[node], index_[edge.target]);
          }
        }
        if (entered) continue;
        const std::uint32_t index = visit.index;
        path.pop_back();
        if (!path.empty() && index_[node] < index_[path.back().node]) index_[path.back().node] = index_[node];
        std::size_t begin = aside.size();  // of the component, when the node is its root
        aside.push_back(node);
        if (index_[node] < index) continue;
        while (begin > 0 && index_[aside[begin - 1]] >= index) --begin;
        const Component component(aside.data() + begin, aside.size() - begin);
        for (const std::uint32_t one : component) index_[one] = kOutside;
        if (component.size() > 1 || has_loop(node)) use(component);
        aside.resize(begin);
      }
    }
  }

  bool has_loop(std::uint32_t node) const {
    ProductEdge edge;
    for (Edges edges = nodes_.edges(node); nodes_.next(edges, edge);) {
      if (edge.target == node) return true;
    }
    return false;
  }

  const Graph& nodes_;
  const StateGraph& graph_;
  const std::uint64_t marks_;
  const SearchControl& control_;
  std::uint32_t looks_ = 0;
  std::vector<std::uint32_t> index_;  // by node: when split() came to it
};

}  // namespace quiesce::checker
