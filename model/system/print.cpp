#include "model/system/print.h"

#include <algorithm>
#include <bit>
#include <set>

#include <fmt/format.h>

#include "model/system/print_expression.h"
#include "model/system/traverse.h"

namespace quiesce::model {

namespace {

using Kind = ValueType::Kind;

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      result += '\\';
    }
    result += c == '\n' ? ' ' : c;
  }
  return result + "\"";
}

class SystemPrinter {
 public:
  SystemPrinter(const TransitionSystem& system, const PrintOptions& options)
      : system_(system), options_(options), exprs_(system) {}

  std::string expr(ExprId id, const ValueTypePtr& hint = nullptr) const { return exprs_.print(id, kConditional, hint); }

  /// A formula over infinite runs, every operator with its own parentheses.
  std::string formula(const TemporalProperty& property) const {
    return property.formula.empty() ? "(not on this system)" : formula(property, property.formula.size() - 1);
  }

  std::string formula(const TemporalProperty& property, std::size_t at) const {
    const TemporalNode& node = property.formula[at];
    const auto sides = [&](const char* op) {
      return "(" + formula(property, node.left) + " " + op + " " + formula(property, node.right) + ")";
    };
    switch (node.op) {
      case TemporalOperator::Atom:
        return "(" + expr(node.atom, bool_type()) + ")";
      case TemporalOperator::Not:
        return "!" + formula(property, node.right);
      case TemporalOperator::And:
        return sides("&&");
      case TemporalOperator::Or:
        return sides("||");
      case TemporalOperator::Implies:
        return sides("=>");
      case TemporalOperator::Until:
      case TemporalOperator::WeakUntil:
      case TemporalOperator::Release:
      case TemporalOperator::LeadsTo:
      case TemporalOperator::Since:
        return sides(temporal_word(node.op));
      case TemporalOperator::Next:
      case TemporalOperator::Eventually:
      case TemporalOperator::Always:
      case TemporalOperator::Previously:
      case TemporalOperator::Once:
      case TemporalOperator::Historically:
        return std::string(temporal_word(node.op)) + " " + formula(property, node.right);
    }
    return "";
  }

  std::string where(Span span) const {
    return options_.sources != nullptr && span.valid() ? " " + options_.sources->location(span) : std::string();
  }

  std::string cells_of(const std::string& name, const std::vector<ExprId>& cells, const ValueTypePtr& type) const {
    const ValueTypePtr hint = type && is_scalar(*type) ? type : nullptr;
    std::string text = name;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      text += (i > 0 ? ", " : "") + expr(cells[i], hint);
    }
    return text;
  }

  std::string op(const Op& operation) const {
    return std::visit(
        Overloaded{
            [&](const AssignOp& o) {
              return fmt::format("{} := {}{}", exprs_.place(o.place),
                                 expr(o.value, type_of_cell(system_, o.place.cells.front())),
                                 o.forgets ? "  (dead)" : "");
            },
            [&](const LetOp& o) { return fmt::format("t{} := {}", o.temp.value, expr(o.value)); },
            [&](const ChooseOp& o) {
              return fmt::format("t{} := choose {} {}..{}{}", o.temp.value, quoted(o.what), o.lo, o.hi,
                                 o.counted ? "" : " not counted");
            },
            [&](const BranchOp& o) { return fmt::format("if {} else {}", expr(o.condition), o.otherwise); },
            [&](const JumpOp& o) { return fmt::format("jump {}", o.target); },
            [&](const CheckOp& o) {
              return fmt::format("check {}: {}{}{}", system_.at(o.rule).name, expr(o.condition),
                                 o.message.empty() ? "" : " " + quoted(o.message), where(o.span));
            },
            [&](const AssumeOp& o) { return "assume " + expr(o.condition); },
            [&](const StatementOp& o) { return "statement" + where(o.span); },
            [&](const EnterOp& o) {
              std::string text = "enter " + system_.at(o.function).name + "(";
              for (std::size_t i = 0; i < o.arguments.size(); ++i) {
                text += (i > 0 ? ", " : "") +
                        cells_of(o.arguments[i].name + ": ", o.arguments[i].cells, o.arguments[i].type);
              }
              return text + ")" + where(o.span);
            },
            [&](const LeaveOp& o) {
              return cells_of("leave " + system_.at(o.function).name + (o.result.empty() ? "" : " = "), o.result,
                              o.type);
            },
            [&](const GotoOp& o) { return fmt::format("goto L{}", system_.at(o.location).number); },
            [](const EndOp&) { return std::string("end"); },
        },
        operation);
  }

  std::string program(const Program& p, const std::string& indent) const {
    std::string text;
    const std::size_t width = fmt::formatted_size("{}", p.ops.empty() ? 0 : p.ops.size() - 1);
    for (std::size_t i = 0; i < p.ops.size(); ++i) {
      text += fmt::format("{}{:>{}}  {}\n", indent, i, width, op(p.ops[i]));
    }
    return text;
  }

  std::string location_head(const Location& l) const {
    std::string text = fmt::format("L{}", l.number);
    for (const std::string& label : l.labels) {
      text += " '" + label + "'";
    }
    switch (l.wait) {
      case WaitKind::None:
        break;
      case WaitKind::Await:
        text += " await";
        break;
      case WaitKind::Spin:
        text += " spin";
        break;
      case WaitKind::Lock:
        text += " spinlock";
        break;
      case WaitKind::Mutex:
        text += " mutex";
        break;
    }
    if (l.lock) {
      text += " " + exprs_.place(*l.lock);
    }
    if (l.guard.valid()) {
      text += " when " + expr(l.guard);
    }
    for (std::size_t i = 0; i < l.inside.size(); ++i) {
      const Function& f = system_.at(l.inside[i]);
      text += (i == 0 ? " inside " : ", ") + f.name + (f.returns ? " (returns)" : "");
    }
    if (l.program.uses_cpu) {
      text += " uses cpu";
    }
    if (l.mergeable) {
      text += " mergeable";
    }
    return text + where(l.span);
  }

  std::string context_head(const Context& c) const {
    std::string text;
    switch (c.kind) {
      case ContextKind::Thread:
        text = "thread ";
        break;
      case ContextKind::Handler:
        text = c.urgent ? "urgent handler " : "handler ";
        break;
    }
    text += c.name + " at " + system_.level_names.name(c.start_level);
    std::visit(Overloaded{
                   [](const OnAny&) {},
                   [&](const OnOne& on) {
                     ValueType cpu;
                     cpu.kind = Kind::Cpu;
                     cpu.cpus = system_.cpus;
                     text += " on " + expr(on.cpu, std::make_shared<const ValueType>(cpu));
                   },
                   [&](const OnSet& on) {
                     text += " on {";
                     for (std::size_t i = 0; i < on.allowed.size(); ++i) {
                       text += fmt::format("{}cpu {}: {}", i > 0 ? ", " : "", i, expr(on.allowed[i]));
                     }
                     text += "}";
                   },
               },
               c.cpus);
    if (c.kind == ContextKind::Handler) {
      text += " when " + expr(c.condition, bool_type());
    }
    if (c.activations > 1) {
      text +=
          fmt::format(" concurrent {}, slots {}..{}", c.activations, c.first_slot, c.first_slot + c.activations - 1);
    } else {
      text += fmt::format(", slot {}", c.first_slot);
    }
    return text + where(c.span);
  }

  std::string scheduler_cells(const Context& c) const {
    std::string text;
    for (std::uint32_t a = 0; a < c.activations; ++a) {
      text += fmt::format("  activation {}: location c{}, level c{}, cpu c{}", a, c.location_cell[a].value,
                          c.level_cell[a].value, c.cpu_cell[a].value);
      if (!c.affinity_cell.empty()) {
        text += fmt::format(", affinity c{}", c.affinity_cell[a].value);
      }
      if (!c.local_cells.empty() && !c.local_cells[a].empty()) {
        text += ", locals";
        for (const CellId local : c.local_cells[a]) {
          text += fmt::format(" c{}", local.value);
        }
      }
      text += "\n";
    }
    return text;
  }

  static ValueTypePtr bool_type() {
    static const ValueTypePtr kBool = std::make_shared<const ValueType>();
    return kBool;
  }

 private:
  const TransitionSystem& system_;
  const PrintOptions& options_;
  ExprPrinter exprs_;
};

std::string initial_of(const TransitionSystem& system, const InitialAssign& assign) {
  if (!assign.value.valid()) {
    return fmt::format("any {}..{}", assign.lo, assign.hi);
  }
  return ExprPrinter(system).print(assign.value, kConditional, type_of_cell(system, assign.cell));
}

/// Rows of cells (in the sense of a table), padded to the widest of their column.
class Table {
 public:
  void row(std::vector<std::string> row) {
    widths_.resize(std::max(widths_.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths_[i] = std::max(widths_[i], row[i].size());
    }
    rows_.push_back(std::move(row));
  }

  std::string text(const std::string& indent) const {
    std::string result;
    for (const std::vector<std::string>& row : rows_) {
      std::string line = indent;
      for (std::size_t i = 0; i < row.size(); ++i) {
        line += fmt::format("{:<{}}  ", row[i], widths_[i]);
      }
      line.erase(line.find_last_not_of(' ') + 1);
      result += line + "\n";
    }
    return result;
  }

 private:
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::size_t> widths_;
};

std::string counted(std::size_t count, const char* one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

}  // namespace

std::string format_type(const ValueType& type) {
  switch (type.kind) {
    case Kind::Bool:
      return "bool";
    case Kind::Int:
      return fmt::format("int {}..{}", type.lo, type.hi);
    case Kind::Enum:
    case Kind::Struct:
      return type.name;
    case Kind::Level:
      return "Level";
    case Kind::Cpu:
      return "Cpu";
    case Kind::Ref:
      return "ref " + type.name;
    case Kind::Optional:
      return format_type(*type.element) + "?";
    case Kind::Array:
      return "array<" + format_type(*type.element) + ", " + format_type(*type.index) + ">";
    case Kind::Set:
      return "set<" + format_type(*type.element) + ">";
    case Kind::Queue:
      return fmt::format("queue<{}, {}>", format_type(*type.element), type.capacity);
    case Kind::Spinlock:
      return "spinlock";
    case Kind::Mutex:
      return "mutex";
  }
  return "";
}

std::uint32_t bits_of(const Cell& cell) {
  return static_cast<std::uint32_t>(std::bit_width(static_cast<std::uint64_t>(cell.hi - cell.lo)));
}

std::string print_program(const TransitionSystem& system, const Program& program, const std::string& indent,
                          const PrintOptions& options) {
  return SystemPrinter(system, options).program(program, indent);
}

std::string print_heading(const TransitionSystem& system) {
  std::string text = "system " + system.name;
  if (!system.parameters.empty()) {
    text += "(";
    for (std::size_t i = 0; i < system.parameters.size(); ++i) {
      text += fmt::format("{}{}: {}", i > 0 ? ", " : "", system.parameters[i].name, system.parameters[i].value);
    }
    text += ")";
  }
  text += fmt::format("\ncpus {}", system.cpus);
  for (std::uint32_t c = 0; c < system.cpus; ++c) {
    if ((system.fixed_cpus >> c & 1) != 0) {
      text += fmt::format(", cpu {} fixed", c);
    }
  }
  return text + fmt::format(", pin level {}, slots {}\n", system.level_names.name(system.pin_level), system.slots);
}

std::string print_instances(const TransitionSystem& system) {
  Table table;
  for (const Instance& instance : system.instances) {
    table.row({instance.path.empty() ? "(system)" : instance.path, instance.machine,
               instance.life ? fmt::format("life c{}", instance.life->value) : ""});
  }
  return "instances\n" + table.text("  ");
}

std::string print_variables(const TransitionSystem& system) {
  std::uint32_t all_bits = 0;
  for (const Cell& cell : system.cells) {
    all_bits += bits_of(cell);
  }
  Table table;
  for (const Variable& variable : system.variables) {
    const std::uint32_t count = cell_count(*variable.type);
    std::uint32_t bits = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
      bits += bits_of(system.cells[variable.first.value + i]);
    }
    std::string initial;
    for (const InitialAssign& assign : system.initial) {
      if (assign.cell.value >= variable.first.value && assign.cell.value < variable.first.value + count) {
        initial += (initial.empty() ? "= " : ", ") + initial_of(system, assign);
      }
    }
    std::string remark;
    if (variable.owner) {
      remark = "local of " + system.at(*variable.owner).name;
    }
    if (variable.hidden) {
      remark += remark.empty() ? "hidden" : ", hidden";
    }
    table.row({variable.name, format_type(*variable.type), counted(bits, "bit"), initial, remark});
  }
  std::uint32_t scheduler_bits = 0;
  std::uint32_t scheduler_cells = 0;
  for (const Cell& cell : system.cells) {
    if (!cell.variable) {
      scheduler_bits += bits_of(cell);
      ++scheduler_cells;
    }
  }
  table.row({"(locations, levels, CPUs, lives)", counted(scheduler_cells, "cell"), counted(scheduler_bits, "bit")});
  return fmt::format("variables ({}, {})\n", counted(system.cells.size(), "cell"), counted(all_bits, "bit")) +
         table.text("  ");
}

std::string print_cells(const TransitionSystem& system) {
  Table table;
  for (std::size_t i = 0; i < system.cells.size(); ++i) {
    const Cell& cell = system.cells[i];
    const char* kind = "";
    switch (cell.kind) {
      case CellKind::Plain:
        break;
      case CellKind::Cpu:
        kind = "cpu";
        break;
      case CellKind::Location:
        kind = "location";
        break;
      case CellKind::Slot:
        kind = "slot";
        break;
    }
    table.row({fmt::format("c{}", i), cell.name, fmt::format("{}..{}, rest {}", cell.lo, cell.hi, cell.rest), kind});
  }
  std::string text = "cells\n" + table.text("  ");
  if (!system.cpu_blocks.empty()) {
    text += "\nblocks that belong to CPUs\n";
    for (const CpuBlocks& blocks : system.cpu_blocks) {
      text += fmt::format("  {} each:", counted(blocks.length, "cell"));
      for (const CellId first : blocks.first) {
        text += fmt::format(" c{}", first.value);
      }
      text += "\n";
    }
  }
  if (!system.locks.empty()) {
    text += "\nlocks\n";
    Table locks;
    for (const Lock& lock : system.locks) {
      locks.row({lock.name,
                 lock.is_mutex     ? "mutex"
                 : lock.level >= 0 ? fmt::format("spinlock({})", system.level_names.name(lock.level))
                                   : "spinlock",
                 fmt::format("holder c{}", lock.holder.value),
                 lock.saved ? fmt::format("saved level c{}", lock.saved->value) : ""});
    }
    text += locks.text("  ");
  }
  return text;
}

std::string print_contexts(const TransitionSystem& system, const PrintOptions& options) {
  const SystemPrinter printer(system, options);
  std::string text;
  for (const Context& context : system.contexts) {
    text += (text.empty() ? "" : "\n") + printer.context_head(context) + "\n" + printer.scheduler_cells(context);
    if (context.kind == ContextKind::Handler) {
      text += std::string("  start") + (context.start.uses_cpu ? " uses cpu" : "") + "\n";
      text += printer.program(context.start, "    ");
    } else {
      text += fmt::format("  entry L{}\n", system.at(context.entry).number);
    }
    for (const LocationId location : context.locations) {
      text += "  " + printer.location_head(system.at(location)) + "\n";
      text += printer.program(system.at(location).program, "    ");
    }
  }
  for (const Action& action : system.actions) {
    text += fmt::format("{}action {} when {}{}\n", text.empty() ? "" : "\n", action.name,
                        printer.expr(action.guard, SystemPrinter::bool_type()), printer.where(action.span));
    text += printer.program(action.program, "    ");
  }
  return text;
}

std::string print_control_flow(const TransitionSystem& system, const PrintOptions& options) {
  const SystemPrinter printer(system, options);
  std::string text;
  for (const Context& context : system.contexts) {
    text += (text.empty() ? "" : "\n") + printer.context_head(context) + "\n";
    if (context.kind == ContextKind::Handler) {
      text += fmt::format("  start -> L{}\n", system.at(context.entry).number);
    }
    for (const LocationId id : context.locations) {
      const Location& location = system.at(id);
      std::set<std::uint32_t> targets;
      bool ends = false;
      for (const Op& op : location.program.ops) {
        if (const auto* jump = std::get_if<GotoOp>(&op)) {
          targets.insert(system.at(jump->location).number);
        }
        ends |= std::holds_alternative<EndOp>(op);
      }
      std::string arrow = " ->";
      for (const std::uint32_t target : targets) {
        arrow += fmt::format(" L{}", target);
      }
      text += "  " + printer.location_head(location) + arrow + (ends ? " end" : "") + "\n";
    }
  }
  if (!system.actions.empty()) {
    text += text.empty() ? "" : "\n";
    for (const Action& action : system.actions) {
      text += fmt::format("action {} when {}{}\n", action.name, printer.expr(action.guard, SystemPrinter::bool_type()),
                          printer.where(action.span));
    }
  }
  return text;
}

std::string print_rules(const TransitionSystem& system, const PrintOptions& options) {
  const SystemPrinter printer(system, options);
  const std::set<RuleId> checked(system.checked.begin(), system.checked.end());
  std::string text = "rules\n";
  for (std::size_t i = 0; i < system.rules.size(); ++i) {
    const Rule& rule = system.rules[i];
    text += fmt::format("  {}{}{}{}{}{}\n", rule.name, rule.is_warning ? " (warning)" : "", rule.core ? " (core)" : "",
                        checked.count(RuleId(i)) > 0 ? "" : " (not asked for)",
                        RuleId(i) == system.stuck_rule ? " (stuck sets)" : "", printer.where(rule.span));
    if (!rule.title.empty()) {
      text += "    title " + quoted(rule.title) + "\n";
    }
    if (!rule.because.empty()) {
      text += "    because " + quoted(rule.because) + "\n";
    }
    for (const std::string& citation : rule.citations) {
      text += "    cite " + quoted(citation) + "\n";
    }
  }
  text += "\nproperties\n";
  for (const Property& property : system.properties) {
    const std::string& rule = system.at(property.rule).name;
    const auto state_formula = [&](const char* kind) {
      text += fmt::format("  {} {}: {}", kind, rule, printer.expr(property.condition, SystemPrinter::bool_type()));
    };
    switch (property.kind) {
      case PropertyKind::Invariant:
        state_formula("invariant");
        break;
      case PropertyKind::Never:
        state_formula("never");
        break;
      case PropertyKind::Reachable:
        state_formula("reachable");
        break;
      case PropertyKind::DeadlockFree:
        text += "  deadlock_free " + rule;
        break;
    }
    if (property.trigger.valid()) {
      text += ", triggered by " + printer.expr(property.trigger, SystemPrinter::bool_type());
    }
    if (!property.message.empty()) {
      text += " " + quoted(property.message);
    }
    text += printer.where(property.span) + "\n";
  }
  for (const TemporalProperty& property : system.temporal) {
    text += fmt::format("  {} {}: {}", property.always_possible ? "always_possible" : "ltl",
                        system.at(property.rule).name, printer.formula(property));
    if (!property.message.empty()) text += " " + quoted(property.message);
    text += printer.where(property.span) + "\n";
  }
  return text;
}

std::string print_system(const TransitionSystem& system, const PrintOptions& options) {
  const SystemPrinter printer(system, options);
  std::string text = print_heading(system) + "\n" + print_instances(system) + "\n" + print_variables(system) + "\n" +
                     print_cells(system) + "\n" + print_contexts(system, options) + "\n" + print_rules(system, options);
  text += "\ninitial\n";
  for (const InitialAssign& assign : system.initial) {
    text += fmt::format("  {} = {}\n", system.at(assign.cell).name, initial_of(system, assign));
  }
  for (const ExprId condition : system.initial_conditions) {
    text += "  where " + printer.expr(condition, SystemPrinter::bool_type()) + "\n";
  }
  return text;
}

}  // namespace quiesce::model
