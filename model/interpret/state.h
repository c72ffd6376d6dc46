// A state of a transition system, and what one step does: the vocabulary shared by the reference
// interpreter, engines, replay and reports.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/system/transition_system.h"

namespace quiesce::model {

/// One number per cell, in the order of TransitionSystem::cells.
using State = std::vector<std::int32_t>;

/// What takes a step: an activation of a context (Step), the start of a handler (Start), or an action (Act).
struct Actor {
  enum class Kind : std::uint8_t { Step, Start, Act };
  Kind kind = Kind::Step;
  std::uint32_t index = 0;       // context (Step, Start) or action (Act)
  std::uint32_t activation = 0;  // Step: which; Start: the one that becomes busy

  auto operator<=>(const Actor&) const = default;
};

/// A rule broken by a step.
struct Violation {
  RuleId rule;
  Span span;                 // the check that failed
  std::string message;       // may be empty
  PropertyId property = {};  // violations of a state by a property: which; none for CheckOps, core.stuck and leaks

  bool operator==(const Violation&) const = default;
};

/// One step from a known state.
struct Step {
  Actor actor;
  std::int32_t cpu = -1;              // CPU on which it was taken; -1: floating and it does not matter which
  std::vector<std::int64_t> choices;  // values chosen, in the order of the program's Choose operations on this way
  std::vector<bool> counted;          // which of them count (ChooseOp::counted)
};

/// An outcome of a step.
struct Successor {
  Step step;
  State next;                         // not canonical; meaningless when `ends_run`
  std::vector<Violation> violations;  // in the order of the program
  bool ends_run = false;              // the last violation is of a core rule: there is no next state
  std::vector<RuleId> exercised;      // rules of which this step executed a CheckOp, ascending, each once
};

}  // namespace quiesce::model
