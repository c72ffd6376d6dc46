// Tells steps apart that may be the same (docs/semantics.md 7.2): the outcomes of one state, context by context.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "checker/successor/successor_generator.h"
#include "model/interpret/state.h"

namespace quiesce::checker {

/// One per thread.
class StepCounter {
 public:
  explicit StepCounter(std::size_t words) : words_(words) {}

  /// Before the outcomes of another state.
  void begin_state() {
    if (steps_.empty()) return;
    steps_.clear();
    details_.clear();
  }

  /// Whether no step is remembered: then nothing refers to the states.
  bool is_empty() const { return steps_.empty(); }

  /// Whether this step was not seen since begin_state(): by `actor` (one number per context, per handler that starts
  /// and per action), to the state at `states + target`, with these counted choices and, after them, failed checks.
  template <class Number>
  bool is_new(std::uint64_t actor, const std::uint64_t* states, std::size_t target, const Number* details,
              std::size_t choices, std::size_t count) {
    for (const Step& step : steps_) {
      if (step.actor == actor && step.choices == choices && step.count == count &&
          std::equal(states + step.target, states + step.target + words_, states + target) &&
          std::equal(details, details + count, details_.begin() + static_cast<std::ptrdiff_t>(step.first))) {
        return false;
      }
    }
    steps_.push_back({actor, target, details_.size(), choices, count});
    details_.insert(details_.end(), details, details + count);
    return true;
  }

  /// The same of what `step` shows.
  bool is_new(const SuccessorView& step, const std::uint64_t* states, std::size_t target) {
    of_step_.clear();
    for (const ChoiceMade& choice : *step.choices) {
      if (choice.counted) of_step_.push_back(choice.value);
    }
    const std::size_t choices = of_step_.size();
    of_step_.insert(of_step_.end(), step.failed->begin(), step.failed->end());
    return is_new(actor_number(step.actor.kind, step.actor.index), states, target, of_step_.data(), choices,
                  of_step_.size());
  }

  /// The number of an actor: all activations of a context are one.
  static std::uint64_t actor_number(model::Actor::Kind kind, std::uint32_t index) {
    return static_cast<std::uint64_t>(kind) << 32 | index;
  }

 private:
  struct Step {
    std::uint64_t actor = 0;
    std::size_t target = 0;
    std::size_t first = 0;
    std::size_t choices = 0;
    std::size_t count = 0;
  };
  std::size_t words_;
  std::vector<Step> steps_;
  std::vector<std::int64_t> details_;
  std::vector<std::int64_t> of_step_;
};

}  // namespace quiesce::checker
