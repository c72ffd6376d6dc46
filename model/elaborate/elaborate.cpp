#include "model/elaborate/elaborate.h"

#include <algorithm>

#include <fmt/format.h>

#include "model/base/internal_check.h"
#include "model/base/patience.h"
#include "model/elaborate/any_values.h"
#include "model/elaborate/complete_system.h"
#include "model/elaborate/context_code.h"
#include "model/elaborate/design.h"
#include "model/elaborate/initially.h"
#include "model/elaborate/monitors.h"
#include "model/elaborate/program_writer.h"
#include "model/types/builtin.h"

namespace quiesce::model {

namespace {

namespace rule_name = types::rule_name;

/// Faults in a condition that is evaluated in every state (of a handler, an action, a property) are properties: the
/// condition must be free of them wherever it is looked at.
void faults_as_properties(TransitionSystem& system, std::vector<Fault> faults) {
  ExprTable& table = system.expressions;
  ExprId before = table.constant(1);  // what is evaluated before it does not fail
  for (Fault& fault : faults) {
    Property property;
    property.kind = PropertyKind::Invariant;
    property.rule = fault.rule;
    property.condition = table.disjunction(table.negation(before), fault.condition);
    if (system.at(fault.rule).core) before = table.conjunction(before, fault.condition);
    property.span = fault.span;
    property.message = std::move(fault.message);
    system.properties.push_back(std::move(property));
  }
}

void lower_conditions(Design& design, CodeNotes& notes, InstanceNode* node) {
  TransitionSystem& system = design.system();
  Frame frame{node, {}, {}};
  for (const types::ContextDecl* decl : node->context_order) {
    Context& context = system.contexts[node->contexts.at(decl).value];
    if (!decl->is_handler) {
      context.condition = design.constant(1);
      continue;
    }
    Expressions lowering(design, notes.placeholders, frame, nullptr);
    context.condition = decl->when != nullptr ? lowering.scalar(*decl->when) : design.constant(1);
    const ExprId when = context.condition;
    context.condition = lowering.unless_it_fails(when, true);
    if (decl->on != nullptr) {
      const Value on = lowering.under(when, [&] { return lowering.lower(*decl->on); });
      if (on.type->kind == ValueType::Kind::Set) {
        context.cpus = OnSet{on.cells};
      } else {
        context.cpus = OnOne{on.cells.at(0)};
      }
    }
    faults_as_properties(system, lowering.take_faults());
  }
  for (const types::ActionDecl* decl : node->action_order) {
    if (decl->when == nullptr) continue;
    Expressions lowering(design, notes.placeholders, frame, nullptr);
    lowering.scalar(*decl->when);
    faults_as_properties(system, lowering.take_faults());
  }
}

PropertyKind kind_of(types::PropertyDecl::Kind kind) {
  switch (kind) {
    case types::PropertyDecl::Kind::Invariant:
      return PropertyKind::Invariant;
    case types::PropertyDecl::Kind::Never:
      return PropertyKind::Never;
    case types::PropertyDecl::Kind::Reachable:
      return PropertyKind::Reachable;
    case types::PropertyDecl::Kind::DeadlockFree:
      return PropertyKind::DeadlockFree;
    case types::PropertyDecl::Kind::Temporal:
    case types::PropertyDecl::Kind::AlwaysPossible:
      break;  // FormulaLowering
  }
  return PropertyKind::Invariant;
}

/// The formulas of one property of the text, operands before operators: one, or one for each instance that a 'forall'
/// around it goes over.
class FormulaLowering {
 public:
  FormulaLowering(Design& design, std::vector<Placeholder>& placeholders, InstanceNode* node,
                  const types::PropertyDecl& decl)
      : design_(design), frame_{node, {}, {}}, lowering_(design, placeholders, frame_, nullptr), decl_(decl) {}

  void lower() {
    if (decl_.kind == types::PropertyDecl::Kind::AlwaysPossible) {
      start();
      property_.always_possible = true;
      atom(*decl_.condition);
      finish();
    } else {
      lower_each(*decl_.formula, "");
      faults_as_properties(design_.system(), lowering_.take_faults());  // of what chooses, where it chose nothing
    }
  }

 private:
  void start() {
    property_ = {};
    property_.rule = design_.rule(decl_.rule);
    property_.span = decl_.span;
  }

  void finish() {
    faults_as_properties(design_.system(), lowering_.take_faults());
    design_.system().temporal.push_back(std::move(property_));
  }

  /// `about`: the instances that were chosen so far, as a story names them.
  void lower_each(const types::TemporalFormula& formula, const std::string& about) {
    if (formula.op == TemporalOperator::And && formula.variable) {
      for_each_value(formula, [&](const Value& value) {
        const std::string one = formula.variable->name + " is " + text_of(value);
        lower_each(*formula.right, about.empty() ? one : about + ", " + one);
      });
      return;
    }
    start();
    if (!about.empty()) property_.message = "the formula where " + about;
    lower(formula);
    property_.trigger = trigger_of(property_);
    finish();
  }

  std::string text_of(const Value& value) const {
    std::int64_t number = 0;
    design_.exprs().is_constant(value.cells[0], &number);
    const auto cell = static_cast<std::int32_t>(number);
    return format_value(*value.type, &cell);
  }

  std::uint32_t lower(const types::TemporalFormula& formula) {
    if (formula.op == TemporalOperator::Atom) return atom(*formula.atom);
    if (formula.variable) return junction(formula);
    const std::uint32_t left = formula.left ? lower(*formula.left) : 0;
    const std::uint32_t right = lower(*formula.right);
    return add({formula.op, left, right, {}, {}});
  }

  /// All of none are true, one of none is false.
  std::uint32_t junction(const types::TemporalFormula& formula) {
    std::optional<std::uint32_t> whole;
    for_each_value(formula, [&](const Value&) {
      const std::uint32_t one = lower(*formula.right);
      whole = whole ? add({formula.op, *whole, one, {}, {}}) : one;
    });
    if (whole) return *whole;
    return add({TemporalOperator::Atom, 0, 0, design_.constant(formula.op == TemporalOperator::And ? 1 : 0), {}});
  }

  template <typename Visit>
  void for_each_value(const types::TemporalFormula& formula, const Visit& visit) {
    const Span span = formula.variable->span;
    const ValueTypePtr type = design_.lower_type(formula.variable->type, frame_.self, span);
    if (type == nullptr) return;
    const std::int64_t values = value_count(*type);
    for (std::int64_t i = 0; i < values && !design_.failed(); ++i) {
      ask_patience(span);
      design_.spend(span);
      const Value value{type, {design_.constant(value_at(*type, i))}};
      frame_.values[formula.variable.get()] = value;
      if (is_wanted(formula)) visit(value);
    }
    frame_.values.erase(formula.variable.get());
  }

  bool is_wanted(const types::TemporalFormula& formula) {
    if (formula.where == nullptr) return true;
    std::int64_t wanted = 0;
    if (design_.exprs().is_constant(lowering_.scalar(*formula.where), &wanted)) return wanted != 0;
    design_.diagnostics()
        .error(
            "E0612", formula.where->span,
            "of which instances a formula speaks must be known before the system runs, but this depends on its state")
        .notes.push_back("a condition on states stands in the formula: 'always (p => ...)'");
    return false;
  }

  std::uint32_t atom(const types::Expr& condition) {
    const ExprId id = lowering_.unless_it_fails(lowering_.scalar(condition), false);
    return add({TemporalOperator::Atom, 0, 0, id, {}});
  }

  std::uint32_t add(TemporalNode node) {
    property_.formula.push_back(node);
    return static_cast<std::uint32_t>(property_.formula.size() - 1);
  }

  /// p of 'p leads_to q' and of 'always (p => q)', where p is a condition.
  static ExprId trigger_of(const TemporalProperty& property) {
    const TemporalNode* node = &property.formula.back();
    const auto at = [&](std::uint32_t position) { return &property.formula[position]; };
    const bool is_always = node->op == TemporalOperator::Always;
    if (is_always) node = at(node->right);
    if (node->op != TemporalOperator::LeadsTo && !(is_always && node->op == TemporalOperator::Implies)) return {};
    return at(node->left)->atom;
  }

  Design& design_;
  Frame frame_;
  Expressions lowering_;
  const types::PropertyDecl& decl_;
  TemporalProperty property_;
};

void lower_properties(Design& design, CodeNotes& notes, InstanceNode* node) {
  Frame frame{node, {}, {}};
  for (const types::PropertyDecl* decl : node->property_order) {
    if (decl->kind == types::PropertyDecl::Kind::Temporal || decl->kind == types::PropertyDecl::Kind::AlwaysPossible) {
      FormulaLowering(design, notes.placeholders, node, *decl).lower();
      continue;
    }
    Property property;
    property.kind = kind_of(decl->kind);
    property.rule = design.rule(decl->rule);
    property.span = decl->span;
    if (decl->condition != nullptr) {
      Expressions lowering(design, notes.placeholders, frame, nullptr);
      property.condition =
          lowering.unless_it_fails(lowering.scalar(*decl->condition), property.kind == PropertyKind::Invariant);
      const auto* binary = std::get_if<types::BinaryExpr>(&decl->condition->node);
      if (property.kind == PropertyKind::Invariant && binary != nullptr &&
          binary->op == types::BinaryOperator::Implies) {
        Expressions left(design, notes.placeholders, frame, nullptr);
        property.trigger = left.unless_it_fails(left.scalar(*binary->left), false);
      }
      faults_as_properties(design.system(), lowering.take_faults());
    }
    design.system().properties.push_back(std::move(property));
  }
}

void report_faults(Design& design, Expressions& lowering) {
  for (const Fault& fault : lowering.take_faults()) {
    std::int64_t known = 0;
    if (design.exprs().is_constant(fault.condition, &known) && known != 0) continue;
    design.diagnostics().error("E0611", fault.span, fault.message + " (in an initial value)");
  }
}

/// The initial value of a variable of `node`, or of an open param.
void lower_initial(Design& design, CodeNotes& notes, InstanceNode* node, const types::VariableDecl& decl,
                   const PlaceRef& place) {
  TransitionSystem& system = design.system();
  if (!decl.any && decl.init == nullptr) return;  // rests
  Frame frame{node, {}, {}};
  Expressions lowering(design, notes.placeholders, frame, nullptr);
  lowering.judge_lives(true);  // no object is alive yet
  const std::uint32_t count = cell_count(*place.type);
  Value value;
  if (!decl.any) value = lowering.convert(lowering.lower(*decl.init, place.type), place.type, decl.span);
  std::vector<AnyCell> any;
  if (decl.any) any = any_cells(design, *place.type, place.bases[0], decl.span);
  if (design.failed()) return;
  for (std::uint32_t i = 0; i < count; ++i) {
    InitialAssign assign;
    assign.cell = CellId(place.bases[0].value + i);
    const Cell& cell = system.at(assign.cell);
    if (decl.any) {
      assign.lo = any[i].lo;
      assign.hi = any[i].hi;
      if (any[i].possible.valid()) system.initial_conditions.push_back(any[i].possible);
    } else {
      assign.value = value.cells[i];
      const Domain possible = design.interval(assign.value);
      if (possible.lo < cell.lo || possible.hi > cell.hi) {
        design.diagnostics().error("E0610", decl.init->span,
                                   possible.lo == possible.hi
                                       ? fmt::format("the initial value of '{}' is {}, but its range is {}..{}",
                                                     decl.name, possible.lo, cell.lo, cell.hi)
                                       : fmt::format("the initial value of '{}' can be {}..{}, but its range is {}..{}",
                                                     decl.name, possible.lo, possible.hi, cell.lo, cell.hi));
        return;
      }
    }
    system.initial.push_back(assign);
  }
  if (decl.any && decl.where != nullptr) {
    // Part by part: each is judged as soon as all that it reads is chosen.
    const std::vector<ExprId> parts = conjuncts_of(design.exprs(), lowering.scalar(*decl.where));
    system.initial_conditions.insert(system.initial_conditions.end(), parts.begin(), parts.end());
  }
  report_faults(design, lowering);
}

/// The initial values of the variables of `node`.
void lower_initial(Design& design, CodeNotes& notes, InstanceNode* node) {
  for (const types::VariableDecl* decl : node->variable_order) {
    lower_initial(design, notes, node, *decl, node->variables.at(decl));
    if (design.failed()) return;
  }
}

/// The condition of a param that is given a value: it may read params that are open.
void require_condition(Design& design, CodeNotes& notes, const types::VariableDecl& param) {
  Frame frame{design.root(), {}, {}};
  Expressions lowering(design, notes.placeholders, frame, nullptr);
  for (const ExprId part : conjuncts_of(design.exprs(), lowering.scalar(*param.where))) {
    std::int64_t known = 0;
    if (!design.exprs().is_constant(part, &known)) {
      design.system().initial_conditions.push_back(part);
    } else if (known == 0) {
      design.diagnostics().error(
          "E0644", param.span, fmt::format("the value that is given to '{}' does not fulfil its 'where'", param.name));
      break;
    }
  }
  report_faults(design, lowering);
}

void lower_open_params(Design& design, CodeNotes& notes) {
  for (const types::VariableDecl* param : design.open_params())
    lower_initial(design, notes, design.root(), *param, design.place_of_open(*param));
  for (const std::unique_ptr<types::VariableDecl>& param : design.program().values) {
    const bool is_given = param->kind == types::VariableDecl::Kind::Param && param->any && !design.is_left_open(*param);
    if (is_given && param->where != nullptr) require_condition(design, notes, *param);
  }
}

void lower_start(Design& design) {
  TransitionSystem& system = design.system();
  for (const Context& context : system.contexts) {
    if (context.kind != ContextKind::Thread) continue;
    const Location& entry = system.at(context.entry);
    system.initial.push_back(InitialAssign{context.location_cell[0], design.constant(entry.number), 0, 0});
    if (context.start_level != 0) {
      system.initial.push_back(InitialAssign{context.level_cell[0], design.constant(context.start_level), 0, 0});
    }
  }
}

/// A prefix ends with its dot ("wdm."), so that it cannot match half a name; the empty one matches all.
bool matches(const types::RulePattern& pattern, const std::string& name) {
  return pattern.prefix ? name.rfind(pattern.name, 0) == 0 : pattern.name == name;
}

void choose_rules(TransitionSystem& system, const ElaborateOptions& options) {
  for (std::size_t i = 0; i < system.rules.size(); ++i) {
    const std::string& name = system.rules[i].name;
    const auto hit = [&](const types::RulePattern& pattern) { return matches(pattern, name); };
    const bool wanted = options.rules.empty() || std::any_of(options.rules.begin(), options.rules.end(), hit);
    const bool excepted = std::any_of(options.except.begin(), options.except.end(), hit);
    if (wanted && !excepted) system.checked.push_back(RuleId(i));
  }
}

/// A witness shows that something is reachable for some value of an open param, where the rule is about all of them.
void refuse_witnesses(Design& design) {
  const std::vector<const types::VariableDecl*> open = design.open_params();
  if (open.empty()) return;
  const TransitionSystem& system = design.system();
  for (const Property& property : system.properties) {
    const bool is_asked =
        std::find(system.checked.begin(), system.checked.end(), property.rule) != system.checked.end();
    if (property.kind != PropertyKind::Reachable || !is_asked) continue;
    auto& problem =
        design.diagnostics().error("E0645", property.span,
                                   fmt::format("'{}' wants a run for each value of '{}', which is left open",
                                               system.at(property.rule).name, open.front()->name));
    problem.notes.push_back(
        "give it a value with 'with' or -D, or leave the rule out: 'except' of the check, or --for");
  }
}

std::string value_text(const TransitionSystem& system, const Value& value) {
  std::vector<std::int32_t> cells;
  for (const ExprId cell : value.cells) {
    std::int64_t number = 0;
    if (!system.expressions.is_constant(cell, &number)) return "any";
    cells.push_back(static_cast<std::int32_t>(number));
  }
  return format_value(*value.type, cells.data());
}

void list_parameters(Design& design, const std::vector<Binding>& bindings) {
  TransitionSystem& system = design.system();
  const auto is_bound = [&](const types::VariableDecl* variable) {
    return std::any_of(bindings.begin(), bindings.end(),
                       [&](const Binding& binding) { return binding.parameter == variable; });
  };
  const InstanceNode* root = design.root();
  for (const std::unique_ptr<types::VariableDecl>& parameter : root->machine->parameters) {
    const auto found = root->values.find(parameter.get());
    if (found == root->values.end()) continue;
    system.parameters.push_back(
        ParameterValue{parameter->name, value_text(system, found->second), !is_bound(parameter.get())});
  }
  for (const std::unique_ptr<types::VariableDecl>& value : design.program().values) {
    if (value->kind != types::VariableDecl::Kind::Param) continue;
    const Value* known = design.module_value(value.get());
    system.parameters.push_back(ParameterValue{value->name, value_text(system, *known), !is_bound(value.get())});
  }
}

}  // namespace

std::optional<TransitionSystem> elaborate(const types::Program& program, const types::MachineDecl& system,
                                          const std::vector<Binding>& bindings, const ElaborateOptions& options,
                                          Diagnostics& diagnostics) {
  Design design(program, system, bindings, diagnostics);
  try {
    if (!design.build_instances() || !design.allocate()) return std::nullopt;
    CodeNotes notes;
    lower_open_params(design, notes);
    const std::size_t instances = design.nodes().size();
    for (std::size_t i = 0; i < instances; ++i) {
      InstanceNode* node = design.node(InstanceId(i));
      for (const types::ContextDecl* decl : node->context_order) {
        ContextCode code(design, notes, node, *decl, node->contexts.at(decl));
        code.lower_context(*decl);
        if (design.failed()) return std::nullopt;
      }
      for (const types::ActionDecl* decl : node->action_order) {
        ContextCode code(design, notes, node, *decl);
        code.lower_action(*decl, node->actions.at(decl));
        if (design.failed()) return std::nullopt;
      }
      for (const types::ActionDecl* decl : node->reaction_order) {
        ContextCode(design, notes, node, *decl).lower_reaction(*decl);
        if (design.failed()) return std::nullopt;
      }
      lower_conditions(design, notes, node);
      lower_properties(design, notes, node);
      lower_initial(design, notes, node);
      if (design.failed()) return std::nullopt;
    }
    lower_initially(design, notes);
    list_parameters(design, bindings);
    if (design.failed() || !complete(design, notes)) return std::nullopt;
    weave_monitors(design.system(), notes.reactions);
    lower_start(design);
    choose_rules(design.system(), options);
    refuse_witnesses(design);
    if (design.failed()) return std::nullopt;
  } catch (const Design::Abandoned&) {
    QUIESCE_CHECK(design.failed()) << "elaboration gave up without a reason";
    return std::nullopt;
  }
  return std::move(design.system());
}

}  // namespace quiesce::model
