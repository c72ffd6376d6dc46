// Cubes: conjunctions of literals over the bits of an encoding. Literal +(i + 1) says that bit i is true, -(i + 1) that
// it is false. A clause of an invariant is the negation of a cube.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "checker/result/invariant.h"
#include "checker/symbolic/encode.h"

namespace quiesce::checker {

/// Ascending by bit.
using Cube = std::vector<int>;

inline std::size_t bit_of(int literal) { return static_cast<std::size_t>(literal > 0 ? literal : -literal) - 1; }

/// Whether every literal of `part` is one of `whole`.
bool is_part(const Cube& part, const Cube& whole);

InvariantClause clause_against(const Encoding& encoding, const Cube& cube);

/// The cube that the clause excludes. None: the clause is true, since a bit that never changes says so.
std::optional<Cube> cube_against(const Encoding& encoding, const InvariantClause& clause);

/// The initial states, packed for questions about cubes.
class InitialStates {
 public:
  explicit InitialStates(const Encoding& encoding);

  /// Some initial state in which all literals hold; none: none.
  std::optional<std::size_t> in(const Cube& cube) const;

  /// Adds literals of `whole` to `cube`, one of its parts, until no initial state is in it. Requires: none is in
  /// `whole`.
  void leave_out(Cube& cube, const Cube& whole) const;

 private:
  bool holds(int literal, std::size_t state) const {
    const std::uint64_t word = states_[state][bit_of(literal) / 64];
    return (((word >> (bit_of(literal) % 64)) & 1) != 0) == (literal > 0);
  }

  std::vector<std::vector<std::uint64_t>> states_;
};

}  // namespace quiesce::checker
