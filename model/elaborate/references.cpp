// What references name: instances, their parameters, threads and handlers; and whether they are alive.
#include <fmt/format.h>

#include <algorithm>

#include "model/base/internal_check.h"
#include "model/base/overloaded.h"
#include "model/elaborate/expressions.h"
#include "model/types/builtin.h"

namespace quiesce::model {

namespace rule_name = types::rule_name;
using Kind = ValueType::Kind;

Value Expressions::combine(const std::vector<Candidate>& candidates, const std::function<Value(InstanceNode*)>& value) {
  QUIESCE_CHECK(!candidates.empty()) << "a reference without candidates was used";
  Value result = under(candidates.back().condition, [&] { return value(candidates.back().node); });
  for (std::size_t i = candidates.size() - 1; i-- > 0;) {
    Value other = under(candidates[i].condition, [&] { return value(candidates[i].node); });
    result = select(candidates[i].condition, other, result);
  }
  return result;
}

std::vector<Expressions::Candidate> Expressions::resolve(const types::Expr* object) {
  if (object == nullptr) return {{frame_->self, design_.constant(1)}};
  return named_by(lower(*object).cells.at(0), *object);
}

std::vector<Expressions::Candidate> Expressions::named_by(ExprId id, const types::Expr& reference) {
  ExprTable& table = design_.exprs();
  std::int64_t known = 0;
  if (table.is_constant(id, &known)) {
    if (known > 0) return {{design_.node(InstanceId(static_cast<std::size_t>(known - 1))), design_.constant(1)}};
    fault_unless(design_.constant(0), rule_name::kNull, reference.span, "a reference to nothing is used");
  }
  std::vector<Candidate> result;
  for (InstanceNode* node : design_.candidates(reference.type->machine, reference.type->interface)) {
    result.push_back({node, table.equal(id, design_.constant(node->id.value + 1))});
  }
  if (result.empty()) {
    throw NamesNothing{reference.span};
  }
  if (result.size() == 1) result[0].condition = design_.constant(1);
  return result;
}

void Expressions::require_alive(const std::vector<Candidate>& nodes, Span span, bool touches) {
  if (!lives_judged_) return;
  ExprTable& table = design_.exprs();
  for (const Candidate& candidate : nodes) {
    const InstanceNode* object = candidate.node->enclosing_object();
    if (object == nullptr) continue;
    if (frame_->self->inside(object)) {
      if (!touches || executor_ == nullptr) continue;
      under(candidate.condition, [&] {
        const std::size_t before = faults_.size();
        fault_unless(placeholder({Placeholder::Kind::OwnLife, nullptr, object, executor_->context}),
                     rule_name::kUsedAfterFree, span,
                     fmt::format("'{}' is used after it was freed", design_.system().at(object->id).path));
        if (faults_.size() > before) faults_.back().own_free = true;
        return 0;
      });
      continue;
    }
    const CellId life = *design_.system().at(object->id).life;
    const std::string& path = design_.system().at(object->id).path;
    under(candidate.condition, [&] {
      fault_unless(table.binary(BinaryOp::NotEqual, table.load(life), design_.constant(0)), rule_name::kUsedBeforeInit,
                   span, fmt::format("'{}' is used before it is initialised", path));
      fault_unless(table.binary(BinaryOp::NotEqual, table.load(life), design_.constant(2)), rule_name::kUsedAfterFree,
                   span, fmt::format("'{}' is used after it was freed", path));
      return 0;
    });
  }
}

FunctionValue Expressions::bound_function(const types::VariableDecl* parameter, InstanceNode* node) {
  const auto found = node->functions.find(parameter);
  QUIESCE_CHECK(found != node->functions.end()) << "function parameter '" << parameter->name << "' is not bound";
  return found->second;
}

FunctionValue Expressions::function_value(const types::FunctionRefExpr& reference) {
  InstanceNode* node = frame_->self;
  if (reference.object != nullptr) {
    const std::vector<Candidate> candidates = resolve(reference.object.get());
    QUIESCE_CHECK(!candidates.empty());
    node = candidates[0].node;
  }
  if (reference.parameter != nullptr) return bound_function(reference.parameter, node);
  if (reference.function->machine == nullptr && reference.function->interface == nullptr) {
    return FunctionValue{reference.function, nullptr};
  }
  return FunctionValue{design_.implementation(reference.function, node), node};
}

Value Expressions::lower_instance(const types::InstanceExpr& node, const types::Expr& expr) {
  ExprTable& table = design_.exprs();
  const ValueTypePtr type = design_.lower_type(expr.type, frame_->self, expr.span);
  const std::vector<Candidate> nodes = resolve(node.object.get());
  for (const Candidate& candidate : nodes) {
    design_.fill(candidate.node);
  }
  ExprId index;
  std::int64_t count = 1;
  if (node.index != nullptr) {
    for (const Candidate& candidate : nodes) {
      if (candidate.node->children.contains(node.instance)) design_.add_elements(candidate.node, *node.instance);
    }
    design_.depends_on_instances(*node.instance->index, expr.span);
    const ValueTypePtr index_type = design_.lower_type(node.instance->index, nodes[0].node, expr.span);
    count = value_count(*index_type);
    index = position(
        scalar(*node.index), *index_type, node.index->span, rule_name::kIndex,
        fmt::format("the index of '{}' must be in {}..{}", node.instance->name, index_type->lo, index_type->hi));
  }
  const auto children_of = [&](InstanceNode* parent) -> const std::vector<InstanceNode*>* {
    const auto found = parent->children.find(node.instance);
    if (found != parent->children.end()) return &found->second;
    design_.diagnostics().error(
        "E0604", expr.span,
        fmt::format("'{}' does not exist in this system: the condition around it is false", node.instance->name));
    throw Design::Abandoned{};
  };
  Value result{type, {}};
  for (std::size_t i = nodes.size(); i-- > 0;) {
    const std::vector<InstanceNode*>* children = children_of(nodes[i].node);
    ExprId id = design_.constant(0);
    if (children != nullptr) {
      if (!index.valid()) {
        id = design_.constant(children->at(0)->id.value + 1);
      } else {
        std::vector<std::int64_t> ids;
        for (std::int64_t k = 0; k < count; ++k) ids.push_back(children->at(static_cast<std::size_t>(k))->id.value + 1);
        id = table.add(LookupExpr{std::move(ids), index});
      }
    }
    result.cells = {result.cells.empty() ? id : table.conditional(nodes[i].condition, id, result.cells[0])};
  }
  return result;
}

/// Whether the innermost instance that contains `from` and some instance of the machine of `to` contains `to`. Cost:
/// instances x depth of the tree, twice.
bool Expressions::nearest(const InstanceNode& from, const InstanceNode& to) const {
  const auto contains_one = [&](const InstanceNode* tree) {
    return std::any_of(design_.nodes().begin(), design_.nodes().end(), [&](const auto& node) {
      return node->machine == to.machine && node.get() != &from && node->inside(tree);
    });
  };
  for (const InstanceNode* tree = &from; tree != nullptr; tree = tree->parent) {
    if (contains_one(tree)) return to.inside(tree);
  }
  return false;
}

/// Constant where the tree decides it; else a table of truth values by the number of the inner instance, one for each
/// instance that the outer side may name, so that a renaming of instances shows in the entries of the tables alone.
ExprId Expressions::lower_within(const types::WithinExpr& node) {
  ExprTable& table = design_.exprs();
  const ExprId inner_id = scalar(*node.inner);
  const std::vector<Candidate> inner = named_by(inner_id, *node.inner);
  const ExprId outer_id = scalar(*node.outer);
  const std::vector<Candidate> outer = named_by(outer_id, *node.outer);
  const auto one_of = [&](const std::vector<Candidate>& choices, ExprId id, const auto& holds) {
    const auto is_true = [&](const Candidate& candidate) { return holds(*candidate.node); };
    if (std::all_of(choices.begin(), choices.end(), is_true)) return design_.constant(1);
    if (std::none_of(choices.begin(), choices.end(), is_true)) return design_.constant(0);
    std::vector<std::int64_t> entries(design_.nodes().size() + 1, 0);
    for (const Candidate& candidate : choices) entries[candidate.node->id.value + 1] = is_true(candidate) ? 1 : 0;
    return table.add(LookupExpr{std::move(entries), id});
  };
  const auto related = [&](const InstanceNode& part, const InstanceNode& tree) {
    return node.beside ? &part != &tree && nearest(part, tree) && nearest(tree, part) : part.inside(&tree);
  };
  if (inner.size() == 1) {
    return one_of(outer, outer_id, [&](const InstanceNode& tree) { return related(*inner[0].node, tree); });
  }
  ExprId result = design_.constant(0);
  for (const Candidate& tree : outer) {
    const ExprId below = one_of(inner, inner_id, [&](const InstanceNode& part) { return related(part, *tree.node); });
    result = table.disjunction(result, table.conjunction(tree.condition, below));
  }
  return result;
}

Value Expressions::lower_context(const types::ContextExpr& node, const types::Expr& expr) {
  ExprTable& table = design_.exprs();
  return combine(resolve(node.object.get()), [&](InstanceNode* instance) {
    const auto found = instance->contexts.find(node.context);
    if (found == instance->contexts.end()) {
      design_.diagnostics().error(
          "E0604", expr.span,
          fmt::format("'{}' does not exist in this system: the condition around it is false", node.context->name));
      throw Design::Abandoned{};
    }
    switch (node.query) {
      case types::ContextQuery::Idle:
        return scalar_value(bool_type(), table.add(IdleExpr{found->second}));
      case types::ContextQuery::Running:
        return scalar_value(bool_type(), table.negation(table.add(IdleExpr{found->second})));
      case types::ContextQuery::Inside:
        return scalar_value(bool_type(),
                            design_.constant(executor_ != nullptr && executor_->context == found->second ? 1 : 0));
      case types::ContextQuery::CpuOf:
      case types::ContextQuery::LevelOf:
        break;
    }
    const Context& context = design_.system().at(found->second);
    if (node.query == types::ContextQuery::LevelOf) return lower_level_of(context, expr);
    const auto is = [&](BinaryOp op, ExprId left, ExprId right) { return table.binary(op, left, right); };
    ExprId cpu = table.load(context.cpu_cell.back());
    if (context.activations > 1 && executor_ != nullptr && executor_->context == found->second) {
      cpu = table.load(executor_->cpu);
    } else if (context.activations > 1) {
      // Activations have no names, so that none of them may be preferred: an answer only where all agree.
      const ExprId none = design_.constant(0);
      for (std::size_t i = context.cpu_cell.size() - 1; i-- > 0;) {
        const ExprId own = table.load(context.cpu_cell[i]);
        cpu = table.conditional(is(BinaryOp::NotEqual, own, none), own, cpu);
      }
      ExprId agree = design_.constant(1);
      for (const CellId cell : context.cpu_cell) {
        const ExprId own = table.load(cell);
        agree = table.conjunction(agree, table.disjunction(table.equal(own, none), table.equal(own, cpu)));
      }
      cpu = table.conditional(agree, cpu, none);
    }
    return scalar_value(design_.lower_type(expr.type, frame_->self, expr.span), cpu);
  });
}

/// The level at which all activations that run are; null where none runs, or they differ.
Value Expressions::lower_level_of(const Context& context, const types::Expr& expr) {
  ExprTable& table = design_.exprs();
  const ValueTypePtr type = design_.lower_type(expr.type, frame_->self, expr.span);
  const ExprId none = design_.constant(null_value(*type->element));
  ExprId level = none;
  for (std::size_t i = 0; i < context.location_cell.size(); ++i) {
    const ExprId runs = table.not_equal(table.load(context.location_cell[i]), design_.constant(0));
    level = table.conditional(runs, table.load(context.level_cell[i]), level);
  }
  ExprId agree = design_.constant(1);
  for (std::size_t i = 0; i < context.location_cell.size(); ++i) {
    const ExprId rests = table.equal(table.load(context.location_cell[i]), design_.constant(0));
    agree = table.conjunction(agree, table.disjunction(rests, table.equal(table.load(context.level_cell[i]), level)));
  }
  return scalar_value(type, table.conditional(agree, level, none));
}

Value Expressions::lower_event(const types::EventExpr& node, const types::Expr& expr) {
  const bool free =
      node.function != nullptr && node.function->machine == nullptr && node.function->interface == nullptr;
  if (free) return scalar_value(bool_type(), observed(node, {node.function, nullptr}));
  return combine(resolve(node.object.get()), [&](InstanceNode* instance) {
    if (node.event != types::Event::Accepted) {
      const FunctionValue function = node.parameter != nullptr
                                         ? bound_function(node.parameter, instance)
                                         : FunctionValue{design_.implementation(node.function, instance), instance};
      return scalar_value(bool_type(), observed(node, function));
    }
    const auto found = instance->contexts.find(node.context);
    if (found == instance->contexts.end()) {
      design_.diagnostics().error(
          "E0604", expr.span,
          fmt::format("'{}' does not exist in this system: the condition around it is false", node.context->name));
      throw Design::Abandoned{};
    }
    Observer observer;
    observer.event = Observer::Event::Accepted;
    observer.context = found->second;
    return scalar_value(bool_type(), design_.exprs().load(design_.observed(std::move(observer))));
  });
}

ExprId Expressions::observed(const types::EventExpr& node, const FunctionValue& function) {
  Observer observer;
  observer.event = node.event == types::Event::Called ? Observer::Event::Called : Observer::Event::Returned;
  observer.function = design_.function(function.function, function.object);
  if (node.result != nullptr) {
    InstanceNode* self = function.object != nullptr ? function.object : design_.root();
    observer.result_type = design_.lower_type(function.function->result, self, node.result->span);
    if (observer.result_type == nullptr) return design_.constant(0);
    const Value wanted = lower_as(*node.result, observer.result_type);
    if (!design_.exprs().is_constant(wanted.cells.at(0), &observer.result)) {
      design_.diagnostics().error(
          "E0612", node.result->span,
          "what was returned must be known before the system runs, but this depends on its state");
    }
  }
  return design_.exprs().load(design_.observed(std::move(observer)));
}

}  // namespace quiesce::model
