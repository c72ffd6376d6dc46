// The design under elaboration: the tables of the growing transition system, the tree of instances with their
// parameters, and the memory of what was already made. Lowering of expressions and statements works on it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "model/base/diagnostic.h"
#include "model/elaborate/elaborate.h"
#include "model/elaborate/intervals.h"
#include "model/elaborate/value.h"
#include "model/system/transition_system.h"
#include "model/types/typed_tree.h"

namespace quiesce::model {

struct InstanceNode;

/// Numbers in one state: far beyond what can be searched; keeps a typo from eating memory.
inline constexpr std::size_t kMaxStateCells = 65536;

/// What a function parameter of a machine is bound to.
struct FunctionValue {
  const types::FunctionDecl* function = nullptr;
  InstanceNode* object = nullptr;  // whose function; null for a free function
};

/// An instance with everything that elaboration knows of it.
struct InstanceNode {
  InstanceId id;
  const types::MachineDecl* machine = nullptr;
  InstanceNode* parent = nullptr;
  std::unordered_map<const types::VariableDecl*, Value> values;             // parameters, constants, index variable
  std::unordered_map<const types::VariableDecl*, FunctionValue> functions;  // parameters of function type
  std::unordered_map<const types::VariableDecl*, PlaceRef> variables;       // member variables
  std::unordered_map<const types::InstanceDecl*, std::vector<InstanceNode*>> children;
  std::unordered_map<const types::ContextDecl*, ContextId> contexts;
  std::unordered_map<const types::ActionDecl*, ActionId> actions;
  std::vector<const types::VariableDecl*> variable_order;  // as in the text, after `if C { }`
  std::vector<const types::ContextDecl*> context_order;
  std::vector<const types::ActionDecl*> action_order;
  std::vector<const types::ActionDecl*> initially_order;
  std::vector<const types::ActionDecl*> reaction_order;
  std::vector<const types::PropertyDecl*> property_order;
  std::vector<InstanceNode*> child_order;
  std::vector<LockId> locks;                  // in its own variables
  const types::InstanceDecl* decl = nullptr;  // null for the system
  std::size_t position = 0;                   // in its array of instances
  bool filled = false;                        // its parameters and members are known, or about to be

  /// Whether this is `other` or stands inside it.
  bool inside(const InstanceNode* other) const {
    for (const InstanceNode* node = this; node != nullptr; node = node->parent) {
      if (node == other) return true;
    }
    return false;
  }
  /// The innermost object machine's instance that contains this one (or is it); null when there is none.
  const InstanceNode* enclosing_object() const {
    const InstanceNode* node = this;
    while (node != nullptr && !node->machine->is_object) node = node->parent;
    return node;
  }
};

class Design {
 public:
  /// Thrown after a diagnostic where lowering cannot go on with anything meaningful; elaborate() catches it.
  struct Abandoned {};

  Design(const types::Program& program, const types::MachineDecl& system, const std::vector<Binding>& bindings,
         Diagnostics& diagnostics);
  ~Design();

  // ---- stages, in this order (elaborate.cpp)
  bool build_instances();  // the tree with parameters
  bool allocate();         // cells of variables, contexts, actions, locks

  /// Gives an instance its parameters and members, unless it has them: instances are filled in the order of the text,
  /// or earlier when a parameter of another one looks inside them.
  void fill(InstanceNode* node);
  /// Makes those elements of an array of instances that are not there yet. Requires: `decl` is a member of `node`.
  void add_elements(InstanceNode* node, const types::InstanceDecl& decl);

  // ---- questions
  InstanceNode* root() { return nodes_.front().get(); }
  InstanceNode* node(InstanceId id) { return nodes_[id.value].get(); }
  const std::vector<std::unique_ptr<InstanceNode>>& nodes() const { return nodes_; }

  /// The type with all bounds evaluated as `self` sees them. Reports and returns null when a bound is not constant or
  /// empty.
  ValueTypePtr lower_type(const types::TypePtr& type, InstanceNode* self, Span span);

  /// The instances that a reference to this machine or interface may name.
  const std::vector<InstanceNode*>& candidates(const types::MachineDecl* machine,
                                               const types::InterfaceDecl* interface);

  /// To be called where a result depends on how many instances the type (a reference, else nothing happens) can name:
  /// E0646 is reported in the end where instances have been made since.
  void depends_on_instances(const types::Type& type, Span span);

  /// The value of a module constant or param (overrides considered). Of a param that is left open it is what its cell
  /// holds; it is reported where that is not known yet.
  const Value* module_value(const types::VariableDecl* variable);

  /// Whether it is a param that begins as 'any', and nothing gives it a value.
  bool is_left_open(const types::VariableDecl& variable) const {
    return variable.any && variable.kind == types::VariableDecl::Kind::Param && !overrides_.contains(&variable);
  }
  /// After allocate(): the cells of an open param.
  const PlaceRef& place_of_open(const types::VariableDecl& param) const { return open_params_.at(&param); }

  /// Those of the program, in the order of the text, that are left open.
  std::vector<const types::VariableDecl*> open_params() const;
  /// One that the expression reads; null when there is none.
  const types::VariableDecl* open_param_in(ExprId expr);
  /// That an open param needs a value here, since ... (a clause).
  void report_open(const types::VariableDecl& param, Span span, const std::string& why);

  /// Whether the expression reads a number without bounds.
  bool reads_unbounded(ExprId expr);

  /// The machine's own function that implements `function` of an interface; the function itself when it is not one.
  const types::FunctionDecl* implementation(const types::FunctionDecl* function, const InstanceNode* object) const;

  RuleId rule(const types::RuleDecl* decl) const { return rules_.at(decl); }
  RuleId rule(const char* name) const { return rules_by_name_.at(name); }
  FunctionId function(const types::FunctionDecl* decl, InstanceNode* object);
  InstanceNode* function_instance(FunctionId id) const { return function_instances_[id.value]; }

  /// The lock whose holder is `cell`.
  const Lock& lock_at(CellId cell) const;

  /// "nic.hw" + "." + name, or just the name for the system's own.
  std::string path(const InstanceNode* node, const std::string& name) const;

  /// New consecutive cells for a value of `type`, with their variable, CPU blocks and locks.
  VariableId new_variable(std::string name, ValueTypePtr type, std::optional<ContextId> owner, bool hidden, Span span);
  CellId new_cell(Cell cell);
  /// The cell of an observer of this, which need not have one.
  CellId observed(Observer observer);

  /// Notes that code of `object` that `context` executes may free the object itself.
  void note_own_free(const InstanceNode* object, ContextId context) { own_frees_.insert({object, context.value}); }
  bool may_free_itself(const InstanceNode* object, ContextId context) const {
    return own_frees_.contains({object, context.value});
  }

  /// Least and greatest number that an expression can yield.
  /// What is calculated with numbers without bounds is exact, so that it may be any number.
  Domain interval(ExprId expr);
  /// To be called when the table of expressions is replaced.
  void forget_intervals() { intervals_ = Intervals(system_); }

  std::int64_t pin_level() const { return system_.pin_level; }
  /// Whether pin_level() is the system's: one that gives its pin level itself has none yet while its parameters, 'cpus'
  /// and 'pin' are evaluated, nor where a check says which values they get.
  bool is_pin_level_known() const { return is_pin_level_known_; }
  /// The type of levels, with the names that the program gives them.
  const ValueTypePtr& level_type() const { return level_type_; }
  ExprTable& exprs() { return system_.expressions; }
  ExprId constant(std::int64_t value) { return system_.expressions.constant(value); }
  TransitionSystem& system() { return system_; }
  const types::Program& program() const { return program_; }
  Diagnostics& diagnostics() { return diagnostics_; }
  bool failed() const { return diagnostics_.error_count() != errors_before_; }

  /// One piece of work, or several: an expression lowered, a statement emitted, a type made. Loops, quantifiers, calls
  /// and instances multiply them; beyond kMostWork this reports and gives up, so that no text takes minutes.
  void spend(Span span, std::uint64_t pieces = 1) {
    if ((work_ += pieces) > kMostWork) report_work(span);
  }

  /// Reports and gives up when evaluating `value` would take too long, or too much stack: an expression is a graph with
  /// shared parts, but its evaluation goes down every path.
  void bound_size(const Value& value, Span span);

  /// An integer that must be known now. Reports when it is not.
  std::optional<std::int64_t> constant_of(const types::Expr& expr, InstanceNode* self, const char* what);

 private:
  Value value_of_constant(const types::VariableDecl& variable, InstanceNode* self);
  InstanceNode* add_instance(const types::MachineDecl& machine, InstanceNode* parent, std::string path, Span span);
  void bind_parameters(InstanceNode* node, const std::vector<types::InstanceDecl::Argument>& arguments,
                       InstanceNode* outer, Span span);
  void bind_parameter(InstanceNode* node, const types::VariableDecl* parameter, const types::Expr* value,
                      InstanceNode* outer, Span span);
  void add_members(InstanceNode* node, const std::vector<types::Member>& members);
  void list_members(InstanceNode* node, const std::vector<types::Member>& members,
                    std::vector<const types::InstanceDecl*>& instances);
  void create_child(InstanceNode* node, const types::InstanceDecl& decl);
  bool add_child(InstanceNode* node, const types::InstanceDecl& decl, std::string path);
  void complete_arrays_over_instances();
  void judge_dependences();
  void allocate_open_params();
  void allocate_variables(InstanceNode* node);
  void allocate_contexts(InstanceNode* node);
  void register_cpu_blocks(const ValueType& type, CellId first);
  void register_locks(const ValueType& type, CellId first, const std::string& name, Span span, InstanceNode* node);
  void fill_cells(const ValueType& type, const std::string& name, VariableId variable);
  ValueTypePtr lower_type_uncached(const types::Type& type, InstanceNode* self, Span span);
  ValueTypePtr lower_struct(const types::StructDecl& decl, InstanceNode* self);
  bool is_small_enough(std::uint64_t cells, Span span);
  [[noreturn]] void report_work(Span span);

  /// What evaluating an expression takes that goes down every path: exponential in the number of different parts, at
  /// worst. Stops at UINT32_MAX.
  struct Effort {
    std::uint32_t operations = 1;
    std::uint32_t depth = 1;
  };
  const Effort& effort(ExprId id);

  const types::Program& program_;
  const types::MachineDecl& system_decl_;
  Diagnostics& diagnostics_;
  std::size_t errors_before_;
  TransitionSystem system_;
  Intervals intervals_{system_};
  std::vector<std::unique_ptr<InstanceNode>> nodes_;
  std::unordered_map<const types::VariableDecl*, std::int64_t> overrides_;
  std::unordered_map<const types::VariableDecl*, Value> module_values_;
  std::unordered_map<const types::VariableDecl*, PlaceRef> open_params_;
  std::vector<char> reads_unbounded_;  // by expression, for the first ones of the table
  std::unordered_map<const types::RuleDecl*, RuleId> rules_;
  std::map<std::string, RuleId> rules_by_name_;
  std::map<std::pair<const types::FunctionDecl*, InstanceNode*>, FunctionId> functions_;
  std::vector<InstanceNode*> function_instances_;
  std::map<const void*, std::vector<InstanceNode*>> candidates_;  // of the instances made so far
  bool is_growing_ = true;                                        // instances are still being made
  struct Dependence {
    const types::MachineDecl* machine = nullptr;
    const types::InterfaceDecl* interface = nullptr;
    std::size_t instances = 0;
    Span span;
  };
  std::vector<Dependence> dependences_;
  std::vector<std::pair<InstanceNode*, const types::InstanceDecl*>> arrays_over_instances_;
  std::map<std::pair<const types::StructDecl*, InstanceNode*>, ValueTypePtr> structs_;
  std::unordered_map<std::uint32_t, LockId> locks_;
  std::set<std::pair<const InstanceNode*, std::uint32_t>> own_frees_;
  std::uint32_t depth_ = 0;  // nesting of instances, against endless unfolding
  static constexpr std::uint64_t kMostWork = 2'000'000;
  ValueTypePtr level_type_;
  bool is_pin_level_known_ = false;
  std::uint64_t work_ = 0;       // spent so far
  std::vector<Effort> efforts_;  // by expression, for the first ones of the table
};

/// The types of computed numbers and truth values, which carry no bounds of their own.
ValueTypePtr bool_type();
ValueTypePtr unbounded_int_type();

/// The type of numbers without bounds that are stored (model/system/unbounded.h).
ValueTypePtr all_integers_type();

}  // namespace quiesce::model
