// What one state leads to and owes: the part of making a graph of states (state_graph.h) that threads do beside each
// other.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "checker/liveness/units.h"
#include "checker/space/state_space.h"
#include "model/interpret/scheduler.h"

namespace quiesce::checker {

/// How facts about a state stand beside each other: bits of units that are weakly owed a step, of those that are
/// strongly owed one, letters, whether it is cut off.
struct FactLayout {
  std::size_t unit_words = 1;
  std::size_t letter_words = 0;

  std::size_t letters() const { return 2 * unit_words; }
  std::size_t cut() const { return letters() + letter_words; }
  std::size_t words() const { return cut() + 1; }
};

/// Whether a core rule ends runs: none, in some step from the state, in the state.
enum class Cut : std::uint64_t { No, Step, State };

/// What some states lead to, in their order.
struct ExpandedStates {
  std::vector<std::uint64_t> facts;     // of each state, FactLayout::words() words
  std::vector<std::uint64_t> targets;   // packed
  std::vector<std::uint32_t> units;     // by target: whose step
  std::vector<std::size_t> ends;        // by state: so many targets belong to it and those before it
  std::optional<model::RuleId> broken;  // the first core rule, in catalogue order, that is broken

  void clear();
};

/// For one thread.
class StateExpander {
 public:
  /// What is given must outlive it. `atoms`: what letters are made of. `judges_core`: whether states may break core
  /// rules.
  StateExpander(StateSpace& space, const Units& units, const std::vector<model::ExprId>& atoms, bool judges_core);

  /// Adds to `out` what `count` packed states lead to.
  void expand(const std::uint64_t* states, std::size_t count, ExpandedStates& out);

  static FactLayout layout(const Units& units, std::size_t atoms);

 private:
  struct Cursor;  // in what some states lead to
  void expand_some(const std::uint64_t* states, std::size_t count, const std::uint64_t* letters, ExpandedStates& out);
  void sort_units();
  void put_in_order();
  void add_state(std::uint32_t source, Cursor& next, const std::uint64_t* letters, ExpandedStates& out);
  std::uint64_t* add_facts(const std::uint64_t* letters, Cut cut, ExpandedStates& out) const;
  const model::State& cells();
  std::uint32_t note_able(const PackedSuccessors::Origin& origin);
  void note_broken(model::RuleId rule, ExpandedStates& out) const;
  void add_owed(std::uint64_t* facts);
  void add_owed_to_threads(std::uint64_t* facts);
  void drop_places_with_unable();
  bool is_opposed_on(std::int32_t cpu) const { return (opposed_ >> cpu & 1) != 0; }
  bool is_unopposed(std::uint32_t thread);
  bool waits_for_mutex(std::uint32_t thread);

  StateSpace& space_;
  const model::TransitionSystem& system_;
  const model::Scheduler scheduler_;
  const Units& units_;
  const FactLayout layout_;
  PackedSuccessors successors_;
  Judgement seen_;
  std::vector<std::size_t> order_;  // of successors

  // Sets of units.
  std::vector<std::uint64_t> weak_;     // owed a step weakly wherever they are able
  std::vector<std::uint64_t> strong_;   // strongly
  std::vector<std::uint64_t> threads_;  // as it depends
  bool has_places_ = false;             // some handler has several activations
  std::vector<bool> has_mutex_waits_;   // by thread

  // Of the state at hand.
  const std::uint64_t* packed_ = nullptr;
  bool is_unpacked_ = false;
  model::State cells_;
  std::vector<std::uint64_t> able_;  // units that may step
  std::vector<bool> able_slots_;     // activations that may step
  std::uint32_t opposed_ = 0;        // CPUs on which a handler may start
};

}  // namespace quiesce::checker
