#include "tests/differential/side_by_side.h"

#include <algorithm>
#include <variant>
#include <vector>

#include "model/system/traverse.h"

namespace quiesce {

using namespace model;

namespace {

/// Adds the tables of one system to another; every index moves by what is there already.
class Joiner {
 public:
  Joiner(TransitionSystem& whole, const TransitionSystem& part)
      : whole_(whole),
        part_(part),
        cells_(whole.cells.size()),
        contexts_(whole.contexts.size()),
        locations_(whole.locations.size()),
        functions_(whole.functions.size()),
        instances_(whole.instances.size()),
        slots_(whole.slots) {}

  void join() {
    map_rules();
    for (std::size_t i = 0; i < part_.expressions.size(); ++i)
      exprs_.push_back(whole_.expressions.add(moved(part_.expressions[ExprId(i)])));
    for (Instance instance : part_.instances) {
      instance.parent = instance.parent ? InstanceId(instance.parent->value + instances_) : InstanceId(0);
      if (instance.life) instance.life = moved(*instance.life);
      whole_.instances.push_back(std::move(instance));
    }
    for (Cell cell : part_.cells) whole_.cells.push_back(std::move(cell));
    for (const Function& function : part_.functions) whole_.functions.push_back(function);
    for (Lock lock : part_.locks) {
      lock.holder = moved(lock.holder);
      if (lock.saved) lock.saved = moved(*lock.saved);
      whole_.locks.push_back(std::move(lock));
    }
    for (Context context : part_.contexts) whole_.contexts.push_back(moved(std::move(context)));
    for (Location location : part_.locations) {
      location.context = ContextId(location.context.value + contexts_);
      move(location.program);
      move(location.guard);
      if (location.lock) move(*location.lock);
      for (FunctionId& function : location.inside) function = FunctionId(function.value + functions_);
      whole_.locations.push_back(std::move(location));
    }
    for (Action action : part_.actions) {
      move(action.program);
      move(action.guard);
      whole_.actions.push_back(std::move(action));
    }
    for (Property property : part_.properties) {
      move(property.condition);
      move(property.trigger);
      property.rule = rules_[property.rule.value];
      whole_.properties.push_back(std::move(property));
    }
    for (CpuBlocks blocks : part_.cpu_blocks) {
      for (CellId& cell : blocks.first) cell = moved(cell);
      whole_.cpu_blocks.push_back(std::move(blocks));
    }
    for (InitialAssign assign : part_.initial) {
      assign.cell = moved(assign.cell);
      move(assign.value);
      whole_.initial.push_back(assign);
    }
    for (ExprId condition : part_.initial_conditions) {
      move(condition);
      whole_.initial_conditions.push_back(condition);
    }
    whole_.fixed_cpus |= part_.fixed_cpus;
    whole_.slots += part_.slots;
    for (Cell& cell : whole_.cells) {
      if (cell.kind == CellKind::Slot) cell.hi = whole_.slots;
    }
  }

 private:
  void map_rules() {
    for (const Rule& rule : part_.rules) {
      const auto known = std::find_if(whole_.rules.begin(), whole_.rules.end(),
                                      [&](const Rule& other) { return other.name == rule.name; });
      rules_.push_back(RuleId(static_cast<std::size_t>(known - whole_.rules.begin())));
      if (known == whole_.rules.end()) whole_.rules.push_back(rule);
    }
    for (const RuleId rule : part_.checked) {
      const RuleId id = rules_[rule.value];
      if (std::find(whole_.checked.begin(), whole_.checked.end(), id) == whole_.checked.end())
        whole_.checked.push_back(id);
    }
    if (part_.stuck_rule.valid()) whole_.stuck_rule = rules_[part_.stuck_rule.value];
  }

  CellId moved(CellId cell) const { return CellId(cell.value + cells_); }
  void move(ExprId& id) const {
    if (id.valid()) id = exprs_[id.value];
  }
  void move(Place& place) const {
    for (CellId& cell : place.cells) cell = moved(cell);
    move(place.index);
  }

  Expr moved(Expr expr) const {
    std::visit(Overloaded{
                   [](ConstantExpr&) {},
                   [&](LoadExpr& e) { move(e.place); },
                   [](TempExpr&) {},
                   [&](UnaryExpr& e) { move(e.operand); },
                   [&](BinaryExpr& e) {
                     move(e.left);
                     move(e.right);
                   },
                   [&](ConditionalExpr& e) {
                     move(e.condition);
                     move(e.then_value);
                     move(e.else_value);
                   },
                   [&](LookupExpr& e) { move(e.index); },
                   [](SelfActivationExpr&) {},
                   [](CurrentCpuExpr&) {},
                   [&](IdleExpr& e) { e.context = ContextId(e.context.value + contexts_); },
               },
               expr);
    return expr;
  }

  void move(Program& program) {
    for (Op& op : program.ops) {
      change_exprs(op, [&](ExprId id) { return exprs_[id.value]; });
      if (auto* assign = std::get_if<AssignOp>(&op)) {
        const bool names_slot = part_.at(assign->place.cells.front()).kind == CellKind::Slot;
        for (CellId& cell : assign->place.cells) cell = moved(cell);
        std::int64_t value = 0;
        if (names_slot && !(whole_.expressions.is_constant(assign->value, &value) && value == 0)) {
          assign->value = whole_.expressions.binary(BinaryOp::Add, assign->value,
                                                    whole_.expressions.constant(static_cast<std::int64_t>(slots_)));
        }
      } else if (auto* go = std::get_if<GotoOp>(&op)) {
        go->location = LocationId(go->location.value + locations_);
      } else if (auto* check = std::get_if<CheckOp>(&op)) {
        check->rule = rules_[check->rule.value];
      } else if (auto* enter = std::get_if<EnterOp>(&op)) {
        enter->function = FunctionId(enter->function.value + functions_);
      } else if (auto* leave = std::get_if<LeaveOp>(&op)) {
        leave->function = FunctionId(leave->function.value + functions_);
      }
    }
  }

  Context moved(Context context) {
    context.instance = InstanceId(context.instance.value + instances_);
    context.first_slot += static_cast<std::uint32_t>(slots_);
    move(context.condition);
    if (auto* one = std::get_if<OnOne>(&context.cpus)) {
      move(one->cpu);
    } else if (auto* set = std::get_if<OnSet>(&context.cpus)) {
      for (ExprId& allowed : set->allowed) move(allowed);
    }
    move(context.start);
    context.entry = LocationId(context.entry.value + locations_);
    for (LocationId& location : context.locations) location = LocationId(location.value + locations_);
    for (auto* cells : {&context.location_cell, &context.level_cell, &context.cpu_cell, &context.affinity_cell}) {
      for (CellId& cell : *cells) cell = moved(cell);
    }
    for (std::vector<CellId>& cells : context.local_cells) {
      for (CellId& cell : cells) cell = moved(cell);
    }
    return context;
  }

  TransitionSystem& whole_;
  const TransitionSystem& part_;
  const std::size_t cells_, contexts_, locations_, functions_, instances_, slots_;
  std::vector<ExprId> exprs_;
  std::vector<RuleId> rules_;
};

}  // namespace

TransitionSystem side_by_side(const TransitionSystem& left, const TransitionSystem& right) {
  TransitionSystem whole = left;
  Joiner(whole, right).join();
  return whole;
}

}  // namespace quiesce
