// Where clauses go: a solver, or a text. A literal is a variable 1, 2, ... or its negative number.
#pragma once

#include <initializer_list>
#include <span>

namespace quiesce::checker {

class ClauseSink {
 public:
  virtual ~ClauseSink() = default;

  /// A variable that no clause mentions yet.
  virtual int new_variable() = 0;

  /// Adds a clause for good.
  virtual void add(std::span<const int> clause) = 0;
  void add(std::initializer_list<int> clause) { add(std::span(clause.begin(), clause.size())); }

 protected:
  ClauseSink() = default;
  ClauseSink(const ClauseSink&) = default;
  ClauseSink(ClauseSink&&) = default;
  ClauseSink& operator=(const ClauseSink&) = default;
  ClauseSink& operator=(ClauseSink&&) = default;
};

}  // namespace quiesce::checker
