#include "checker/sat/solver.h"

#include <gtest/gtest.h>

#include <vector>

namespace quiesce::checker {
namespace {

using Answer = SatSolver::Answer;

TEST(SatSolver, AssumptionsAndTemporaryClausesHoldOnce) {
  SatSolver solver;
  const int a = solver.new_variable();
  const int b = solver.new_variable();
  solver.add({a, b});
  const std::vector<int> none = {-a, -b};
  solver.constrain(none);
  solver.assume(a);
  ASSERT_EQ(solver.solve(), Answer::Satisfiable);
  EXPECT_TRUE(solver.value(a));
  EXPECT_FALSE(solver.value(b));
  solver.assume(-a);
  solver.assume(-b);
  EXPECT_EQ(solver.solve(), Answer::Unsatisfiable);
  EXPECT_EQ(solver.solve(), Answer::Satisfiable);
}

TEST(SatSolver, FailedAssumptionsAreThoseThatWereNeeded) {
  SatSolver solver;
  const int a = solver.new_variable();
  const int b = solver.new_variable();
  const int c = solver.new_variable();
  solver.add({-a, -b});
  for (const int one : {a, b, c}) solver.assume(one);
  ASSERT_EQ(solver.solve(), Answer::Unsatisfiable);
  EXPECT_TRUE(solver.failed(a));
  EXPECT_TRUE(solver.failed(b));
  EXPECT_FALSE(solver.failed(c));
}

TEST(SatSolver, VariablesWithoutClausesHaveValues) {
  SatSolver solver;
  const int a = solver.new_variable();
  ASSERT_EQ(solver.solve(), Answer::Satisfiable);
  EXPECT_NE(solver.value(a), solver.value(-a));
}

/// Holes of pigeons: hard enough that the solver asks whether to stop.
TEST(SatSolver, StopsWhenAsked) {
  constexpr int kHoles = 11;
  SatSolver solver;
  std::vector<std::vector<int>> in(kHoles + 1, std::vector<int>(kHoles));
  for (std::vector<int>& pigeon : in) {
    for (int& variable : pigeon) variable = solver.new_variable();
    solver.add(pigeon);
  }
  for (int hole = 0; hole < kHoles; ++hole) {
    for (int i = 0; i <= kHoles; ++i) {
      for (int k = 0; k < i; ++k) solver.add({-in[i][hole], -in[k][hole]});
    }
  }
  int asked = 0;
  solver.stop_when([&asked] { return ++asked > 10; });
  EXPECT_EQ(solver.solve(), Answer::Stopped);
}

}  // namespace
}  // namespace quiesce::checker
