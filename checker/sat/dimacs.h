// Clauses as a text in DIMACS, which every SAT solver and every checker of DRAT proofs reads.
#pragma once

#include <cstddef>
#include <string>

#include "checker/sat/clause_sink.h"

namespace quiesce::checker {

class Dimacs : public ClauseSink {
 public:
  int new_variable() override { return ++variables_; }
  using ClauseSink::add;
  void add(std::span<const int> clause) override;

  /// The whole file. `comment` stands before it; each of its lines is made a comment.
  std::string text(const std::string& comment) const;

 private:
  int variables_ = 0;
  std::size_t clauses_ = 0;
  std::string lines_;
};

}  // namespace quiesce::checker
