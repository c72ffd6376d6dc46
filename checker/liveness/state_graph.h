// The whole state space as a graph that stays in memory: what infinite runs are searched on. States have dense numbers
// in the order of a search by levels, so the one with the least number has the shortest way to it.
//
// The steps are those of docs/semantics.md, up to renamings of CPUs and of activations of one handler, with no other
// reduction. Beside them a state says what is owed a step in it (docs/semantics.md, 13.2).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "checker/result/exploration.h"
#include "checker/result/search_control.h"
#include "checker/space/state_space.h"
#include "checker/store/dense_store.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

/// Whose steps fairness speaks of: a context, the start of a handler, an action; numbered in this order. The activations of
/// a handler that has several have no names: instead of them each place of the handler is a unit, for those that stand there.
struct Units {
  explicit Units(const model::TransitionSystem& system);

  /// Of a step of `actor` from the state `cells`.
  std::uint32_t of(const model::Actor& actor, const std::int32_t* cells) const;

  /// Of those that stand at the location with this number, in a handler that has several activations.
  std::uint32_t at_place(std::uint32_t context, std::int32_t number) const {
    return first_place[context] + static_cast<std::uint32_t>(number);
  }
  std::size_t count() const { return fairness.size(); }

  const model::TransitionSystem& system;
  std::uint32_t contexts = 0;
  std::vector<std::uint32_t> first_place;  // by context; 0: it has one activation
  std::vector<model::Fairness> fairness;   // by unit
  std::vector<bool> is_thread;             // by unit
};

/// A set of units.
using UnitSet = std::vector<bool>;

struct GraphEdge {
  std::uint32_t target = 0;
  std::uint32_t unit = 0;

  auto operator<=>(const GraphEdge&) const = default;
};

class StateGraph {
 public:
  /// Explores `space` until done or at a limit of `options`. `atoms`: conditions that letters_of() may be asked for.
  StateGraph(StateSpace& space, const Units& units, std::vector<model::ExprId> atoms, const SearchOptions& options,
             const SearchControl& control);

  std::size_t size() const { return states_.size(); }
  const std::uint64_t* packed(std::uint32_t state) const { return states_[state]; }
  std::span<const GraphEdge> edges(std::uint32_t state) const {
    return {edges_.data() + first_edge_[state], edges_.data() + first_edge_[state + 1]};
  }
  std::uint32_t initial_states() const { return initial_; }  // those with the numbers below
  std::uint32_t depth(std::uint32_t state) const { return depth_[state]; }

  /// Whether a core rule ends all runs here, or some step from here breaks one.
  bool is_cut_off(std::uint32_t state) const { return cut_[state] != Cut::No; }
  bool ends_here(std::uint32_t state) const { return cut_[state] == Cut::State; }

  /// Words of sets of units, one bit each.
  std::size_t unit_words() const { return unit_words_; }
  /// What must step if it is owed so in all states from some point on.
  const std::uint64_t* weakly_owed(std::uint32_t state) const { return owed_.data() + 2 * unit_words_ * state; }
  /// What must step again and again if it is owed so again and again.
  const std::uint64_t* strongly_owed(std::uint32_t state) const { return weakly_owed(state) + unit_words_; }

  /// What is true in each state: bit n for the n-th of at most 64 atoms. Requires: the graph was made for them, and
  /// it came to no limit. Cost: O(states x atoms).
  std::vector<std::uint64_t> letters_of(const std::vector<model::ExprId>& atoms) const;

  LimitKind limit() const { return limit_; }
  const Statistics& statistics() const { return statistics_; }
  /// The first core rule, in catalogue order, that ends some run; none when there is no such.
  std::optional<model::RuleId> broken_core_rule() const { return broken_; }

 private:
  enum class Cut : std::uint8_t { No, Step, State };
  class Builder;

  DenseStore states_;
  std::uint32_t initial_ = 0;
  std::vector<std::uint64_t> first_edge_;
  std::vector<GraphEdge> edges_;
  std::size_t unit_words_ = 1;
  std::vector<std::uint64_t> owed_;
  std::vector<model::ExprId> atoms_;  // each once
  std::size_t letter_words_ = 0;
  std::vector<std::uint64_t> letters_;  // of each state, letter_words_ words
  std::vector<Cut> cut_;
  std::vector<std::uint32_t> depth_;
  std::optional<model::RuleId> broken_;
  LimitKind limit_ = LimitKind::None;
  Statistics statistics_;
};

}  // namespace quiesce::checker
