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

  /// What is wrong with the invariant as a whole; empty: nothing.
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

  /// The same where clauses are dropped that nothing needs; `needed`: the positions of the others.
  std::string fault_of_part(const std::vector<Cube>& cubes, const model::TransitionSystem& system,
                            const std::vector<model::RuleId>& rules, std::vector<std::size_t>& needed) {
    const InitialStates initial(encoding_);
    solver_.add({before_.literal(encoding_.assumed)});
    is_needed_.resize(cubes.size());
    for (const Cube& cube : cubes) {
      active_.push_back(solver_.new_variable());
      clause_ = {-active_.back()};
      for (const int literal : cube) clause_.push_back(-now(literal));
      solver_.add(clause_);
    }
    for (const BadOutput& bad : encoding_.bad) {
      if (std::find(rules.begin(), rules.end(), bad.rule) == rules.end()) continue;
      if (!is_excluded({before_.literal(bad.signal)}, needed))
        return fmt::format("it does not exclude that '{}' is broken", system.at(bad.rule).name);
    }
    solver_.add({before_.literal(encoding_.steps)});
    if (!is_excluded({-after_.literal(encoding_.assumed)}, needed))
      return "a step leaves what is assumed of all states";
    std::vector<int> goal;
    for (std::size_t done = 0; done < needed.size(); ++done) {
      const Cube& cube = cubes[needed[done]];
      if (initial.in(cube)) return "an initial state does not satisfy it";
      goal.clear();
      for (const int literal : cube) goal.push_back(next(literal));
      if (!is_excluded(goal, needed)) return "a step does not keep one of its clauses";
    }
    return "";
  }

 private:
  /// Whether `goal` is impossible in the states of the invariant. Clauses that this takes become needed; those that are
  /// needed already are tried alone first.
  bool is_excluded(const std::vector<int>& goal, std::vector<std::size_t>& needed) {
    for (const int literal : goal) solver_.assume(literal);
    if (!is_satisfiable()) return true;
    for (const int literal : goal) solver_.assume(literal);
    for (std::size_t i = 0; i < active_.size(); ++i) {
      if (!is_needed_[i]) solver_.assume(active_[i]);
    }
    if (is_satisfiable()) return false;
    const std::size_t before = needed.size();
    for (std::size_t i = 0; i < active_.size(); ++i) {
      if (!is_needed_[i] && solver_.failed(active_[i])) needed.push_back(i);
    }
    for (std::size_t k = before; k < needed.size(); ++k) {
      is_needed_[needed[k]] = true;
      solver_.add({active_[needed[k]]});
    }
    return true;
  }

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
  std::vector<int> active_;      // by clause: it counts where this is true
  std::vector<bool> is_needed_;  // by clause
};

/// What clauses exclude over the encoding, without those that it says anyhow; `origin`: the position of each clause.
std::vector<Cube> cubes_of(const Encoding& encoding, const InductiveInvariant& invariant,
                           std::vector<std::size_t>* origin) {
  std::vector<Cube> cubes;
  for (std::size_t i = 0; i < invariant.clauses.size(); ++i) {
    auto cube = cube_against(encoding, invariant.clauses[i]);
    if (!cube) continue;
    cubes.push_back(std::move(*cube));
    if (origin != nullptr) origin->push_back(i);
  }
  return cubes;
}

}  // namespace

model::Expected<bool> check_invariant(const model::GuardedSystem& guarded, const InductiveInvariant& invariant,
                                      const std::vector<model::RuleId>& rules, EngineControl& control) {
  const model::Expected<Encoding> encoding = encode(guarded, {false, false});
  if (!encoding) return model::unexpected(encoding.error());
  try {
    const std::string fault =
        Check(*encoding, control).fault(cubes_of(*encoding, invariant, nullptr), guarded.system, rules);
    if (!fault.empty()) return model::unexpected("the invariant is none: " + fault);
    return true;
  } catch (const Stopped&) {
    return false;
  }
}

model::Expected<std::optional<InductiveInvariant>> sufficient_part(const model::GuardedSystem& guarded,
                                                                   const InductiveInvariant& invariant,
                                                                   const std::vector<model::RuleId>& rules,
                                                                   EngineControl& control) {
  const model::Expected<Encoding> encoding = encode(guarded, {false, false});
  if (!encoding) return model::unexpected(encoding.error());
  std::vector<std::size_t> origin;
  const std::vector<Cube> cubes = cubes_of(*encoding, invariant, &origin);
  try {
    std::vector<std::size_t> needed;
    const std::string fault = Check(*encoding, control).fault_of_part(cubes, guarded.system, rules, needed);
    if (!fault.empty()) return model::unexpected("the invariant is none: " + fault);
    std::sort(needed.begin(), needed.end());
    InductiveInvariant part;
    for (const std::size_t i : needed) part.clauses.push_back(invariant.clauses[origin[i]]);
    return part;
  } catch (const Stopped&) {
    return std::nullopt;
  }
}

}  // namespace quiesce::checker
