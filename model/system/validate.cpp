#include "model/system/validate.h"

#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "model/system/traverse.h"
#include "model/system/unbounded.h"

namespace quiesce::model {

namespace {

/// What an expression may mention where it stands.
struct Allowed {
  bool temps = false;
  bool self = false;
  bool current_cpu = false;
};

class Validator {
 public:
  explicit Validator(const TransitionSystem& system) : system_(system) {}

  std::vector<std::string> run() {
    if (!tables()) {
      return std::move(findings_);  // what follows would read out of bounds
    }
    for (std::size_t i = 0; i < system_.cells.size(); ++i) {
      cell(CellId(i));
    }
    for (const Variable& v : system_.variables) {
      variable(v);
    }
    for (std::size_t i = 0; i < system_.contexts.size(); ++i) {
      context(ContextId(i));
    }
    for (std::size_t i = 0; i < system_.locations.size(); ++i) {
      location(LocationId(i));
    }
    for (const Action& a : system_.actions) {
      action(a);
    }
    rest_of_tables();
    return std::move(findings_);
  }

 private:
  template <typename... Args>
  void report(fmt::format_string<Args...> text, Args&&... args) {
    findings_.push_back(fmt::format(text, std::forward<Args>(args)...));
  }

  bool has(CellId id) const { return id.value < system_.cells.size(); }
  bool has(ExprId id) const { return id.value < system_.expressions.size(); }
  bool has(ContextId id) const { return id.value < system_.contexts.size(); }
  bool has(LocationId id) const { return id.value < system_.locations.size(); }
  bool has(InstanceId id) const { return id.value < system_.instances.size(); }
  bool has(RuleId id) const { return id.value < system_.rules.size(); }
  bool has(FunctionId id) const { return id.value < system_.functions.size(); }
  bool has(VariableId id) const { return id.value < system_.variables.size(); }

  bool place(const Place& p, const std::string& where) {
    if (p.cells.empty()) {
      report("{}: a place has no candidate", where);
      return false;
    }
    bool good = true;
    for (const CellId c : p.cells) {
      if (!has(c)) {
        report("{}: a place names cell {}, but there are {}", where, c.value, system_.cells.size());
        good = false;
      }
    }
    if (p.cells.size() > 1 && !p.index.valid()) {
      report("{}: a place with {} candidates has no index", where, p.cells.size());
    }
    if (p.cells.size() == 1 && p.index.valid()) {
      report("{}: a place with one candidate has an index", where);
    }
    return good;
  }

  /// Indices between tables; false when walking the expressions would not be safe.
  bool tables() {
    const std::size_t before = findings_.size();
    for (std::uint32_t i = 0; i < system_.expressions.size(); ++i) {
      const ExprId id{std::size_t{i}};
      const std::string where = fmt::format("expression {}", i);
      for_each_operand(system_.at(id), [&](ExprId operand) {
        if (operand.value >= i) {
          report("{} contains expression {}, which is not older", where, operand.value);
        }
      });
      if (const auto* load = std::get_if<LoadExpr>(&system_.at(id))) {
        place(load->place, where);
      } else if (const auto* lookup = std::get_if<LookupExpr>(&system_.at(id))) {
        if (lookup->table.empty()) {
          report("{}: a lookup has an empty table", where);
        }
      } else if (const auto* idle = std::get_if<IdleExpr>(&system_.at(id))) {
        if (!has(idle->context)) {
          report("{}: idle of context {}, but there are {}", where, idle->context.value, system_.contexts.size());
        }
      }
    }
    const auto cells_exist = [&](const std::vector<CellId>& cells, const std::string& where) {
      for (const CellId c : cells) {
        if (!has(c)) {
          report("{} names cell {}, but there are {}", where, c.value, system_.cells.size());
        }
      }
    };
    for (const Context& c : system_.contexts) {
      const std::string where = fmt::format("context '{}'", c.name);
      cells_exist(c.location_cell, where);
      cells_exist(c.level_cell, where);
      cells_exist(c.cpu_cell, where);
      cells_exist(c.affinity_cell, where);
      for (const std::vector<CellId>& locals : c.local_cells) {
        cells_exist(locals, where);
      }
      for (const LocationId l : c.locations) {
        if (!has(l)) {
          report("{} names location {}, but there are {}", where, l.value, system_.locations.size());
        }
      }
      if (!has(c.entry)) {
        report("{} has no entry location", where);
      }
      if (!has(c.instance)) {
        report("{} belongs to no instance", where);
      }
    }
    for (std::size_t i = 0; i < system_.locations.size(); ++i) {
      if (!has(system_.locations[i].context)) {
        report("location {} belongs to no context", i);
      }
    }
    return findings_.size() == before;
  }

  /// Whether `id` exists and mentions only what is allowed where it stands.
  bool expression(ExprId id, const std::string& where, Allowed allowed) {
    if (!has(id)) {
      report("{} names expression {}, but there are {}", where, id.value, system_.expressions.size());
      return false;
    }
    for_each_expr(system_.expressions, id, [&](ExprId, const Expr& expr) {
      if (std::holds_alternative<TempExpr>(expr) && !allowed.temps) {
        report("{} mentions a temp outside a program", where);
      } else if (std::holds_alternative<SelfActivationExpr>(expr) && !allowed.self) {
        report("{} mentions the running activation, but none runs there", where);
      } else if (std::holds_alternative<CurrentCpuExpr>(expr) && !allowed.current_cpu) {
        report("{} mentions the current CPU, but no step is taken there or the program does not say so", where);
      }
    });
    return true;
  }

  void cell(CellId id) {
    const Cell& c = system_.at(id);
    const std::string where = fmt::format("cell '{}'", c.name);
    if (c.lo > c.hi) {
      report("{}: its domain {}..{} is empty", where, c.lo, c.hi);
    }
    if (c.rest < c.lo || c.rest > c.hi) {
      report("{}: its rest value {} is outside {}..{}", where, c.rest, c.lo, c.hi);
    }
    if (!is_unbounded(c) &&
        (c.lo < std::numeric_limits<std::int32_t>::min() || c.hi > std::numeric_limits<std::int32_t>::max())) {
      report("{}: its domain {}..{} does not fit 32 bits", where, c.lo, c.hi);
    }
    switch (c.kind) {
      case CellKind::Plain:
        break;
      case CellKind::Cpu:
        if (c.lo != 0 || c.hi > system_.cpus) {
          report("{}: it holds a CPU, but its domain is {}..{} with {} CPUs", where, c.lo, c.hi, system_.cpus);
        }
        break;
      case CellKind::Location:
        if (c.lo != 0) {
          report("{}: it holds a location, but its least value is {}", where, c.lo);
        }
        break;
      case CellKind::Slot:
        if (c.lo != 0 || c.hi > system_.slots) {
          report("{}: it holds a slot, but its domain is {}..{} with {} slots", where, c.lo, c.hi, system_.slots);
        }
        break;
    }
    if (c.variable) {
      if (!has(*c.variable)) {
        report("{}: it belongs to variable {}, but there are {}", where, c.variable->value, system_.variables.size());
        return;
      }
      const Variable& v = system_.at(*c.variable);
      if (v.type && (id.value < v.first.value || id.value >= v.first.value + cell_count(*v.type))) {
        report("{}: it says that it belongs to '{}', which takes other cells", where, v.name);
      }
    }
  }

  void variable(const Variable& v) {
    if (!v.type) {
      report("variable '{}' has no type", v.name);
      return;
    }
    if (v.first.value + std::size_t{cell_count(*v.type)} > system_.cells.size()) {
      report("variable '{}' takes cells past the last one", v.name);
    }
    if (v.owner && !has(*v.owner)) {
      report("variable '{}' is local to no context", v.name);
    }
  }

  void context(ContextId id) {
    const Context& c = system_.at(id);
    const std::string where = fmt::format("context '{}'", c.name);
    if (c.activations < 1) {
      report("{} has no activation", where);
    }
    const auto per_activation = [&](std::size_t count, const char* what) {
      if (count != c.activations) {
        report("{} has {} {} for {} activations", where, count, what, c.activations);
      }
    };
    per_activation(c.location_cell.size(), "location cells");
    per_activation(c.level_cell.size(), "level cells");
    per_activation(c.cpu_cell.size(), "CPU cells");
    if (!c.affinity_cell.empty()) {
      per_activation(c.affinity_cell.size(), "affinity cells");
    }
    if (!c.local_cells.empty()) {
      per_activation(c.local_cells.size(), "lists of local cells");
      for (const std::vector<CellId>& locals : c.local_cells) {
        if (locals.size() != c.local_cells.front().size()) {
          report("{} has activations with different numbers of local cells", where);
        }
      }
    }
    if (c.first_slot + std::size_t{c.activations} > system_.slots) {
      report("{} has slots {}..{}, but there are {}", where, c.first_slot, c.first_slot + c.activations - 1,
             system_.slots);
    }
    for (std::size_t i = 0; i < c.locations.size(); ++i) {
      const Location& l = system_.at(c.locations[i]);
      if (l.context != id) {
        report("{} lists location {}, which belongs to '{}'", where, c.locations[i].value, system_.at(l.context).name);
      }
      if (l.number != i + 1) {
        report("{}: its location at position {} has number {}", where, i, l.number);
      }
    }
    if (system_.at(c.entry).context != id) {
      report("{} begins at a location of '{}'", where, system_.at(system_.at(c.entry).context).name);
    }
    for (const CellId at : c.location_cell) {
      if (system_.at(at).hi < static_cast<std::int64_t>(c.locations.size())) {
        report("{}: its location cell reaches to {}, but it has {} locations", where, system_.at(at).hi,
               c.locations.size());
      }
      if (system_.at(at).kind != CellKind::Location) {
        report("{}: the kind of its location cell is another", where);
      }
    }
    for (const CellId at : c.cpu_cell) {
      if (system_.at(at).kind != CellKind::Cpu) {
        report("{}: the kind of its CPU cell is another", where);
      }
    }
    for (const CellId at : c.affinity_cell) {
      if (system_.at(at).kind != CellKind::Cpu) {
        report("{}: the kind of its affinity cell is another", where);
      }
    }
    switch (c.kind) {
      case ContextKind::Thread:
        if (!c.start.ops.empty()) {
          report("{} is a thread, but has a start program", where);
        }
        if (c.activations != 1) {
          report("{} is a thread with {} activations", where, c.activations);
        }
        break;
      case ContextKind::Handler: {
        expression(c.condition, where + ", condition", {});
        const bool any = std::holds_alternative<OnAny>(c.cpus);
        if (c.urgent && any) {
          report("{} is urgent, but has no 'on'", where);
        }
        if (c.start_level < system_.pin_level && !any) {
          report("{} starts below the pin level, but has an 'on'", where);
        }
        if (const auto* one = std::get_if<OnOne>(&c.cpus)) {
          expression(one->cpu, where + ", on", {});
        } else if (const auto* set = std::get_if<OnSet>(&c.cpus)) {
          if (set->allowed.size() != system_.cpus) {
            report("{}: 'on' tells about {} CPUs of {}", where, set->allowed.size(), system_.cpus);
          }
          for (const ExprId allowed : set->allowed) {
            expression(allowed, where + ", on", {});
          }
        }
        program(c.start, where + ", start", id, /*may_goto=*/true, /*may_end=*/false);
        break;
      }
    }
  }

  void location(LocationId id) {
    const Location& l = system_.at(id);
    const Context& c = system_.at(l.context);
    const std::string where = fmt::format("'{}' L{}", c.name, l.number);
    if (l.number < 1 || l.number > c.locations.size() || c.locations[l.number - 1] != id) {
      report("{} is not in the list of its context", where);
    }
    if (l.guard.valid()) {
      expression(l.guard, where + ", guard", {false, true, l.program.uses_cpu});
    } else if (l.wait != WaitKind::None) {
      report("{} waits, but has no guard", where);
    }
    if (l.lock && place(*l.lock, where + ", lock") && l.lock->index.valid()) {
      expression(l.lock->index, where + ", lock", {false, true, false});
    }
    if ((l.wait == WaitKind::Lock || l.wait == WaitKind::Mutex) && !l.lock) {
      report("{} waits for a lock, but does not say which", where);
    }
    for (const FunctionId f : l.inside) {
      if (!has(f)) {
        report("{} is inside function {}, but there are {}", where, f.value, system_.functions.size());
      }
    }
    program(l.program, where, l.context, /*may_goto=*/true, /*may_end=*/true);
  }

  void action(const Action& a) {
    const std::string where = fmt::format("action '{}'", a.name);
    expression(a.guard, where + ", guard", {});
    if (!has(a.instance)) {
      report("{} belongs to no instance", where);
    }
    program(a.program, where, ContextId(), /*may_goto=*/false, /*may_end=*/true);
  }

  void program(const Program& p, const std::string& where, ContextId context, bool may_goto, bool may_end) {
    const std::size_t size = p.ops.size();
    if (size == 0) {
      report("{}: its program is empty", where);
      return;
    }
    // Temps that are set on every way to an operation; none: no way leads there (yet).
    std::vector<std::optional<std::vector<bool>>> set_before(size + 1);
    set_before[0] = std::vector<bool>(p.temps, false);
    for (std::size_t i = 0; i < size; ++i) {
      const std::string at = fmt::format("{}, operation {}", where, i);
      if (!set_before[i]) {
        continue;  // unreachable: harmless
      }
      std::vector<bool> temps = *set_before[i];
      for_each_expr_of(p.ops[i], [&](ExprId id) {
        if (!expression(id, at, {true, context.valid(), p.uses_cpu})) {
          return;
        }
        for_each_expr(system_.expressions, id, [&](ExprId, const Expr& expr) {
          if (const auto* temp = std::get_if<TempExpr>(&expr)) {
            if (temp->temp.value >= p.temps) {
              report("{} uses temp {} of {}", at, temp->temp.value, p.temps);
            } else if (!temps[temp->temp.value]) {
              report("{} uses temp {} before it is set on every way", at, temp->temp.value);
            }
          }
        });
      });
      const auto set = [&](TempId temp) {
        if (temp.value >= p.temps) {
          report("{} sets temp {} of {}", at, temp.value, p.temps);
        } else {
          temps[temp.value] = true;
        }
      };
      const auto flow_to = [&](std::size_t target) {
        if (target <= i || target > size) {
          report("{} jumps to {}, which is not ahead", at, target);
          return;
        }
        if (target == size) {
          report("{}: a way runs off the end without Goto or End", at);
          return;
        }
        if (!set_before[target]) {
          set_before[target] = temps;
          return;
        }
        for (std::size_t t = 0; t < temps.size(); ++t) {
          (*set_before[target])[t] = (*set_before[target])[t] && temps[t];
        }
      };
      std::visit(
          Overloaded{
              [&](const AssignOp& o) {
                place(o.place, at);
                flow_to(i + 1);
              },
              [&](const LetOp& o) {
                set(o.temp);
                flow_to(i + 1);
              },
              [&](const ChooseOp& o) {
                if (o.lo > o.hi) {
                  report("{} chooses from {}..{}, which is empty", at, o.lo, o.hi);
                }
                set(o.temp);
                flow_to(i + 1);
              },
              [&](const BranchOp& o) {
                flow_to(i + 1);
                flow_to(o.otherwise);
              },
              [&](const JumpOp& o) { flow_to(o.target); },
              [&](const CheckOp& o) {
                if (!has(o.rule)) {
                  report("{} checks rule {}, but there are {}", at, o.rule.value, system_.rules.size());
                }
                flow_to(i + 1);
              },
              [&](const AssumeOp&) { flow_to(i + 1); },
              [&](const StatementOp&) { flow_to(i + 1); },
              [&](const EnterOp& o) {
                if (!has(o.function)) {
                  report("{} enters function {}, but there are {}", at, o.function.value, system_.functions.size());
                }
                flow_to(i + 1);
              },
              [&](const LeaveOp& o) {
                if (!has(o.function)) {
                  report("{} leaves function {}, but there are {}", at, o.function.value, system_.functions.size());
                }
                flow_to(i + 1);
              },
              [&](const GotoOp& o) {
                if (!may_goto) {
                  report("{} is a Goto, but an action has no locations", at);
                } else if (!has(o.location)) {
                  report("{} goes to location {}, but there are {}", at, o.location.value, system_.locations.size());
                } else if (system_.at(o.location).context != context) {
                  report("{} goes to a location of '{}'", at, system_.at(system_.at(o.location).context).name);
                }
              },
              [&](const EndOp&) {
                if (!may_end) {
                  report("{} is an End, but a start leads to the first location", at);
                }
              },
          },
          p.ops[i]);
    }
  }

  void temporal(const TemporalProperty& property) {
    if (!has(property.rule)) {
      report("a property of infinite runs belongs to rule {}, but there are {}", property.rule.value,
             system_.rules.size());
    }
    for (std::size_t i = 0; i < property.formula.size(); ++i) {
      const TemporalNode& node = property.formula[i];
      if (node.op == TemporalOperator::Atom) {
        expression(node.atom, "formula", {});
        if (node.quiet.valid()) expression(node.quiet, "formula where nothing happens", {});
      } else if (node.left >= i || node.right >= i) {
        report("an operator of a formula stands before its operands");
      }
    }
    if (property.trigger.valid()) {
      expression(property.trigger, "formula, trigger", {});
    }
  }

  void observer(const Observer& observer) {
    if (!has(observer.cell)) report("an observer has a cell that does not exist");
    const bool is_start = observer.event == Observer::Event::Accepted;
    if (is_start ? !has(observer.context) : !has(observer.function)) {
      report("an observer is of something that does not exist");
    }
    if (observer.result_type && !is_scalar(*observer.result_type)) {
      report("an observer waits for a result of several numbers");
    }
  }

  void rest_of_tables() {
    if (system_.cpus < 1 || system_.cpus > 4) {
      report("the system has {} CPUs", system_.cpus);
    }
    if (system_.instances.empty()) {
      report("there is no instance for the system itself");
    }
    for (std::size_t i = 0; i < system_.instances.size(); ++i) {
      const Instance& instance = system_.instances[i];
      if (instance.parent.has_value() != (i > 0) || (instance.parent && instance.parent->value >= i)) {
        report("instance '{}' has no older parent", instance.path);
      }
      if (instance.life && !has(*instance.life)) {
        report("instance '{}' has a life cell that does not exist", instance.path);
      }
    }
    for (const Lock& lock : system_.locks) {
      if (!has(lock.holder) || (lock.saved && !has(*lock.saved))) {
        report("lock '{}' has a cell that does not exist", lock.name);
      }
    }
    for (const Property& property : system_.properties) {
      const std::string where = has(property.rule) ? fmt::format("property of '{}'", system_.at(property.rule).name)
                                                   : std::string("property without a rule");
      if (!has(property.rule)) {
        report("a property belongs to rule {}, but there are {}", property.rule.value, system_.rules.size());
      }
      if (property.kind != PropertyKind::DeadlockFree) {
        expression(property.condition, where, {});
      } else if (property.condition.valid()) {
        report("{}: deadlock_free has no condition", where);
      }
      if (property.trigger.valid()) {
        expression(property.trigger, where + ", trigger", {});
      }
    }
    for (const TemporalProperty& property : system_.temporal) {
      temporal(property);
    }
    for (const Observer& one : system_.observers) {
      observer(one);
    }
    for (const RuleId rule : system_.checked) {
      if (!has(rule)) {
        report("rule {} is asked for, but there are {}", rule.value, system_.rules.size());
      }
    }
    if (system_.stuck_rule.valid() && !has(system_.stuck_rule)) {
      report("the rule for stuck sets does not exist");
    }
    for (const CpuBlocks& blocks : system_.cpu_blocks) {
      if (blocks.first.size() != system_.cpus) {
        report("an array over CPUs has {} blocks for {} CPUs", blocks.first.size(), system_.cpus);
      }
      for (const CellId first : blocks.first) {
        if (!has(first) || first.value + std::size_t{blocks.length} > system_.cells.size()) {
          report("an array over CPUs takes cells past the last one");
        }
      }
    }
    for (const InitialAssign& assign : system_.initial) {
      if (!has(assign.cell)) {
        report("an initial value is for cell {}, but there are {}", assign.cell.value, system_.cells.size());
        continue;
      }
      const Cell& target = system_.at(assign.cell);
      const std::string where = fmt::format("initial value of '{}'", target.name);
      if (assign.value.valid()) {
        expression(assign.value, where, {});
      } else if (assign.lo > assign.hi || assign.lo < target.lo || assign.hi > target.hi) {
        report("{}: any of {}..{}, but the cell holds {}..{}", where, assign.lo, assign.hi, target.lo, target.hi);
      }
    }
    for (const ExprId condition : system_.initial_conditions) {
      expression(condition, "initial condition", {});
    }
  }

  const TransitionSystem& system_;
  std::vector<std::string> findings_;
};

}  // namespace

std::vector<std::string> validate(const TransitionSystem& system) { return Validator(system).run(); }

}  // namespace quiesce::model
