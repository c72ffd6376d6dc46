// The reference interpreter: the executable meaning of a transition system, written to be read beside
// docs/semantics.md, section by section. It is slow on purpose; engines are compared with it, and every run
// that is reported is replayed by it first. Not for searching large systems.
#pragma once

#include <vector>

#include "model/interpret/state.h"

namespace quiesce::model {

/// Executes one transition system, which must outlive it. Const and thread safe: keeps no mutable state.
class Interpreter {
 public:
  explicit Interpreter(const TransitionSystem& system);

  const TransitionSystem& system() const { return system_; }

  /// All initial states (canonical, distinct, in lexicographic order). Empty when 'any where' cannot be met.
  std::vector<State> initial_states() const;

  /// Every outcome of every step that `state` allows, in the order actors (contexts by index and activation, starts,
  /// actions), CPUs, choices. Next states are normalised (contexts that no longer stay pinned float) but not canonical.
  /// Two outcomes that differ only in the CPU or in choices that do not count may have equal canonical next states;
  /// `distinct_successors` merges them.
  std::vector<Successor> successors(const State& state) const;

  /// successors() with canonical next states, and one of each set of equal (context or action, counted choices, next
  /// state, violations): the steps that are counted.
  std::vector<Successor> distinct_successors(const State& state) const;

  /// The least state (lexicographic) that differs only by a renaming of CPUs and of activations of one handler.
  State canonical(const State& state) const;

  /// Violations that `state` itself shows: invariants, never, core checks in conditions, core.stuck, deadlock_free,
  /// leaks. `deadlocked` and `stuck` are computed here.
  std::vector<Violation> violations_of(const State& state) const;

  /// Properties of kind Reachable that hold in `state`.
  std::vector<PropertyId> witnessed_by(const State& state) const;

  /// Triggers (Property::trigger) that are true in `state`.
  std::vector<PropertyId> triggered_in(const State& state) const;

  /// CheckOps that a step from `state` executes are found by engines; this evaluates one expression in `state`
  /// (no temps, no current CPU).
  std::int64_t evaluate(ExprId expr, const State& state) const;

  /// Whether every thread has ended and no activation is running.
  bool all_ended(const State& state) const;

 private:
  const TransitionSystem& system_;
};

/// The members of the largest stuck set in `state` (docs/semantics.md, Stuck), contexts' activations, handler starts
/// and actions; empty when there is none or when it contains nobody that makes it a violation.
std::vector<Actor> stuck_set(const Interpreter& interpreter, const State& state);

}  // namespace quiesce::model
