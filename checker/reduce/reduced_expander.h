// Expands packed states as PackedExpander does, but where the steps of a few are enough (stubborn_sets.h), only those.
// A drop-in for it: the searches need not know.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "checker/reduce/stubborn_sets.h"
#include "checker/successor/packed_expander.h"

namespace quiesce::checker {

/// What partial order reduction needs of a system. Built once per search, immutable, shared by all threads.
class PartialOrder {
 public:
  /// Requires: `system` outlives this.
  explicit PartialOrder(const PackedSystem& system);

  const StubbornSets& sets() const { return sets_; }

 private:
  TextSteps steps_;
  StubbornSets sets_;
};

/// One per thread.
class ReducedExpander {
 public:
  /// `order` is null for no reduction; else it outlives this.
  ReducedExpander(const PackedSystem& system, const PartialOrder* order);
  ~ReducedExpander();
  ReducedExpander(const ReducedExpander&) = delete;
  ReducedExpander& operator=(const ReducedExpander&) = delete;

  /// As PackedExpander::expand.
  void expand(const std::uint64_t* states, std::size_t count, PackedSuccessors& out, SuccessorDrain* drain = nullptr);

  /// As PackedExpander::exercised.
  const std::vector<bool>& exercised();

 private:
  class Some;
  void expand_all(const std::uint64_t* states, std::size_t first, std::size_t end, PackedSuccessors& out,
                  SuccessorDrain* drain);

  const PackedSystem& system_;
  const PartialOrder* order_;  // null: no reduction, or none that is of use
  PackedExpander expander_;
  std::unique_ptr<Some> some_;
  std::vector<bool> exercised_;
};

}  // namespace quiesce::checker
