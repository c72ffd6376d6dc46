// Lowering of the code of one thread, handler or action. Code of a context is lowered backwards: every statement is
// given where to go on and returns where it begins, so that each location knows its successors when it is made.
// Inside `atomic`, actions and `accept` everything happens in one step: there code is emitted forwards into a program.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "model/elaborate/design.h"
#include "model/elaborate/expressions.h"
#include "model/elaborate/program_writer.h"

namespace quiesce::model {

class ContextCode {
 public:
  /// For a thread or handler.
  ContextCode(Design& design, CodeNotes& notes, InstanceNode* self, const types::ContextDecl& decl, ContextId id);
  /// For an action.
  ContextCode(Design& design, CodeNotes& notes, InstanceNode* self, const types::ActionDecl& decl);

  void lower_context(const types::ContextDecl& decl);
  void lower_action(const types::ActionDecl& decl, ActionId id);
  /// Adds what a monitor does when something happens to the notes. Requires: decl.event.
  void lower_reaction(const types::ActionDecl& decl);
  /// Appends the statements of an `initially`.
  void emit_initially(const types::ActionDecl& decl, ProgramWriter& writer);

 private:
  /// Where a statement list's function, or the context itself, stands in the chain of inlined calls.
  struct Activation {
    Frame frame;
    const void* code = nullptr;  // FunctionDecl, ContextDecl or ActionDecl
    int depth = 0;               // earlier activations of the same code and instance
    bool dynamic = false;        // entered through an interface, a reference or a function parameter
    std::optional<FunctionId> function;
    std::optional<PlaceRef> result;
    Next exit;  // after the function (resets of parameters, Leave)
    std::size_t scope_base = 0;
    std::size_t loop_base = 0;
    std::vector<std::size_t>* return_jumps = nullptr;  // in one step: patched by the caller
    Activation* caller = nullptr;
  };
  struct Loop {
    Next leave, again;
    std::size_t scopes = 0;
    std::vector<std::size_t>* break_jumps = nullptr;  // in one step
    std::vector<std::size_t>* continue_jumps = nullptr;
  };
  /// A function that a call may enter.
  struct Target {
    const types::FunctionDecl* function = nullptr;
    InstanceNode* object = nullptr;  // null: free function
    ExprId condition;
  };

  // ---- storage
  PlaceRef allocate(const void* key, int part, const ValueTypePtr& type, const std::string& name, bool hidden,
                    Span span);
  const PlaceRef& local(const types::VariableDecl* variable);
  PlaceRef hidden(const void* key, int part, const ValueTypePtr& type, const char* name, Span span);
  ValueTypePtr type_of_local(const types::VariableDecl& variable);
  void reset(std::vector<Op>& ops, const PlaceRef& place);
  std::vector<Op> resets_above(std::size_t scopes);
  void declare_locals(const std::vector<types::StmtPtr>& body, std::vector<PlaceRef>& scope);

  bool asks_observers_only(ExprId event) const;

  // ---- backwards: locations (statements.cpp)
  Next lower_block(const std::vector<types::StmtPtr>& body, Next next);
  Next lower_labelled(const types::Stmt& stmt, Next next);
  Next lower_or_fail(const types::Stmt& stmt, const Next& next);
  Next lower_statement(const types::Stmt& stmt, Next next);
  Next lower_if(const types::Stmt& stmt, const types::IfStmt& node, Next next);
  Next lower_while(const types::Stmt& stmt, const types::WhileStmt& node, Next next);
  Next lower_for(const types::Stmt& stmt, const types::ForStmt& node, Next next);
  Next lower_for_cpu(const types::Stmt& stmt, const types::ForStmt& node, Next next);
  Next lower_for_dynamic(const types::Stmt& stmt, const types::ForStmt& node, Next next);
  Next lower_either(const types::Stmt& stmt, const types::EitherStmt& node, Next next);
  Next lower_wait(const types::Stmt& stmt, const types::Expr& condition, WaitKind kind, Next next);
  void refuse_current_cpu(ExprId condition, Span span);
  void waits_for_hand_over(const types::AtomicStmt& node);
  Next lower_hand_over(const types::Stmt& stmt, Next next);
  Next lower_acquire(const types::Expr& lock, const void* key, Span span, Next next);
  Next lower_release(const types::Expr& lock, Span span, Next next);
  Next lower_level(const types::Stmt& stmt, const types::Expr& level, bool raise, Next next);
  Next lower_at_level(const types::Stmt& stmt, const types::AtLevelStmt& node, Next next);
  Next lower_on_cpu(const types::Stmt& stmt, const types::OnCpuStmt& node, Next next);
  Next lower_return(const types::Stmt& stmt, const types::ReturnStmt& node, Next next);
  Next lower_check(const types::Expr* condition, RuleId rule, Span span, Next next);
  Next lower_single(const types::Stmt& stmt, Next next);
  Next lower_atomic(const types::Stmt& stmt, const types::AtomicStmt& node, Next next);
  /// A call and the statement that uses its result; `use` lowers that statement given the result.
  Next lower_call(const void* key, const types::CallExpr& call, Span span,
                  const std::function<Next(const PlaceRef&)>& use, Next next);
  Next lower_call_use(const types::Stmt& stmt, const types::Expr& value,
                      const std::function<void(ProgramWriter&, Expressions&, const Value&)>& use, Next next);

  // ---- forwards: one step (one_step.cpp)
  void emit_block(ProgramWriter& writer, const std::vector<types::StmtPtr>& body);
  void emit_whole(ProgramWriter& writer, Activation& body, const std::vector<types::StmtPtr>& statements);
  void emit_statement(ProgramWriter& writer, const types::Stmt& stmt);
  void emit_or_fail(ProgramWriter& writer, const types::Stmt& stmt);
  std::optional<Value> emit_call(ProgramWriter& writer, const types::CallExpr& call, const types::Expr& expr);
  Value emit_value(ProgramWriter& writer, Expressions& expressions, const types::Expr& expr, const ValueTypePtr& type);
  void emit_collection(ProgramWriter& writer, const types::CollectionStmt& node, Span span);
  void emit_choose(ProgramWriter& writer, const types::ChooseStmt& node, Span span);
  void emit_for(ProgramWriter& writer, const types::ForStmt& node, Span span);
  void emit_life(ProgramWriter& writer, const types::Expr& object, bool begin, Span span);
  void emit_initial(ProgramWriter& writer, InstanceNode* node);
  void emit_any(ProgramWriter& writer, InstanceNode* node, const types::VariableDecl& decl);
  ExprId says_busy(Expressions& faults, InstanceNode* node);
  void emit_own_life(ProgramWriter& writer, Span span);
  void emit_guard_lives(ProgramWriter& writer, const types::Expr* when, const types::Expr* on);
  void emit_wait(ProgramWriter& writer, ExprId guard, std::vector<Fault> faults, std::optional<LocationId> here);
  std::vector<Fault> emit_give(ProgramWriter& writer, const types::GiveStmt& node, Span span);
  std::vector<Fault> emit_take(ProgramWriter& writer, const types::TakeStmt& node, Span span);
  std::vector<Fault> emit_hand_over(ProgramWriter& writer, const types::Stmt& stmt);
  void emit_acquire(ProgramWriter& writer, const types::Expr& lock, Span span);
  void emit_release(ProgramWriter& writer, const types::Expr& lock, Span span);
  void emit_resets(ProgramWriter& writer);

  // ---- shared
  /// What lowering of a statement changes while it runs, to be put back when it cannot be lowered.
  struct Position {
    Activation* activation;
    std::size_t scopes, loops, inside;
  };
  Position position() const { return {current_, scopes_.size(), loops_.size(), inside_.size()}; }
  void restore(const Position& position);
  CheckOp names_nothing(Span span);
  struct LockRef {
    PlaceRef place;
    bool is_mutex = false;
    ExprId level;  // -1 without one
    bool has_level = false;
  };
  LockRef lock_of(Expressions& expressions, const types::Expr& expr);
  ExprId is_pinned_level();
  /// The condition of the hand-over that was emitted last: that the other side is there. See HandOverSite.
  ExprId is_met() { return marker_of(notes_.hand_overs.size() - 1); }
  ExprId marker_of(std::size_t site);
  std::vector<ExprId> given_numbers(ProgramWriter& writer, const types::GiveStmt& node, const ValueTypePtr& type,
                                    Span span, std::vector<Fault>& faults);
  void emit_index(ProgramWriter& writer, HandOverSite& site, const PlaceRef& place);
  Next judged_before(Next next, std::vector<Fault> faults);
  ExprId may_go_on(ExprId condition, const std::vector<Fault>& faults, WaitKind kind);
  ExprId may_acquire(const LockRef& ref, bool in_one_step = false);
  Expressions expressions();
  void store(ProgramWriter& writer, Expressions& expressions, const PlaceRef& target, const Value& value, Span span);
  void assign(ProgramWriter& writer, const PlaceRef& target, const Value& value);
  std::vector<Target> targets(Expressions& expressions, const types::CallExpr& call, Span span);
  bool bind_arguments(ProgramWriter& writer, Expressions& caller, Activation& callee,
                      const types::FunctionDecl& function, const std::vector<Value>& arguments, Span span);
  EnterOp enter_op(Activation& callee, const types::FunctionDecl& function, Span call);
  bool enter(Activation& callee, const Target& target, bool dynamic, ProgramWriter& writer, Span span);
  LeaveOp leave_op(FunctionId function, const std::optional<PlaceRef>& result);
  LocationId new_location(Span span);
  void set_program(LocationId location, ProgramWriter& writer);
  Next transparent(Next next, std::vector<Op> prefix);
  void finish_lock_checks();
  void has_started(Context& context);
  ExprTable& exprs() { return design_.exprs(); }
  ExprId level();
  /// Whether all that the call may enter is one step: atomic functions, or expressions bound to function parameters.
  bool is_one_step(const types::CallExpr& call, Span span);
  /// The arguments of a call, evaluated by the caller.
  std::vector<Value> lower_arguments(Expressions& lowering, const types::CallExpr& call, const Target& target,
                                     Span span);
  static const types::CallExpr* step_call(const types::Expr& expr);

  Design& design_;
  CodeNotes& notes_;
  InstanceNode* self_;
  const bool watches_ = false;  // a monitor's: what it looks at is not used by that
  std::optional<ContextId> context_;
  std::int64_t start_level_ = 0;
  bool is_handler_ = false;
  std::uint32_t activations_ = 1;
  std::string name_;
  Executor executor_;
  Place affinity_;
  Activation* current_ = nullptr;
  std::vector<std::vector<PlaceRef>> scopes_;
  std::vector<Loop> loops_;
  std::vector<FunctionId> inside_;
  std::optional<LocationId> waits_at_;  // of `atomic` whose first statement waits
  std::vector<PlaceRef> step_locals_;   // locals of the one-step code being emitted
  std::map<std::tuple<const void*, InstanceNode*, int, const void*, int>, PlaceRef> storage_;
  std::set<std::uint32_t> locks_used_;
  struct LockCheck {
    LocationId location;
    std::size_t op = 0;
    ExprId new_level;
  };
  std::vector<LockCheck> lock_checks_;
  // What the location being written waits for.
  WaitKind wait_ = WaitKind::None;
  ExprId guard_;
  std::optional<Place> wait_lock_;
  bool mergeable_ = true;
  std::size_t folded_ = 0;  // tests and loops that constants and parameters decided
};

}  // namespace quiesce::model
