// Small transition systems by hand, for tests below elaboration: cells with types, contexts as lists of locations
// whose programs are written with a few short functions, and no text. What it builds passes validate() unless a test
// breaks it on purpose.
//
//     SystemBuilder b;
//     const CellId full = b.boolean("full");
//     const ContextId reader = b.thread("reader", 2);              // two locations, L1 is the entry
//     b.at(reader, 1) = b.program({b.set(full, 1), b.go(reader, 2)});
//     b.at(reader, 2) = b.program({b.end()});
#pragma once

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/system/transition_system.h"
#include "model/system/traverse.h"

namespace quiesce::model {

class SystemBuilder {
 public:
  TransitionSystem system;

  explicit SystemBuilder(std::uint32_t cpus = 1) {
    system.name = "Toy";
    system.cpus = cpus;
    Instance root;
    root.machine = "toy.Toy";
    system.instances.push_back(root);
    system.stuck_rule = rule("core.stuck", true);
  }

  ExprTable& exprs() { return system.expressions; }

  RuleId rule(std::string name, bool core = false) {
    Rule r;
    r.name = std::move(name);
    r.core = core;
    system.rules.push_back(std::move(r));
    system.checked.push_back(RuleId(system.rules.size() - 1));
    return system.checked.back();
  }

  // ------------------------------------------------------------------------------------- cells

  static ValueTypePtr bool_type() { return std::make_shared<const ValueType>(); }
  static ValueTypePtr int_type(std::int64_t lo, std::int64_t hi) {
    ValueType type;
    type.kind = ValueType::Kind::Int;
    type.lo = lo;
    type.hi = hi;
    return std::make_shared<const ValueType>(type);
  }

  CellId boolean(const std::string& name) { return variable(name, bool_type()); }
  CellId integer(const std::string& name, std::int64_t lo, std::int64_t hi) { return variable(name, int_type(lo, hi)); }
  /// A variable whose cells have domains `domain` each; the first cell.
  CellId variable(const std::string& name, ValueTypePtr type) {
    const VariableId id(system.variables.size());
    Variable v;
    v.name = name;
    v.type = type;
    v.first = CellId(system.cells.size());
    const std::vector<std::int64_t> rest = rest_values(*type);
    for (std::size_t i = 0; i < rest.size(); ++i) {
      Cell cell;
      cell.name = rest.size() == 1 ? name : name + "[" + std::to_string(i) + "]";
      if (is_scalar(*type)) {
        const Domain domain = domain_of(*type);
        cell.lo = domain.lo;
        cell.hi = domain.hi;
      } else if (type->element && is_scalar(*type->element)) {
        const Domain domain = domain_of(*type->element);
        cell.lo = domain.lo;
        cell.hi = domain.hi;
      }
      cell.rest = rest[i];
      cell.variable = id;
      system.cells.push_back(std::move(cell));
    }
    system.variables.push_back(v);
    return v.first;
  }
  /// A local of `context`: one cell per activation.
  std::vector<CellId> local(ContextId context, const std::string& name, std::int64_t lo, std::int64_t hi) {
    Context& c = system.contexts[context.value];
    std::vector<CellId> cells;
    for (std::uint32_t a = 0; a < c.activations; ++a) {
      cells.push_back(integer(c.name + "#" + std::to_string(a) + "/" + name, lo, hi));
      system.variables.back().owner = context;
      c.local_cells[a].push_back(cells.back());
    }
    return cells;
  }
  void initial(CellId cell, std::int64_t value) { system.initial.push_back({cell, number(value), 0, 0}); }
  void initial_any(CellId cell) { system.initial.push_back({cell, ExprId(), system.at(cell).lo, system.at(cell).hi}); }

  // ------------------------------------------------------------------------------- expressions

  ExprId number(std::int64_t value) { return exprs().constant(value); }
  ExprId get(CellId cell) { return exprs().load(cell); }
  ExprId self() { return exprs().add(SelfActivationExpr{}); }
  /// A local of the running activation.
  Place own(const std::vector<CellId>& cells) {
    return cells.size() == 1 ? Place{cells, ExprId()} : Place{cells, self()};
  }
  ExprId get(const Place& place) { return exprs().load(place); }
  ExprId is(CellId cell, std::int64_t value) { return exprs().equal(get(cell), number(value)); }
  ExprId less(ExprId left, ExprId right) { return exprs().binary(BinaryOp::Less, left, right); }
  ExprId plus(ExprId left, ExprId right) { return exprs().binary(BinaryOp::Add, left, right); }
  ExprId temp(std::uint32_t t) { return exprs().temp(TempId(std::size_t{t})); }

  // -------------------------------------------------------------------------------- operations

  Op set(CellId cell, ExprId value) { return AssignOp{Place{{cell}, ExprId()}, value}; }
  Op set(CellId cell, std::int64_t value) { return set(cell, number(value)); }
  Op set(const Place& place, ExprId value) { return AssignOp{place, value}; }
  Op let(std::uint32_t t, ExprId value) { return LetOp{TempId(std::size_t{t}), value}; }
  Op choose(std::uint32_t t, std::int64_t lo, std::int64_t hi) {
    ChooseOp op;
    op.temp = TempId(std::size_t{t});
    op.lo = lo;
    op.hi = hi;
    op.what = "either";
    return op;
  }
  Op branch(ExprId condition, std::uint32_t otherwise) { return BranchOp{condition, otherwise}; }
  Op jump(std::uint32_t target) { return JumpOp{target}; }
  Op check(ExprId condition, RuleId rule) { return CheckOp{condition, rule, Span(), ""}; }
  Op assume(ExprId condition) { return AssumeOp{condition}; }
  Op go(ContextId context, std::uint32_t number) { return GotoOp{id(context, number)}; }
  Op end() { return EndOp{}; }

  /// Operations with the number of temps that they use and whether they mention the current CPU.
  Program program(std::initializer_list<Op> ops) { return program(std::vector<Op>(ops)); }
  Program program(std::vector<Op> ops) {
    Program result;
    result.ops = std::move(ops);
    for (const Op& op : result.ops) {
      if (const auto* let = std::get_if<LetOp>(&op)) {
        result.temps = std::max(result.temps, let->temp.value + 1);
      } else if (const auto* choose = std::get_if<ChooseOp>(&op)) {
        result.temps = std::max(result.temps, choose->temp.value + 1);
      }
    }
    result.uses_cpu = use_of(system, result).current_cpu;
    return result;
  }

  // ---------------------------------------------------------------------------------- contexts

  /// A thread with `locations` locations, all mergeable, whose programs are to be filled in.
  ContextId thread(std::string name, std::uint32_t locations) {
    const ContextId id = context(std::move(name), ContextKind::Thread, 0, 1, locations);
    initial(system.at(id).location_cell[0], 1);
    return id;
  }
  /// A handler likewise; its start goes to L1.
  ContextId handler(std::string name, std::int64_t level, ExprId condition, std::uint32_t locations,
                    std::uint32_t activations = 1) {
    const ContextId k = context(std::move(name), ContextKind::Handler, level, activations, locations);
    system.contexts[k.value].condition = condition;
    system.contexts[k.value].start = program({go(k, 1)});
    return k;
  }
  LocationId id(ContextId context, std::uint32_t number) const { return system.at(context).locations[number - 1]; }
  Location& location(ContextId context, std::uint32_t number) { return system.locations[id(context, number).value]; }
  Program& at(ContextId context, std::uint32_t number) { return location(context, number).program; }

  /// Makes a location wait: its program begins with Assume(guard).
  void wait(ContextId context, std::uint32_t number, ExprId guard, WaitKind kind = WaitKind::Await) {
    Location& l = location(context, number);
    l.wait = kind;
    l.guard = guard;
    l.mergeable = false;
    for (Op& op : l.program.ops) {
      if (auto* branch = std::get_if<BranchOp>(&op)) {
        ++branch->otherwise;
      } else if (auto* jump = std::get_if<JumpOp>(&op)) {
        ++jump->target;
      }
    }
    l.program.ops.insert(l.program.ops.begin(), AssumeOp{guard});
  }

  ActionId action(std::string name, ExprId guard, std::vector<Op> ops) {
    Action a;
    a.name = std::move(name);
    a.instance = InstanceId(std::size_t{0});
    a.guard = guard;
    ops.insert(ops.begin(), AssumeOp{guard});
    ops.push_back(EndOp{});
    a.program = program(std::move(ops));
    system.actions.push_back(std::move(a));
    return ActionId(system.actions.size() - 1);
  }

  void property(PropertyKind kind, RuleId rule, ExprId condition) {
    Property p;
    p.kind = kind;
    p.rule = rule;
    p.condition = condition;
    system.properties.push_back(std::move(p));
  }

 private:
  ContextId context(std::string name, ContextKind kind, std::int64_t level, std::uint32_t activations,
                    std::uint32_t locations) {
    const ContextId id(system.contexts.size());
    Context c;
    c.name = std::move(name);
    c.kind = kind;
    c.instance = InstanceId(std::size_t{0});
    c.start_level = level;
    c.activations = activations;
    c.first_slot = system.slots;
    system.slots += activations;
    for (std::uint32_t a = 0; a < activations; ++a) {
      c.location_cell.push_back(scheduler_cell(c.name + "/location", locations, CellKind::Location));
      c.level_cell.push_back(scheduler_cell(c.name + "/level", kMaxLevel, CellKind::Plain));
      c.cpu_cell.push_back(scheduler_cell(c.name + "/cpu", system.cpus, CellKind::Cpu));
    }
    c.local_cells.resize(activations);
    for (std::uint32_t i = 0; i < locations; ++i) {
      Location l;
      l.context = id;
      l.number = i + 1;
      l.mergeable = true;
      c.locations.push_back(LocationId(system.locations.size()));
      system.locations.push_back(std::move(l));
    }
    c.entry = c.locations.front();
    system.contexts.push_back(std::move(c));
    return id;
  }
  CellId scheduler_cell(std::string name, std::int64_t hi, CellKind kind) {
    Cell cell;
    cell.name = std::move(name);
    cell.hi = hi;
    cell.kind = kind;
    system.cells.push_back(std::move(cell));
    return CellId(system.cells.size() - 1);
  }
};

}  // namespace quiesce::model
