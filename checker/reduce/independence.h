// Which steps of the text are independent: whether the program of one can change what the program of another does, or
// the other way round. The place for proven independence: stubborn sets ask this interface and nothing else, so that a
// solver may later answer where cells alone do not show it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/system/cell_set.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

/// Whose program a step of the text is.
struct TextStep {
  enum class Kind : std::uint8_t { Place, Start, Act };
  Kind kind = Kind::Place;
  std::uint32_t slot = 0;      // Place: the activation
  std::uint32_t context = 0;   // Place, Start
  model::LocationId location;  // Place
  std::uint32_t action = 0;    // Act
  model::CellSet reads;        // also what lets it wait; not what only stories read
  model::CellSet writes;       // by assignments; not what the scheduler writes
};

/// All steps of the text: the places of all slots in order, then the starts of handlers, then the actions.
class TextSteps {
 public:
  explicit TextSteps(const model::TransitionSystem& system);

  const std::vector<TextStep>& all() const { return steps_; }
  const TextStep& operator[](std::size_t step) const { return steps_[step]; }

  /// Slot `slot` standing at location number `number` (from 1).
  std::size_t place(std::uint32_t slot, std::int64_t number) const {
    return first_place_[slot] + static_cast<std::size_t>(number) - 1;
  }
  /// The start of the handler that is context `context`.
  std::size_t start(std::uint32_t context) const { return starts_[context]; }
  std::size_t action(std::size_t action) const { return first_action_ + action; }
  std::size_t places() const { return places_; }

 private:
  std::vector<TextStep> steps_;
  std::vector<std::size_t> first_place_;  // by slot
  std::vector<std::size_t> starts_;       // by context; meaningless for threads
  std::size_t places_ = 0;
  std::size_t first_action_ = 0;
};

/// Says which pairs of steps are independent. Const and thread safe.
class Independence {
 public:
  virtual ~Independence() = default;

  /// Whether the effects of the two programs are the same in both orders, in every state in which both can be executed,
  /// and neither makes the other possible or impossible, or changes which of its checks fail. About programs only: that
  /// a step may have to wait for a CPU is the business of the caller. Symmetric. May say no where yes would be right.
  virtual bool are_independent(std::size_t step, std::size_t other) const = 0;
};

/// Independent when neither writes what the other reads or writes.
class DisjointCells : public Independence {
 public:
  /// `steps` must outlive this.
  explicit DisjointCells(const TextSteps& steps) : steps_(steps) {}
  bool are_independent(std::size_t step, std::size_t other) const override;

 private:
  const TextSteps& steps_;
};

}  // namespace quiesce::checker
