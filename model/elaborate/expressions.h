// Lowering of typed expressions to expressions of the transition system. What can go wrong in an expression (null,
// index, range, division by zero, use of an object outside its life) is collected as faults, each guarded by the
// conditions under which the language would evaluate that part, so that the lowered expression itself is total.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/elaborate/design.h"

namespace quiesce::model {

/// A condition that must hold when the expression is evaluated.
struct Fault {
  ExprId condition;
  RuleId rule;
  Span span;
  std::string message;
  bool own_free = false;  // only after the activity itself has freed the object to which its code belongs
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

/// Late expressions: truths that are known only when all code was lowered. They are loads of cells beyond all real
/// ones, replaced by complete_system.cpp.
struct Placeholder {
  enum class Kind {
    AtLabel,  // some context stands before the statement with `label` of `instance`
    InUse,    // something in the object `instance` is held, running, waited for; `context` frees it
    OwnLife,  // the object `instance` is not freed, where `context`, which executes its code, may free it; else true
  };
  Kind kind = Kind::AtLabel;
  const types::LabelDecl* label = nullptr;
  const InstanceNode* instance = nullptr;
  std::optional<ContextId> context;
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
      : design_(design),
        placeholders_(placeholders),
        frame_(&frame),
        executor_(executor),
        path_(design.constant(1)),
        lives_judged_(executor != nullptr) {}

  /// The value of `expr`. `expected` gives sets, null and structs written out their layout; the result need not have
  /// that type: convert() it.
  Value lower(const types::Expr& expr, const ValueTypePtr& expected = nullptr);
  /// The single number of a scalar value.
  ExprId scalar(const types::Expr& expr, const ValueTypePtr& expected = nullptr);
  /// `value` as a value of `type`, which has the same shape and perhaps other bounds: nulls and elements of sets are
  /// put where `type` has them, with a fault where it has no place for one. Plain numbers are judged when they are
  /// stored.
  Value convert(const Value& value, const ValueTypePtr& type, Span span);
  /// `value` as a place of its type holds it: numbers of a type that wraps are taken modulo the size of its range.
  Value wrapped(Value value);
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

  /// Makes sure that a use of `nodes` from outside happens within the life of their objects. `touches`: it reads or
  /// writes a variable, which also code of the object itself must not do once its own activity has freed it.
  void require_alive(const std::vector<Candidate>& nodes, Span span, bool touches = false);
  /// Whether lives are judged: from the beginning where a context executes, not where a state is looked at.
  void judge_lives(bool judged) { lives_judged_ = judged; }

  /// Makes sure that every number in `value` is in the range that its type gives it: for values that no cell will hold,
  /// so that no assignment checks them (parameters and results of expression functions, constant parameters).
  /// `of_wrapping`: also those that wrap around once they are stored.
  void require_range(const Value& value, const std::string& name, Span span, bool of_wrapping = true);
  void fault_unless(ExprId condition, const char* rule, Span span, std::string message);
  /// A fault of something that was lowered apart, under the present assumptions.
  void add_fault(Fault fault) {
    fault.condition = design_.exprs().disjunction(design_.exprs().negation(path_), fault.condition);
    faults_.push_back(std::move(fault));
  }
  std::vector<Fault> take_faults() { return std::exchange(faults_, {}); }
  /// `condition`, or `otherwise` where its own evaluation fails: where one of the faults of core rules so far is
  /// broken.
  ExprId unless_it_fails(ExprId condition, bool otherwise);
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

  /// Whether two values of the same shape are equal, whatever the bounds of their types.
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
  Value lower_array(const types::ArrayExpr& node, const types::Expr& expr, const ValueTypePtr& expected);
  Value lower_collection(const types::CollectionExpr& node, const types::Expr& expr);
  Value lower_index(const types::IndexExpr& node, const types::Expr& expr);
  Value lower_call(const types::CallExpr& node, const types::Expr& expr);
  Value lower_quantifier(const types::QuantifierExpr& node, const types::Expr& expr);
  Value lower_context(const types::ContextExpr& node, const types::Expr& expr);
  Value lower_level_of(const Context& context, const types::Expr& expr);
  Value lower_event(const types::EventExpr& node, const types::Expr& expr);
  ExprId observed(const types::EventExpr& node, const FunctionValue& function);
  Value call_pure(const types::FunctionDecl* function, InstanceNode* object, const std::vector<Value>& arguments,
                  Span span);
  ExprId lower_equality(const types::Expr& left, const types::Expr& right);
  ExprId is_present(const Value& optional);
  Value payload(const Value& optional);
  Value convert_optional(const Value& value, const ValueTypePtr& type, Span span);
  Value convert_parts(const Value& value, const ValueTypePtr& type, Span span);
  Value convert_set(const Value& value, const ValueTypePtr& type, Span span);
  ExprId modulo_range(ExprId number, Domain to);
  Value different_sizes(const ValueTypePtr& type, Span span);
  /// The result of an operation on numbers, and a fault where it may lie beyond 64 bits and does.
  std::pair<ExprId, Domain> with_bits(const types::Expr& expr, std::int64_t most, const char* what);
  ExprId lower_bits(const types::BinaryExpr& node);
  ExprId lower_shift(const types::BinaryExpr& node, Span span);
  ExprId calculated(BinaryOp op, ExprId left, ExprId right, Span span);
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
  bool lives_judged_ = false;
};

}  // namespace quiesce::model
