// A circuit as clauses (Tseitin), a cone at a time: a signal gets its clauses when its literal is first
// asked for.
#pragma once

#include <cstdint>
#include <vector>

#include "checker/sat/clause_sink.h"
#include "checker/symbolic/circuit.h"

namespace quiesce::checker {

/// One copy of a circuit in a solver or a text, which may have several (steps of a run). Both must outlive it.
class CircuitCopy {
 public:
  CircuitCopy(const Circuit& circuit, ClauseSink& sink);

  /// The literal that is true where `signal` is.
  int literal(Signal signal);

  /// Makes an input be this literal. Requires: it has none yet.
  void bind(Signal input, int literal);

 private:
  const Circuit& circuit_;
  ClauseSink& sink_;
  std::vector<int> literals_;  // by node; 0: not yet
};

}  // namespace quiesce::checker
