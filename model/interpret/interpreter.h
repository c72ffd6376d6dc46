// The reference interpreter: the executable meaning of a transition system, written to be read beside
// docs/semantics.md, section by section. It is slow on purpose; engines are compared with it, and every run
// that is reported is replayed by it first. Not for searching large systems.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "model/interpret/initial_guide.h"
#include "model/interpret/state.h"

namespace quiesce::model {

class WriteTable;

/// Executes one transition system, which must outlive it. Const and thread safe: keeps no mutable state.
class Interpreter {
 public:
  explicit Interpreter(const TransitionSystem& system);

  const TransitionSystem& system() const { return system_; }

  /// All initial states (canonical, distinct, in lexicographic order). Empty when 'any where' cannot be met.
  std::vector<State> initial_states() const;

  /// Calls `use` with one initial state after the other until it returns false. They are not canonical, and may repeat
  /// up to renaming; but there may be millions of them, and here never more than one at a time. `is_wanted` is asked
  /// now and then, also while no state is initial; false ends the visit. Where very many values would be tried, `guide`
  /// is asked which may be left out: the states and their order are the same.
  void for_each_initial_state(const std::function<bool(const State&)>& use,
                              const std::function<bool()>& is_wanted = nullptr, InitialGuide* guide = nullptr) const;

  /// Every outcome of every step that `state` allows, in the order actors (contexts by index and activation, starts,
  /// actions), CPUs, choices. Next states are normalised (contexts that no longer stay pinned float) but not canonical.
  /// Two outcomes that differ only in the CPU or in choices that do not count may have equal canonical next states;
  /// `distinct_successors` merges them. A state with a violation of a core rule (violations_of) has no successors by
  /// definition; explorers look before they ask, this function does not.
  std::vector<Successor> successors(const State& state) const;

  /// Those of successors() whose actor is `actor`: for following a run that is known. Costs only its own steps.
  std::vector<Successor> successors(const State& state, const Actor& actor) const;

  /// successors() with canonical next states, and one of each set of equal (context or action, counted choices, next
  /// state, violations): the steps that are counted.
  std::vector<Successor> distinct_successors(const State& state) const;

  /// The representative of all states that differ from `state` only by a renaming of CPUs and of activations of one
  /// handler: activations sorted (canonical.h), then the least over all renamings of CPUs. Equal for two states exactly
  /// when they are renamings of each other. Cost: (CPUs that are not fixed)! x cells.
  State canonical(const State& state) const;

  /// Violations that `state` itself shows: properties in their order, then core.stuck, then leaks (life.leaked: an
  /// instance is live where all has ended and nothing can step). Of all rules, checked or not.
  std::vector<Violation> violations_of(const State& state) const;

  /// Properties of kind Reachable that hold in `state`.
  std::vector<PropertyId> witnessed_by(const State& state) const;

  /// Triggers (Property::trigger) that are true in `state`.
  std::vector<PropertyId> triggered_in(const State& state) const;

  /// The value of one expression in `state` (no temps, no running context, no current CPU).
  std::int64_t evaluate(ExprId expr, const State& state) const;

  /// Whether every thread has ended and no activation is running.
  bool all_ended(const State& state) const;

  /// Which cells each location, start and action may still write; shared by copies of the interpreter.
  const WriteTable& writes() const { return *writes_; }

 private:
  const TransitionSystem& system_;
  std::shared_ptr<const WriteTable> writes_;
};

/// Whether one of `violations` is of a core rule: a state that shows them has no successors.
bool ends_run(const TransitionSystem& system, const std::vector<Violation>& violations);

/// The members of the largest stuck set in `state` (docs/semantics.md, Stuck), contexts' activations, handler starts
/// and actions; empty when there is none or when it contains no context that makes it a violation.
std::vector<Actor> stuck_set(const Interpreter& interpreter, const State& state);

}  // namespace quiesce::model
