// The actors to which fairness applies.
#pragma once

#include <cstdint>
#include <vector>

#include "model/interpret/state.h"
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

  /// Whether infinitely many steps of it may be asked for.
  bool may_repeat(std::uint32_t unit) const { return fairness[unit] != model::Fairness::Sporadic; }

  const model::TransitionSystem& system;
  std::uint32_t contexts = 0;
  std::vector<std::uint32_t> first_place;  // by context; 0: it has one activation
  std::vector<model::Fairness> fairness;   // by unit
  std::vector<bool> is_thread;             // by unit
};

}  // namespace quiesce::checker
