// What can come of a state: whether some continuation breaks a rule, found by a search whose states are remembered from
// one question to the next. Internal to why.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "checker/space/state_space.h"
#include "model/interpret/state.h"

namespace quiesce::checker {

/// What acts, and at which location: a statement of a context, the start of a handler (0), an action (0).
using StepLabel = std::tuple<model::Actor::Kind, std::uint32_t, std::int32_t>;
StepLabel label_of(const model::TransitionSystem& system, const model::State& before, const model::Actor& actor);

class Continuations {
 public:
  /// `system`, which was not reduced, outlives this. At most `most_states` states are looked at in all.
  Continuations(const model::TransitionSystem& system, model::RuleId rule, std::size_t most_states);

  enum class Fate {
    Free,    // no continuation breaks the rule, nor any core rule
    Open,    // some continuation does
    Unknown  // the bound came first
  };
  Fate fate(const model::State& state);

  /// Whether a step of this label follows some time after `state`. Requires: it is Free, so all that follows is known.
  bool comes_to(const model::State& state, const StepLabel& label);

  /// Whether all reachable states are known now; else the bound came first.
  bool explore_all();

  /// Whether some run from an initial state breaks the rule without a step of this label. Requires: explore_all().
  bool breaks_without(const StepLabel& label) const;

  std::size_t states() const { return nodes_.size(); }

 private:
  struct Edge {
    std::uint32_t to = 0;
    std::uint32_t label = 0;  // in labels_
  };
  struct Node {
    PackedState state;
    std::vector<Edge> next;
    bool is_expanded = false;
    bool breaks = false;  // the state, or a step from it, breaks the rule or a core rule
    Fate fate = Fate::Unknown;
  };
  struct Hash {
    std::size_t operator()(const PackedState& state) const;
  };

  template <typename Enter, typename Follows>
  bool walk(std::vector<std::uint32_t> open, Enter enter, Follows follows) const;
  std::uint32_t node_of(const model::State& state);
  std::uint32_t node_of(const PackedState& state);
  bool expand(std::uint32_t number);
  bool counts(model::RuleId rule) const;
  std::uint32_t number_of(const StepLabel& label);

  const model::TransitionSystem& system_;
  const model::RuleId rule_;
  const std::size_t most_states_;
  std::unique_ptr<StateSpace> space_;  // null: a state is too wide to be packed
  std::vector<Node> nodes_;
  std::unordered_map<PackedState, std::uint32_t, Hash> numbers_;
  std::vector<std::uint32_t> initial_;
  std::map<StepLabel, std::uint32_t> labels_;
  PackedSuccessors successors_;
  Judgement judgement_;
};

}  // namespace quiesce::checker
