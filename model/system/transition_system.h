// The transition system: the one structure between text and engines. Elaboration builds it; every engine,
// the reference interpreter, the reports and the exports consume it. It is a set of tables that refer to
// each other by index, immutable once built; a pass makes a new one.
//
// Typical sizes: 5-20 contexts, 50-500 locations, 20-200 cells, 1,000-10,000 expressions.
//
// How it steps (docs/semantics.md is the authority):
//   - A **state** is one number per cell.
//   - Each **context** (thread, or handler with its activations) has per activation a location cell (0 = ended or
//     not started, n = its location number n), a level cell, a CPU cell (0 = floating, c + 1 = pinned to c) and,
//     where the text has `on c { }`, an affinity cell (0 = any CPU).
//   - A **location** is a point between two statements. It has exactly one **program**: what the next step of a
//     context standing there does. Running a program on a state gives zero or more outcomes (one per way
//     through its Choose operations); a failed Assume gives none.
//   - An **action** is a program that any state may run, without a context.
//   - A handler starts by running its `start` program, ended by Goto(first location).
//   Whether a context may step on some CPU, and where it becomes pinned or floats again, is decided by
//   the scheduler (interpret/scheduler), from the level and CPU cells; programs only assign the level cell.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/base/level_names.h"
#include "model/base/source.h"
#include "model/base/temporal.h"
#include "model/system/expression.h"
#include "model/system/value_type.h"

namespace quiesce::model {

using VariableId = Index<struct VariableTag>;
using LocationId = Index<struct LocationTag>;
using ActionId = Index<struct ActionTag>;
using InstanceId = Index<struct InstanceTag>;
using RuleId = Index<struct RuleTag>;
using PropertyId = Index<struct PropertyTag>;
using FunctionId = Index<struct FunctionTag>;
using LockId = Index<struct LockTag>;

// ------------------------------------------------------------------------------------------ names

/// An instance of a machine (or the system itself, instance 0).
struct Instance {
  std::string path;                  // "nic.hw"; "" for the system
  std::string machine;               // qualified name of its machine
  std::optional<InstanceId> parent;  // none for the system
  std::optional<CellId> life;        // object machines: 0 not yet, 1 live, 2 freed
  Span span;                         // where it is declared
};

/// A variable of the text: of a machine, or a local of a context.
struct Variable {
  std::string name;  // "nic.hw.requesting"; locals: "manager.run/s"
  ValueTypePtr type;
  CellId first;                    // cell_count(type) consecutive cells from here
  std::optional<ContextId> owner;  // locals: whose
  bool hidden = false;             // ours (loop counters, saved levels): not shown in stories
  Span span;
};

/// What renaming of CPUs and activations does to a cell's number.
enum class CellKind {
  Plain,     // nothing
  Cpu,       // 0 = none, c + 1 = CPU c: renamed
  Location,  // location number of a context
  Slot,      // 0 = none, 1 + slot of a context's activation: renamed with the activations
};

/// One number of the state.
struct Cell {
  std::string name;       // for listings: "line.chain[2]"
  std::int64_t lo = 0;    // least number it can hold
  std::int64_t hi = 1;    // greatest
  std::int64_t rest = 0;  // what it holds when dead or out of scope
  CellKind kind = CellKind::Plain;
  std::optional<VariableId> variable;  // none: location, level, CPU, affinity and life cells
};

// --------------------------------------------------------------------------------------- programs

/// cell := value. Elaboration has put a Check before it unless the value always fits.
struct AssignOp {
  Place place;
  ExprId value;
  bool forgets = false;  // gives a dead variable its rest value: no statement of the text, not shown in stories
};
/// temp := value.
struct LetOp {
  TempId temp;
  ExprId value;
};
/// temp := any number in lo..hi: the program forks. Outcomes come in lexicographic order of choices.
struct ChooseOp {
  TempId temp;
  std::int64_t lo = 0;
  std::int64_t hi = 0;
  bool counted = true;  // false for choices of a CPU (docs/semantics.md, Counts)
  std::string what;     // for stories: "s" of 'choose s', "either"
  ValueTypePtr type;    // how to print the choice; null for either
};
/// Continue with the next operation when the condition is true, else at operation `otherwise` (> own position).
struct BranchOp {
  ExprId condition;
  std::uint32_t otherwise = 0;
};
/// Continue at operation `target` (> own position).
struct JumpOp {
  std::uint32_t target = 0;
};
/// When the condition is false the rule is broken here. A rule that is `core` ends the run at once (whatever Assume
/// follows); any other is recorded when the program completes, and the program continues as if it had held.
struct CheckOp {
  ExprId condition;
  RuleId rule;
  Span span;            // what the story underlines
  std::string message;  // what went wrong, in the user's words; may be empty
};
/// When the condition is false this outcome does not exist.
struct AssumeOp {
  ExprId condition;
};
/// No effect; says to stories and monitors which statement of the text is being executed.
struct StatementOp {
  Span span;
};
/// No effect; a function was entered. `arguments` are already evaluated parameters, for stories.
struct EnterOp {
  FunctionId function;
  Span span;  // the call
  struct Argument {
    std::string name;
    ValueTypePtr type;
    std::vector<ExprId> cells;
  };
  std::vector<Argument> arguments;
};
/// No effect; a function was left. `result` is what it returned (empty: nothing).
struct LeaveOp {
  FunctionId function;
  ValueTypePtr type;
  std::vector<ExprId> result;
};
/// The last operation of a way through a context's program: the context now stands at `location`.
struct GotoOp {
  LocationId location;
};
/// The last operation of a way: the thread or activation has ended, or the action is done.
struct EndOp {};

using Op = std::variant<AssignOp, LetOp, ChooseOp, BranchOp, JumpOp, CheckOp, AssumeOp, StatementOp, EnterOp, LeaveOp,
                        GotoOp, EndOp>;

/// Straight-line code with forward jumps only, so it ends: the effect of one step.
/// Every way through it ends with Goto or End. Assignments take effect in order; later operations see them.
struct Program {
  std::vector<Op> ops;
  std::uint32_t temps = 0;  // number of scratch registers
  bool uses_cpu = false;    // an expression of it mentions the current CPU
};

// --------------------------------------------------------------------------------------- contexts

/// What a context waits for at a location, for `core.stuck`.
enum class WaitKind { None, Await, Spin, Lock, Mutex };

/// A point between two statements of one context, with the program of the next step.
struct Location {
  ContextId context;
  std::uint32_t number = 0;  // 1-based within its context: the value of the location cell
  Program program;
  Span span;                        // the next statement
  std::vector<std::string> labels;  // of the text, with instance path and context: "reader.idle_point"
  WaitKind wait = WaitKind::None;   // the program can be blocked by `guard`
  ExprId guard;                     // blocking condition (a conjunction), none when it never blocks
  std::optional<Place> lock;        // Lock, Mutex: the holder cell waited for
  std::vector<FunctionId> inside;   // functions being executed here, outermost first
  bool mergeable = false;  // an ordinary statement: no level change, lock, start, end, cpu(), label in a property
};

enum class ContextKind { Thread, Handler };

/// What infinite runs owe a context or an action (docs/semantics.md, 13).
enum class Fairness {
  Default,   // threads, activations and starts are fair, actions are not
  Fair,      // what stays possible from some point on happens again and again
  Strong,    // what is possible again and again happens again and again
  Unfair,    // nothing
  Sporadic,  // it does not happen without end
};

/// On which CPUs a handler may start.
struct OnAny {};
struct OnOne {
  ExprId cpu;  // a Cpu? value: 0 = nowhere
};
struct OnSet {
  std::vector<ExprId> allowed;  // one truth value per CPU
};
using HandlerCpus = std::variant<OnAny, OnOne, OnSet>;

/// Something that executes statements.
struct Context {
  std::string name;  // "nic.dpc.run"
  ContextKind kind = ContextKind::Thread;
  InstanceId instance;
  Span span;                     // its declaration's head
  std::int64_t start_level = 0;  // level at which it starts and must end
  bool urgent = false;           // handlers
  Fairness fairness = Fairness::Default;
  std::uint32_t activations = 1;      // 'concurrent n'; threads 1
  std::uint32_t first_slot = 0;       // its activations are the slots first_slot .. first_slot + activations - 1
  ExprId condition;                   // handlers: `when` (constant 1 without one)
  HandlerCpus cpus = OnAny{};         // handlers
  Program start;                      // handlers: accept, then Goto(entry). Threads: empty
  LocationId entry;                   // first location
  std::vector<LocationId> locations;  // number n is at position n - 1
  std::vector<CellId> location_cell;  // per activation
  std::vector<CellId> level_cell;     // per activation
  std::vector<CellId> cpu_cell;       // per activation
  std::vector<CellId> affinity_cell;  // per activation; empty when it never uses `on c { }`
  std::vector<std::vector<CellId>> local_cells;  // per activation: further cells of its own (locals), same order each;
                                                 // they rest while it is not running, so that free ones are alike
};

/// A spontaneous step of hardware or environment.
struct Action {
  std::string name;
  InstanceId instance;
  Span span;
  Fairness fairness = Fairness::Default;
  ExprId guard;     // `when`; faults in it are properties of core rules
  Program program;  // starts with Assume(guard)
};

/// A lock of the text.
struct Lock {
  std::string name;
  bool is_mutex = false;
  std::int64_t level = -1;      // spin locks with a level; -1 without
  CellId holder;                // 0 = free, 1 + slot
  std::optional<CellId> saved;  // spin locks with a level: what release restores
  Span span;
};

/// A function of the text as stories and `returns` properties know it, once per instance it belongs to.
struct Function {
  std::string name;      // "nic.stop", "wdm.IoConnectInterruptEx"
  bool returns = false;  // marked `returns`
  Span span;
};

// -------------------------------------------------------------------------------------- properties

/// A named obligation.
struct Rule {
  std::string name;  // "wdm.quiet_before_disconnect"
  std::string title;
  std::string because;
  std::vector<std::string> citations;  // document titles and sections, in order
  bool is_warning = false;
  bool core = false;  // a broken core rule ends the run
  Span span;          // nowhere for built-in rules
};

enum class PropertyKind {
  Invariant,     // true in every reachable state
  Never,         // false in every reachable state
  Reachable,     // true in some reachable state
  DeadlockFree,  // no state is a deadlock
};

/// A formula over states that belongs to a rule. `require`, `assert` and `violate` are CheckOps instead.
struct Property {
  PropertyKind kind = PropertyKind::Invariant;
  RuleId rule;
  ExprId condition;  // none for DeadlockFree
  ExprId trigger;    // invariants of the form p => q: p; else none (the invariant cannot be vacuous)
  Span span;
  std::string message;
};

/// One operator of a formula over infinite runs.
struct TemporalNode {
  TemporalOperator op = TemporalOperator::Atom;
  std::uint32_t left = 0;   // positions of the operands in TemporalProperty::formula, before this one's
  std::uint32_t right = 0;  // operators with one side: this
  ExprId atom;              // Atom: the condition
  ExprId quiet;  // Atom that asks for events: the condition where nothing happens any more; none: `atom` as it is
};

/// A rule about infinite runs. Searches for states do not look at it; reduce.h drops its formula.
struct TemporalProperty {
  RuleId rule;
  bool always_possible = false;       // from every reachable state some run leads to the only atom
  std::vector<TemporalNode> formula;  // the last one is the whole; empty: it cannot be checked on this system
  ExprId trigger;  // the formula holds trivially where this is never true; none: it cannot be vacuous
  Span span;
  std::string message;  // of which instance it speaks where the text has one formula for several; may be empty
};

/// A cell that formulas ask whether the last step did something. Nothing writes it before observe_events
/// (model/passes/observe_events.h), and nothing but formulas reads it.
struct Observer {
  enum class Event { Called, Returned, Accepted };
  CellId cell;  // 1 in the state after a step that did it, else 0
  Event event = Event::Called;
  FunctionId function;       // Called, Returned
  ContextId context;         // Accepted: a handler
  ValueTypePtr result_type;  // Returned: scalar type of `result`; null: whatever it returned
  std::int64_t result = 0;
};

// ----------------------------------------------------------------------------------- initial states

/// Initial values, in order; a later one may read what earlier ones set. Cells not named rest.
struct InitialAssign {
  CellId cell;
  ExprId value;  // none: any number from lo to hi ('any')
  std::int64_t lo = 0;
  std::int64_t hi = 0;
};

/// Blocks of cells that belong to CPU 0, 1, ...: an array indexed by Cpu, or a set of Cpu. Renaming permutes the
/// blocks. Outer groups stand before the groups inside their blocks.
struct CpuBlocks {
  std::vector<CellId> first;  // first cell of each CPU's block
  std::uint32_t length = 1;   // cells per block
};

/// A parameter with the value it has in this system, for reports.
struct ParameterValue {
  std::string name;
  std::string value;
  bool is_default = true;
};

// ------------------------------------------------------------------------------------------ system

struct TransitionSystem {
  std::string name;  // of the system in the text
  std::vector<ParameterValue> parameters;
  std::uint32_t cpus = 1;        // 1..4
  std::uint32_t fixed_cpus = 0;  // bit c: CPU c is named by a constant and takes no part in renaming
  LevelNames level_names;
  std::int64_t pin_level = 2;  // contexts at or above it are pinned

  ExprTable expressions;
  std::vector<Instance> instances;  // 0 is the system
  std::vector<Variable> variables;
  std::vector<Cell> cells;
  std::vector<Context> contexts;
  std::vector<Location> locations;
  std::vector<Action> actions;
  std::vector<Lock> locks;
  std::vector<Function> functions;
  std::vector<Rule> rules;
  std::vector<Property> properties;
  std::vector<TemporalProperty> temporal;
  std::vector<Observer> observers;  // only of what formulas ask for
  std::vector<RuleId> checked;      // the rules asked for, in catalogue order: only they get verdicts
  RuleId stuck_rule;                // core.stuck
  std::vector<CpuBlocks> cpu_blocks;
  std::vector<InitialAssign> initial;
  std::vector<ExprId> initial_conditions;  // 'any where': all must hold
  std::uint32_t slots = 0;                 // activations of all contexts

  // One door to every table by its index type.
  const Instance& at(InstanceId id) const { return instances[id.value]; }
  const Variable& at(VariableId id) const { return variables[id.value]; }
  const Cell& at(CellId id) const { return cells[id.value]; }
  const Context& at(ContextId id) const { return contexts[id.value]; }
  const Location& at(LocationId id) const { return locations[id.value]; }
  const Action& at(ActionId id) const { return actions[id.value]; }
  const Lock& at(LockId id) const { return locks[id.value]; }
  const Function& at(FunctionId id) const { return functions[id.value]; }
  const Rule& at(RuleId id) const { return rules[id.value]; }
  const Property& at(PropertyId id) const { return properties[id.value]; }
  const Expr& at(ExprId id) const { return expressions[id]; }
};

}  // namespace quiesce::model
