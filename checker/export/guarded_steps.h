// A transition system as guarded simultaneous assignments: the form that other checkers understand. Every way through
// every program becomes one step with a condition over the state before and a new value for each cell it changes;
// who may run where, which the scheduler decides for us, becomes part of the conditions.
//
// Written from docs/semantics.md (the numbers below are its sections) and independent of our engines on purpose: what
// is made from this is a second opinion on them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/base/expected.h"
#include "model/base/source.h"
#include "model/interpret/state.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

/// A formula with a name, so that it is written once. An expression mentions condition i as the load of the cell with
/// the number (cells of the system) + i.
struct NamedCondition {
  std::string name;     // unique; letters, digits, '_'
  std::string comment;  // what it says
  model::ExprId formula;
};

/// cell := value, where all values of one step are those of the state before it.
struct GuardedAssign {
  model::CellId cell;
  model::ExprId value;
};

/// A check that stands on the way of a step: broken where `holds` is false in the state before.
struct GuardedCheck {
  model::ExprId holds;
  std::string what;  // rule and message
};

struct GuardedStep {
  std::string name;  // who and where: "reader.run, mailbox.qsm:16:7"
  model::ExprId guard;
  std::vector<GuardedAssign> assigns;  // ascending by cell; only what may change
  std::vector<GuardedCheck> checks;    // of rules that do not end the run
  std::string error;                   // not empty: the step breaks this core rule, and there is no state after it
};

/// A renaming of CPUs and activations (6), as the state it makes of a state, and whether that one is less.
struct GuardedRenaming {
  std::vector<GuardedAssign> assigns;  // ascending by cell
  model::ExprId is_less;               // in the order of cells
};

struct GuardedProperty {
  std::string name;
  model::ExprId formula;
};

struct GuardedSystem {
  model::TransitionSystem system;                     // a copy: its table owns all expressions here
  std::vector<std::optional<std::int64_t>> constant;  // by cell: what it holds in every state; it is not used then
  std::vector<NamedCondition> conditions;             // each mentions only those before it
  std::vector<GuardedStep> steps;                     // each followed by `floats`, then by `renamings`
  std::vector<GuardedAssign> floats;                  // 3.6: the CPU cells of those who may float
  std::vector<GuardedRenaming> renamings;             // all but the identity
  std::vector<model::State> initial;                  // least under the renamings, distinct
  std::vector<GuardedProperty> invariants;            // of the rules asked for, and of core rules
  std::vector<GuardedProperty> reachable;             // of the rules asked for
  bool deadlock_free = false;                         // asked for
  model::ExprId all_ended;                            // nobody runs
  std::vector<std::string> left_out;                  // rules asked for that no formula here stands for
};

/// The steps of `system`. Nothing when they would be too many or too large to be of use to anybody. `sources` names
/// places in the text; null leaves them out. `with_errors`: with steps that break core rules; without them these are
/// simply absent, as their next states are.
model::Expected<GuardedSystem> guarded_steps(const model::TransitionSystem& system, const model::SourceMap* sources,
                                             bool with_errors);

/// The cells that `expr` reads.
void collect_cells(const model::ExprTable& table, model::ExprId expr, std::vector<bool>& cells);

}  // namespace quiesce::checker
