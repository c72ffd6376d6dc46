// A transition system as guarded commands over one state, the encoding that solvers and other checkers need: no
// programs, no scheduler, no current CPU; only formulas over the cells. It is written from docs/semantics.md (the
// numbers below are its sections) and is independent of the successors of our searches, so that what is made from it is
// a second opinion on them; tests/differential/guarded_test.cpp holds it against the reference interpreter.
//
// **State.** One number per cell of `GuardedSystem::system`, as in model/interpret/state.h. The formulas assume
//   (1) each cell holds a number of its domain (Cell::lo .. hi), and a cell with `constant` that constant;
//   (2) an activation that is not running (location 0) is on no CPU; at or above the pin level it is pinned to one;
//   (3) a handler that starts at or above the pin level stays there while it runs.
// All reachable states satisfy these. Steps preserve (2), (3) and the constants wherever they begin. In other states
// the formulas still have values, but not those of the semantics; an engine that considers unreachable states
// (induction) has to assert (1) to (3). From an unreachable state an update may yield a number outside its cell's
// domain, for which the semantics has no meaning: such a step is spurious.
//
// **Formula.** An ExprId of `system.expressions` (total 64-bit arithmetic, model/system/expression.h) that consists of
// constants, loads of single cells, unary and binary operators and conditionals; no scratch register, index, lookup,
// `self`, `cpu()` or `idle`. A load of the cell with the number system.cells.size() + i is the truth value of
// `conditions[i]`, which is 0 or 1; loads behind these occur in `stuck` only (GuardedStuck). Conditions are shared parts: a writer gives each a name, a solver a variable.
//
// **Step.** In a state s, command c is enabled when c.guard is true. The guard contains everything: where the context
// stands, the branches of this way through its program, what scheduling demands (3.3, 3.4), and that s breaks no core
// rule (9.1). Different commands may be enabled at once, also for one context; each is one step (choices, CPUs). Then:
//   1. `checks`: each whose `holds` is false in s is broken by this step. They end nothing.
//   2. `ends_run`: this core rule is broken, and there is no next state.
//   3. Else s' = s with all `updates` at once: values are those of s.
//   4. s'' = s' with all `floats` at once: values are those of s' (3.6).
//   5. Of all renamings of s'' the least is taken (6): while some `is_less` is true, its `updates` are applied. This
//      step may be left out: it merges states, and never changes what can be reached up to renaming.
// There are no other steps: a state in which no guard is true is a deadlock (or breaks a core rule).
//
// **Limits.** Systems with very many or very large commands are refused with a message. Rules about what is possible
// later have no property of states; they stand in `left_out`. Of life.leaked `leak` says more, of core.stuck `stuck`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/base/expected.h"
#include "model/base/source.h"
#include "model/interpret/initial_guide.h"
#include "model/interpret/state.h"
#include "model/system/transition_system.h"

namespace quiesce::model {

/// A formula with a name, so that it is written once.
struct NamedCondition {
  std::string name;     // unique; letters, digits, '_'
  std::string comment;  // what it says, with the section of the semantics
  ExprId formula;       // mentions only conditions before this one
};

/// cell := value.
struct Update {
  CellId cell;
  ExprId value;
};

/// A check on the way of a command: its rule is broken where `holds` is false in the state before.
struct GuardedCheck {
  ExprId holds;
  Violation broken;
};

/// One way through one program of one actor (an activation of a context, the start of a handler, an action), with one
/// choice of each number chosen, and with the CPU where it matters.
struct GuardedCommand {
  /// The actor, the CPU and the choices, as in a run of the interpreter. `cpu` is -1 where the command is taken on the
  /// CPU to which the context is pinned in the state before, and where the context floats and the CPU does not matter.
  Step step;
  Span span;                          // the statement, or the head of the handler or action
  ExprId guard;                       // when it is enabled
  std::vector<Update> updates;        // ascending by cell, each cell once; only what may change
  std::vector<GuardedCheck> checks;   // of rules asked for, in the order of the program
  std::optional<Violation> ends_run;  // the core rule that is broken; then there are no updates
};

/// A renaming of CPUs and activations (6), as the state that it makes of a state.
struct GuardedRenaming {
  std::vector<Update> updates;  // ascending by cell
  ExprId is_less;               // whether the renamed state is less, in the order of cells
};

/// A property of states.
struct GuardedProperty {
  PropertyId property;
  ExprId formula;  // what is to be true: `never` is negated
};

/// life.leaked, where it is asked for and there are objects: no state in which no command is enabled may have this.
struct GuardedLeak {
  RuleId rule;
  ExprId condition;  // no activation runs, and an object is live
};

/// core.stuck, where it is asked for: a state breaks it when some choice of members makes `formula` true (5). A load of the
/// cell behind those of GuardedSystem::conditions, i further on, says whether `members[i]` is chosen; those behind the
/// members are `conditions`.
struct GuardedStuck {
  RuleId rule;
  std::vector<std::string> members;        // which activation, start of a handler or action it is
  std::vector<NamedCondition> conditions;  // may mention members
  ExprId formula;                          // each member is blocked by the members, and one makes it a violation
};

struct GuardedSystem {
  TransitionSystem system;                            // a copy: its table owns all formulas here
  std::vector<std::optional<std::int64_t>> constant;  // by cell: what it holds in every reachable state. Inductive:
                                                      // commands keep all of them. No formula mentions the cell
  std::vector<NamedCondition> conditions;             // scheduling, and that no core rule is broken
  std::vector<GuardedCommand> commands;               // contexts' steps, starts of handlers, actions
  std::vector<Update> floats;                         // CPU cells of contexts that may float after a step (3.6)
  std::vector<GuardedRenaming> renamings;             // closed under composition, but for the identity
  std::vector<State> initial;                         // least under the renamings, distinct, ascending
  std::vector<GuardedProperty> invariants;            // true in all states: of rules asked for, and of core rules
  std::vector<GuardedProperty> reachable;             // true in some state: of rules asked for
  bool deadlock_free = false;                         // asked for: no state but those with `all_ended` is a deadlock
  ExprId all_ended;                                   // no context is running
  std::vector<RuleId> left_out;                       // rules asked for that nothing above stands for
  std::optional<GuardedLeak> leak;                    // one of `left_out`
  std::optional<GuardedStuck> stuck;                  // likewise

  /// Of a load of this cell, which is none of `system`: the condition that it stands for; null: a member.
  const NamedCondition* condition(CellId cell) const;
  /// The number of that member. Requires: it is one.
  std::size_t member(CellId cell) const { return cell.value - system.cells.size() - conditions.size(); }
};

/// The guarded commands of `system`; an error when they would be too many or too large to be of use. `with_errors`:
/// with the commands that break core rules; without them these are absent, as their next states are. `guide`: of `system`,
/// asked as Interpreter::for_each_initial_state does. Asks for patience (model/base/patience.h). Cost: formulas are shared, but the number of ways through a program can be exponential in
/// its length.
Expected<GuardedSystem> guarded_system(const TransitionSystem& system, bool with_errors = true,
                                       InitialGuide* guide = nullptr);

}  // namespace quiesce::model
