#include "tests/differential/symbolic.h"

#include <algorithm>
#include <iostream>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "checker/sat/solver.h"
#include "checker/symbolic/clauses.h"
#include "model/base/internal_check.h"
#include "model/guarded/print.h"
#include "model/interpret/interpreter.h"
#include "model/passes/reduce.h"
#include "tests/differential/inputs.h"
#include "tests/differential/random.h"

namespace quiesce {

using namespace model;
using checker::Encoding;
using checker::word_of;

namespace {

/// What a state leads to, and which rules it or a step from it breaks.
struct Future {
  std::set<State> next;
  std::set<std::string> broken;

  bool operator==(const Future&) const = default;
};

class SymbolicComparison {
 public:
  SymbolicComparison(const GuardedSystem& guarded, const Encoding& encoding, const SymbolicEffort& effort,
                     SymbolicTotals& totals)
      : guarded_(guarded),
        encoding_(encoding),
        effort_(effort),
        totals_(totals),
        random_(effort.seed),
        interpreter_(guarded.system),
        copy_(encoding.circuit, solver_),
        values_(encoding.circuit.size()) {}

  std::string difference() {
    ++totals_.systems;
    std::vector<State> reached;
    std::set<State> seen;
    // Renamings are left out, so a representative may be no state that the circuit reaches.
    const auto add = [&](const State& state) {
      if (seen.insert(interpreter_.canonical(state)).second) reached.push_back(state);
    };
    for (const std::vector<bool>& bits : encoding_.initial) add(checker::state_of(encoding_, bits));
    if (seen != initial_states()) return "the initial states differ";
    for (std::size_t i = 0; i < reached.size() && i < effort_.reachable; ++i) {
      const State state = reached[i];
      if (!is_legal(state)) return "a reachable state that is not assumed or given:" + text_of(state);
      const std::optional<Future> expected = of_interpreter(state);
      if (!expected) return "the interpreter refuses a reachable state:" + text_of(state);
      if (std::string found = compare(state, *expected); !found.empty()) return found;
      ++totals_.reachable;
      for (const State& next : expected->next) add(next);
    }
    totals_.whole += reached.size() <= effort_.reachable ? 1 : 0;
    for (int i = 0; i < effort_.unreachable && !reached.empty(); ++i) {
      const State state = changed(random_.any_of(reached));
      if (!is_legal(state)) continue;
      const std::optional<Future> expected = of_interpreter(state);
      if (!expected) continue;
      if (std::string found = compare(state, *expected); !found.empty()) return "not reachable, perhaps: " + found;
      ++totals_.unreachable;
    }
    return "";
  }

 private:
  const TransitionSystem& system() const { return guarded_.system; }

  std::set<State> initial_states() const {
    const std::vector<State> states = interpreter_.initial_states();
    return {states.begin(), states.end()};
  }

  bool is_judged(RuleId rule) const {
    return system().at(rule).core ||
           std::find(system().checked.begin(), system().checked.end(), rule) != system().checked.end();
  }

  /// What the interpreter says; nothing where it refuses to.
  std::optional<Future> of_interpreter(const State& state) const {
    Future future;
    bool ends = false;
    for (const Violation& violation : interpreter_.violations_of(state)) {
      const Rule& rule = system().at(violation.rule);
      if (violation.rule == system().stuck_rule) {  // the circuit goes on behind it
        if (guarded_.stuck) future.broken.insert(rule.name);
        continue;
      }
      if (!is_judged(violation.rule)) continue;
      future.broken.insert(rule.name);
      ends = ends || rule.core;
    }
    if (ends) return future;
    try {
      for (const Successor& successor : interpreter_.successors(state)) {
        for (const Violation& violation : successor.violations) {
          if (is_judged(violation.rule)) future.broken.insert(system().at(violation.rule).name);
        }
        if (!successor.ends_run) future.next.insert(successor.next);
      }
    } catch (const InternalError&) {
      return std::nullopt;
    }
    return future;
  }

  /// Whether some choice of members makes the bad output of core.stuck true. Asked of a solver: there are too many to try.
  bool is_stuck_in_circuit(const State& state) {
    for (const checker::BadOutput& bad : encoding_.bad) {
      if (!guarded_.stuck || bad.rule != guarded_.stuck->rule) continue;
      for (const checker::StateBit& bit : encoding_.bits) {
        const std::int64_t number = state[bit.cell.value] - system().at(bit.cell).lo;
        const int literal = copy_.literal(bit.now);
        solver_.assume(((number >> bit.bit) & 1) != 0 ? literal : -literal);
      }
      solver_.assume(copy_.literal(bad.signal));
      if (solver_.solve() == checker::SatSolver::Answer::Satisfiable) return true;
    }
    return false;
  }

  void load(const State& state) {
    for (const checker::StateBit& bit : encoding_.bits) {
      const std::int64_t number = state[bit.cell.value] - system().at(bit.cell).lo;
      values_[bit.now.node()] = ((number >> bit.bit) & 1) != 0 ? ~std::uint64_t{0} : 0;
    }
  }

  /// Every class is named, 64 at a time.
  Future of_circuit(const State& state) {
    Future future;
    load(state);
    if (is_stuck_in_circuit(state)) future.broken.insert(system().at(guarded_.stuck->rule).name);
    const std::size_t names = std::size_t{1} << encoding_.choices.size();
    for (std::size_t first = 0; first < names; first += 64) {
      for (std::size_t i = 0; i < encoding_.choices.size(); ++i) {
        std::uint64_t word = 0;
        for (std::size_t k = 0; k < 64; ++k) word |= std::uint64_t{((first + k) >> i) & 1} << k;
        values_[encoding_.choices[i].node()] = word;
      }
      encoding_.circuit.evaluate(values_);
      for (const checker::BadOutput& bad : encoding_.bad) {
        if (word_of(values_, bad.signal) != 0) future.broken.insert(system().at(bad.rule).name);
      }
      const std::uint64_t steps = word_of(values_, encoding_.steps);
      for (std::size_t k = 0; k < 64 && first + k < names; ++k) {
        if (((steps >> k) & 1) == 0) continue;
        std::vector<bool> bits;
        for (const checker::StateBit& bit : encoding_.bits)
          bits.push_back(((word_of(values_, bit.next) >> k) & 1) != 0);
        future.next.insert(checker::state_of(encoding_, bits));
      }
    }
    return future;
  }

  /// Whether the circuit promises to mean something in this state.
  bool is_legal(const State& state) {
    std::vector<bool> bits;
    for (const checker::StateBit& bit : encoding_.bits) {
      const std::int64_t number = state[bit.cell.value] - system().at(bit.cell).lo;
      bits.push_back(((number >> bit.bit) & 1) != 0);
    }
    if (checker::state_of(encoding_, bits) != state) return false;  // a bit that never changes
    for (const checker::InvariantClause& clause : encoding_.given) {
      const bool holds = std::any_of(clause.literals.begin(), clause.literals.end(), [&](const checker::CellBit& one) {
        const std::int64_t number = state[one.cell.value] - system().at(one.cell).lo;
        return (((number >> one.bit) & 1) != 0) == one.value;
      });
      if (!holds) return false;
    }
    load(state);
    encoding_.circuit.evaluate(values_);
    return (word_of(values_, encoding_.assumed) & 1) != 0;
  }

  State changed(State state) {
    const std::int64_t cells = random_.between(1, 4);
    for (std::int64_t i = 0; i < cells; ++i) {
      const auto one = static_cast<std::size_t>(random_.between(0, static_cast<std::int64_t>(state.size()) - 1));
      const Cell& cell = system().cells[one];
      if (!guarded_.constant[one]) state[one] = static_cast<std::int32_t>(random_.between(cell.lo, cell.hi));
    }
    return state;
  }

  std::string compare(const State& state, const Future& expected) {
    const Future found = of_circuit(state);
    totals_.next_states += expected.next.size();
    totals_.broken += expected.broken.size();
    totals_.stuck += guarded_.stuck ? expected.broken.count(system().at(guarded_.stuck->rule).name) : 0;
    if (found == expected) return "";
    std::string result = "in" + text_of(state) + "\n";
    const auto list = [&](const char* whose, const Future& some, const Future& others) {
      for (const State& next : some.next) {
        if (!others.next.contains(next)) result += fmt::format("only {}:{}\n", whose, text_of(next));
      }
      for (const std::string& rule : some.broken) {
        if (!others.broken.contains(rule)) result += fmt::format("only {} breaks {}\n", whose, rule);
      }
    };
    list("the interpreter", expected, found);
    list("the circuit", found, expected);
    return result;
  }

  std::string text_of(const State& state) const {
    std::string result;
    for (std::size_t i = 0; i < state.size(); ++i) {
      if (!guarded_.constant[i]) result += fmt::format(" {}={}", system().cells[i].name, state[i]);
    }
    return result;
  }

  const GuardedSystem& guarded_;
  const Encoding& encoding_;
  const SymbolicEffort& effort_;
  SymbolicTotals& totals_;
  Random random_;
  Interpreter interpreter_;
  checker::SatSolver solver_;
  checker::CircuitCopy copy_;
  std::vector<std::uint64_t> values_;
};

constexpr int kMostSymbolicFailures = 3;

void compare_all(const std::string& title, const TransitionSystem& plain, const SymbolicEffort& effort,
                 SymbolicTotals& totals) {
  for (const bool reduced : {false, true}) {
    const TransitionSystem system = reduced ? reduce(plain).system : plain;
    const auto guarded = guarded_system(system);
    if (!guarded) {
      ++totals.refused;
      continue;
    }
    for (const bool clever : {true, false}) {
      const auto encoding = checker::encode(*guarded, {clever, clever});
      if (!encoding) {
        ++totals.refused;
        continue;
      }
      const std::string difference = symbolic_difference(*guarded, *encoding, effort, totals);
      EXPECT_EQ(difference, "") << title << (reduced ? ", reduced" : "") << (clever ? "" : ", plainly encoded") << "\n"
                                << print_guarded(*guarded, nullptr);
      totals.failures += difference.empty() ? 0 : 1;
    }
  }
}

void report(const std::string& what, const SymbolicTotals& totals) {
  std::cout << what << ": " << totals.systems << " circuits, " << totals.whole << " compared whole, " << totals.refused
            << " refused, " << totals.reachable << " reachable states, " << totals.unreachable << " random ones, "
            << totals.next_states << " next states, " << totals.broken << " broken rules, " << totals.stuck
            << " of them core.stuck\n";
}

}  // namespace

std::string symbolic_difference(const GuardedSystem& guarded, const Encoding& encoding, const SymbolicEffort& effort,
                                SymbolicTotals& totals) {
  return SymbolicComparison(guarded, encoding, effort, totals).difference();
}

SymbolicTotals compare_circuits_of_systems(std::uint64_t first_seed, int count, int size, const SymbolicEffort& effort,
                                           ConditionKind kind) {
  SymbolicTotals totals;
  const auto compare = [&](const std::string& title, const TransitionSystem& system, std::uint64_t seed) {
    compare_all(title, system, {effort.reachable, effort.unreachable, seed}, totals);
    return totals.failures < kMostSymbolicFailures;
  };
  for_each_random_system(first_seed, count, size, compare, kind);
  report("random systems", totals);
  return totals;
}

SymbolicTotals compare_circuits_of_designs(std::uint64_t first_seed, int count, int size,
                                           const SymbolicEffort& effort) {
  SymbolicTotals totals;
  for_each_random_design(first_seed, count, size, random_design,
                         [&](const std::string& title, const TransitionSystem& system) {
                           compare_all(title, system, effort, totals);
                           return totals.failures < kMostSymbolicFailures;
                         });
  report("random designs", totals);
  return totals;
}

SymbolicTotals compare_circuits_of_files(const std::string& folder, const SymbolicEffort& effort) {
  SymbolicTotals totals;
  for_each_design(folder, 1, [&](const std::string& title, const TransitionSystem& system) {
    compare_all(title, system, effort, totals);
    return totals.failures < kMostSymbolicFailures;
  });
  report(folder, totals);
  return totals;
}

}  // namespace quiesce
