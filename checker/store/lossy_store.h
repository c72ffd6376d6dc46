// Visited sets that forget (visited_set.h). Nothing can be read back from them.
//
//   std::unique_ptr<VisitedSet> visited = std::make_unique<CompactStore>(words);       // --storage compact
//   std::unique_ptr<VisitedSet> visited = std::make_unique<BitstateStore>(words, bytes);  // --storage bitstate
#pragma once

#include <cstddef>
#include <cstdint>

#include "checker/store/visited_set.h"
#include "model/base/internal_check.h"

namespace quiesce::checker {

class LossyStore : public VisitedSet {
 public:
  /// The chance that one given state that has not been inserted yet would be taken for known now: at the end of a
  /// search, an upper bound for each state on its own.
  virtual double given_state_missed_probability() const = 0;

 private:
  bool is_exact() const final { return false; }
  void read(StateKey, std::uint64_t*) const final { QUIESCE_CHECK(false) << "a lossy set gives no state back"; }
  bool contains(const std::uint64_t*) const final {
    QUIESCE_CHECK(false) << "a lossy set does not know its states";
    return false;
  }
};

}  // namespace quiesce::checker
