// Clauses that were made smaller have the same solutions over the variables that are kept.
#include "checker/sat/preprocessor.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <vector>

#include "checker/sat/solver.h"
#include "model/base/scramble.h"

namespace quiesce::checker {
namespace {

using Clauses = std::vector<std::vector<int>>;

constexpr int kVariables = 14;
constexpr int kKept = 5;

Clauses random_clauses(std::uint64_t seed, int count) {
  Clauses result(static_cast<std::size_t>(count));
  std::uint64_t state = seed;
  const auto next = [&state] { return state = model::scramble(state + 1); };
  for (std::vector<int>& clause : result) {
    const int length = 2 + static_cast<int>(next() % 2);
    for (int i = 0; i < length; ++i) {
      const int variable = 1 + static_cast<int>(next() % kVariables);
      clause.push_back(next() % 2 == 0 ? variable : -variable);
    }
  }
  return result;
}

/// Which valuations of the literals some solution has.
std::vector<bool> projected(SatSolver& solver, const std::vector<int>& literals) {
  std::vector<bool> result;
  for (unsigned valuation = 0; valuation < 1u << literals.size(); ++valuation) {
    for (std::size_t i = 0; i < literals.size(); ++i) {
      solver.assume((valuation >> i & 1) != 0 ? literals[i] : -literals[i]);
    }
    result.push_back(solver.solve() == SatSolver::Answer::Satisfiable);
  }
  return result;
}

std::vector<bool> of_the_clauses(const Clauses& clauses, const std::vector<int>& kept) {
  SatSolver solver;
  for (int i = 0; i < kVariables; ++i) solver.new_variable();
  for (const std::vector<int>& clause : clauses) solver.add(clause);
  return projected(solver, kept);
}

std::vector<bool> of_what_is_left(const Clauses& clauses, const std::vector<int>& kept, int* variables) {
  Preprocessor preprocessor;
  for (int i = 0; i < kVariables; ++i) preprocessor.new_variable();
  for (const std::vector<int>& clause : clauses) preprocessor.add(clause);
  for (const int variable : kept) preprocessor.keep(variable);
  const Preprocessor::Result left = preprocessor.simplified();
  *variables = left.variables;
  SatSolver solver;
  for (int i = 0; i < left.variables; ++i) solver.new_variable();
  std::vector<int> clause;
  for (const int literal : left.clauses) {
    if (literal != 0) {
      clause.push_back(literal);
      continue;
    }
    solver.add(clause);
    clause.clear();
  }
  std::vector<int> renamed;
  for (const int variable : kept) renamed.push_back(left.number[static_cast<std::size_t>(variable)]);
  return projected(solver, renamed);
}

TEST(Preprocessor, KeepsSolutionsOverWhatIsKept) {
  std::vector<int> kept;
  for (int i = 1; i <= kKept; ++i) kept.push_back(i);
  int fewer = 0, contradictory = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    const Clauses clauses = random_clauses(seed, 8 + static_cast<int>(seed % 30));
    int variables = 0;
    const std::vector<bool> expected = of_the_clauses(clauses, kept);
    EXPECT_EQ(of_what_is_left(clauses, kept, &variables), expected) << "seed " << seed;
    fewer += variables < kVariables ? 1 : 0;
    contradictory += expected == std::vector<bool>(expected.size()) ? 1 : 0;
  }
  EXPECT_GT(fewer, 100);
  EXPECT_GT(contradictory, 2);
}

}  // namespace
}  // namespace quiesce::checker
