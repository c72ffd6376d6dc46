// What the enumeration of initial states asks of others: where no value fulfils `any where`. This floor knows no
// solver, so that it only says what it wants to know (checker/smt/initial_solver.h answers).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace quiesce::model {

/// The numbers from lo to hi, which an initial assignment without a value may give.
struct InitialRange {
  std::size_t assign = 0;  // of TransitionSystem::initial
  std::int64_t lo = 0;
  std::int64_t hi = 0;
};

/// Belongs to one system. Not thread safe.
class InitialGuide {
 public:
  virtual ~InitialGuide() = default;

  /// Whether some initial state may have its values in these ranges, of different assignments in their order. False
  /// only where there is none: nothing in the ranges is tried then. `tries`: how many combinations trying would look
  /// at.
  virtual bool may_begin(const std::vector<InitialRange>& ranges, std::uint64_t tries) = 0;

  /// So many combinations are tried without asking.
  virtual std::uint64_t tried_unasked() const = 0;
};

}  // namespace quiesce::model
