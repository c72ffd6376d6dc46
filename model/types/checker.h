// The type checker's own state: one object that walks the syntax trees in five passes and fills a Program.
// Internal to model/types/; everyone else calls check_program().
//
//   declare    every declaration gets its node and its place in its family        (check_program.cpp)
//   shape      types, signatures, members of machines, labels                     (check_declarations.cpp,
//   check_members.cpp) interfaces which machine implements what (check_interfaces.cpp) bodies     expressions and
//   statements                                         (check_expressions.cpp, ..., check_statements.cpp) program
//   recursion, what a step may call, nesting                           (check_call_graph.cpp)
//
// Conventions: a function that returns an ExprPtr or TypePtr returns null after it has reported an error (or when its
// input was null because one was reported before), and callers pass null on in silence: one mistake, one finding.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "model/base/diagnostic.h"
#include "model/syntax/tree.h"
#include "model/types/module_loader.h"
#include "model/types/type_rules.h"
#include "model/types/typed_tree.h"

namespace quiesce::model::types {

// ------------------------------------------------------------------------------------------------ scopes

struct Module {
  std::string family;
  std::string name;
  const syntax::File* file = nullptr;
  bool is_root = false;
  std::vector<std::string> used;  // families, without its own
};

/// What a name of a family stands for.
using Symbol = std::variant<EnumDecl*, StructDecl*, VariableDecl*, InterfaceDecl*, FunctionDecl*, MachineDecl*>;

struct Declared {
  Symbol symbol;
  Span span;
  std::string module;
};

struct EnumConstant {
  const EnumDecl* enumeration = nullptr;
  std::size_t position = 0;
  Span span;
};

/// All modules of one family.
struct Family {
  std::map<std::string, Declared> declared;
  std::map<std::string, std::vector<EnumConstant>> constants;
  std::set<std::string> modules;
};

using MemberSymbol = std::variant<VariableDecl*, InstanceDecl*, FunctionDecl*, ContextDecl*, ActionDecl*>;
Span span_of(const MemberSymbol& member);

struct LabelInfo {
  const LabelDecl* label = nullptr;
  std::string owner;  // the thread, handler, action or function it stands in
};

/// The inside of a machine or system, for look-ups.
struct MachineInfo {
  MachineDecl* decl = nullptr;
  const Module* module = nullptr;
  std::map<std::string, MemberSymbol> members;  // parameters among them
  std::map<std::string, LabelInfo> labels;
  std::map<std::string, int> unnamed;             // properties without a name, by kind
  std::vector<const syntax::Settings*> settings;  // of a system: 'with' for all its checks
};

/// What encloses a statement and decides what may stand there.
enum class Frame { Loop, With, At, On, Atomic };

/// Where the text being checked stands.
struct Environment {
  const Module* module = nullptr;
  MachineInfo* machine = nullptr;  // null in free functions and interfaces
  const InterfaceDecl* interface = nullptr;
  FunctionDecl* function = nullptr;
  std::string no_context;                  // not empty: why 'level()' and 'cpu()' mean nothing here ("an invariant")
  bool cpu_constants = false;              // 'Cpu(0)' may be used
  bool machine_scope_is_constant = false;  // default of a function's parameter: no members
  bool in_while_condition = false;
  bool in_accept = false;
  bool in_action = false;
  bool in_monitor = false;            // what a monitor does when something happens
  bool atomic_body = false;           // the whole body is one step
  bool first_in_step = false;         // the statement being checked is the first of an atomic block
  bool behind_await = false;          // ... or stands behind an 'await' that is
  std::vector<VariableDecl*> locals;  // innermost last
  std::vector<Frame> frames;          // innermost last

  bool in_atomic() const;
};

/// What a name, or names joined with dots, stand for. At most one of the pointers is set.
struct Meaning {
  bool failed = false;  // an error was reported
  ExprPtr value;
  ExprPtr object;  // of a function, context, action or collection change; may be null
  FunctionDecl* function = nullptr;
  const VariableDecl* function_parameter = nullptr;  // a machine's parameter of function type
  std::optional<CollectionChange> change;
  const ContextDecl* context = nullptr;
  const ActionDecl* action = nullptr;
  const EnumDecl* enumeration = nullptr;
  const StructDecl* structure = nullptr;
  const MachineDecl* machine = nullptr;
  const InterfaceDecl* interface = nullptr;
  std::string family;  // a family or module, as the head of a qualified name
  std::string module;

  static Meaning error() {
    Meaning meaning;
    meaning.failed = true;
    return meaning;
  }
};

/// What a function does that matters to its callers; filled while bodies are checked.
struct CallSite {
  const FunctionDecl* callee = nullptr;
  Span span;
  bool in_atomic = false;
  bool first_in_step = false;
  std::string no_context;  // as in Environment
};
struct BodyFacts {
  std::string name;
  Span loop;      // first 'while' or 'loop'; nowhere when none
  Span blocking;  // first statement that may have to wait; nowhere when none
  Span context;   // first use of what only a thread or a handler has; nowhere when none
  std::vector<CallSite> calls;
};

/// An assignment to a variable of a machine, or a change of it, wherever it stands.
struct Write {
  const VariableDecl* variable = nullptr;
  Span span;                               // the place that is assigned
  std::string object;                      // the text of what stands before the variable; empty: the instance itself
  std::string family;                      // whose text it is
  const MachineDecl* machine = nullptr;    // it stands in; null in free functions
  const FunctionDecl* function = nullptr;  // it stands in; null in threads, handlers and actions
  std::optional<std::int64_t> value;       // what is assigned, where that is a constant
};

/// How an argument list meets a parameter list: per parameter its argument, or null.
using MatchedArguments = std::vector<const syntax::Argument*>;

// ------------------------------------------------------------------------------------------------ checker

class Checker {
 public:
  Checker(const LoadedModules& modules, Diagnostics& diagnostics);
  std::unique_ptr<Program> run();

 private:
  // check_program.cpp: passes and declarations by name
  void add_builtin_rules();
  void declare_module(const LoadedModule& loaded);
  void declare(const Module& module, const std::string& name, Span span, Symbol symbol);
  void declare_enum(const Module& module, const syntax::Enum& node, Span span);
  void declare_levels(const syntax::Levels& node, Span span);
  void declare_rule(const Module& module, const syntax::Rule& node);
  RuleDecl* add_rule(std::string name, std::string title, Span span);

  // check_declarations.cpp: what stands directly in a module
  void shape_structs(const Module& module);
  void shape_module(const Module& module);
  void shape_machines();
  void shape_struct(const Module& module, const syntax::Struct& node);
  void shape_function(const Module& module, const syntax::Function& node);
  void shape_interface(const Module& module, const syntax::Interface& node);
  /// Functions may be used before their signature's turn has come, so it is found out when first needed. Those of
  /// machines are kept for later in any case: their parameters must not hide members declared further down.
  void add_signature(FunctionDecl& function, const syntax::Function& node, const Environment& environment);
  void ensure_signature(const FunctionDecl* function);
  void fill_signature(FunctionDecl& function, const syntax::Function& node);
  void check_function_body(FunctionDecl& function, const syntax::Function& node);
  void ensure_value(const VariableDecl* variable);
  void leave_open(VariableDecl& decl, const TypePtr& type, const Environment& environment);
  void check_struct_nesting();

  // check_members.cpp: the inside of machines and systems
  void shape_head(MachineInfo& info, const std::vector<syntax::Parameter>& parameters,
                  const std::vector<syntax::MemberPtr>& members);
  void shape_inside(MachineInfo& info, const std::vector<syntax::MemberPtr>& members);
  void shape_parameters(MachineInfo& info, const std::vector<syntax::Parameter>& parameters);
  void shape_constants(MachineInfo& info, const std::vector<syntax::MemberPtr>& members);
  void shape_members(MachineInfo& info, const std::vector<syntax::MemberPtr>& members, std::vector<Member>& out,
                     const Expr* condition);
  void shape_member(MachineInfo& info, const syntax::Member& member, const syntax::Constant& node, std::vector<Member>&,
                    const Expr*);
  void shape_member(MachineInfo& info, const syntax::Member& member, const syntax::Variable& node, std::vector<Member>&,
                    const Expr*);
  void shape_member(MachineInfo& info, const syntax::Member& member, const syntax::Instance& node, std::vector<Member>&,
                    const Expr*);
  void shape_member(MachineInfo& info, const syntax::Member& member, const syntax::Function& node, std::vector<Member>&,
                    const Expr*);
  void shape_member(MachineInfo& info, const syntax::Member& member, const syntax::Action& node, std::vector<Member>&,
                    const Expr*);
  void shape_member(MachineInfo& info, const syntax::Member& member, const syntax::Handler& node, std::vector<Member>&,
                    const Expr*);
  void shape_member(MachineInfo& info, const syntax::Member& member, const syntax::Thread& node, std::vector<Member>&,
                    const Expr*);
  void shape_member(MachineInfo& info, const syntax::Member& member, const syntax::Property& node, std::vector<Member>&,
                    const Expr*);
  void shape_member(MachineInfo& info, const syntax::Member& member, const syntax::Busy& node, std::vector<Member>&,
                    const Expr*);
  void shape_member(MachineInfo& info, const syntax::Member& member, const syntax::Reaction& node,
                    std::vector<Member>& out, const Expr* condition);
  void shape_member(MachineInfo& info, const syntax::Member& member, const syntax::Initially& node,
                    std::vector<Member>&, const Expr*);
  void shape_member(MachineInfo& info, const syntax::Member& member, const syntax::ConditionalMembers& node,
                    std::vector<Member>&, const Expr*);
  void shape_member(MachineInfo& info, const syntax::Member& member, const syntax::Cpus& node, std::vector<Member>&,
                    const Expr*);
  void shape_member(MachineInfo& info, const syntax::Member& member, const syntax::Pin& node, std::vector<Member>&,
                    const Expr*);
  void shape_member(MachineInfo& info, const syntax::Member& member, const syntax::Settings& node, std::vector<Member>&,
                    const Expr*);
  void add_member(MachineInfo& info, const syntax::Name& name, MemberSymbol symbol);
  void add_labels(MachineInfo& info, const std::string& owner, const syntax::Block& block);
  void check_first_value(MachineInfo& info, const VariableDecl& variable);
  void check_initial(MachineInfo& info, VariableDecl& variable, const syntax::Initial& initial);
  void check_instance(MachineInfo& info, InstanceDecl& instance, const syntax::Instance& node);

  // check_properties.cpp
  const RuleDecl* property_rule(MachineInfo& info, const syntax::Property& node);
  std::unique_ptr<TemporalFormula> check_formula(const syntax::Property& node);
  std::unique_ptr<TemporalFormula> check_formula(const syntax::Expression& node);
  std::unique_ptr<TemporalFormula> check_formula_of_each(const syntax::Quantifier& node);
  ExprPtr check_runs(const syntax::Expression& target);

  // check_interfaces.cpp
  void check_implementations();
  void implement(MachineInfo& info, const syntax::QualifiedName& name);
  const FunctionDecl* implementation_of(MachineInfo& info, const FunctionDecl& wanted,
                                        const syntax::QualifiedName& name);

  // resolve_types.cpp
  enum class Integers { Bounded, All };  // whether 'int' alone is legal: where numbers are stored or handed on
  TypePtr resolve_type(const syntax::Type& type, Integers integers = Integers::Bounded);
  bool may_not_wrap(const TypePtr& type, Span span, const std::string& role);    // else reports
  TypePtr resolve_value_type(const syntax::Type& type, const std::string& role,  // no locks, no functions
                             Integers integers = Integers::Bounded);
  TypePtr type_node(const syntax::BoolType&, const syntax::Type&);
  TypePtr type_node(const syntax::IntType&, const syntax::Type&);
  TypePtr type_node(const syntax::LevelType&, const syntax::Type&);
  TypePtr type_node(const syntax::CpuType&, const syntax::Type&);
  TypePtr type_node(const syntax::MutexType&, const syntax::Type&);
  TypePtr type_node(const syntax::SpinlockType&, const syntax::Type&);
  TypePtr type_node(const syntax::HandoverType&, const syntax::Type&);
  TypePtr type_node(const syntax::ArrayType&, const syntax::Type&);
  TypePtr type_node(const syntax::SetType&, const syntax::Type&);
  TypePtr type_node(const syntax::QueueType&, const syntax::Type&);
  TypePtr type_node(const syntax::RefType&, const syntax::Type&);
  TypePtr type_node(const syntax::FunctionType&, const syntax::Type&);
  TypePtr type_node(const syntax::NamedType&, const syntax::Type&);
  TypePtr type_node(const syntax::OptionalType&, const syntax::Type&);
  TypePtr index_type(const syntax::Domain& domain);
  TypePtr count_type(ExprPtr count, Span span);
  TypePtr range_type(const syntax::Range& range, const std::string& role);
  /// The values of a quantifier or an unrolled loop: a type, a machine (references to its instances).
  TypePtr domain_type(const Meaning& meaning, const syntax::QualifiedName& name);
  bool is_enumerable(const TypePtr& type, Span span, const std::string& role);
  void check_range_order(const Expr& lo, const Expr& hi, Span span);
  std::string text(const TypePtr& type) const;
  std::string short_name(const std::string& qualified) const;

  // scope.cpp: what names mean
  std::optional<Meaning> meaning_of_name(const syntax::Name& name, const TypePtr& expected);
  std::optional<Meaning> meaning_of_member(const MachineInfo& info, const std::string& name, ExprPtr object, Span span);
  std::optional<Meaning> meaning_of_constant(const std::string& name, Span span, const TypePtr& expected,
                                             const std::vector<std::string>& families);
  /// An enum of a used family, unqualified as its constants are; nothing when two families have one of this name.
  std::optional<Meaning> meaning_of_used_enum(const std::string& name);
  std::optional<Meaning> meaning_of_builtin(const std::string& name, Span span) const;
  Meaning meaning_of_symbol(const Declared& declared, Span span);
  Meaning meaning(const syntax::Expression& expression, const TypePtr& expected);
  Meaning meaning(const syntax::QualifiedName& name, const TypePtr& expected);
  Meaning part_of(Meaning head, const syntax::Name& name, Span span, const TypePtr& expected);
  Meaning part_of_value(ExprPtr value, const syntax::Name& name, Span span);
  Meaning unknown(const syntax::Name& name, const std::string& what);
  /// Whether this unknown name is told for the first time in this body (a family: in this file).
  bool is_news(const std::string& name, bool of_family);
  std::vector<std::string> visible_names() const;
  std::vector<std::string> near_names() const;
  bool is_family_visible(const std::string& name) const;
  std::vector<std::string> visible_families() const;
  MachineInfo* info_of(const MachineDecl* machine) const;
  bool declare_local(VariableDecl* variable);
  void check_shadowing(const std::string& name, Span span, bool is_member);
  RuleDecl* find_rule(const syntax::QualifiedName& name);
  RuleDecl* rule_named(const std::string& name) const;
  std::vector<std::string> rule_names() const;

  // conversions.cpp
  ExprPtr try_convert(ExprPtr& value, const TypePtr& wanted);
  ExprPtr convert(ExprPtr value, const TypePtr& wanted, const std::string& role, Span declared = {});
  ExprPtr check_as(const syntax::Expression& expression, const TypePtr& wanted, const std::string& role,
                   Span declared = {}, bool steps = false);
  ExprPtr check_condition(const syntax::Expression& expression, const std::string& role, bool steps = false);
  ExprPtr check_constant(const syntax::Expression& expression, const TypePtr& wanted, const std::string& role);
  bool require_constant(const ExprPtr& value, const std::string& role);
  bool unify(ExprPtr& left, ExprPtr& right);
  ExprPtr unwrapped(ExprPtr value);

  // check_expressions.cpp
  ExprPtr check(const syntax::Expression& expression, const TypePtr& expected = nullptr, bool steps = false);
  ExprPtr value_of(Meaning meaning, const syntax::Expression& expression, const TypePtr& expected = nullptr);
  ExprPtr check_node(const syntax::IntegerLiteral&, const syntax::Expression&, const TypePtr&);
  ExprPtr check_node(const syntax::BoolLiteral&, const syntax::Expression&, const TypePtr&);
  ExprPtr check_node(const syntax::NullLiteral&, const syntax::Expression&, const TypePtr&);
  ExprPtr check_node(const syntax::SelfExpression&, const syntax::Expression&, const TypePtr&);
  ExprPtr check_node(const syntax::NameExpression&, const syntax::Expression&, const TypePtr&);
  ExprPtr check_node(const syntax::SetLiteral&, const syntax::Expression&, const TypePtr&);
  ExprPtr check_node(const syntax::ArrayLiteral&, const syntax::Expression&, const TypePtr&);
  ExprPtr check_node(const syntax::Unary&, const syntax::Expression&, const TypePtr&);
  ExprPtr check_node(const syntax::Binary&, const syntax::Expression&, const TypePtr&);
  ExprPtr check_node(const syntax::InRange&, const syntax::Expression&, const TypePtr&);
  ExprPtr check_node(const syntax::Conditional&, const syntax::Expression&, const TypePtr&);
  ExprPtr check_node(const syntax::FieldAccess&, const syntax::Expression&, const TypePtr&);
  ExprPtr check_node(const syntax::IndexAccess&, const syntax::Expression&, const TypePtr&);
  ExprPtr check_node(const syntax::Call&, const syntax::Expression&, const TypePtr&);
  TypePtr quantified_type(const syntax::Quantifier& node, const char* word);
  ExprPtr check_node(const syntax::Quantifier&, const syntax::Expression&, const TypePtr&);
  ExprPtr check_node(const syntax::Temporal&, const syntax::Expression&, const TypePtr&);
  ExprPtr check_node(const syntax::ContextQuery&, const syntax::Expression&, const TypePtr&);
  ExprPtr check_node(const syntax::CpuConstant&, const syntax::Expression&, const TypePtr&);
  ExprPtr check_logic(const syntax::Binary& node, const syntax::Expression& whole);
  ExprPtr check_arithmetic(const syntax::Binary& node, const syntax::Expression& whole);
  ExprPtr check_order(const syntax::Binary& node, const syntax::Expression& whole);
  ExprPtr check_equality(const syntax::Binary& node, const syntax::Expression& whole);
  ExprPtr check_in(const syntax::Binary& node, const syntax::Expression& whole);
  ExprPtr check_within(const syntax::Binary& node, const syntax::Expression& whole);
  bool check_operands(const syntax::Binary& node, ExprPtr& left, ExprPtr& right, const TypePtr& expected);
  bool needs_expected_type(const syntax::Expression& expression);
  void operands_differ(const syntax::Binary& node, const Expr& left, const Expr& right, const char* code);

  // explain.cpp: what to write instead
  void explain_foreign_name(Diagnostic& diagnostic, const std::string& name, bool exact);
  void explain_undeclared(const syntax::AssignmentStatement& node, const syntax::Name& name);
  void explain_difference(Diagnostic& diagnostic, const std::string& op, const Expr& left, const Expr& right) const;
  void explain_no_condition(Diagnostic& diagnostic, const Expr& value, bool negated);
  void explain_function(Diagnostic& diagnostic, const FunctionDecl& function, const std::string& name,
                        const TypePtr& wanted);
  bool explain_uses(Diagnostic& diagnostic, const Expr& value);
  void explain_no_lock(Diagnostic& diagnostic, const Expr& value);
  void explain_arguments(Diagnostic& diagnostic, const std::vector<std::unique_ptr<VariableDecl>>& parameters,
                         const std::string& callee);
  std::string instance_of(const TypePtr& type) const;
  /// The findings so far, to go back to; nothing when they are too many to be copied.
  std::optional<Diagnostics> findings() const;
  /// One message for two arguments that each fit where the other stands, instead of one for each; `before` are the
  /// findings from before the arguments were looked at.
  bool explain_swapped(const std::optional<Diagnostics>& before, const MatchedArguments& matched,
                       const std::vector<std::unique_ptr<VariableDecl>>& parameters, const std::vector<bool>& wrong,
                       const std::string& callee);

  // check_calls.cpp
  ExprPtr check_call(const syntax::Call& call, const syntax::Expression& whole, bool steps);
  ExprPtr call_function(Meaning callee, const syntax::Call& call, const syntax::Expression& whole, bool steps);
  ExprPtr call_parameter(Meaning callee, const syntax::Call& call, const syntax::Expression& whole, bool steps);
  ExprPtr make_struct(const StructDecl& structure, const syntax::Call& call, const syntax::Expression& whole);
  std::optional<MatchedArguments> match_arguments(const std::vector<syntax::Argument>& arguments,
                                                  const std::vector<std::unique_ptr<VariableDecl>>& parameters,
                                                  const std::string& callee, const std::string& noun, Span declared);
  void missing_arguments(const std::vector<const VariableDecl*>& missing, const std::string& callee, Span span,
                         Span declared);
  ExprPtr function_value(const syntax::Expression& expression, const VariableDecl& parameter);
  bool steps_allowed_here(const std::string& callee, Span span, bool steps);
  void needs_context(Span span);
  void record_call(const FunctionDecl* function, Span span);

  // check_context_queries.cpp: level(), running(h), at LABEL, ...
  ExprPtr check_at_label(const syntax::Expression& target, const syntax::Expression& whole);
  ExprPtr check_context_query(const syntax::ContextQuery& node, const syntax::Expression& whole);

  // check_monitors.cpp
  bool may_be_in_monitor(const MachineInfo& info, const syntax::Member& member);
  ExprPtr check_observed(const syntax::Expression& event);
  bool allowed_in_monitor(const syntax::Statement& statement);
  bool only_watches(const std::string& name, Span call);
  bool may_ask(const MachineDecl& machine, Span span);

  // check_events.cpp
  ExprPtr check_event(const syntax::ContextQuery& node, const syntax::Expression* wanted,
                      const syntax::Expression& whole);
  ExprPtr check_result(const EventExpr& event, const syntax::Expression& wanted);
  ExprPtr no_event(const syntax::ContextQuery& node, const char* wanted);
  ExprPtr find_label(const MachineInfo& info, const std::string& owner, const syntax::Name& name, ExprPtr object,
                     Span span);

  // check_statements.cpp
  void check_block(const syntax::Block& block, std::vector<StmtPtr>& out, bool is_step = false);
  void check_body(const syntax::Block& block, std::vector<StmtPtr>& out);
  StmtPtr check_statement(const syntax::Statement& statement);
  StmtPtr statement_node(const syntax::LocalStatement&, const syntax::Statement&);
  StmtPtr statement_node(const syntax::AssignmentStatement&, const syntax::Statement&);
  StmtPtr statement_node(const syntax::CallStatement&, const syntax::Statement&);
  StmtPtr statement_node(const syntax::IfStatement&, const syntax::Statement&);
  StmtPtr statement_node(const syntax::WhileStatement&, const syntax::Statement&);
  StmtPtr statement_node(const syntax::LoopStatement&, const syntax::Statement&);
  StmtPtr statement_node(const syntax::ForStatement&, const syntax::Statement&);
  StmtPtr statement_node(const syntax::EitherStatement&, const syntax::Statement&);
  StmtPtr statement_node(const syntax::ChooseStatement&, const syntax::Statement&);
  StmtPtr statement_node(const syntax::AwaitStatement&, const syntax::Statement&);
  StmtPtr statement_node(const syntax::SpinUntilStatement&, const syntax::Statement&);
  StmtPtr statement_node(const syntax::AtomicStatement&, const syntax::Statement&);
  StmtPtr statement_node(const syntax::AcquireStatement&, const syntax::Statement&);
  StmtPtr statement_node(const syntax::GiveStatement&, const syntax::Statement&);
  StmtPtr statement_node(const syntax::TakeStatement&, const syntax::Statement&);
  StmtPtr statement_node(const syntax::ReleaseStatement&, const syntax::Statement&);
  StmtPtr statement_node(const syntax::WithStatement&, const syntax::Statement&);
  StmtPtr statement_node(const syntax::RaiseStatement&, const syntax::Statement&);
  StmtPtr statement_node(const syntax::LowerStatement&, const syntax::Statement&);
  StmtPtr statement_node(const syntax::AtLevelStatement&, const syntax::Statement&);
  StmtPtr statement_node(const syntax::OnCpuStatement&, const syntax::Statement&);
  StmtPtr statement_node(const syntax::AssertStatement&, const syntax::Statement&);
  StmtPtr statement_node(const syntax::RequireStatement&, const syntax::Statement&);
  StmtPtr statement_node(const syntax::ViolateStatement&, const syntax::Statement&);
  StmtPtr statement_node(const syntax::ReturnStatement&, const syntax::Statement&);
  StmtPtr statement_node(const syntax::BreakStatement&, const syntax::Statement&);
  StmtPtr statement_node(const syntax::ContinueStatement&, const syntax::Statement&);
  StmtPtr statement_node(const syntax::PassStatement&, const syntax::Statement&);
  StmtPtr statement_node(const syntax::InitStatement&, const syntax::Statement&);
  StmtPtr statement_node(const syntax::FreeStatement&, const syntax::Statement&);
  StmtPtr change_collection(Meaning meaning, const syntax::Call& call, Span span);
  StmtPtr loop_over_values(const syntax::ForStatement& node, TypePtr type, Span head);
  StmtPtr loop_over_range(const syntax::ForStatement& node, const syntax::Range& range, Span head);
  StmtPtr loop_over_collection(const syntax::ForStatement& node, ExprPtr collection, Span head);
  StmtPtr finish_loop(std::unique_ptr<VariableDecl> variable, ExprPtr collection, ExprPtr lo, ExprPtr hi,
                      const syntax::ForStatement& node, Span head);

  // check_places.cpp: what may be assigned to, locked, initialised; where statements may stand
  ExprPtr check_target(const syntax::Expression& expression);
  bool mark_assigned(const Expr& place, Span whole);
  ExprPtr check_lock(const syntax::Expression& expression);
  ExprPtr check_handover(const syntax::Expression& expression);
  ExprPtr check_object(const syntax::Expression& expression, const char* verb);
  bool only_in_context(const char* what, Span span);
  bool may_block_here(const char* what, Span span);
  bool may_hand_over_here(const char* what, Span span);
  bool takes_into(const Expr& handover, const Expr& target);
  bool may_loop_here(const char* what, Span span);
  bool allowed_in_accept(const syntax::Statement& statement);

  // check_ownership.cpp
  void record_write(const VariableDecl& variable, const VariableExpr& place, Span whole);
  void check_ownership();
  bool keeps_watch_apart(const Write& write);
  std::vector<std::string> calls_that_assign(const Write& write) const;

  // check_unused.cpp
  std::set<const MachineDecl*> instantiated_machines() const;
  std::set<const FunctionDecl*> reached_functions(const std::set<const MachineDecl*>& machines) const;
  const FunctionDecl* nearly_implemented(const MachineDecl& machine, const FunctionDecl& function) const;
  void warn_of_unused();

  // check_checks.cpp
  void check_checks(const Module& module);
  void check_check(const Module& module, const syntax::Check& node, Span span);
  void add_settings(const Module& module, CheckDecl& check);
  void check_settings_used(const Module& module);
  RulePattern check_pattern(const Module& module, const syntax::RulePattern& pattern);
  const VariableDecl* bound_parameter(const Module& module, const MachineDecl& system, const syntax::Binding& binding);
  void unknown_parameter(const Module& module, const MachineDecl& system, const syntax::Binding& binding);
  void check_binding(const Module& module, CheckDecl& check, const syntax::Binding& binding, bool of_all = false);
  void check_unbound(const CheckDecl& check, Span span);
  void check_expect(CheckDecl& check, const syntax::Expect& expect);

  // check_call_graph.cpp
  void check_recursion();
  void check_calls_in_steps();
  void check_instance_nesting();

  // small helpers
  Environment& env() { return *environment_; }
  const Environment& env() const { return *environment_; }
  std::string source_text(Span span) const;  // one line, cut to 50 bytes
  Diagnostic& error(const char* code, Span span, std::string message);
  static void did_you_mean(Diagnostic& diagnostic, const std::string& name, const std::vector<std::string>& candidates);
  static void name_those_with(const std::string& word, std::vector<std::string> names, const char* what,
                              Diagnostic& diagnostic);
  void name_functions_on(const MachineDecl& machine, const std::string& word, Diagnostic& diagnostic);
  std::unique_ptr<VariableDecl> new_variable(const syntax::Name& name, VariableDecl::Kind kind, TypePtr type);

  /// Makes `environment` the current one for the life of this object.
  class Within {
   public:
    Within(Checker& checker, Environment& environment) : checker_(checker), previous_(checker.environment_) {
      checker.environment_ = &environment;
    }
    ~Within() { checker_.environment_ = previous_; }
    Within(const Within&) = delete;
    Within& operator=(const Within&) = delete;

   private:
    Checker& checker_;
    Environment* previous_;
  };

  /// Forgets the locals declared during its life.
  class Locals {
   public:
    explicit Locals(Environment& environment) : environment_(environment), size_(environment.locals.size()) {}
    ~Locals() { environment_.locals.resize(size_); }
    Locals(const Locals&) = delete;
    Locals& operator=(const Locals&) = delete;

   private:
    Environment& environment_;
    std::size_t size_;
  };

  /// A value whose type is found out when it is first needed, since constants may be used before they are declared.
  struct PendingValue {
    const syntax::Type* type = nullptr;         // may be null
    const syntax::Expression* value = nullptr;  // null: any
    const syntax::Expression* where = nullptr;  // with any; may be null
    Environment environment;
    bool in_progress = false;
  };

  const LoadedModules& loaded_;
  Diagnostics& diagnostics_;
  std::unique_ptr<Program> program_;
  std::vector<std::unique_ptr<Module>> modules_;
  std::map<std::string, Family> families_;
  std::map<const MachineDecl*, std::unique_ptr<MachineInfo>> machines_;
  std::map<std::string, RuleDecl*> rules_;
  Integers integers_ = Integers::Bounded;  // of the type that is being resolved
  std::map<const VariableDecl*, PendingValue> pending_;
  std::optional<Span> levels_declared_;  // where the names of levels are declared; none: nowhere
  std::map<const FunctionDecl*, BodyFacts> facts_;
  std::map<const MachineDecl*, const syntax::Machine*> machine_syntax_;
  std::map<const FunctionDecl*, std::function<void()>> pending_signatures_;
  std::vector<const FunctionDecl*> with_signature_;  // the same in order of the text
  std::vector<std::function<void()>> bodies_;        // what the fourth pass runs, in order of the text
  std::map<const syntax::Constant*, std::unique_ptr<VariableDecl>>
      shaped_constants_;                                                        // until their turn among the members
  std::set<std::tuple<const Module*, const void*, std::string>> told_unknown_;  // see is_news()
  std::map<const void*, BodyFacts> other_facts_;   // of threads, handlers, actions, by their syntax
  BodyFacts loose_facts_;                          // of properties, guards and the like, all together
  BodyFacts* current_facts_ = &loose_facts_;       // of the body being checked
  std::vector<Write> writes_;                      // of all bodies
  std::set<const FunctionDecl*> function_values_;  // passed to machines
  bool instance_array_allowed_ = false;            // the object of '[...]' is being checked
  bool behind_in_ = false;                         // a set that is written there may have null among its elements
  Environment* environment_ = nullptr;
};

}  // namespace quiesce::model::types
