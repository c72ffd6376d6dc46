// The whole state space as a graph that stays in memory: what infinite runs are searched on. States have dense numbers
// in the order of a search by layers, so the one with the least number has the shortest way to it.
//
// The steps are those of docs/semantics.md, up to renamings of CPUs and of activations of one handler, with no other
// reduction. Beside them a state says what is owed a step in it (docs/semantics.md, 13.2).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "checker/liveness/edge_list.h"
#include "checker/liveness/state_expander.h"
#include "checker/liveness/units.h"
#include "checker/result/exploration.h"
#include "checker/space/state_space.h"
#include "checker/store/checked_file.h"
#include "checker/store/dense_store.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

/// What the exploration of a graph calls back while it runs.
struct GraphWatch {
  std::function<LimitKind()> reason;           // some times a second: why to stop; None: go on
  std::function<void()> keep = {};             // at times, where the graph can be kept
  std::function<bool()> is_worth_a_look = {};  // each time that three times as many states are expanded; false: stop
};

/// Numbers of kinds, of which there are hardly ever more than 2^16: two bytes each until there are.
class KindList {
 public:
  std::uint32_t operator[](std::size_t state) const {
    return high_.size() == 0 ? low_[state] : low_[state] | std::uint32_t{high_[state]} << 16;
  }
  void push_back(std::uint32_t kind);
  std::size_t size() const { return low_.size(); }
  bool save(CheckedWriter& out) const;
  bool load(CheckedReader& in);
  std::uint64_t bytes() const { return low_.bytes() + high_.bytes(); }

 private:
  MappedArray<std::uint16_t> low_;
  MappedArray<std::uint16_t> high_;  // none: all are 0
};

/// Invariants: (1) states are numbered in the order in which they were found, by layers; (2) those below expanded() have
/// their edges and facts, the others nothing; (3) what a state owes, its letters and whether it is cut off are stored
/// once for all states that have the same (a few hundred in a million).
class StateGraph {
 public:
  static constexpr std::size_t kMostUnits = 0xFFFF;

  /// `atoms`: conditions that letters_of() may be asked for. `judges_core`: whether states may break core rules. Requires:
  /// at most kMostUnits units.
  StateGraph(StateSpace& space, const Units& units, std::vector<model::ExprId> atoms, bool judges_core = true);

  /// Explores until done, at a limit of `options`, or when `watch` says so. Called once. On as many threads as `options`
  /// says, where a layer has states enough; the graph does not depend on it.
  void explore(const SearchOptions& options, const GraphWatch& watch);

  /// Whether it is as an exploration left it at a point from which another one can go on: not when memory ended.
  bool can_be_kept() const { return can_be_kept_; }

  /// Writes all of it. Requires: can_be_kept().
  bool save(CheckedWriter& out) const;

  /// Reads what save() wrote into a graph of the same space, units and atoms that was not explored yet; explore() goes on
  /// from there. False, and in no usable state, when that fails. Throws std::bad_alloc.
  bool load(CheckedReader& in);

  /// What a graph must have in common with one that it is loaded from: a number that depends on the system in full, with what is
  /// fair in it, on the layout of states and on the atoms.
  std::uint64_t fingerprint() const;

  /// Whether every state that can be reached is expanded.
  bool is_complete() const { return is_complete_; }
  std::size_t size() const { return states_.size(); }
  std::uint32_t expanded() const { return static_cast<std::uint32_t>(edges_.states()); }
  const std::uint64_t* packed(std::uint32_t state) const { return states_[state]; }
  std::uint32_t initial_states() const { return initial_; }  // those with the numbers below

  /// Calls `use` with each edge of an expanded state, sorted.
  template <class Use>
  void for_each_edge(std::uint32_t state, const Use& use) const {
    for (EdgeReader reader = edges_.of(state); reader.has_more();) use(reader.next());
  }
  EdgeReader edges(std::uint32_t state) const { return edges_.of(state); }

  /// Whether a core rule ends all runs here, or some step from here breaks one.
  bool is_cut_off(std::uint32_t state) const { return cut_of(state) != Cut::No; }

  /// Whether nothing need happen any more: nothing is owed a step, and no core rule ends runs here.
  bool may_stop(std::uint32_t state) const { return kind_may_stop(kind(state)); }
  bool kind_may_stop(std::size_t kind) const;

  /// Words of sets of units, one bit each.
  std::size_t unit_words() const { return layout_.unit_words; }
  /// What must step if it is owed so in all states from some point on.
  const std::uint64_t* weakly_owed(std::uint32_t state) const { return kinds_[kind(state)]; }
  /// What must step again and again if it is owed so again and again.
  const std::uint64_t* strongly_owed(std::uint32_t state) const { return weakly_owed(state) + unit_words(); }

  /// States of one kind have the same facts. Numbers from 0 on.
  std::uint32_t kind(std::uint32_t state) const { return kind_[state]; }
  std::size_t kinds() const { return kinds_.size(); }

  /// What is true in the states of each kind: bit n for the n-th of at most 64 atoms. Requires: the graph was made for them.
  std::vector<std::uint64_t> letters_of_kinds(const std::vector<model::ExprId>& atoms) const;

  /// What is true in each expanded state: bit n for the n-th of at most 64 atoms. Requires: the graph was made for them.
  /// Cost: O(states + kinds x atoms).
  std::vector<std::uint64_t> letters_of(const std::vector<model::ExprId>& atoms) const;

  LimitKind limit() const { return limit_; }
  const Statistics& statistics() const { return statistics_; }
  /// The first core rule, in catalogue order, that ends some run; none when there is no such.
  std::optional<model::RuleId> broken_core_rule() const { return broken_; }

 private:
  class Builder;

  Cut cut_of(std::uint32_t state) const { return static_cast<Cut>(kinds_[kind(state)][layout_.cut()]); }

  StateSpace& space_;
  const Units& units_;
  std::vector<model::ExprId> atoms_;  // each once
  const bool judges_core_;
  const FactLayout layout_;
  DenseStore states_;
  DenseStore kinds_;  // facts
  KindList kind_;     // by state
  std::uint32_t initial_ = 0;
  std::uint32_t depth_ = 0;      // of the next state to be expanded, as far as layers have begun
  std::uint32_t layer_end_ = 0;  // the first state that is deeper
  bool can_be_kept_ = false;
  EdgeList edges_;
  std::optional<model::RuleId> broken_;
  bool is_complete_ = false;
  LimitKind limit_ = LimitKind::None;
  Statistics statistics_;
};

}  // namespace quiesce::checker
