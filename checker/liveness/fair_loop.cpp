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
      : product_(product),
        graph_(graph),
        units_(units),
        automaton_(automaton),
        control_(control),
        part_(product.size(), kNone) {}

  std::optional<GraphLasso> find(const Letters& letters) {
    const std::uint32_t stop = first_stop(letters);
    const Nodes* loop = nullptr;
    collect_fair();
    for (const Nodes& component : fair_) {
      if (loop == nullptr || component.front() < loop->front()) loop = &component;
    }
    if (stop == kNone && loop == nullptr) return std::nullopt;
    GraphLasso lasso;
    if (loop == nullptr || (stop != kNone && stop <= loop->front())) {
      lasso.stem = product_.way_to(stop);
    } else {
      lasso.stem = product_.way_to(loop->front());
      lasso.loop = loop_through(*loop);
    }
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

  /// Fills fair_ with components, each ascending, in which some run is fair and accepted.
  void collect_fair() {
    Nodes all(product_.size());
    for (std::uint32_t node = 0; node < all.size(); ++node) all[node] = node;
    std::deque<Nodes> open{std::move(all)};
    std::uint32_t parts = 0;
    while (!open.empty()) {
      const Nodes part = std::move(open.front());
      open.pop_front();
      const std::uint32_t number = parts++;
      for (const std::uint32_t node : part) part_[node] = number;
      for (Nodes& component : components_of(part, number)) judge(std::move(component), open, parts);
      for (const std::uint32_t node : part) {
        if (part_[node] == number) part_[node] = kNone;
      }
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
      const std::uint32_t state = product_.state(node);
      for (std::size_t w = 0; w < words; ++w) {
        facts.weak_throughout[w] &= graph_.weakly_owed(state)[w];
        facts.strong_somewhere[w] |= graph_.strongly_owed(state)[w];
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
  void judge(Nodes component, std::deque<Nodes>& open, std::uint32_t& parts) {
    const std::uint32_t number = parts++;
    for (const std::uint32_t node : component) part_[node] = number;
    const Facts facts = facts_of(component);
    if (!facts.has_edge || facts.marks != automaton_.all_marks()) return;
    Words missing(graph_.unit_words());
    for (std::size_t w = 0; w < missing.size(); ++w) {
      if ((facts.weak_throughout[w] & ~facts.stepped[w]) != 0) return;
      missing[w] = facts.strong_somewhere[w] & ~facts.stepped[w];
    }
    if (std::all_of(missing.begin(), missing.end(), [](std::uint64_t word) { return word == 0; })) {
      std::sort(component.begin(), component.end());
      fair_.push_back(std::move(component));
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

  /// The strongly connected components of the nodes of `part`, which has this number in part_.
  std::vector<Nodes> components_of(const Nodes& part, std::uint32_t number) {
    if (order_.empty()) {
      order_.assign(product_.size(), kNone);
      low_.assign(product_.size(), 0);
      is_open_.assign(product_.size(), false);
    }
    for (const std::uint32_t node : part) order_[node] = kNone;
    std::vector<Nodes> result;
    Nodes stack;
    std::vector<std::pair<std::uint32_t, std::size_t>> path;
    std::uint32_t next = 0;
    const auto enter = [&](std::uint32_t node) {
      look_around();
      order_[node] = low_[node] = next++;
      is_open_[node] = true;
      stack.push_back(node);
      path.emplace_back(node, 0);
    };
    for (const std::uint32_t root : part) {
      if (order_[root] != kNone) continue;
      enter(root);
      while (!path.empty()) {
        const std::uint32_t node = path.back().first;
        const auto edges = product_.edges(node);
        if (path.back().second < edges.size()) {
          const ProductEdge& edge = edges[path.back().second++];
          if (!may_repeat(edge) || part_[edge.target] != number) continue;
          if (order_[edge.target] == kNone) {
            enter(edge.target);
          } else if (is_open_[edge.target]) {
            low_[node] = std::min(low_[node], order_[edge.target]);
          }
          continue;
        }
        path.pop_back();
        if (!path.empty()) low_[path.back().first] = std::min(low_[path.back().first], low_[node]);
        if (low_[node] != order_[node]) continue;
        Nodes component;
        for (bool more = true; more;) {
          more = stack.back() != node;
          is_open_[stack.back()] = false;
          component.push_back(stack.back());
          stack.pop_back();
        }
        result.push_back(std::move(component));
      }
    }
    return result;
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
    const std::uint32_t mine = static_cast<std::uint32_t>(product_.size()) + 1;  // no number of a part is so large
    for (const std::uint32_t node : component) part_[node] = mine;
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
    std::map<std::uint32_t, Taken> reached_by;
    std::deque<std::uint32_t> open{from};
    std::set<std::uint32_t> seen{from};
    while (!open.empty()) {
      const std::uint32_t at = open.front();
      open.pop_front();
      for (const ProductEdge& edge : product_.edges(at)) {
        if (!is_inner(at, edge)) continue;
        const Taken one{at, &edge};
        if (wanted(one)) {
          std::vector<Taken> way{one};
          for (std::uint32_t back = at; back != from; back = way.back().from) way.push_back(reached_by.at(back));
          std::reverse(way.begin(), way.end());
          return way;
        }
        if (!seen.insert(edge.target).second) continue;
        reached_by[edge.target] = one;
        open.push_back(edge.target);
      }
    }
    return {};
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
  std::vector<std::uint32_t> part_;  // by node: the set of nodes looked at to which it belongs; kNone: to none
  std::vector<std::uint32_t> order_, low_;
  std::vector<bool> is_open_;
  std::vector<Nodes> fair_;
};

}  // namespace

std::optional<GraphLasso> find_fair_lasso(const Product& product, const StateGraph& graph, const Units& units,
                                          const Automaton& automaton, const Letters& letters,
                                          const SearchControl& control) {
  return LassoSearch(product, graph, units, automaton, control).find(letters);
}

}  // namespace quiesce::checker
