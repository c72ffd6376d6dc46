#include "model/system/print.h"

#include <algorithm>
#include <bit>
#include <set>

#include <fmt/format.h>

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

std::string format_level(std::int64_t level) {
  ValueType type;
  type.kind = Kind::Level;
  const auto cell = static_cast<std::int32_t>(level);
  return format_value(type, &cell);
}

/// Binding strength as in docs/grammar.ebnf, loosest first.
enum Strength { kConditional = 1, kOr, kAnd, kComparison, kSum, kProduct, kUnary, kPrimary };

struct BinarySpelling {
  const char* text;
  Strength strength;
};

BinarySpelling spelling(BinaryOp op) {
  switch (op) {
    case BinaryOp::And:
      return {"&&", kAnd};
    case BinaryOp::Or:
      return {"||", kOr};
    case BinaryOp::Equal:
      return {"==", kComparison};
    case BinaryOp::NotEqual:
      return {"!=", kComparison};
    case BinaryOp::Less:
      return {"<", kComparison};
    case BinaryOp::LessEqual:
      return {"<=", kComparison};
    case BinaryOp::Greater:
      return {">", kComparison};
    case BinaryOp::GreaterEqual:
      return {">=", kComparison};
    case BinaryOp::Add:
      return {"+", kSum};
    case BinaryOp::Subtract:
      return {"-", kSum};
    case BinaryOp::Multiply:
      return {"*", kProduct};
    case BinaryOp::Divide:
      return {"/", kProduct};
    case BinaryOp::Modulo:
      return {"%", kProduct};
  }
  return {"?", kPrimary};
}

/// The type of cell `offset` of a value of `type`; null for cells without a type of their own.
ValueTypePtr leaf_type(const ValueTypePtr& type, std::uint32_t offset) {
  static const ValueTypePtr kBool = std::make_shared<const ValueType>();
  switch (type->kind) {
    case Kind::Bool:
    case Kind::Int:
    case Kind::Enum:
    case Kind::Level:
    case Kind::Cpu:
    case Kind::Ref:
      return type;
    case Kind::Mutex:
    case Kind::Spinlock:
      return nullptr;
    case Kind::Optional:
      if (is_scalar(*type)) {
        return type;
      }
      return offset == 0 ? kBool : leaf_type(type->element, offset - 1);
    case Kind::Struct: {
      for (const ValueType::Field& field : type->fields) {
        const std::uint32_t count = cell_count(*field.type);
        if (offset < count) {
          return leaf_type(field.type, offset);
        }
        offset -= count;
      }
      return nullptr;
    }
    case Kind::Array:
      return leaf_type(type->element, offset % cell_count(*type->element));
    case Kind::Set:
      return kBool;
    case Kind::Queue:
      return offset == 0 ? nullptr : leaf_type(type->element, (offset - 1) % cell_count(*type->element));
  }
  return nullptr;
}

/// `value` as the user would write it in a cell of `type`; a plain number without a type or outside of it.
std::string format_constant(const ValueTypePtr& type, std::int64_t value) {
  if (!type || type->kind == Kind::Int) {
    return fmt::format("{}", value);
  }
  const Domain domain = domain_of(*type);
  if (value < domain.lo || value > domain.hi) {
    return fmt::format("{}", value);
  }
  const auto cell = static_cast<std::int32_t>(value);
  return format_value(*type, &cell);
}

class ExprPrinter {
 public:
  explicit ExprPrinter(const TransitionSystem& system) : system_(system) {}

  /// `id` where something of strength `outer` or tighter is expected.
  std::string print(ExprId id, int outer, const ValueTypePtr& hint = nullptr) const {
    if (!id.valid()) {
      return "(none)";
    }
    const auto wrapped = [outer](std::string text, int strength) { return strength < outer ? "(" + text + ")" : text; };
    return std::visit(Overloaded{
                          [&](const ConstantExpr& e) { return format_constant(hint, e.value); },
                          [&](const LoadExpr& e) { return place(e.place); },
                          [&](const TempExpr& e) { return fmt::format("t{}", e.temp.value); },
                          [&](const UnaryExpr& e) {
                            switch (e.op) {
                              case UnaryOp::Not:
                                return wrapped("!" + print(e.operand, kUnary), kUnary);
                              case UnaryOp::Negate:
                                return wrapped("-" + print(e.operand, kUnary), kUnary);
                            }
                            return std::string();
                          },
                          [&](const BinaryExpr& e) { return binary(e, outer); },
                          [&](const ConditionalExpr& e) {
                            return wrapped(print(e.condition, kOr) + " ? " + print(e.then_value, kConditional, hint) +
                                               " : " + print(e.else_value, kConditional, hint),
                                           kConditional);
                          },
                          [&](const LookupExpr& e) {
                            std::string text = "[";
                            for (std::size_t i = 0; i < e.table.size(); ++i) {
                              text += (i > 0 ? ", " : "") + format_constant(hint, e.table[i]);
                            }
                            return text + "][" + print(e.index, kConditional) + "]";
                          },
                          [](const SelfActivationExpr&) { return std::string("self"); },
                          [](const CurrentCpuExpr&) { return std::string("cpu()"); },
                          [&](const IdleExpr& e) { return "idle(" + system_.at(e.context).name + ")"; },
                      },
                      system_.at(id));
  }

  std::string place(const Place& place) const {
    const auto name = [this](CellId cell) { return system_.at(cell).name; };
    if (place.cells.size() == 1) {
      return name(place.cells.front());
    }
    const std::string index = "[" + print(place.index, kConditional) + "]";
    // Cells named 'a[0]b', 'a[1]b', ... in order are the array that they look like.
    const std::string& first = name(place.cells.front());
    for (std::size_t at = first.rfind("[0]"); at != std::string::npos && at > 0; at = first.rfind("[0]", at - 1)) {
      const std::string before = first.substr(0, at);
      const std::string after = first.substr(at + 3);
      bool is_array = true;
      for (std::size_t i = 0; i < place.cells.size() && is_array; ++i) {
        is_array = name(place.cells[i]) == fmt::format("{}[{}]{}", before, i, after);
      }
      if (is_array) {
        return before + index + after;
      }
    }
    std::string text = "(";
    for (std::size_t i = 0; i < place.cells.size(); ++i) {
      text += (i > 0 ? ", " : "") + name(place.cells[i]);
    }
    return text + ")" + index;
  }

  /// The type of what `id` loads, when it is a load of typed cells.
  ValueTypePtr type_of(ExprId id) const {
    const auto* load = id.valid() ? std::get_if<LoadExpr>(&system_.at(id)) : nullptr;
    return load == nullptr ? nullptr : type_of_cell(system_, load->place.cells.front());
  }

 private:
  std::string binary(const BinaryExpr& e, int outer) const {
    const auto [text, strength] = spelling(e.op);
    ValueTypePtr left_hint;
    ValueTypePtr right_hint;
    if (strength == kComparison) {
      left_hint = type_of(e.right);
      right_hint = type_of(e.left);
      // A boolean's test: the table writes `x != 0` for `x`.
      if (right_hint && right_hint->kind == Kind::Bool && system_.expressions.is_constant(e.right)) {
        std::int64_t value = 0;
        system_.expressions.is_constant(e.right, &value);
        if (value == 0 && e.op == BinaryOp::NotEqual) {
          return print(e.left, outer);
        }
        if (value == 0 && e.op == BinaryOp::Equal) {
          return kUnary < outer ? "(!" + print(e.left, kUnary) + ")" : "!" + print(e.left, kUnary);
        }
      }
    }
    // && and || are associative, comparisons are not, the others associate to the left.
    const bool associative = strength == kAnd || strength == kOr;
    const std::string result = print(e.left, strength == kComparison ? strength + 1 : strength, left_hint) + " " +
                               text + " " + print(e.right, associative ? strength : strength + 1, right_hint);
    return strength < outer ? "(" + result + ")" : result;
  }

  const TransitionSystem& system_;
};

class SystemPrinter {
 public:
  SystemPrinter(const TransitionSystem& system, const PrintOptions& options)
      : system_(system), options_(options), exprs_(system) {}

  std::string expr(ExprId id, const ValueTypePtr& hint = nullptr) const { return exprs_.print(id, kConditional, hint); }

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
    text += c.name + " at " + format_level(c.start_level);
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

ValueTypePtr type_of_cell(const TransitionSystem& system, CellId cell) {
  const Cell& c = system.at(cell);
  if (!c.variable) {
    return nullptr;
  }
  const Variable& variable = system.at(*c.variable);
  return variable.type ? leaf_type(variable.type, cell.value - variable.first.value) : nullptr;
}

std::string print_expr(const TransitionSystem& system, ExprId expr) {
  return ExprPrinter(system).print(expr, kConditional);
}

std::string print_place(const TransitionSystem& system, const Place& place) { return ExprPrinter(system).place(place); }

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
  return text + fmt::format(", pin level {}, slots {}\n", format_level(system.pin_level), system.slots);
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
                 : lock.level >= 0 ? fmt::format("spinlock({})", format_level(lock.level))
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
