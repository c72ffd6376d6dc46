// What variables hold in the course of a story: the state beside each step. Only what changes is kept for each step, so
// that a long story of a large design stays small.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/interpret/state.h"

namespace quiesce::checker {

/// A variable, or the life of an object, at the begin of a story.
struct StoryVariable {
  enum class Kind { Truth, Lock, Life, Other };
  std::string name;
  std::string value;
  Kind kind = Kind::Other;
  bool is_local = false;  // of a context
};

/// What a variable holds after a step.
struct StoryValue {
  std::size_t variable = 0;  // in Story::variables
  std::string value;

  bool operator==(const StoryValue&) const = default;
};

/// The value of `variable` as stories show it: "held by nic.isr" for a lock.
std::string value_text(const model::TransitionSystem& system, const model::Variable& variable,
                       const model::State& state);

/// "not yet initialised", "live", "freed": the life of an object by the value of its cell.
const char* life_text(std::int32_t life);

/// The variables of the text that `system` still has, in their order, then the objects with a life.
std::vector<StoryVariable> shown_variables(const model::TransitionSystem& system, const model::State& state);

/// Which of them have another value in `after`. O(cells).
std::vector<StoryValue> changed_values(const model::TransitionSystem& system, const model::State& before,
                                       const model::State& after);

}  // namespace quiesce::checker
