// The syntax tree of one module: what docs/grammar.ebnf says, nothing resolved, nothing checked. The parser
// builds it, the type checker reads it, the formatter prints it back. Plain structs; each family of nodes is
// a std::variant that its readers visit exhaustively, so that a new kind of node is a compile error wherever
// it matters. Every node has the span of the text it was read from. Nodes do not move once parsed: their
// addresses may be used as keys for as long as the File lives.
//
// What the parser could not read is not in the tree: a file for which it reported errors lacks statements,
// members or declarations, and is good for nothing but looking for more errors.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/base/source.h"
#include "model/base/temporal.h"

namespace quiesce::model::syntax {

/// An identifier where it stands in the text.
struct Name {
  std::string text;
  Span span;
};

/// 'wdm.quiet_before_disconnect': at least one part.
struct QualifiedName {
  std::vector<Name> parts;
  Span span;

  /// The parts joined with dots.
  std::string text() const;
};

struct Expression;
struct Type;
struct Statement;
struct Member;
using ExpressionPtr = std::unique_ptr<Expression>;
using TypePtr = std::unique_ptr<Type>;
using StatementPtr = std::unique_ptr<Statement>;
using MemberPtr = std::unique_ptr<Member>;

// ---------------------------------------------------------------------------------------------- domains

/// 'low..high', both included.
struct Range {
  ExpressionPtr low;
  ExpressionPtr high;
};

/// What a 'for', a quantifier, an array or an array of instances ranges over. A name alone ('Trigger',
/// 'wdm.Line', 'N', 'chain') may mean a type, a machine, a number or a collection, which only the scope can
/// tell: it is kept as a name.
///
/// Where which form is allowed: 'for' all; a quantifier all but Expression; an array's index and an array of
/// instances all but Range (a number is an Expression).
struct Domain {
  std::variant<QualifiedName, TypePtr, ExpressionPtr, Range> kind;
  Span span;
};

// ------------------------------------------------------------------------------------------------ types

struct BoolType {};
struct LevelType {};
struct CpuType {};
struct IntType {
  Range range;         // 'int' alone: without bounds
  bool wraps = false;  // 'int lo..hi wrap'
};
struct MutexType {
  bool fair = false;  // 'fair mutex'
};
struct SpinlockType {
  ExpressionPtr level;  // null: 'spinlock' without a level
};
struct HandoverType {
  TypePtr element;  // null: nothing is handed over
};
struct ArrayType {
  TypePtr element;
  Domain index;  // 'array<bool, Cpu>', 'array<T, 4>'; never a Range
};
struct SetType {
  TypePtr element;
};
struct QueueType {
  TypePtr element;
  ExpressionPtr capacity;
};
struct RefType {
  QualifiedName target;  // a machine or an interface
};
struct FunctionType {
  std::vector<TypePtr> parameters;
  TypePtr result;  // null: returns nothing
};
struct NamedType {
  QualifiedName name;  // an enum or a struct
};
struct OptionalType {
  TypePtr inner;  // 'T?'; never itself an OptionalType
};

/// A type as written.
struct Type {
  std::variant<BoolType, IntType, LevelType, CpuType, MutexType, SpinlockType, HandoverType, ArrayType, SetType,
               QueueType, RefType, FunctionType, NamedType, OptionalType>
      kind;
  Span span;
};

// ------------------------------------------------------------------------------------------ expressions

struct IntegerLiteral {
  std::int32_t value = 0;  // 0..2147483647; a minus is a Unary
};
struct BoolLiteral {
  bool value = false;
};
struct NullLiteral {};
struct SelfExpression {};
struct NameExpression {
  Name name;
};

/// '{A, B}', '{}'.
struct SetLiteral {
  std::vector<ExpressionPtr> elements;
};

/// '[3, 5, 7]', or '[for i: 2 * i]' with one value for each index.
struct ArrayLiteral {
  std::vector<ExpressionPtr> elements;  // of the first form; else empty
  std::optional<Name> variable;         // of the second form: the index
  ExpressionPtr element;                // of the second form
};

enum class UnaryOperator { Not, Minus };
struct Unary {
  UnaryOperator op = UnaryOperator::Not;
  ExpressionPtr operand;
};

enum class BinaryOperator {
  Implies,
  Or,
  And,
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  In,
  Within,
  Beside,
  BitOr,
  BitXor,
  BitAnd,
  ShiftLeft,
  ShiftRight,
  Add,
  Subtract,
  Multiply,
  Divide,
  Remainder,
};
struct Binary {
  BinaryOperator op = BinaryOperator::And;
  Span op_span;
  ExpressionPtr left;
  ExpressionPtr right;  // of In: a set, a queue or another collection; of Within, Beside: an instance
};

/// 'value in low..high'.
struct InRange {
  ExpressionPtr value;
  Range range;
};

/// 'condition ? then : otherwise'.
struct Conditional {
  ExpressionPtr condition;
  ExpressionPtr then;
  ExpressionPtr otherwise;
};

/// 'object.name'; also the parts of a qualified name, which only the scope can tell.
struct FieldAccess {
  ExpressionPtr object;
  Name name;
};

/// 'object[index]'.
struct IndexAccess {
  ExpressionPtr object;
  ExpressionPtr index;
};

/// 'value' or 'name: value' in a call or at an instance.
struct Argument {
  std::optional<Name> name;
  ExpressionPtr value;
  Span span;
};

/// 'callee(arguments)': a call, or a struct value 'Point(x: 1)'.
struct Call {
  ExpressionPtr callee;
  std::vector<Argument> arguments;
  Span arguments_span;  // from '(' to ')'
};

enum class QuantifierKind { Forall, Exists, Count };

/// 'exists x: Domain where condition: body'.
struct Quantifier {
  QuantifierKind kind = QuantifierKind::Forall;
  Name variable;
  Domain domain;
  ExpressionPtr where;  // null: none
  ExpressionPtr body;   // null: none
};

enum class ContextQueryKind {
  Level,
  PinLevel,
  Cpu,
  Running,
  Idle,
  Inside,
  CpuOf,
  At,
  Enabled,
  LevelOf,  // this and the following: in formulas over infinite runs only
  Called,
  Returned,
  Accepted,
};

/// 'level()', 'pin_level()', 'cpu()', 'running(h)', 'idle(h)', 'inside(h)', 'cpu_of(h)', 'at LABEL', 'enabled(ACTION)',
/// 'level_of(h)', 'called(f)', 'returned(f)', 'accepted(h)'.
struct ContextQuery {
  ContextQueryKind kind = ContextQueryKind::Level;
  ExpressionPtr
      target;  // null for Level, PinLevel and Cpu; else a name with '.', '[...]' (see 'target' in the grammar)
};

/// 'always p', 'p until q': in formulas over infinite runs only.
struct Temporal {
  TemporalOperator op = TemporalOperator::Always;
  Span op_span;
  ExpressionPtr left;  // null for operators with one side
  ExpressionPtr right;
};

/// 'Cpu(0)': a CPU named by a constant.
struct CpuConstant {
  ExpressionPtr number;
};

struct Expression {
  std::variant<IntegerLiteral, BoolLiteral, NullLiteral, SelfExpression, NameExpression, SetLiteral, ArrayLiteral,
               Unary, Binary, InRange, Conditional, FieldAccess, IndexAccess, Call, Quantifier, ContextQuery, Temporal,
               CpuConstant>
      kind;
  Span span;                   // without the parentheses
  bool parenthesised = false;  // the author put it in parentheses (means nothing; the formatter keeps them)
  Span parentheses;            // with them; nowhere without

  /// All of it as written.
  Span whole() const { return parenthesised ? parentheses : span; }
};

// ------------------------------------------------------------------------------------------- statements

struct Block {
  std::vector<StatementPtr> statements;
  Span span;           // from '{' to '}'; of an 'else if' that if statement
  bool braced = true;  // false: holds the one if statement of an 'else if'
};

/// 'var name: type = value'.
struct LocalStatement {
  Name name;
  TypePtr type;  // null: that of the value
  ExpressionPtr value;
};
enum class AssignmentOperator { Set, Add, Subtract };
struct AssignmentStatement {
  ExpressionPtr target;
  AssignmentOperator op = AssignmentOperator::Set;
  ExpressionPtr value;
};
struct CallStatement {
  ExpressionPtr call;  // its kind is Call
};
struct IfStatement {
  ExpressionPtr condition;
  Block then;
  std::unique_ptr<Block> otherwise;  // null: no 'else'
};
struct WhileStatement {
  ExpressionPtr condition;
  Block body;
};
struct LoopStatement {
  Block body;
};
struct ForStatement {
  Name variable;
  Domain domain;
  Block body;
};
struct EitherStatement {
  std::vector<Block> branches;  // at least two
};
struct ChooseStatement {
  Name variable;
  TypePtr type;
  ExpressionPtr where;  // null: none
};
struct AwaitStatement {
  ExpressionPtr condition;
};
struct SpinUntilStatement {
  ExpressionPtr condition;
};
struct AtomicStatement {
  Block body;
};
struct AcquireStatement {
  ExpressionPtr lock;
};
struct ReleaseStatement {
  ExpressionPtr lock;
};
struct WithStatement {
  ExpressionPtr lock;
  Block body;
};
struct GiveStatement {
  ExpressionPtr handover;
  ExpressionPtr value;  // null: nothing is handed over
};
struct TakeStatement {
  ExpressionPtr target;  // where the value goes; null: it is dropped, or there is none
  ExpressionPtr handover;
};
struct RaiseStatement {
  ExpressionPtr level;
};
struct LowerStatement {
  ExpressionPtr level;
};
struct AtLevelStatement {
  ExpressionPtr level;
  Block body;
};
struct OnCpuStatement {
  ExpressionPtr cpu;
  Block body;
};
struct AssertStatement {
  ExpressionPtr condition;
};
struct RequireStatement {
  QualifiedName rule;
  ExpressionPtr condition;
};
struct ViolateStatement {
  QualifiedName rule;
};
struct ReturnStatement {
  ExpressionPtr value;  // null: none
};
struct BreakStatement {};
struct ContinueStatement {};
struct PassStatement {};
struct InitStatement {
  ExpressionPtr instance;
};
struct FreeStatement {
  ExpressionPtr instance;
};

struct Statement {
  std::variant<LocalStatement, AssignmentStatement, CallStatement, IfStatement, WhileStatement, LoopStatement,
               ForStatement, EitherStatement, ChooseStatement, AwaitStatement, SpinUntilStatement, AtomicStatement,
               AcquireStatement, ReleaseStatement, WithStatement, GiveStatement, TakeStatement, RaiseStatement,
               LowerStatement, AtLevelStatement, OnCpuStatement, AssertStatement, RequireStatement, ViolateStatement,
               ReturnStatement, BreakStatement, ContinueStatement, PassStatement, InitStatement, FreeStatement>
      kind;
  std::vector<Name> labels;  // 'idle_point:' before it; usually none
  Span span;                 // with the labels
};

// ------------------------------------------------------------------- declarations and members in common

/// 'name: type = value' between the parentheses of a function, machine or system.
struct Parameter {
  Name name;
  TypePtr type;
  ExpressionPtr value;  // default; null: none
  Span span;
};

/// 'const name: type = value'.
struct Constant {
  Name name;
  TypePtr type;  // null: that of the value
  ExpressionPtr value;
};

/// 'fn name(parameters) -> result'. Exactly one of 'block' and 'expression' is set; in an interface at most one, the
/// default for machines without a function of their own.
struct Function {
  bool is_atomic = false;   // 'atomic fn'
  bool is_returns = false;  // 'returns fn'
  Name name;
  std::vector<Parameter> parameters;
  TypePtr result;  // null: returns nothing
  std::optional<Block> block;
  ExpressionPtr expression;  // '= expression'
};

// ---------------------------------------------------------------------------------------------- members

/// The initial value of a variable: an expression, 'any', or 'any where condition'.
struct Initial {
  bool any = false;
  ExpressionPtr where;  // null: none; only with 'any'
  ExpressionPtr value;  // null with 'any'
  Span span;
};

struct Variable {
  bool open = false;  // 'open name: type': text of other families may assign it, too
  Name name;
  TypePtr type;
  std::optional<Initial> initial;  // none: the type's default
};

/// '[3]' or '[i: int 0..2]' behind the name of an array of instances.
struct InstanceIndex {
  std::optional<Name> variable;
  Domain domain;  // never a Range
  Span span;
};

/// 'hw: Device(line)', 'nics[i: int 0..2]: Nic(line, i)'.
struct Instance {
  Name name;
  std::optional<InstanceIndex> index;
  QualifiedName machine;
  std::vector<Argument> arguments;
  Span arguments_span;  // from '(' to ')'
};

enum class Fairness { Fair, StrongFair, Unfair, Sporadic };

struct Action {
  Name name;
  ExpressionPtr when;  // null: always
  std::vector<Fairness> fairness;
  std::optional<Block> block;  // exactly one of the two is set
  ExpressionPtr expression;    // '= expression'
};

struct Handler {
  bool urgent = false;
  Name name;
  ExpressionPtr level;
  ExpressionPtr on;          // null: any CPU
  ExpressionPtr when;        // null: always
  ExpressionPtr concurrent;  // null: one activation
  std::vector<Fairness> fairness;
  std::optional<Block> accept;
  Block body;  // its statements are those after 'accept'; its span is that of the whole '{...}'
};

struct Thread {
  Name name;
  ExpressionPtr level;  // null: the lowest
  std::vector<Fairness> fairness;
  Block body;
};

enum class PropertyKind {
  Invariant,
  Never,
  Reachable,
  DeadlockFree,
  Ltl,             // 'ltl name: formula', 'name: p leads_to q'
  Terminates,      // 'terminates thread'
  Progress,        // 'progress label'
  AlwaysPossible,  // 'always_possible name: p'
};
struct Property {
  PropertyKind kind = PropertyKind::Invariant;
  std::optional<QualifiedName> rule;  // 'invariant wdm.claimed: ...'
  ExpressionPtr condition;            // a formula for Ltl, the thread or the label by name; null for DeadlockFree
};

/// 'busy when condition'.
struct Busy {
  ExpressionPtr condition;
};

/// 'initially { statements }': what is done once, in the initial state.
struct Initially {
  Block block;
};

/// 'on event when condition { statements }' of a monitor: what it does when that happens.
struct Reaction {
  ExpressionPtr event;  // 'called(f)', 'returned(f)', 'returned(f) == value' or 'accepted(h)', as in a formula
  ExpressionPtr when;   // null: always
  Block block;
};

/// 'if C { members } else { members }'.
struct ConditionalMembers {
  ExpressionPtr condition;
  std::vector<MemberPtr> then;
  std::vector<MemberPtr> otherwise;
  bool has_else = false;
  bool else_if = false;  // 'otherwise' is the one conditional of an 'else if'
  Span then_span;        // from '{' to '}'
  Span otherwise_span;   // the same of 'else'; of an 'else if' that member
};

/// 'cpus expression'; only directly in a system or in its conditionals.
struct Cpus {
  ExpressionPtr count;
};

/// 'pin expression': the pin level; only directly in a system or in its conditionals.
struct Pin {
  ExpressionPtr level;
};

/// 'name = value', 'name in {a, b}', 'name in low..high'.
struct Binding {
  QualifiedName name;
  std::variant<ExpressionPtr, std::vector<ExpressionPtr>, Range> values;
  Span span;
};

/// 'with bindings' outside of a check: what every check of the file, or of the system that it stands in, says of these
/// parameters unless it says otherwise.
struct Settings {
  std::vector<Binding> bindings;
};

struct Member {
  std::variant<Variable, Instance, Function, Action, Handler, Thread, Property, Busy, Initially, Reaction,
               ConditionalMembers, Constant, Cpus, Pin, Settings>
      kind;
  Span span;        // without the documentation
  std::string doc;  // the lines of '///' before it, without the slashes and one space, joined with '\n'
};

// ----------------------------------------------------------------------------------------- declarations

/// 'param name: type = value': overridden from the command line with -D. 'param name: type = any where c': left open.
struct ModuleParameter {
  Name name;
  TypePtr type;
  Initial initial;
};

struct Enumerator {
  Name name;
  std::string doc;
};
struct Enum {
  Name name;
  std::vector<Enumerator> values;  // at least one
};

/// One name of 'levels { TASK, pin SOFTIRQ = 2, HARDIRQ }'.
struct NamedLevel {
  Name name;
  std::string doc;
  bool is_pin = false;                 // 'pin' before it: contexts are pinned from this level on
  std::optional<std::int64_t> number;  // none: one more than the level before, 0 for the first
  Span number_span;
};
struct Levels {
  std::vector<NamedLevel> levels;  // at least one
};

struct Field {
  Name name;
  TypePtr type;
  Span span;
  std::string doc;
};
struct Struct {
  Name name;
  std::vector<Field> fields;
};

/// A string literal: the text between the quotes, escapes replaced.
struct StringLiteral {
  std::string text;
  Span span;  // with the quotes
};

enum class RuleSeverity { Error, Warning };
struct Citation {
  std::vector<StringLiteral> parts;  // document, section, ...: at least one
  Span span;                         // from 'cite'
};
struct Rule {
  QualifiedName name;
  std::optional<StringLiteral> title;  // each of these three at most once
  std::optional<RuleSeverity> severity;
  std::optional<StringLiteral> because;
  std::vector<Citation> citations;
};

/// A function of an interface: without a body, or with the default for machines that have no such function.
struct InterfaceFunction {
  Function function;
  Span span;
  std::string doc;
};
struct Interface {
  Name name;
  std::vector<InterfaceFunction> functions;
};

struct Machine {
  bool is_object = false;   // 'object machine'
  bool is_monitor = false;  // 'monitor' instead of 'machine': no interfaces
  Name name;
  std::vector<Parameter> parameters;
  std::vector<QualifiedName> implements;
  std::vector<MemberPtr> members;
};

struct System {
  Name name;
  std::vector<Parameter> parameters;
  std::vector<MemberPtr> members;
};

/// 'wdm.claimed', 'wdm.*', '*'.
struct RulePattern {
  std::optional<QualifiedName> name;  // none: '*' alone
  bool star = false;                  // ends in '*'
  Span span;
};

enum class ExpectKind { Holds, Violated, Vacuous };
struct Expect {
  ExpectKind kind = ExpectKind::Holds;
  std::vector<QualifiedName> rules;  // none for Holds, else at least one
  bool and_more = false;             // ends in ', ...'
  Span span;
};

struct Check {
  Name system;
  std::vector<RulePattern> rules;  // 'for'; none: all
  std::vector<RulePattern> except;
  std::vector<Binding> bindings;  // 'with'
  std::vector<Expect> expects;
};

struct Declaration {
  std::variant<Constant, ModuleParameter, Enum, Levels, Struct, Rule, Interface, Function, Machine, System, Check,
               Settings>
      kind;
  Span span;        // without the documentation
  std::string doc;  // as in Member
};

// ------------------------------------------------------------------------------------------------- file

enum class CommentKind { Line, Block, Doc };  // '// ...', '/* ... */', '/// ...'

/// A comment where it stands; kept for the formatter.
struct Comment {
  CommentKind kind = CommentKind::Line;
  Span span;              // of a line comment without the line break
  bool own_line = false;  // nothing but white space (or ';') before it on its line
};

/// 'use wdm'.
struct Use {
  QualifiedName module;
  Span span;
};

/// One module.
struct File {
  FileId id;
  std::optional<QualifiedName> module;
  Span module_span;  // 'module name'; nowhere without it
  std::string doc;   // the '///' lines before 'module'
  std::vector<Use> uses;
  std::vector<Declaration> declarations;
  std::vector<Comment> comments;  // all, in order
};

inline std::string QualifiedName::text() const {
  std::string joined;
  for (const Name& part : parts) {
    if (!joined.empty()) joined += '.';
    joined += part.text;
  }
  return joined;
}

}  // namespace quiesce::model::syntax
