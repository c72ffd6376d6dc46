#include "checker/liveness/suspects.h"

#include <algorithm>
#include <bit>

#include "checker/liveness/fair_components.h"
#include "checker/liveness/fair_core.h"
#include "checker/liveness/steady_words.h"
#include "model/base/bits.h"

namespace quiesce::checker {
namespace {

constexpr std::uint32_t kMostStates = 64;  // of the automata of a group, together

/// A formula of a group: its states are the bits of a word from `first` on.
struct Member {
  std::size_t formula = 0;
  const Negated* negated = nullptr;
  std::uint32_t first = 0;

  std::uint32_t size() const { return static_cast<std::uint32_t>(negated->automaton->states.size()); }
};

using Group = std::vector<Member>;

std::uint64_t bit(std::uint32_t n) { return std::uint64_t{1} << n; }

/// What the automata of a group do, as sets of their states, by kind of state of the graph.
class Moves {
 public:
  Moves(const StateGraph& graph, const Group& group) {
    for (std::size_t kind = 0; kind < graph.kinds(); ++kind) {
      Kind& moves = kinds_.emplace_back();
      moves.next.resize(kMostStates);
      for (const Member& member : group) add(member, kind, moves.next);
    }
    for (const Member& member : group) {
      start_ |= bit(member.first);
      SteadyWords steady(*member.negated->automaton);
      for (std::size_t kind = 0; kind < kinds_.size(); ++kind) {
        for (std::uint32_t at = 0; at < member.size() && graph.kind_may_stop(kind); ++at) {
          const bool accepts = steady.accepts_after(at, member.negated->passing[kind], member.negated->quiet[kind]);
          if (accepts) kinds_[kind].stops |= bit(member.first + at);
        }
      }
    }
  }

  /// States of automata before the first letter.
  std::uint64_t start() const { return start_; }

  /// Those from which an automaton accepts that nothing happens any more, where nothing need happen.
  std::uint64_t stops(std::uint32_t kind) const { return kinds_[kind].stops; }

  /// Where automata are after a state of the kind, which were in `before`.
  std::uint64_t after(std::uint32_t kind, std::uint64_t before) {
    Kind& moves = kinds_[kind];
    if (moves.known_before == before) return moves.known_after;
    std::uint64_t result = 0;
    model::for_each_bit(before, [&](std::size_t state) { result |= moves.next[state]; });
    moves.known_before = before;
    moves.known_after = result;
    return result;
  }

 private:
  struct Kind {
    std::vector<std::uint64_t> next;  // by state of an automaton
    std::uint64_t stops = 0;
    std::uint64_t known_before = 0;  // of none: nothing
    std::uint64_t known_after = 0;
  };

  static void add(const Member& member, std::size_t kind, std::vector<std::uint64_t>& next) {
    for (std::uint32_t at = 0; at < member.size(); ++at) {
      for (const AutomatonEdge& edge : member.negated->automaton->states[at]) {
        if (!edge.label.allows(member.negated->passing[kind])) continue;
        next[member.first + at] |= bit(member.first + edge.target);
      }
    }
  }

  std::vector<Kind> kinds_;
  std::uint64_t start_ = 0;
};

/// In which states the automata of a group can be when a run is at a state of the graph. `Set`: an unsigned number with
/// a bit for each of their states.
template <class Set>
class Reached {
 public:
  Reached(const StateGraph& graph, Moves& moves, const SearchControl& control)
      : graph_(graph), moves_(moves), control_(control), at_(graph.expanded()), open_((graph.expanded() + 63) / 64) {
    for (std::uint32_t state = 0; state < std::min(graph.initial_states(), graph.expanded()); ++state) {
      add(state, static_cast<Set>(moves.start()));
    }
    while (is_open_) pass();
  }

  Set operator[](std::uint32_t state) const { return at_[state]; }

 private:
  void add(std::uint32_t state, Set set) {
    if ((set & ~at_[state]) == 0) return;
    at_[state] = static_cast<Set>(at_[state] | set);
    open_[state / 64] |= bit(state % 64);
    is_open_ = true;
  }

  /// What is open below the state at hand waits for the next pass.
  void pass() {
    is_open_ = false;
    for (std::uint32_t word = 0; word < open_.size(); ++word) {
      control_.check();
      while (open_[word] != 0) {
        const auto next = static_cast<std::uint32_t>(std::countr_zero(open_[word]));
        open_[word] &= ~bit(next);
        expand(word * 64 + next);
      }
    }
  }

  void expand(std::uint32_t state) {
    const auto after = static_cast<Set>(moves_.after(graph_.kind(state), at_[state]));
    if (after == 0) return;
    for (EdgeReader reader = graph_.edges(state); reader.has_more();) {
      const std::uint32_t target = reader.next().target;
      if (target < graph_.expanded()) add(target, after);
    }
  }

  const StateGraph& graph_;
  Moves& moves_;
  const SearchControl& control_;
  std::vector<Set> at_;
  std::vector<std::uint64_t> open_;  // one bit for each state
  bool is_open_ = false;
};

/// The product of the fair core with one automaton, as far as runs come to it, as FairComponents wants it. A node is
/// the number of a state in the core and a state of the automaton.
class CoreProduct {
 public:
  struct Edges {
    std::uint32_t from = 0;  // node
    EdgeReader steps;
    GraphEdge step = {};       // at hand
    std::uint32_t target = 0;  // of it: number in the core
    std::size_t move = 0;      // the next one with that step; behind the last: another step comes first
  };

  template <class Set>
  CoreProduct(const StateGraph& graph, const Units& units, const FairCore& core, const Member& member,
              const Reached<Set>& reached)
      : graph_(graph), units_(units), core_(core), member_(member), width_(member.size()) {
    const std::vector<bool> loops = accepting_loops(automaton());
    has_.resize(core.states.size() * width_);
    for (std::uint32_t node = 0; node < has_.size(); ++node) {
      const std::uint64_t at = reached[state(node)];
      has_[node] = loops[node % width_] && (at & bit(member.first + node % width_)) != 0;
    }
  }

  std::size_t size() const { return has_.size(); }
  std::uint32_t state(std::uint32_t node) const { return core_.states[node / width_]; }
  bool has(std::uint32_t node) const { return has_[node]; }
  Edges edges(std::uint32_t node) const { return {node, graph_.edges(state(node)), {}, 0, moves_of(node).size()}; }

  bool next(Edges& edges, ProductEdge& edge) const {
    const std::vector<AutomatonEdge>& moves = moves_of(edges.from);
    const std::uint64_t letter = member_.negated->passing[graph_.kind(state(edges.from))];
    for (;; edges.move = 0) {
      while (edges.move < moves.size()) {
        const AutomatonEdge& move = moves[edges.move++];
        const std::uint32_t target = edges.target * width_ + move.target;
        if (!move.label.allows(letter) || !has(target)) continue;
        edge = {target, static_cast<std::uint16_t>(edges.step.unit), static_cast<std::uint16_t>(move.marks)};
        return true;
      }
      if (!next_step(edges)) return false;
    }
  }

  const Automaton& automaton() const { return *member_.negated->automaton; }

 private:
  const std::vector<AutomatonEdge>& moves_of(std::uint32_t node) const { return automaton().states[node % width_]; }

  /// The next step within the component that may repeat forever.
  bool next_step(Edges& edges) const {
    while (edges.steps.has_more()) {
      edges.step = edges.steps.next();
      if (edges.step.target >= graph_.expanded() || !units_.may_repeat(edges.step.unit)) continue;
      edges.target = core_.states.number_of(edges.step.target);
      if (edges.target == NumberedStates::kNone) continue;
      if (core_.component[edges.target] == core_.component[edges.from / width_]) return true;
    }
    return false;
  }

  const StateGraph& graph_;
  const Units& units_;
  const FairCore& core_;
  const Member& member_;
  const std::uint32_t width_;  // states of the automaton
  std::vector<bool> has_;      // by node
};

class Look {
 public:
  Look(const StateGraph& graph, const Units& units, const SearchControl& control, std::uint64_t spare_bytes)
      : graph_(graph), units_(units), control_(control), spare_bytes_(spare_bytes), core_(found_core()) {}

  void judge(const Group& group, std::vector<bool>& suspects) {
    const Member& last = group.back();
    const std::uint32_t bits = last.first + last.size();
    if (bits <= 8) return judge_as<std::uint8_t>(group, suspects);
    if (bits <= 16) return judge_as<std::uint16_t>(group, suspects);
    if (bits <= 32) return judge_as<std::uint32_t>(group, suspects);
    judge_as<std::uint64_t>(group, suspects);
  }

 private:
  static constexpr std::uint32_t kBytesOfCore = 24;     // of each state, while the fair core is looked for
  static constexpr std::uint32_t kBytesOfProduct = 16;  // of each node of a product

  static constexpr std::uint64_t kMostNodes = 0xFFFFFFF0;

  void need(std::uint64_t bytes) const {
    if (bytes > spare_bytes_) throw SearchStopped{LimitKind::Memory};
  }

  FairCore found_core() const {
    need(graph_.expanded() * std::uint64_t{kBytesOfCore});
    return fair_core(graph_, units_, control_);
  }

  template <class Set>
  void judge_as(const Group& group, std::vector<bool>& suspects) {
    Moves moves(graph_, group);
    need(graph_.expanded() * std::uint64_t{sizeof(Set)});
    const Reached<Set> reached(graph_, moves, control_);
    std::uint64_t stops = 0;
    for (std::uint32_t state = 0; state < graph_.expanded(); ++state) {
      stops |= reached[state] & moves.stops(graph_.kind(state));
    }
    for (const Member& member : group) {
      const std::uint64_t own = (member.size() == 64 ? ~std::uint64_t{0} : bit(member.size()) - 1) << member.first;
      suspects[member.formula] = (stops & own) != 0 || has_loop(member, reached);
    }
  }

  template <class Set>
  bool has_loop(const Member& member, const Reached<Set>& reached) const {
    if (core_.states.size() == 0) return false;
    const std::uint64_t nodes = core_.states.size() * std::uint64_t{member.size()};
    if (nodes >= kMostNodes) throw SearchStopped{LimitKind::Memory};
    need(nodes * kBytesOfProduct);
    const CoreProduct product(graph_, units_, core_, member, reached);
    bool is_found = false;
    FairComponents(product, graph_, product.automaton().all_marks(), control_)
        .find([&](std::uint32_t) { return !is_found; },
              [&](std::span<const std::uint32_t>, std::uint32_t) { is_found = true; });
    return is_found;
  }

  const StateGraph& graph_;
  const Units& units_;
  const SearchControl& control_;
  const std::uint64_t spare_bytes_;
  const FairCore core_;
};

}  // namespace

std::vector<bool> suspects(const StateGraph& graph, const Units& units, const std::vector<Negated>& formulas,
                           const SearchControl& control, std::uint64_t spare_bytes) {
  std::vector<bool> result(formulas.size(), false);
  std::vector<Group> groups;
  std::uint32_t used = kMostStates;
  for (std::size_t i = 0; i < formulas.size(); ++i) {
    const std::size_t size = formulas[i].automaton->states.size();
    if (size == 0) continue;  // accepts nothing
    if (size > kMostStates) {
      result[i] = true;
      continue;
    }
    if (used + size > kMostStates) {
      groups.emplace_back();
      used = 0;
    }
    groups.back().push_back({i, &formulas[i], used});
    used += static_cast<std::uint32_t>(size);
  }
  if (groups.empty()) return result;
  Look look(graph, units, control, spare_bytes);
  for (const Group& group : groups) look.judge(group, result);
  return result;
}

}  // namespace quiesce::checker
