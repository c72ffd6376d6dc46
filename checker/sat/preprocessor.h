// Clauses made smaller before solvers get them: variables that only stand for parts of a formula are resolved away
// (bounded variable elimination, Een, Biere, SAT 2005), as CaDiCaL does it.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "checker/sat/clause_sink.h"

namespace quiesce::checker {

class Preprocessor : public ClauseSink {
 public:
  Preprocessor();
  ~Preprocessor() override;

  int new_variable() override;
  using ClauseSink::add;
  void add(std::span<const int> clause) override;

  /// The variable of the literal is to stay.
  void keep(int literal);

  struct Result {
    int variables = 0;         // 1, 2, ...: fewer than before, so they have other numbers
    std::vector<int> clauses;  // each ended by 0
    std::vector<int> number;   // by variable before: the one that it is now; 0: gone
  };

  /// Clauses with the same solutions as all that were added, as far as these are about variables to be kept. Ends the
  /// use of this object. Cost: milliseconds for some thousand clauses.
  Result simplified();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace quiesce::checker
