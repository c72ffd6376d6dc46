// A circuit as clauses of a solver (Tseitin), a cone at a time: a signal gets its clauses when its literal is first
// asked for.
#pragma once

#include <cstdint>
#include <vector>

#include "checker/sat/solver.h"
#include "checker/symbolic/circuit.h"

namespace quiesce::checker {

/// One copy of a circuit in a solver; a solver may have several (steps of a run). Both must outlive it.
class CircuitCopy {
 public:
  CircuitCopy(const Circuit& circuit, SatSolver& solver);

  /// The literal that is true where `signal` is.
  int literal(Signal signal);

  /// Makes an input be this literal. Requires: it has none yet.
  void bind(Signal input, int literal);

 private:
  const Circuit& circuit_;
  SatSolver& solver_;
  std::vector<int> literals_;  // by node; 0: not yet
};

}  // namespace quiesce::checker
