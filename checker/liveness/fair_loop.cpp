#include "checker/liveness/fair_loop.h"

#include <algorithm>
#include <limits>
#include <set>
#include <span>
#include <utility>

#include "checker/liveness/fair_components.h"
#include "checker/liveness/steady_words.h"

namespace quiesce::checker {
namespace {

constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
using Nodes = std::vector<std::uint32_t>;

bool has(const std::uint64_t* words, std::uint32_t unit) { return (words[unit / 64] >> (unit % 64) & 1) != 0; }

/// A product as FairComponents wants it.
class WholeProduct {
 public:
  using Edges = std::span<const ProductEdge>;

  WholeProduct(const Product& product, const Units& units) : product_(product), units_(units) {}
  std::size_t size() const { return product_.size(); }
  bool has(std::uint32_t node) const { return product_.may_loop(node); }
  std::uint32_t state(std::uint32_t node) const { return product_.state(node); }
  Edges edges(std::uint32_t node) const { return product_.edges(node); }

  bool next(Edges& edges, ProductEdge& edge) const {
    while (!edges.empty()) {
      edge = edges.front();
      edges = edges.subspan(1);
      if (units_.may_repeat(edge.unit)) return true;
    }
    return false;
  }

 private:
  const Product& product_;
  const Units& units_;
};

class LassoSearch {
 public:
  LassoSearch(const Product& product, const StateGraph& graph, const Units& units, const Automaton& automaton,
              const SearchControl& control)
      : product_(product), graph_(graph), units_(units), automaton_(automaton), control_(control) {}

  std::optional<GraphLasso> find(const Letters& letters) {
    first_ = first_stop(letters);
    find_first_fair();
    if (first_ == kNone) return std::nullopt;
    GraphLasso lasso;
    lasso.stem = product_.way_to(first_);
    if (!fair_.empty()) lasso.loop = loop_through(fair_);
    return lasso;
  }

 private:
  // ------------------------------------------------------------------------------------- runs that stop

  /// The first node where nothing need happen any more and the automaton accepts that; kNone when there is none.
  std::uint32_t first_stop(const Letters& letters) const {
    SteadyWords steady(automaton_);
    for (std::uint32_t node = 0; node < product_.size(); ++node) {
      look_around();
      const std::uint32_t state = product_.state(node);
      if (graph_.may_stop(state) &&
          steady.accepts_after(product_.automaton_state(node), letters.passing[state], letters.quiet[state])) {
        return node;
      }
    }
    return kNone;
  }

  /// Called for each piece of work; asks the clock now and then.
  void look_around() const {
    if (++looks_ % 4096 == 0) control_.check();
  }

  // ------------------------------------------------------------------------------------- fair components

  /// Looks for the component in which some run is fair and accepted and of which the first node is the least of all such,
  /// and less than first_: then that becomes first_, and fair_ the component, with that node in front.
  void find_first_fair() {
    const WholeProduct whole(product_, units_);
    FairComponents(whole, graph_, automaton_.all_marks(), control_)
        .find([this](std::uint32_t least) { return least < first_; },
              [this](std::span<const std::uint32_t> component, std::uint32_t least) {
                first_ = least;
                fair_.assign(component.begin(), component.end());
                std::swap(*std::find(fair_.begin(), fair_.end(), least), fair_.front());
              });
  }

  // ------------------------------------------------------------------------------------------- the loop

  /// What a loop still has to come by.
  struct Goals {
    std::uint64_t marks = 0;
    std::set<std::uint32_t> weak;   // a step of the unit, or a state that does not owe it one
    std::set<std::uint32_t> steps;  // a step of the unit

    bool empty() const { return marks == 0 && weak.empty() && steps.empty(); }
  };

  /// A short loop from the first node of a fair component that is fair and accepted: each time to the nearest thing that
  /// is missing, and back at last.
  Product::Way loop_through(const Nodes& component) {
    place_.assign(product_.size(), kNone);
    for (std::uint32_t i = 0; i < component.size(); ++i) place_[component[i]] = i;
    reached_by_.resize(component.size());
    std::set<std::uint32_t> owed_steps;
    for (;;) {
      const std::vector<Taken> taken = tour(component.front(), owed_steps);
      const std::set<std::uint32_t> unpaid = unpaid_in(taken);
      if (unpaid.empty()) return way_of(taken);
      owed_steps.insert(unpaid.begin(), unpaid.end());
    }
  }

  struct Taken {
    std::uint32_t from = 0;
    const ProductEdge* edge = nullptr;
  };

  Product::Way way_of(const std::vector<Taken>& taken) const {
    Product::Way way;
    for (const Taken& one : taken) {
      way.states.push_back(product_.state(one.from));
      way.units.push_back(one.edge->unit);
    }
    return way;
  }

  std::vector<Taken> tour(std::uint32_t start, const std::set<std::uint32_t>& owed_steps) {
    Goals goals;
    goals.marks = automaton_.all_marks();
    goals.steps = owed_steps;
    for (std::uint32_t unit = 0; unit < units_.count(); ++unit) {
      if (has(graph_.weakly_owed(product_.state(start)), unit)) goals.weak.insert(unit);
    }
    std::vector<Taken> taken;
    std::uint32_t at = start;
    while (!goals.empty()) {
      control_.check();
      for (const Taken& one : way_to_next(at, [&](const Taken& one) { return serves(goals, one); })) {
        note(goals, one);
        taken.push_back(one);
        at = one.edge->target;
      }
    }
    if (at != start || taken.empty()) {
      for (const Taken& one : way_to_next(at, [&](const Taken& last) { return last.edge->target == start; })) {
        taken.push_back(one);
      }
    }
    return taken;
  }

  bool serves(const Goals& goals, const Taken& one) const {
    if ((one.edge->marks & goals.marks) != 0 || goals.steps.count(one.edge->unit) != 0) return true;
    const std::uint64_t* owed = graph_.weakly_owed(product_.state(one.edge->target));
    return std::any_of(goals.weak.begin(), goals.weak.end(),
                       [&](std::uint32_t unit) { return unit == one.edge->unit || !has(owed, unit); });
  }

  void note(Goals& goals, const Taken& one) const {
    goals.marks &= ~std::uint64_t{one.edge->marks};
    goals.steps.erase(one.edge->unit);
    const std::uint64_t* owed = graph_.weakly_owed(product_.state(one.edge->target));
    std::erase_if(goals.weak, [&](std::uint32_t unit) { return unit == one.edge->unit || !has(owed, unit); });
  }

  /// The shortest way within the component from `from` whose last edge is `wanted`.
  template <class Wanted>
  std::vector<Taken> way_to_next(std::uint32_t from, const Wanted& wanted) {
    std::fill(reached_by_.begin(), reached_by_.end(), Taken());
    Nodes open{from};
    for (std::size_t next = 0; next < open.size(); ++next) {
      look_around();
      const std::uint32_t at = open[next];
      for (const ProductEdge& edge : product_.edges(at)) {
        if (place_[edge.target] == kNone || !units_.may_repeat(edge.unit)) continue;
        const Taken one{at, &edge};
        if (wanted(one)) return way_back(from, one);
        Taken& known = reached_by_[place_[edge.target]];
        if (edge.target == from || known.edge != nullptr) continue;
        known = one;
        open.push_back(edge.target);
      }
    }
    return {};
  }

  std::vector<Taken> way_back(std::uint32_t from, const Taken& last) const {
    std::vector<Taken> way{last};
    for (std::uint32_t at = last.from; at != from; at = way.back().from) way.push_back(reached_by_[place_[at]]);
    std::reverse(way.begin(), way.end());
    return way;
  }

  /// Units that the loop owes a step strongly and gives none.
  std::set<std::uint32_t> unpaid_in(const std::vector<Taken>& taken) const {
    std::set<std::uint32_t> unpaid;
    for (const Taken& one : taken) {
      const std::uint64_t* owed = graph_.strongly_owed(product_.state(one.from));
      for (std::uint32_t unit = 0; unit < units_.count(); ++unit) {
        if (has(owed, unit)) unpaid.insert(unit);
      }
    }
    for (const Taken& one : taken) unpaid.erase(one.edge->unit);
    return unpaid;
  }

  const Product& product_;
  const StateGraph& graph_;
  const Units& units_;
  const Automaton& automaton_;
  const SearchControl& control_;
  mutable std::uint32_t looks_ = 0;
  std::vector<std::uint32_t> place_;  // by node: its position in the component of the loop; kNone: not in it
  std::uint32_t first_ = kNone;       // the first node of the best run that is known: where it stops, or of its loop
  Nodes fair_;                        // the component of its loop
  std::vector<Taken> reached_by_;     // by position in the component
};

}  // namespace

std::optional<GraphLasso> find_fair_lasso(const Product& product, const StateGraph& graph, const Units& units,
                                          const Automaton& automaton, const Letters& letters,
                                          const SearchControl& control) {
  return LassoSearch(product, graph, units, automaton, control).find(letters);
}

}  // namespace quiesce::checker
