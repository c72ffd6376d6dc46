// A system of guarded commands as one circuit: bits of a state, inputs that choose a step, and for each bit what it is
// after the step. What every bit-level engine and the export to AIGER stand on.
//
// **State.** Bit b of a cell is bit b of (its number - Cell::lo). Constant cells have no bits, and with value sets
// (value_sets.h) neither have bits that no value of the cell's set changes.
// **Step.** The inputs name, in binary, a class of commands of which at most one is enabled in any state (proved by
// SAT, not assumed): fewer inputs than for commands, and a wrong guess is rare. A command fires when its class is
// named, its guard is true, and its updates stay within their domains (those of reachable states do). The floats are
// applied once, after the choice. Renamings are left out: they never change what can be reached up to renaming.
// Where nothing fires, the next state means nothing (`steps` is false).
// **core.stuck** (model/guarded/stuck_sets.h) is broken by a state when some choice of the inputs `members` makes its
// bad output true.
// **What formulas assume** about a state (guarded_system.h) is `assumed`; what value sets add is `given`, clauses that
// hold in every reachable state and are inductive together. Elsewhere the circuit may differ from the commands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "checker/result/invariant.h"
#include "checker/symbolic/circuit.h"
#include "model/base/expected.h"
#include "model/guarded/guarded_system.h"

namespace quiesce::checker {

struct EncodeOptions {
  bool value_sets = true;  // leave out bits that never change, and bound numbers
  bool classes = true;     // else each command is a class of its own; then no solver is asked
};

/// One bit of the state.
struct StateBit {
  model::CellId cell;
  std::uint8_t bit = 0;
  Signal now;   // an input
  Signal next;  // after the step
};

/// How a rule can be broken: by the state, or by the step that the inputs choose from it.
struct BadOutput {
  model::RuleId rule;
  Signal signal;
};

struct Encoding {
  Circuit circuit;
  std::vector<StateBit> bits;              // ascending by cell, then bit
  std::vector<Signal> choices;             // inputs that name the class, lowest bit first
  std::vector<Signal> members;             // inputs that choose the set of core.stuck, by GuardedStuck::members
  std::size_t classes = 0;                 // names from this on choose nothing
  std::vector<Signal> fires;               // by command of the system: it is the step
  Signal steps;                            // some command fires that has a next state
  Signal assumed;                          // (1) to (3) of guarded_system.h, of the state before
  std::vector<BadOutput> bad;              // of the rules asked for and of core rules, ascending; no rule twice
  std::vector<std::vector<bool>> initial;  // by state, then by bit; distinct
  std::vector<InvariantClause> given;      // what value sets say
  std::vector<std::int64_t> base;          // by cell: its number when all its bits are false
  std::vector<std::int64_t> lowest;        // by cell: Cell::lo

  /// All inputs beside the state: the choices, then the members.
  std::size_t inputs() const { return choices.size() + members.size(); }
  Signal input(std::size_t i) const { return i < choices.size() ? choices[i] : members[i - choices.size()]; }

  /// What a bit is that is none of `bits`.
  bool fixed_bit(model::CellId cell, std::uint8_t bit) const {
    return (((base[cell.value] - lowest[cell.value]) >> bit) & 1) != 0;
  }
};

/// An error when something has no bits of ours: numbers beyond all bounds. Asks for patience (model/base/patience.h).
model::Expected<Encoding> encode(const model::GuardedSystem& guarded, const EncodeOptions& options = {});

/// The state that these bits say.
model::State state_of(const Encoding& encoding, const std::vector<bool>& bits);

}  // namespace quiesce::checker
