// The transition relation of an encoding as clauses, made once for all solvers of a proof: only bits of the state
// before and after, inputs, bad outputs and `steps` are left of the circuit's variables, and what holds them together.
#pragma once

#include <vector>

#include "checker/sat/clause_sink.h"
#include "checker/symbolic/encode.h"

namespace quiesce::checker {

struct RelationClauses {
  int variables = 0;
  std::vector<int> clauses;  // each ended by 0; with Encoding::assumed, without Encoding::given

  // Literals; those of bits in the order of Encoding::bits, those of inputs in that of Encoding::input(), and so on.
  std::vector<int> now, next, inputs, bad;
  int steps = 0;

  /// Puts them into a solver that has no variables yet.
  void add_to(ClauseSink& sink) const;
};

RelationClauses relation_clauses(const Encoding& encoding);

}  // namespace quiesce::checker
