// The initial states of a system (docs/semantics.md, 2.4), one after the other.
#pragma once

#include <functional>

#include "model/interpret/initial_guide.h"
#include "model/interpret/state.h"

namespace quiesce::model {

/// As Interpreter::for_each_initial_state says.
struct InitialVisit {
  const std::function<bool(const State&)>& use;
  const std::function<bool()>& is_wanted;
  InitialGuide* guide = nullptr;
};

/// The values of each 'any' are tried in ascending order, those of later assignments first; a condition is judged as
/// soon as all that it reads is there. With a guide, ranges of values are halved until it refuses them or few
/// combinations are left to be tried: the order is the same.
void visit_initial_states(const TransitionSystem& system, const InitialVisit& visit);

}  // namespace quiesce::model
