#include "checker/symbolic/circuit.h"

#include <gtest/gtest.h>

#include <vector>

#include "checker/sat/solver.h"
#include "checker/symbolic/clauses.h"

namespace quiesce::checker {
namespace {

/// The truth table of a signal over up to three inputs.
std::uint64_t table_of(const Circuit& circuit, const std::vector<Signal>& inputs, Signal signal) {
  constexpr std::uint64_t kPatterns[] = {0xAA, 0xCC, 0xF0};
  std::vector<std::uint64_t> values(circuit.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) values[inputs[i].node()] = kPatterns[i];
  circuit.evaluate(values);
  return word_of(values, signal) & 0xFF;
}

class ThreeInputs : public testing::Test {
 protected:
  Circuit circuit;
  Signal a = circuit.input();
  Signal b = circuit.input();
  Signal c = circuit.input();

  std::uint64_t table(Signal signal) { return table_of(circuit, {a, b, c}, signal); }
};

TEST_F(ThreeInputs, OperationsAreThoseOfLogic) {
  EXPECT_EQ(table(circuit.conj(a, !b)), 0xAAu & ~0xCCu);
  EXPECT_EQ(table(circuit.disj(a, b)), 0xAAu | 0xCCu);
  EXPECT_EQ(table(circuit.exclusive(a, c)), 0xAAu ^ 0xF0u);
  EXPECT_EQ(table(circuit.choice(a, b, c)), (0xAAu & 0xCCu) | (~0xAAu & 0xF0u & 0xFFu));
  EXPECT_EQ(table(circuit.all_of({a, b, c})), 0x80u);
  EXPECT_EQ(table(circuit.any_of({a, b, c})), 0xFEu);
  EXPECT_EQ(circuit.all_of({}), kAlways);
  EXPECT_EQ(circuit.any_of({}), kNever);
}

TEST_F(ThreeInputs, EqualConjunctionsAreOneNodeAndTrivialOnesNone) {
  const Signal both = circuit.conj(a, b);
  const std::size_t size = circuit.size();
  EXPECT_EQ(circuit.conj(b, a), both);
  EXPECT_EQ(circuit.conj(a, a), a);
  EXPECT_EQ(circuit.conj(a, !a), kNever);
  EXPECT_EQ(circuit.conj(both, a), both);
  EXPECT_EQ(circuit.conj(both, !b), kNever);
  EXPECT_EQ(circuit.conj(!both, !a), !a);
  EXPECT_EQ(circuit.size(), size);
}

/// All ways to put two operations together, folded or not, have the right table.
TEST_F(ThreeInputs, FoldingKeepsTheFunction) {
  std::vector<Signal> signals = {kNever, kAlways, a, !a, b, !b, c, !c};
  for (std::size_t i = 0; i < 8; ++i) {
    for (std::size_t k = 0; k < 8; ++k) {
      const Signal both = circuit.conj(signals[i], signals[k]);
      signals.push_back(both);
      signals.push_back(!both);
    }
  }
  for (const Signal x : signals) {
    for (const Signal y : signals)
      ASSERT_EQ(table(circuit.conj(x, y)), table(x) & table(y)) << x.code << ", " << y.code;
  }
}

TEST_F(ThreeInputs, ClausesSayWhatTheCircuitSays) {
  const Signal signal = circuit.choice(a, circuit.exclusive(b, c), circuit.conj(!b, c));
  const std::uint64_t wanted = table(signal);
  SatSolver solver;
  CircuitCopy copy(circuit, solver);
  const int literal = copy.literal(signal);
  for (unsigned row = 0; row < 8; ++row) {
    const Signal inputs[] = {a, b, c};
    for (unsigned i = 0; i < 3; ++i)
      solver.assume((row >> i & 1) != 0 ? copy.literal(inputs[i]) : -copy.literal(inputs[i]));
    solver.assume(literal);
    EXPECT_EQ(solver.solve() == SatSolver::Answer::Satisfiable, (wanted >> row & 1) != 0) << row;
  }
}

}  // namespace
}  // namespace quiesce::checker
