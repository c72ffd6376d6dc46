#include "checker/symbolic/invariant_check.h"

#include <algorithm>

#include <fmt/format.h>

#include "checker/sat/solver.h"
#include "checker/symbolic/clauses.h"
#include "checker/symbolic/cubes.h"
#include "checker/symbolic/encode.h"
#include "checker/symbolic/stopped.h"

namespace quiesce::checker {
namespace {

class Check {
 public:
  Check(const Encoding& encoding, EngineControl& control)
      : encoding_(encoding), control_(control), before_(encoding.circuit, solver_), after_(encoding.circuit, solver_) {
    solver_.stop_when([&control] { return control.reason() != LimitKind::None; });
    for (const StateBit& bit : encoding.bits) after_.bind(bit.now, before_.literal(bit.next));
  }

  /// What is wrong; empty: nothing.
  std::string fault(const std::vector<Cube>& cubes, const model::TransitionSystem& system,
                    const std::vector<model::RuleId>& rules) {
    const InitialStates initial(encoding_);
    for (const Cube& cube : cubes) {
      if (initial.in(cube)) return "an initial state does not satisfy it";
      clause_.clear();
      for (const int literal : cube) clause_.push_back(-now(literal));
      solver_.add(clause_);
    }
    solver_.add({before_.literal(encoding_.assumed)});
    for (const BadOutput& bad : encoding_.bad) {
      if (std::find(rules.begin(), rules.end(), bad.rule) == rules.end()) continue;
      solver_.assume(before_.literal(bad.signal));
      if (is_satisfiable()) return fmt::format("it does not exclude that '{}' is broken", system.at(bad.rule).name);
    }
    solver_.add({before_.literal(encoding_.steps)});
    solver_.assume(-after_.literal(encoding_.assumed));
    if (is_satisfiable()) return "a step leaves what is assumed of all states";
    for (const Cube& cube : cubes) {
      for (const int literal : cube) solver_.assume(next(literal));
      if (is_satisfiable()) return "a step does not keep one of its clauses";
    }
    return "";
  }

 private:
  int now(int literal) {
    const int of_bit = before_.literal(encoding_.bits[bit_of(literal)].now);
    return literal > 0 ? of_bit : -of_bit;
  }
  int next(int literal) {
    const int of_bit = before_.literal(encoding_.bits[bit_of(literal)].next);
    return literal > 0 ? of_bit : -of_bit;
  }
  bool is_satisfiable() {
    if (control_.reason() != LimitKind::None) throw Stopped();
    const SatSolver::Answer answer = solver_.solve();
    if (answer == SatSolver::Answer::Stopped) throw Stopped();
    return answer == SatSolver::Answer::Satisfiable;
  }

  const Encoding& encoding_;
  EngineControl& control_;
  SatSolver solver_;
  CircuitCopy before_;
  CircuitCopy after_;
  std::vector<int> clause_;
};

}  // namespace

model::Expected<bool> check_invariant(const model::GuardedSystem& guarded, const InductiveInvariant& invariant,
                                      const std::vector<model::RuleId>& rules, EngineControl& control) {
  const model::Expected<Encoding> encoding = encode(guarded, {false, false});
  if (!encoding) return model::unexpected(encoding.error());
  std::vector<Cube> cubes;
  for (const InvariantClause& clause : invariant.clauses) {
    if (auto cube = cube_against(*encoding, clause)) cubes.push_back(std::move(*cube));
  }
  try {
    const std::string fault = Check(*encoding, control).fault(cubes, guarded.system, rules);
    if (!fault.empty()) return model::unexpected("the invariant is none: " + fault);
    return true;
  } catch (const Stopped&) {
    return false;
  }
}

}  // namespace quiesce::checker
