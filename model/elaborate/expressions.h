// Lowering of typed expressions to expressions of the transition system. What can go wrong in an expression (null,
// index, range, division by zero, use of an object outside its life) is collected as faults, each guarded by the
// conditions under which the language would evaluate that part, so that the lowered expression itself is total.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/elaborate/design.h"

namespace quiesce::model {

/// A condition that must hold when the expression is evaluated.
struct Fault {
  ExprId condition;
  RuleId rule;
  Span span;
  std::string message;
};

/// What the names of a body mean: one per inlined function, handler, thread, property.
struct Frame {
  InstanceNode* self = nullptr;
  std::unordered_map<const types::VariableDecl*, Value> values;     // bound variables, parameters with a fixed value
  std::unordered_map<const types::VariableDecl*, PlaceRef> places;  // locals and parameters that have cells
};

/// The context whose code is lowered, as expressions see it.
struct Executor {
  ContextId context;
  Place level;
  Place cpu;
  ExprId slot;  // 1 + slot of the running activation: what lock holder cells contain
  /// Gives a local of the current frame its cells on first sight.
  std::function<const PlaceRef&(const types::VariableDecl*)> local;
};

/// Late expressions: truths about locations that are known only when all code was lowered. They are loads of cells
/// beyond all real ones, replaced by finish.cpp.
struct Placeholder {
  enum class Kind { AtLabel, InUse };
  Kind kind = Kind::AtLabel;
  const types::LabelDecl* label = nullptr;  // AtLabel
  const InstanceNode* instance = nullptr;   // whose label; InUse: the object
  std::optional<ContextId> except;          // InUse: the context that frees
};
inline constexpr const char* kNamesNothing = "the reference is null: the system has no instance that it could name";
inline constexpr std::uint32_t kFirstPlaceholder = 0x40000000;

class Expressions {
 public:
  /// Thrown where something is wanted of an instance although the system has none that the reference could name, so
  /// that it is null whenever this is executed. lower() turns it into a fault; what executes a statement must catch it.
  struct NamesNothing {
    Span span;
  };

  /// `executor` is null in properties, conditions of handlers, guards of actions, and constants.
  Expressions(Design& design, std::vector<Placeholder>& placeholders, Frame& frame, Executor* executor)
      : design_(design), placeholders_(placeholders), frame_(&frame), executor_(executor), path_(design.constant(1)) {}

  /// The value of `expr`. `expected` gives sets, null and structs written out their layout; the result need not have
  /// that type: convert() it.
  Value lower(const types::Expr& expr, const ValueTypePtr& expected = nullptr);
  /// The single number of a scalar value.
  ExprId scalar(const types::Expr& expr, const ValueTypePtr& expected = nullptr);
  /// `value` as a value of `type`: other bounds of optionals and sets, checked against nothing (store checks ranges).
  Value convert(const Value& value, const ValueTypePtr& type, Span span);
  /// What is inside an optional, and a fault unless there is something.
  Value unwrap(const Value& optional, Span span);
  Value lower_as(const types::Expr& expr, const ValueTypePtr& type) {
    return convert(lower(expr, type), type, expr.span);
  }

  /// Where an assignable expression lives.
  PlaceRef place(const types::Expr& expr);
  Value load(const PlaceRef& place);

  /// The number of `value` (one scalar cell) among the values of `type`, and a fault unless it is one.
  ExprId position(ExprId value, const ValueType& type, Span span, const char* rule, const std::string& message);

  /// The instances that `object` may name, with the condition for each. Null object: the frame's own instance.
  struct Candidate {
    InstanceNode* node = nullptr;
    ExprId condition;
  };
  std::vector<Candidate> resolve(const types::Expr* object);
  /// The same of a reference that was lowered to `id`.
  std::vector<Candidate> named_by(ExprId id, const types::Expr& reference);

  /// What a function value or parameter of a machine is bound to, seen from `node`.
  FunctionValue bound_function(const types::VariableDecl* parameter, InstanceNode* node);
  FunctionValue function_value(const types::FunctionRefExpr& reference);

  /// Makes sure that the outside use of `nodes` happens within the life of their objects.
  void require_alive(const std::vector<Candidate>& nodes, Span span);

  /// Makes sure that every number in `value` is in the range that its type gives it: for values that no cell will hold,
  /// so that no assignment checks them (parameters and results of expression functions, constant parameters).
  void require_range(const Value& value, const std::string& name, Span span);
  void fault_unless(ExprId condition, const char* rule, Span span, std::string message);
  std::vector<Fault> take_faults() { return std::move(faults_); }
  Frame& frame() { return *frame_; }
  Design& design() { return design_; }

  /// Evaluates `body` under one more assumption (faults inside it are guarded by it).
  template <typename Body>
  auto under(ExprId assumption, Body body) {
    const ExprId saved = path_;
    path_ = design_.exprs().conjunction(path_, assumption);
    auto result = body();
    path_ = saved;
    return result;
  }

  ExprId equal(const Value& left, const Value& right);
  ExprId contains(const types::Expr& collection, const types::Expr& element);
  ExprId placeholder(Placeholder placeholder);

 private:
  Value scalar_value(ValueTypePtr type, ExprId id) { return Value{std::move(type), {id}}; }
  Value lower_node(const types::Expr& expr, const ValueTypePtr& expected);
  Value lower_variable(const types::VariableExpr& node, const types::Expr& expr);
  bool nearest(const InstanceNode& from, const InstanceNode& to) const;
  ExprId lower_within(const types::WithinExpr& node);
  Value lower_instance(const types::InstanceExpr& node, const types::Expr& expr);
  Value lower_binary(const types::BinaryExpr& node, const types::Expr& expr);
  Value lower_collection(const types::CollectionExpr& node, const types::Expr& expr);
  Value lower_index(const types::IndexExpr& node, const types::Expr& expr);
  Value lower_call(const types::CallExpr& node, const types::Expr& expr);
  Value lower_quantifier(const types::QuantifierExpr& node, const types::Expr& expr);
  Value lower_context(const types::ContextExpr& node, const types::Expr& expr);
  Value call_pure(const types::FunctionDecl* function, InstanceNode* object, const std::vector<Value>& arguments,
                  Span span);
  Value select(ExprId condition, const Value& then_value, const Value& else_value);
  Value combine(const std::vector<Candidate>& candidates, const std::function<Value(InstanceNode*)>& value);
  ExprId element_at(const Value& array, std::uint32_t cell, ExprId position, std::int64_t count, std::uint32_t width);
  bool is_place(const types::Expr& expr) const;

  Design& design_;
  std::vector<Placeholder>& placeholders_;
  Frame* frame_;
  Executor* executor_;
  ExprId path_;
  std::vector<Fault> faults_;
  int call_depth_ = 0;
};

}  // namespace quiesce::model
