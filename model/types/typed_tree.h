// The typed tree: the program with every name resolved and every expression typed. The type checker
// (check_program.h) makes it from the syntax trees of all modules; elaboration (elaborate/) consumes nothing
// else. Machines are still templates here: bounds, capacities and `if C { }` members are expressions over
// constants, params and machine parameters, evaluated per instance by elaboration.
//
// Invariants, promised by the checker and relied on by elaboration:
//   (1) No pointer is null unless its comment says so; pointers to declarations point into the same Program.
//   (2) Types match: conversions are explicit nodes (Wrap, Unwrap), never implicit. Two have no node, since the value
//       stays the same: a reference to a machine where one to an interface that it implements is wanted, and a
//       constant int where a Level is wanted (the expression then has type Level).
//   (3) A CallExpr of a function that takes steps occurs only as the statement CallStmt, or as the whole right
//       side of an assignment, `var`, `return` or condition of an `if` (perhaps inside one Wrap or Unwrap); elsewhere
//       only pure (expression) functions. Calls through a function parameter or of an interface function without an
//       expression as default body count as taking steps.
//   (4) Every VariableDecl belongs to one scope; shadowing was rejected.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/base/level_names.h"
#include "model/base/source.h"
#include "model/base/temporal.h"

namespace quiesce::model::types {

struct EnumDecl;
struct StructDecl;
struct RuleDecl;
struct InterfaceDecl;
struct MachineDecl;
struct FunctionDecl;
struct VariableDecl;
struct InstanceDecl;
struct ContextDecl;
struct ActionDecl;
struct LabelDecl;
struct Expr;
struct Stmt;
using ExprPtr = std::unique_ptr<Expr>;
using StmtPtr = std::unique_ptr<Stmt>;
struct Type;
using TypePtr = std::shared_ptr<const Type>;

// ------------------------------------------------------------------------------------------- types

/// A type of the language. Two types are the same for checking when they have the same shape, bounds and
/// capacities apart ('int 0..3' and 'int 0..7' mix freely; range is checked when a value is stored).
struct Type {
  enum class Kind {
    Void,
    Null,
    Bool,
    Int,
    Enum,
    Struct,
    Array,
    Set,
    Queue,
    Ref,
    Level,
    Cpu,
    Optional,
    Function,
    Spinlock,
    Mutex,
    Handover,
    Label
  };
  Kind kind = Kind::Void;
  std::shared_ptr<const Expr> lo;  // Int: bounds; null for the type of computed ints and literals
  std::shared_ptr<const Expr> hi;
  const EnumDecl* enumeration = nullptr;     // Enum
  const StructDecl* structure = nullptr;     // Struct
  TypePtr element;                           // Array, Set, Queue, Optional; Handover: null where nothing passes
  TypePtr index;                             // Array: index type ('array<T, 4>' has index int 0..3)
  std::shared_ptr<const Expr> capacity;      // Queue
  std::shared_ptr<const Expr> level;         // Spinlock: null without a level
  const MachineDecl* machine = nullptr;      // Ref to a machine: exactly one of these two is set
  const InterfaceDecl* interface = nullptr;  // Ref to an interface
  std::vector<TypePtr> parameters;           // Function
  TypePtr result;                            // Function (Void when nothing)
  bool fair = false;                         // Mutex
  bool wraps = false;                        // Int with bounds: what is stored is taken modulo the size of the range
  bool all_integers = false;                 // Int without bounds that is stored, as 'int' alone says
};

// ------------------------------------------------------------------------------------- declarations

struct EnumDecl {
  std::string name;  // qualified by family: "wdm.Status"
  std::vector<std::string> values;
  Span span;
};

struct StructDecl {
  std::string name;
  std::vector<std::unique_ptr<VariableDecl>> fields;
  Span span;
};

struct RuleDecl {
  std::string name;  // "wdm.quiet_before_disconnect"
  std::string title, because;
  std::vector<std::string> citations;
  bool is_warning = false;
  bool core = false;  // built in, core.*
  Span span;          // nowhere when built in
};

/// Anything that has a name and a value.
struct VariableDecl {
  enum class Kind {
    Const,      // module or machine constant: `init` holds its value
    Param,      // module param: `init` is the default, -D and `with` override
    Parameter,  // of a machine or system (value, reference or function), or of a function
    Member,     // variable of a machine
    Local,      // 'var', 'choose', loop variable of a dynamic loop
    Bound,      // variable of a quantifier, loop variable over a type or constant range
    Field,      // of a struct
  };
  std::string name;
  std::string family;  // Const of a module, Param: its family; else empty
  Kind kind = Kind::Local;
  TypePtr type;
  ExprPtr init;                          // may be null: rest value (Parameter: no default)
  const MachineDecl* machine = nullptr;  // Member: of this machine; else null
  bool open = false;                     // Member: text of other families may assign it, too
  bool any = false;                      // Member: '= any'; `init` is null
  ExprPtr where;                         // with any: may be null
  bool of_machine = false;               // Parameter: of a machine or system, so a constant of each instance
  bool assigned = false;                 // Parameter of a function: assigned to in its body, so it needs cells
  std::string doc;                       // '///'
  Span span;
};

struct FunctionDecl {
  enum class Kind {
    Expression,  // 'fn f() -> T = e': pure, usable inside expressions
    Steps,       // a body of statements
    Atomic,      // 'atomic fn': the body is one step
  };
  std::string name;  // "stop"; free functions qualified: "wdm.IoConnectInterruptEx"
  Kind kind = Kind::Steps;
  bool returns = false;                      // marked `returns`
  const MachineDecl* machine = nullptr;      // owner; null for free functions and interface functions
  const InterfaceDecl* interface = nullptr;  // owner, for declarations in an interface
  std::vector<std::unique_ptr<VariableDecl>> parameters;
  TypePtr result;             // Void when nothing
  ExprPtr expression;         // Expression
  std::vector<StmtPtr> body;  // Steps, Atomic
  bool has_body = true;       // false: an interface function without default
  std::string doc;
  Span span;
};

struct InterfaceDecl {
  std::string name;
  std::vector<std::unique_ptr<FunctionDecl>> functions;
  std::vector<const MachineDecl*> implementers;
  Span span;
};

/// 'hw: Device(line)' or 'nics[i: T]: Nic(line, i)'.
struct InstanceDecl {
  std::string name;
  const MachineDecl* machine = nullptr;
  TypePtr index;                                 // null: a single instance
  std::unique_ptr<VariableDecl> index_variable;  // Bound; may be null
  struct Argument {
    const VariableDecl* parameter = nullptr;  // of the machine
    ExprPtr value;  // Function parameters: a FunctionRefExpr; else a constant expression or reference
  };
  std::vector<Argument> arguments;  // defaults are not filled in
  Span span;
};

/// A thread or handler.
struct ContextDecl {
  std::string name;
  bool is_handler = false;
  bool urgent = false;
  ExprPtr level;       // null: PASSIVE (threads)
  ExprPtr on;          // handlers: Cpu, Cpu?, or set<Cpu>; null: any
  ExprPtr when;        // handlers: null: always
  ExprPtr concurrent;  // null: 1
  bool fair = false, strong = false, unfair = false, sporadic = false;
  std::vector<StmtPtr> accept;  // assignments only
  std::vector<StmtPtr> body;
  std::string doc;
  Span span;  // its head
};

/// Also `initially { }`: what is done once, in the initial state; and `on event { }` of a monitor.
struct ActionDecl {
  std::string name;
  bool initially = false;
  ExprPtr event;  // of a monitor's reaction: an EventExpr; else null
  ExprPtr when;   // null: always
  bool fair = false, strong = false, unfair = false, sporadic = false;
  std::vector<StmtPtr> body;  // executed atomically
  std::string doc;
  Span span;
};

/// A formula over infinite runs.
struct TemporalFormula {
  TemporalOperator op = TemporalOperator::Atom;
  std::unique_ptr<TemporalFormula> left;   // of operators with two sides
  std::unique_ptr<TemporalFormula> right;  // of all but Atom
  ExprPtr atom;                            // of Atom
  // 'forall' and 'exists' around a formula: And and Or of `right` for each value of a variable, without `left`.
  std::unique_ptr<VariableDecl> variable;  // Bound; null: an operator with sides
  ExprPtr where;                           // which values: known before the system runs; null: all
};

struct PropertyDecl {
  enum class Kind { Invariant, Never, Reachable, DeadlockFree, Temporal, AlwaysPossible };
  Kind kind = Kind::Invariant;
  const RuleDecl* rule = nullptr;            // named rule, or one made for this property: "<module>.<machine>.<name>"
  ExprPtr condition;                         // null for DeadlockFree and Temporal
  std::unique_ptr<TemporalFormula> formula;  // Temporal
  Span span;
};

struct LabelDecl {
  std::string name;
  Span span;
};

struct MemberGroup;

/// Members in the order of the text.
using Member = std::variant<std::unique_ptr<VariableDecl>, std::unique_ptr<InstanceDecl>, std::unique_ptr<FunctionDecl>,
                            std::unique_ptr<ContextDecl>, std::unique_ptr<ActionDecl>, std::unique_ptr<PropertyDecl>,
                            std::unique_ptr<MemberGroup>>;

/// 'if C { members } else { members }'.
struct MemberGroup {
  ExprPtr condition;
  std::vector<Member> then_members;
  std::vector<Member> else_members;
  Span span;
};

/// A machine, or a system (which has `is_system`, `cpus` and perhaps `pin`, and is never instantiated by name).
struct MachineDecl {
  std::string name;  // qualified: "wdm.Line"
  bool is_object = false;
  bool is_monitor = false;  // watches: reactions, and no context or action
  bool is_system = false;
  std::vector<std::unique_ptr<VariableDecl>> parameters;
  struct Implementation {
    const InterfaceDecl* interface = nullptr;
    std::vector<const FunctionDecl*> functions;  // per function of the interface: the machine's own, or the default
  };
  std::vector<Implementation> implements;
  std::vector<Member> members;
  std::vector<ExprPtr> busy;  // 'busy when'
  ExprPtr cpus;               // systems: null: 1
  ExprPtr pin;                // systems: null: DISPATCH
  std::string doc;
  Span span;
};

struct RulePattern {
  std::string name;     // exact name, or prefix when `prefix` ("wdm." with its dot); "" with prefix: all
  bool prefix = false;  // 'wdm.*'
  Span span;
};

struct CheckDecl {
  const MachineDecl* system = nullptr;
  std::vector<RulePattern> rules;  // 'for'; empty: every rule of every module used
  std::vector<RulePattern> except;
  struct Binding {
    const VariableDecl* parameter = nullptr;  // of the system, or a module param
    std::vector<ExprPtr> values;              // '= e' or 'in { ... }'
    ExprPtr lo, hi;                           // 'in lo..hi' (then values is empty)
    bool of_all = false;                      // said for all checks of the file or system, not by this one
    Span span;
  };
  std::vector<Binding> with;
  struct Expectation {
    enum class Kind { Holds, Violated, Vacuous };
    Kind kind = Kind::Holds;
    std::vector<const RuleDecl*> rules;
    bool at_least = false;  // ended with '...'
    Span span;
  };
  std::vector<Expectation> expect;  // empty: none
  Span span;
};

struct Program {
  LevelNames levels;  // of the module that declares them
  std::vector<std::unique_ptr<EnumDecl>> enums;
  std::vector<std::unique_ptr<StructDecl>> structs;
  std::vector<std::unique_ptr<VariableDecl>> values;  // module constants and params
  std::vector<std::unique_ptr<RuleDecl>> rules;       // built-in ones first, then in order of modules
  std::vector<std::unique_ptr<InterfaceDecl>> interfaces;
  std::vector<std::unique_ptr<FunctionDecl>> functions;  // free functions
  std::vector<std::unique_ptr<MachineDecl>> machines;    // systems among them
  std::vector<std::unique_ptr<CheckDecl>> checks;        // of the files asked for, not of imported modules
  std::vector<std::unique_ptr<CheckDecl>> bare_checks;   // of each system there what 'check System' would be
  std::vector<std::unique_ptr<LabelDecl>> labels;
};

// -------------------------------------------------------------------------------------- expressions

/// A number: int, level, bool (0/1), enum (position). Its type says which.
struct LiteralExpr {
  std::int64_t value = 0;
};
/// 'null' of an optional type.
struct NullExpr {};
/// 'self' (a reference to the instance whose code this is).
struct SelfExpr {};
/// A constant, module param, local, bound variable, or parameter of a function; also a parameter of a machine when
/// used inside that machine (object == null) or through a reference ('d.line': object set).
/// Members: object == null means the instance whose code this is.
struct VariableExpr {
  const VariableDecl* variable = nullptr;
  ExprPtr object;  // may be null; type Ref to a machine
};
/// A nested instance, as a reference: 'hw', 'nic.hw', 'nics[i]'.
struct InstanceExpr {
  const InstanceDecl* instance = nullptr;
  ExprPtr object;  // may be null; type Ref
  ExprPtr index;   // arrays of instances; else null
};
/// 'value.field' of a struct.
struct FieldExpr {
  ExprPtr value;
  std::uint32_t field = 0;
};
/// 'array[i]' or 'queue[i]'.
struct IndexExpr {
  ExprPtr value;
  ExprPtr index;
};
enum class UnaryOperator { Not, Negate };
struct UnaryExpr {
  UnaryOperator op = UnaryOperator::Not;
  ExprPtr operand;
};
/// Equal and NotEqual also compare structs, arrays, sets, queues, optionals (same shape). Less etc.: int, Level, enum.
enum class BinaryOperator {
  And,
  Or,
  Implies,
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  BitOr,
  BitXor,
  BitAnd,
  ShiftLeft,
  ShiftRight,
  Add,
  Subtract,
  Multiply,
  Divide,
  Modulo
};
struct BinaryExpr {
  BinaryOperator op = BinaryOperator::And;
  ExprPtr left, right;
};
struct ConditionalExpr {
  ExprPtr condition, then_value, else_value;
};
/// Questions to queues and sets. Contains has `argument`.
enum class CollectionQuery { Empty, Full, Length, First, Last, Contains };
struct CollectionExpr {
  CollectionQuery query = CollectionQuery::Empty;
  ExprPtr collection;
  ExprPtr argument;  // Contains; else null
};
/// 'x in lo..hi'.
struct InRangeExpr {
  ExprPtr value, lo, hi;
};
/// 'inner within outer': the instance that `inner` names is the one that `outer` names, or stands below it in the tree
/// of instances. Beside: nothing of the one's machine stands nearer to the other. Both have type Ref.
struct WithinExpr {
  ExprPtr inner, outer;
  bool beside = false;
};
/// '{a, b}' as a value of a set type.
struct SetExpr {
  std::vector<ExprPtr> elements;
};
/// '[a, b]', or '[for i: e]' with e evaluated for each index.
struct ArrayExpr {
  std::vector<ExprPtr> elements;           // of the first form; else empty
  std::unique_ptr<VariableDecl> variable;  // of the second form (Bound); else null
  ExprPtr body;                            // of the second form
};
/// 'Point(x: 1, y: 2)': one value per field, null = rest value (or the field's default).
struct StructExpr {
  std::vector<ExprPtr> fields;
};
/// T where T? is wanted.
struct WrapExpr {
  ExprPtr value;
};
/// T? where T is wanted: breaks core.null when it is null.
struct UnwrapExpr {
  ExprPtr value;
};
/// A function as a value, for machine parameters. `object` null: of this instance, or a free function.
struct FunctionRefExpr {
  const FunctionDecl* function = nullptr;   // exactly one of these two is set
  const VariableDecl* parameter = nullptr;  // passing on a function parameter of this machine
  ExprPtr object;
};
/// A call: of a function (free, of an instance, of an interface: dynamic dispatch), or of a function parameter of a
/// machine. Arguments in the order of the parameters, defaults filled in (cloned).
struct CallExpr {
  const FunctionDecl* function = nullptr;   // null when `parameter` is set
  const VariableDecl* parameter = nullptr;  // a machine's parameter of function type
  ExprPtr object;                           // null: this instance, or a free function
  std::vector<ExprPtr> arguments;
};
enum class Quantifier { ForAll, Exists, Count };
/// Over the values of a type, the instances of a machine or interface (type Ref), or a constant range (Int with
/// bounds).
struct QuantifierExpr {
  Quantifier kind = Quantifier::ForAll;
  std::unique_ptr<VariableDecl> variable;  // Bound
  ExprPtr where;                           // may be null
  ExprPtr body;                            // may be null for Count
};
struct LevelExpr {};     // level()
struct PinLevelExpr {};  // pin_level(): a constant of the system
struct CpuExpr {};       // cpu()
/// Running: some activation is between start and end. Idle: none. Inside: one of them executes this expression.
/// CpuOf: the CPU on which it is pinned, null when none. LevelOf: its level, null while it does not run.
enum class ContextQuery { Running, Idle, Inside, CpuOf, LevelOf };
struct ContextExpr {
  ContextQuery query = ContextQuery::Running;
  const ContextDecl* context = nullptr;
  ExprPtr object;  // null: of this instance
};
/// 'at LABEL': some context stands before the statement with that label (of that instance).
struct AtLabelExpr {
  const LabelDecl* label = nullptr;
  ExprPtr object;  // null: of this instance
};
struct EnabledExpr {
  const ActionDecl* action = nullptr;
  ExprPtr object;
};
/// 'called(f)', 'returned(f)', 'returned(f) == result', 'accepted(h)': whether the last step did that. In formulas only.
enum class Event { Called, Returned, Accepted };
struct EventExpr {
  Event event = Event::Called;
  const FunctionDecl* function = nullptr;   // Called, Returned: null when `parameter` is set
  const VariableDecl* parameter = nullptr;  // Called, Returned: a machine's parameter of function type
  const ContextDecl* context = nullptr;     // Accepted: a handler
  ExprPtr object;                           // null: of this instance, or a free function
  ExprPtr result;                           // Returned: what it returned, known before the system runs; null: anything
};
/// 'Cpu(n)': only in `on`, initial values and arguments of instances.
struct CpuConstantExpr {
  ExprPtr number;
};

struct Expr {
  std::variant<LiteralExpr, NullExpr, SelfExpr, VariableExpr, InstanceExpr, FieldExpr, IndexExpr, UnaryExpr, BinaryExpr,
               ConditionalExpr, CollectionExpr, InRangeExpr, WithinExpr, SetExpr, ArrayExpr, StructExpr, WrapExpr,
               UnwrapExpr, FunctionRefExpr, CallExpr, QuantifierExpr, LevelExpr, PinLevelExpr, CpuExpr, ContextExpr,
               AtLabelExpr, EnabledExpr, EventExpr, CpuConstantExpr>
      node;
  TypePtr type;
  Span span;
};

// --------------------------------------------------------------------------------------- statements

/// 'target = value'; '+=' and '-=' were expanded to 'target = target + value' (target cloned).
struct AssignStmt {
  ExprPtr target, value;
};
struct LocalStmt {
  std::unique_ptr<VariableDecl> variable;
};  // 'var x: T = init'
struct CallStmt {
  ExprPtr call;
};  // a CallExpr
enum class CollectionChange { Push, Pop, Remove, Clear, Add };
/// Push, Remove and Add have `argument`. Pop of an empty or Push to a full queue breaks core.queue; Remove of what
/// is not there does nothing (queues: the first equal element).
struct CollectionStmt {
  CollectionChange change = CollectionChange::Push;
  ExprPtr collection;
  ExprPtr argument;
};
struct IfStmt {
  ExprPtr condition;
  std::vector<StmtPtr> then_body, else_body;
};
struct WhileStmt {
  ExprPtr condition;  // null for 'loop'
  std::vector<StmtPtr> body;
};
/// 'for x in ...': over a type or constant range (`variable` is Bound; body is unrolled), a range computed at run time,
/// a queue or a set (Local). Over Cpu: every CPU once, in an order that is not fixed.
struct ForStmt {
  std::unique_ptr<VariableDecl> variable;
  ExprPtr collection;         // queue or set; else null
  ExprPtr lo, hi;             // range computed at run time; else null
  std::vector<StmtPtr> body;  // neither: the variable's type gives the values
};
struct EitherStmt {
  std::vector<std::vector<StmtPtr>> branches;
};
struct ChooseStmt {
  std::unique_ptr<VariableDecl> variable;  // Local; visible until the end of the enclosing block
  ExprPtr where;                           // may be null
};
struct AwaitStmt {
  ExprPtr condition;
};
struct SpinStmt {
  ExprPtr condition;
};
struct AtomicStmt {
  std::vector<StmtPtr> body;
};
struct AcquireStmt {
  ExprPtr lock;
};
struct ReleaseStmt {
  ExprPtr lock;
};
struct WithLockStmt {
  ExprPtr lock;
  std::vector<StmtPtr> body;
};
struct GiveStmt {
  ExprPtr handover;
  ExprPtr value;  // of the hand-over's element type; null where nothing passes
};
struct TakeStmt {
  ExprPtr handover;
  ExprPtr target;  // null: what is handed over is dropped
};
struct RaiseStmt {
  ExprPtr level;
};
struct LowerStmt {
  ExprPtr level;
};
struct AtLevelStmt {
  ExprPtr level;
  std::vector<StmtPtr> body;
};
struct OnCpuStmt {
  ExprPtr cpu;
  std::vector<StmtPtr> body;
};
/// 'assert c' belongs to the built-in rule assert.holds, which does not end runs.
struct AssertStmt {
  ExprPtr condition;
};
struct RequireStmt {
  const RuleDecl* rule = nullptr;
  ExprPtr condition;
};
struct ViolateStmt {
  const RuleDecl* rule = nullptr;
};
struct ReturnStmt {
  ExprPtr value;
};  // may be null
struct BreakStmt {};
struct ContinueStmt {};
struct PassStmt {};
struct InitStmt {
  ExprPtr object;
};  // a reference to an object machine's instance
struct FreeStmt {
  ExprPtr object;
};

struct Stmt {
  std::variant<AssignStmt, LocalStmt, CallStmt, CollectionStmt, IfStmt, WhileStmt, ForStmt, EitherStmt, ChooseStmt,
               AwaitStmt, SpinStmt, AtomicStmt, AcquireStmt, ReleaseStmt, WithLockStmt, GiveStmt, TakeStmt, RaiseStmt,
               LowerStmt, AtLevelStmt, OnCpuStmt, AssertStmt, RequireStmt, ViolateStmt, ReturnStmt, BreakStmt,
               ContinueStmt, PassStmt, InitStmt, FreeStmt>
      node;
  std::vector<const LabelDecl*> labels;  // before this statement
  Span span;                             // of compound statements: the head only
};

}  // namespace quiesce::model::types
