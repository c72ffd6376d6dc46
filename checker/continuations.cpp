#include "checker/continuations.h"

#include <algorithm>
#include <utility>

#include "checker/store/packing.h"
#include "model/base/scramble.h"

namespace quiesce::checker {

using namespace model;

StepLabel label_of(const TransitionSystem& system, const State& before, const Actor& actor) {
  const bool steps = actor.kind == Actor::Kind::Step;
  const std::int32_t place =
      steps ? before[system.contexts[actor.index].location_cell[actor.activation].value] : std::int32_t{0};
  return {actor.kind, actor.index, place};
}

std::size_t Continuations::Hash::operator()(const PackedState& state) const {
  return scramble(state.data(), state.size());
}

Continuations::Continuations(const TransitionSystem& system, RuleId rule, std::size_t most_states)
    : system_(system), rule_(rule), most_states_(most_states) {
  if (Packing(system).is_too_wide()) return;
  SearchOptions options;
  options.threads = 1;
  space_ = make_whole_space(system, options);
  Interest interest = Interest::in_nothing(system);
  interest.rules[rule.value] = true;
  space_->look_for(interest);
  successors_.wants_origins = true;
}

bool Continuations::counts(RuleId rule) const { return rule == rule_ || system_.at(rule).core; }

std::uint32_t Continuations::number_of(const StepLabel& label) {
  return labels_.try_emplace(label, static_cast<std::uint32_t>(labels_.size())).first->second;
}

std::uint32_t Continuations::node_of(const PackedState& state) {
  const auto [known, is_new] = numbers_.try_emplace(state, static_cast<std::uint32_t>(nodes_.size()));
  if (is_new) nodes_.push_back({state, {}});
  return known->second;
}

std::uint32_t Continuations::node_of(const State& state) {
  PackedState packed(space_->words());
  space_->pack(state, packed.data());
  return node_of(packed);
}

/// False at the bound.
bool Continuations::expand(std::uint32_t number) {
  if (nodes_[number].is_expanded) return true;
  if (nodes_.size() >= most_states_) return false;
  const PackedState state = nodes_[number].state;
  judgement_.clear();
  space_->judge(state.data(), 1, judgement_);
  const auto is_bad = [&](const Judgement::Broken& broken) { return counts(broken.violation.rule); };
  const bool shows = std::any_of(judgement_.broken.begin(), judgement_.broken.end(), is_bad);
  nodes_[number].is_expanded = true;
  nodes_[number].breaks = shows || !judgement_.ended.empty();
  if (!judgement_.ended.empty()) return true;
  successors_.clear();
  space_->expand(state.data(), 1, successors_);
  const State cells = space_->unpack(state.data());
  for (const PackedSuccessors::FailedCheck& failed : successors_.failed) {
    nodes_[number].breaks |= counts(space_->broken_by(failed.check).rule);
  }
  const std::size_t words = space_->words();
  std::vector<Edge> next;
  for (std::size_t i = 0; i < successors_.origins.size(); ++i) {
    const auto first = successors_.states.begin() + static_cast<std::ptrdiff_t>(i * words);
    const PackedState to(first, first + static_cast<std::ptrdiff_t>(words));
    next.push_back({node_of(to), number_of(label_of(system_, cells, successors_.origins[i].actor))});
  }
  nodes_[number].next = std::move(next);
  return true;
}

Continuations::Fate Continuations::fate(const State& state) {
  if (space_ == nullptr) return Fate::Unknown;
  const std::uint32_t root = node_of(state);
  if (nodes_[root].fate != Fate::Unknown) return nodes_[root].fate;
  std::vector<std::uint32_t> order = {root};
  std::unordered_map<std::uint32_t, std::uint32_t> parents = {{root, root}};
  for (std::size_t at = 0; at < order.size(); ++at) {
    const std::uint32_t number = order[at];
    if (!expand(number)) return Fate::Unknown;
    if (nodes_[number].breaks || nodes_[number].fate == Fate::Open) {
      for (std::uint32_t back = number; back != root; back = parents[back]) nodes_[back].fate = Fate::Open;
      nodes_[root].fate = Fate::Open;
      return Fate::Open;
    }
    if (nodes_[number].fate == Fate::Free) continue;
    for (const Edge& edge : nodes_[number].next) {
      if (parents.try_emplace(edge.to, number).second) order.push_back(edge.to);
    }
  }
  for (const std::uint32_t number : order) nodes_[number].fate = Fate::Free;
  return Fate::Free;
}

/// Visits what `open` leads to over edges that `follows` agrees to, until `enter` refuses one; whether it never did.
template <typename Enter, typename Follows>
bool Continuations::walk(std::vector<std::uint32_t> open, Enter enter, Follows follows) const {
  std::vector<bool> seen(nodes_.size());
  while (!open.empty()) {
    const std::uint32_t number = open.back();
    open.pop_back();
    if (seen[number]) continue;
    seen[number] = true;
    if (!enter(number)) return false;
    seen.resize(nodes_.size());
    for (const Edge& edge : nodes_[number].next) {
      if (!seen[edge.to] && follows(edge)) open.push_back(edge.to);
    }
  }
  return true;
}

bool Continuations::explore_all() {
  if (space_ == nullptr) return false;
  initial_.clear();
  space_->initial([&](const std::uint64_t* state) {
    initial_.push_back(node_of(PackedState(state, state + space_->words())));
    return nodes_.size() < most_states_;
  });
  return walk(
      initial_, [&](std::uint32_t number) { return expand(number); }, [](const Edge&) { return true; });
}

bool Continuations::comes_to(const State& state, const StepLabel& label) {
  const auto known = labels_.find(label);
  if (known == labels_.end()) return false;
  const auto leaves_by_it = [&](std::uint32_t number) {
    return std::any_of(nodes_[number].next.begin(), nodes_[number].next.end(),
                       [&](const Edge& edge) { return edge.label == known->second; });
  };
  return !walk(
      {node_of(state)}, [&](std::uint32_t number) { return !leaves_by_it(number); }, [](const Edge&) { return true; });
}

bool Continuations::breaks_without(const StepLabel& label) const {
  const auto known = labels_.find(label);
  if (known == labels_.end()) return true;
  return !walk(
      initial_, [&](std::uint32_t number) { return !nodes_[number].breaks; },
      [&](const Edge& edge) { return edge.label != known->second; });
}

}  // namespace quiesce::checker
