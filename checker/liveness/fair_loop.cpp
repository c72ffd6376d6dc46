#include "checker/liveness/fair_loop.h"

#include <algorithm>
#include <deque>
#include <limits>
#include <map>
#include <set>
#include <utility>

namespace quiesce::checker {
namespace {

constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
using Nodes = std::vector<std::uint32_t>;
using Words = std::vector<std::uint64_t>;

bool has(const std::uint64_t* words, std::uint32_t unit) { return (words[unit / 64] >> (unit % 64) & 1) != 0; }
void add(Words& words, std::uint32_t unit) { words[unit / 64] |= std::uint64_t{1} << (unit % 64); }

/// Whether the automaton accepts, from a state, the word in which one letter repeats forever.
class SteadyWords {
 public:
  explicit SteadyWords(const Automaton& automaton) : automaton_(automaton) {}

  bool accepts(std::uint32_t from, std::uint64_t letter) {
    const auto [known, is_new] = known_.try_emplace({from, letter}, false);
    if (is_new) known->second = computed(from, letter);
    return known->second;
  }

 private:
  std::set<std::uint32_t> reached(std::uint32_t from, std::uint64_t letter) const {
    std::set<std::uint32_t> seen;
    Nodes open{from};
    while (!open.empty()) {
      const std::uint32_t at = open.back();
      open.pop_back();
      for (const AutomatonEdge& edge : automaton_.states[at]) {
        if (edge.label.allows(letter) && seen.insert(edge.target).second) open.push_back(edge.target);
      }
    }
    return seen;
  }

  bool computed(std::uint32_t from, std::uint64_t letter) const {
    std::set<std::uint32_t> all = reached(from, letter);
    all.insert(from);
    for (const std::uint32_t root : all) {
      const std::set<std::uint32_t> ahead = reached(root, letter);
      if (ahead.count(root) == 0) continue;
      std::uint64_t marks = 0;
      for (const std::uint32_t at : ahead) {
        if (reached(at, letter).count(root) == 0) continue;
        for (const AutomatonEdge& edge : automaton_.states[at]) {
          const bool stays = edge.label.allows(letter) && ahead.count(edge.target) != 0 &&
                             (edge.target == root || reached(edge.target, letter).count(root) != 0);
          if (stays) marks |= edge.marks;
        }
      }
      if (marks == automaton_.all_marks()) return true;
    }
    return false;
  }

  const Automaton& automaton_;
  std::map<std::pair<std::uint32_t, std::uint64_t>, bool> known_;
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
      if (!graph_.ends_here(state) && may_stop(state) &&
          accepts_from(steady, product_.automaton_state(node), letters.passing[state], letters.quiet[state])) {
        return node;
      }
    }
    return kNone;
  }

  /// Whether the automaton accepts a letter after which another one repeats forever.
  bool accepts_from(SteadyWords& steady, std::uint32_t from, std::uint64_t letter, std::uint64_t then) const {
    const std::vector<AutomatonEdge>& edges = automaton_.states[from];
    return std::any_of(edges.begin(), edges.end(), [&](const AutomatonEdge& edge) {
      return edge.label.allows(letter) && steady.accepts(edge.target, then);
    });
  }

  /// Called for each piece of work; asks the clock now and then.
  void look_around() const {
    if (++looks_ % 4096 == 0) control_.check();
  }

  bool may_stop(std::uint32_t state) const {
    const std::uint64_t* owed = graph_.weakly_owed(state);
    return std::all_of(owed, owed + 2 * graph_.unit_words(), [](std::uint64_t word) { return word == 0; });
  }

  // ------------------------------------------------------------------------------------- fair components

  bool may_repeat(const ProductEdge& edge) const { return units_.fairness[edge.unit] != model::Fairness::Sporadic; }

  /// Looks for the component in which some run is fair and accepted and of which the first node is the least of all such,
  /// and less than first_: then that becomes first_, and fair_ the component, with that node in front.
  void find_first_fair() {
    part_.assign(product_.size(), kNone);
    index_.assign(product_.size(), kNone);
    Nodes all;
    for (std::uint32_t node = 0; node < product_.size(); ++node) {
      if (product_.may_loop(node)) all.push_back(node);
    }
    std::deque<Nodes> open{std::move(all)};
    while (!open.empty()) {
      const Nodes part = std::move(open.front());
      open.pop_front();
      const std::uint32_t number = parts_++;
      for (const std::uint32_t node : part) {
        part_[node] = number;
        index_[node] = kNone;
      }
      split(part, number, open);
    }
  }

  /// What a component has.
  struct Facts {
    bool has_edge = false;
    std::uint64_t marks = 0;
    Words stepped, weak_throughout, strong_somewhere;
  };

  Facts facts_of(const Nodes& component) {
    Facts facts;
    const std::size_t words = graph_.unit_words();
    facts.stepped.assign(words, 0);
    facts.weak_throughout.assign(words, ~std::uint64_t{0});
    facts.strong_somewhere.assign(words, 0);
    for (const std::uint32_t node : component) {
      look_around();
      const std::uint64_t* weakly = graph_.weakly_owed(product_.state(node));
      const std::uint64_t* strongly = graph_.strongly_owed(product_.state(node));
      for (std::size_t w = 0; w < words; ++w) {
        facts.weak_throughout[w] &= weakly[w];
        facts.strong_somewhere[w] |= strongly[w];
      }
      for (const ProductEdge& edge : product_.edges(node)) {
        if (!is_inner(node, edge)) continue;
        facts.has_edge = true;
        facts.marks |= edge.marks;
        add(facts.stepped, edge.unit);
      }
    }
    return facts;
  }

  bool is_inner(std::uint32_t from, const ProductEdge& edge) const {
    return may_repeat(edge) && part_[edge.target] == part_[from];
  }

  /// Keeps a component that is fair; one that lacks only what strong fairness owes goes back to be looked at without
  /// the states that owe it.
  void judge(Nodes component, std::deque<Nodes>& open) {
    const auto least = std::min_element(component.begin(), component.end());
    if (*least >= first_) return;  // nothing in it begins earlier than what is known
    const std::uint32_t number = parts_++;
    for (const std::uint32_t node : component) part_[node] = number;
    const Facts facts = facts_of(component);
    if (!facts.has_edge || facts.marks != automaton_.all_marks()) return;
    Words missing(graph_.unit_words());
    for (std::size_t w = 0; w < missing.size(); ++w) {
      if ((facts.weak_throughout[w] & ~facts.stepped[w]) != 0) return;
      missing[w] = facts.strong_somewhere[w] & ~facts.stepped[w];
    }
    if (std::all_of(missing.begin(), missing.end(), [](std::uint64_t word) { return word == 0; })) {
      first_ = *least;
      std::iter_swap(component.begin(), least);
      fair_ = std::move(component);
      return;
    }
    Nodes left;
    for (const std::uint32_t node : component) {
      const std::uint64_t* owed = graph_.strongly_owed(product_.state(node));
      bool owes = false;
      for (std::size_t w = 0; w < missing.size(); ++w) owes = owes || (owed[w] & missing[w]) != 0;
      if (!owes) left.push_back(node);
    }
    if (!left.empty()) open.push_back(std::move(left));
  }

  struct Visit {
    std::uint32_t node = 0;
    std::uint32_t index = 0;  // when it was entered
    std::uint64_t edge = 0;   // the next one
  };

  /// Judges the strongly connected components of the nodes of `part`, which have this number in part_, and no index.
  /// Pearce, "A space-efficient algorithm for finding strongly connected components", IPL 2016: one array; only nodes of
  /// components with more than one node are put aside. A component that is done has the index kDone.
  void split(const Nodes& part, std::uint32_t number, std::deque<Nodes>& open) {
    constexpr std::uint32_t kDone = kNone - 1;
    Nodes aside;
    std::vector<Visit> path;
    std::uint32_t next = 0;
    const auto enter = [&](std::uint32_t node) {
      look_around();
      index_[node] = next;
      path.push_back({node, next++, 0});
    };
    for (const std::uint32_t root : part) {
      if (index_[root] != kNone) continue;
      enter(root);
      while (!path.empty()) {
        Visit& visit = path.back();
        const std::uint32_t node = visit.node;
        const auto edges = product_.edges(node);
        bool entered = false;
        while (!entered && visit.edge < edges.size()) {
          const ProductEdge& edge = edges[visit.edge++];
          if (part_[edge.target] != number || !may_repeat(edge)) continue;
          if (index_[edge.target] == kNone) {
            enter(edge.target);
            entered = true;
          } else if (index_[edge.target] != kDone) {
            index_[node] = std::min(index_[node], index_[edge.target]);
          }
        }
        if (entered) continue;
        const std::uint32_t index = visit.index;
        path.pop_back();
        if (!path.empty() && index_[node] < index_[path.back().node]) index_[path.back().node] = index_[node];
        if (index_[node] < index) {
          aside.push_back(node);
          continue;
        }
        Nodes component;
        while (!aside.empty() && index_[aside.back()] >= index) {
          component.push_back(aside.back());
          index_[aside.back()] = kDone;
          aside.pop_back();
        }
        index_[node] = kDone;
        if (component.empty() && !has_loop(node)) continue;
        component.push_back(node);
        judge(std::move(component), open);
      }
    }
  }

  bool has_loop(std::uint32_t node) const {
    const auto edges = product_.edges(node);
    return std::any_of(edges.begin(), edges.end(),
                       [&](const ProductEdge& edge) { return edge.target == node && may_repeat(edge); });
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
    const std::uint32_t mine = parts_++;
    for (std::uint32_t i = 0; i < component.size(); ++i) {
      part_[component[i]] = mine;
      index_[component[i]] = i;
    }
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
        if (!is_inner(at, edge)) continue;
        const Taken one{at, &edge};
        if (wanted(one)) return way_back(from, one);
        Taken& known = reached_by_[index_[edge.target]];
        if (edge.target == from || known.edge != nullptr) continue;
        known = one;
        open.push_back(edge.target);
      }
    }
    return {};
  }

  std::vector<Taken> way_back(std::uint32_t from, const Taken& last) const {
    std::vector<Taken> way{last};
    for (std::uint32_t at = last.from; at != from; at = way.back().from) way.push_back(reached_by_[index_[at]]);
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
  std::uint32_t parts_ = 0;           // numbers of sets of nodes that were used
  std::vector<std::uint32_t> part_;   // by node: the set of nodes looked at to which it belongs; kNone: to none
  std::vector<std::uint32_t> index_;  // by node: when split() came to it; in a loop: its position in the component
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
