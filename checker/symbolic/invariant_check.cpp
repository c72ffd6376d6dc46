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

  /// What is wrong with the invariant; empty: nothing. `needed`: the positions of the clauses that are its part.
  std::string fault(const std::vector<Cube>& cubes, const model::TransitionSystem& system,
                    const std::vector<model::RuleId>& rules, InvariantPart part, std::vector<std::size_t>& needed) {
    const InitialStates initial(encoding_);
    solver_.add({before_.literal(encoding_.assumed)});
    is_needed_.resize(cubes.size());
    for (std::size_t i = 0; i < cubes.size(); ++i) {
      active_.push_back(solver_.new_variable());
      clause_ = {-active_.back()};
      for (const int literal : cubes[i]) clause_.push_back(-now(literal));
      solver_.add(clause_);
      if (part == InvariantPart::Whole) need(i, needed);
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
    std::vector<std::size_t> more;
    for (std::size_t i = 0; i < active_.size(); ++i) {
      if (!is_needed_[i] && solver_.failed(active_[i])) more.push_back(i);
    }
    for (const std::size_t i : more) need(i, needed);
    return true;
  }

  void need(std::size_t clause, std::vector<std::size_t>& needed) {
    needed.push_back(clause);
    is_needed_[clause] = true;
    solver_.add({active_[clause]});
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
                           std::vector<std::size_t>& origin) {
  std::vector<Cube> cubes;
  for (std::size_t i = 0; i < invariant.clauses.size(); ++i) {
    auto cube = cube_against(encoding, invariant.clauses[i]);
    if (!cube) continue;
    cubes.push_back(std::move(*cube));
    origin.push_back(i);
  }
  return cubes;
}

}  // namespace

model::Expected<std::optional<InductiveInvariant>> check_invariant(const model::GuardedSystem& guarded,
                                                                   const InductiveInvariant& invariant,
                                                                   const std::vector<model::RuleId>& rules,
                                                                   InvariantPart part, EngineControl& control) {
  const model::Expected<Encoding> encoding = encode(guarded, {false, false});
  if (!encoding) return model::unexpected(encoding.error());
  std::vector<std::size_t> origin;
  const std::vector<Cube> cubes = cubes_of(*encoding, invariant, origin);
  try {
    std::vector<std::size_t> needed;
    const std::string fault = Check(*encoding, control).fault(cubes, guarded.system, rules, part, needed);
    if (!fault.empty()) return model::unexpected("the invariant is none: " + fault);
    std::sort(needed.begin(), needed.end());
    InductiveInvariant result;
    for (const std::size_t i : needed) result.clauses.push_back(invariant.clauses[origin[i]]);
    return result;
  } catch (const Stopped&) {
    return std::nullopt;
  }
}

}  // namespace quiesce::checker
