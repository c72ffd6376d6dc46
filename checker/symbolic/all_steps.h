// All steps from some states at once, by evaluating a circuit: each of its 64 lanes is a state with a class of
// commands.
// What random runs are for, without their luck: a state needs as many lanes as there are classes, so that six states
// or so have all of their next states after one evaluation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "checker/symbolic/encode.h"

namespace quiesce::checker {

/// A state of an encoding: bit i of Encoding::bits is bit i % 64 of word i / 64.
using PackedState = std::vector<std::uint64_t>;

PackedState packed(const std::vector<bool>& bits);

class AllSteps {
 public:
  /// `encoding` must outlive it and have a class.
  explicit AllSteps(const Encoding& encoding);

  /// So many states fit into one call of next_of().
  std::size_t at_once() const { return at_once_; }

  /// The states that a step from one of `states` leads to, a state as often as there are steps. Requires: at least one
  /// and no more than at_once(). Cost: an evaluation of the circuit, for more than 64 classes one for each 64.
  std::vector<PackedState> next_of(const std::vector<PackedState>& states);

 private:
  void set_states(const std::vector<PackedState>& states);
  void set_classes(std::size_t first);
  void collect(std::uint64_t moved, std::vector<PackedState>& next);

  const Encoding& encoding_;
  std::size_t of_state_;  // lanes
  std::size_t at_once_;
  std::vector<std::uint64_t> values_;                 // of the circuit
  std::vector<std::vector<std::uint64_t>> gathered_;  // by word of a state: by lane, once transposed
};

/// The transposed matrix: bit c of row r becomes bit r of row c. `rows`: 64.
void transpose(std::vector<std::uint64_t>& rows);

}  // namespace quiesce::checker
