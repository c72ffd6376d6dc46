#include "checker/smt/solver.h"

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "model/base/internal_check.h"

namespace quiesce::checker {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

const SearchControl& unlimited() {
  static const SearchControl control(Limits{}, nullptr);
  return control;
}

constexpr const char* kTwo = R"(
(declare-const x (_ BitVec 8))
(declare-const p Bool)
(declare-fun value ((_ BitVec 8)) Bool)
(define-fun twice () (_ BitVec 8) (bvadd x x))
(assert (value twice))
(assert (= p (bvslt x (_ bv0 8))))
(assert p)
)";

TEST(Solver, KeepsWhatItReadsAndAssertsNothing) {
  Solver solver(unlimited(), Solver::Kind::Incremental);
  const std::vector<Term> terms = solver.read(kTwo);
  ASSERT_EQ(terms.size(), 3u);
  EXPECT_EQ(solver.check({solver.is(terms[0], 6), solver.negation(terms[2])}), Answer::Satisfiable);
  EXPECT_EQ(solver.value(terms[0]), 6);
  EXPECT_FALSE(solver.is_true(terms[2]));
  EXPECT_EQ(solver.check({solver.is(terms[0], 5)}), Answer::Unsatisfiable);  // twice something
}

TEST(Solver, ReadsNegativeNumbersWithTheirSign) {
  Solver solver(unlimited(), Solver::Kind::Thorough);
  const std::vector<Term> terms = solver.read(kTwo);
  solver.assert_that(solver.is(terms[0], -4));
  ASSERT_EQ(solver.check(), Answer::Satisfiable);
  EXPECT_EQ(solver.value(terms[0]), -4);
}

TEST(Solver, ComparesNumbersWithTheirSign) {
  Solver solver(unlimited(), Solver::Kind::Incremental);
  const Term twice = solver.read(kTwo)[0];
  ASSERT_EQ(solver.check({solver.at_least(twice, -5), solver.at_most(twice, -3)}), Answer::Satisfiable);
  EXPECT_EQ(solver.value(twice), -4);
  EXPECT_EQ(solver.check({solver.at_least(twice, 3), solver.at_most(twice, 3)}), Answer::Unsatisfiable);
}

TEST(Solver, CombinesTerms) {
  Solver solver(unlimited(), Solver::Kind::Incremental);
  const std::vector<Term> terms = solver.read(kTwo);
  const Term six = solver.is(terms[0], 6);
  const Term eight = solver.is(terms[0], 8);
  EXPECT_EQ(solver.check({solver.all_of({six, eight})}), Answer::Unsatisfiable);
  EXPECT_EQ(solver.check({solver.any_of({six, eight}), solver.negation(six)}), Answer::Satisfiable);
  EXPECT_EQ(solver.value(terms[0]), 8);
  EXPECT_EQ(solver.check({solver.any_of({})}), Answer::Unsatisfiable);
  EXPECT_EQ(solver.check({solver.all_of({})}), Answer::Satisfiable);
}

TEST(Solver, RefusesATextThatIsWrong) {
  Solver solver(unlimited(), Solver::Kind::Thorough);
  EXPECT_THROW(solver.read("(assert nothing)"), InternalError);
}

/// Factors of a product of two primes of 31 bits: far longer than any test waits.
constexpr const char* kHard = R"(
(declare-const x (_ BitVec 64))
(declare-const y (_ BitVec 64))
(assert (= (bvmul x y) (_ bv4611685975477714963 64)))
(assert (bvult x (_ bv4294967296 64)))
(assert (bvult y (_ bv4294967296 64)))
(assert (bvugt x (_ bv1 64)))
(assert (bvugt y (_ bv1 64)))
)";

class SolverLimits : public testing::TestWithParam<Solver::Kind> {
 protected:
  /// How long the hard question took.
  static Clock::duration ask(Solver& solver, std::optional<milliseconds> time) {
    const Clock::time_point begin = Clock::now();
    EXPECT_EQ(solver.check(solver.read(kHard), time), Answer::Unknown);
    return Clock::now() - begin;
  }
};

TEST_P(SolverLimits, TimeOfOneQuestion) {
  Solver solver(unlimited(), GetParam());
  EXPECT_LT(ask(solver, milliseconds(100)), std::chrono::seconds(2));
  EXPECT_EQ(solver.check({}, milliseconds(1000)), Answer::Satisfiable) << "the next one has its own time";
}

TEST_P(SolverLimits, TimeOfAll) {
  Limits limits;
  limits.time = milliseconds(100);
  const SearchControl control(limits, nullptr);
  Solver solver(control, GetParam());
  EXPECT_LT(ask(solver, {}), std::chrono::seconds(2));
  EXPECT_EQ(solver.check(), Answer::Unknown) << "nothing is said once time is over";
}

TEST_P(SolverLimits, Interruption) {
  std::atomic<bool> interrupt = false;
  const SearchControl control(Limits{}, &interrupt);
  Solver solver(control, GetParam());
  std::thread other([&] {
    std::this_thread::sleep_for(milliseconds(200));
    interrupt = true;
  });
  EXPECT_LT(ask(solver, {}), milliseconds(1200));
  other.join();
}

INSTANTIATE_TEST_SUITE_P(Kinds, SolverLimits, testing::Values(Solver::Kind::Thorough, Solver::Kind::Incremental));

TEST(Solver, KnowsItsVersion) { EXPECT_EQ(solver_version().substr(0, 2), "4."); }

}  // namespace
}  // namespace quiesce::checker
