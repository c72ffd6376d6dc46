// The door to CaDiCaL: an incremental solver for clauses over variables 1, 2, ...; a literal is a variable or its
// negative number. Nothing else of ours includes CaDiCaL.
//
// In which order calls make sense: new_variable(), add() and stop_when() at any time; assume() and constrain() before a
// solve(), which forgets them; after Satisfiable value(), after Unsatisfiable failed().
//
// Preprocessing and inprocessing are off: the queries of the engines are many and small, and with inprocessing the same
// proofs took longer (docs/engines.md).
#pragma once

#include <functional>
#include <memory>
#include <span>

#include "checker/sat/clause_sink.h"

namespace quiesce::checker {

class SatSolver : public ClauseSink {
 public:
  enum class Answer { Satisfiable, Unsatisfiable, Stopped };

  SatSolver();
  ~SatSolver() override;
  SatSolver(SatSolver&&) noexcept;
  SatSolver& operator=(SatSolver&&) noexcept;

  int new_variable() override;
  using ClauseSink::add;
  void add(std::span<const int> clause) override;

  /// For the next solve() only: a literal that is to be true, a clause of which one literal is to be true. At most one
  /// clause.
  void assume(int literal);
  void constrain(std::span<const int> clause);

  /// Stopped only where `stop_when` said so.
  Answer solve();

  /// After Satisfiable: whether the literal is true.
  bool value(int literal) const;
  /// After Unsatisfiable: whether the assumed literal was needed.
  bool failed(int literal) const;

  /// Asked now and then during solve(): true stops it.
  void stop_when(std::function<bool()> stop);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace quiesce::checker
