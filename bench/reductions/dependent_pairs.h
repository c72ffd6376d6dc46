// Which steps of the text depend on each other in some state that can be reached: the best that a relation of
// independence that does not look at the state can say, be it found from cells, by enumeration or by a solver. Found by
// trying both orders in every state, so it is a bound and no method.
#pragma once

#include <cstdint>
#include <vector>

#include <boost/dynamic_bitset.hpp>

#include "bench/reductions/outcomes.h"
#include "checker/reduce/independence.h"

namespace quiesce::checker {

class DependentPairs : public Independence {
 public:
  /// Requires: both outlive this.
  DependentPairs(const CompiledSystem& compiled, const TextSteps& steps);

  /// Adds what `state` shows, of which `outcomes` are all. To be called for every state before anything is asked.
  void learn(const CellValues& state, const std::vector<Outcome>& outcomes, OutcomeCollector& collector);

  /// Instead of learning: takes over what cells say.
  void learn_from_cells();

  /// What cells show to be independent is so, whatever the scheduler makes of the two.
  bool are_independent(std::size_t step, std::size_t other) const override {
    return !dependent_[step].test(other) || cells_.are_independent(step, other);
  }

  /// The actions that no property sees and that depend on no step that may come next in `state` but on such of
  /// themselves; one bit each. `busy_may_start`: starts of handlers count of which all activations run, too.
  std::uint64_t put_off(const CellValues& state, const std::vector<Outcome>& outcomes, bool busy_may_start) const;

 private:
  class Behind;

  std::size_t step_of(const CellValues& state, const model::Actor& actor) const;
  bool lacks_cpu(const CellValues& state, const model::Actor& actor) const;
  void depend(std::size_t step, std::size_t other) {
    dependent_[step].set(other);
    dependent_[other].set(step);
  }

  const CompiledSystem& compiled_;
  const TextSteps& steps_;
  DisjointCells cells_;
  std::vector<boost::dynamic_bitset<>> dependent_;  // by step of the text
  std::uint64_t seen_ = 0;                          // actions that a property sees, or that fail checks
};

}  // namespace quiesce::checker
