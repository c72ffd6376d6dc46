#include "checker/successor/bytecode.h"

#include <algorithm>
#include <limits>

#include "model/base/internal_check.h"
#include "model/base/overloaded.h"

namespace quiesce::checker {

using namespace model;

namespace {

bool fits_int32(std::int64_t value) {
  return value >= std::numeric_limits<std::int32_t>::min() && value <= std::numeric_limits<std::int32_t>::max();
}

/// The least and the greatest x with `x op number`; false for what is no interval.
bool interval(BinaryOp op, std::int64_t number, std::int64_t* lo, std::int64_t* hi) {
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kGreatest = std::numeric_limits<std::int64_t>::max();
  *lo = op == BinaryOp::LessEqual || op == BinaryOp::Less ? kLeast : number;
  *hi = op == BinaryOp::GreaterEqual || op == BinaryOp::Greater ? kGreatest : number;
  if (op == BinaryOp::Less) {
    if (number == kLeast) return false;
    *hi = number - 1;
  }
  if (op == BinaryOp::Greater) {
    if (number == kGreatest) return false;
    *lo = number + 1;
  }
  return op == BinaryOp::Equal || op == BinaryOp::Less || op == BinaryOp::LessEqual || op == BinaryOp::Greater ||
         op == BinaryOp::GreaterEqual;
}

/// The comparison with its sides exchanged.
BinaryOp mirrored(BinaryOp op) {
  switch (op) {
    case BinaryOp::Less:
      return BinaryOp::Greater;
    case BinaryOp::LessEqual:
      return BinaryOp::GreaterEqual;
    case BinaryOp::Greater:
      return BinaryOp::Less;
    case BinaryOp::GreaterEqual:
      return BinaryOp::LessEqual;
    case BinaryOp::Equal:
    case BinaryOp::NotEqual:
    case BinaryOp::And:
    case BinaryOp::Or:
    case BinaryOp::Add:
    case BinaryOp::Subtract:
    case BinaryOp::Multiply:
    case BinaryOp::Divide:
    case BinaryOp::Modulo:
      return op;
  }
  return op;
}

Opcode arithmetic(BinaryOp op) {
  switch (op) {
    case BinaryOp::Equal:
      return Opcode::Equal;
    case BinaryOp::NotEqual:
      return Opcode::NotEqual;
    case BinaryOp::Less:
      return Opcode::Less;
    case BinaryOp::LessEqual:
      return Opcode::LessEqual;
    case BinaryOp::Greater:
      return Opcode::Greater;
    case BinaryOp::GreaterEqual:
      return Opcode::GreaterEqual;
    case BinaryOp::Add:
      return Opcode::Add;
    case BinaryOp::Subtract:
      return Opcode::Subtract;
    case BinaryOp::Multiply:
      return Opcode::Multiply;
    case BinaryOp::Divide:
      return Opcode::Divide;
    case BinaryOp::Modulo:
      return Opcode::Modulo;
    case BinaryOp::And:
    case BinaryOp::Or:
      break;
  }
  QUIESCE_CHECK(false) << "a connective is compiled to jumps";
  return Opcode::Block;
}

}  // namespace

std::uint32_t CodeBuilder::emit(Opcode op, std::uint32_t dst, std::int64_t a, std::int64_t b) {
  QUIESCE_CHECK(fits_int32(a) && fits_int32(b)) << "operand of an instruction";
  Instruction instruction;
  instruction.op = op;
  instruction.dst = static_cast<std::uint16_t>(dst);
  instruction.a = static_cast<std::int32_t>(a);
  instruction.b = static_cast<std::int32_t>(b);
  code_.instructions.push_back(instruction);
  return static_cast<std::uint32_t>(code_.instructions.size() - 1);
}

void CodeBuilder::emit_jump(Opcode op, Label& label, std::int64_t a, std::int64_t b) {
  label.uses.push_back(emit(op, 0, a, b));
}

void CodeBuilder::bind(Label& label) {
  for (std::uint32_t use : label.uses)
    code_.instructions[use].target = static_cast<std::uint32_t>(code_.instructions.size());
  label.uses.clear();
}

void CodeBuilder::need(Register reg) {
  QUIESCE_CHECK(reg < std::numeric_limits<Register>::max() - 2) << "expression too deep";
  if (code_.registers < reg + 2u) code_.registers = reg + 2u;
}

void CodeBuilder::emit_constant(Register dst, std::int64_t value) {
  need(dst);
  code_.constants.push_back(value);
  emit(Opcode::Constant, dst, static_cast<std::int64_t>(code_.constants.size() - 1));
}

bool CodeBuilder::known_value(ExprId id, std::int64_t* value) const {
  if (system_.expressions.is_constant(id, value)) return true;
  if (std::holds_alternative<SelfActivationExpr>(system_.at(id))) {
    *value = activation_;
    return true;
  }
  return false;
}

bool CodeBuilder::direct_cell(ExprId id, std::int32_t* cell) const {
  const auto* load = std::get_if<LoadExpr>(&system_.at(id));
  if (load == nullptr) return false;
  std::size_t position = 0;
  if (load->place.index.valid()) {
    std::int64_t index = 0;
    if (!known_value(load->place.index, &index)) return false;
    if (index > 0 && static_cast<std::size_t>(index) < load->place.cells.size())
      position = static_cast<std::size_t>(index);
  }
  *cell = static_cast<std::int32_t>(load->place.cells[position].value);
  return true;
}

std::int32_t CodeBuilder::cell_table(const std::vector<CellId>& cells) {
  std::vector<std::int32_t> table;
  table.reserve(cells.size());
  for (CellId cell : cells) table.push_back(static_cast<std::int32_t>(cell.value));
  code_.cell_tables.push_back(std::move(table));
  return static_cast<std::int32_t>(code_.cell_tables.size() - 1);
}

std::int32_t CodeBuilder::idle_table(ContextId context) {
  auto [entry, inserted] = idle_tables_.try_emplace(context.value, 0);
  if (inserted) entry->second = cell_table(system_.at(context).location_cell);
  return entry->second;
}

std::int32_t CodeBuilder::check(const CheckOp& op) {
  const CompiledCheck wanted{op.rule, op.span, op.message, system_.at(op.rule).core};
  const auto same = std::find(code_.checks.begin(), code_.checks.end(), wanted);
  const auto position = static_cast<std::int32_t>(same - code_.checks.begin());
  if (same == code_.checks.end()) code_.checks.push_back(wanted);
  return position;
}

void CodeBuilder::emit_value(ExprId id, Register dst) {
  need(dst);
  const auto truth = [&] {
    Label no, done;
    emit_branch(id, false, no, dst);
    emit_constant(dst, 1);
    emit_jump(Opcode::Jump, done);
    bind(no);
    emit_constant(dst, 0);
    bind(done);
  };
  std::int64_t known = 0;
  if (known_value(id, &known)) return emit_constant(dst, known);
  std::visit(Overloaded{
                 [&](const ConstantExpr& expr) { emit_constant(dst, expr.value); },
                 [&](const LoadExpr& expr) {
                   std::int32_t cell = 0;
                   if (direct_cell(id, &cell)) {
                     emit(Opcode::Load, dst, cell);
                     return;
                   }
                   emit_value(expr.place.index, dst);
                   emit_indexed(Opcode::LoadIndexed, dst, expr.place.cells, dst);
                 },
                 [&](const TempExpr& expr) { emit(Opcode::Copy, dst, expr.temp.value); },
                 [&](const UnaryExpr& expr) {
                   if (expr.op == UnaryOp::Not) return truth();
                   emit_value(expr.operand, dst);
                   emit(Opcode::Negate, dst, dst);
                 },
                 [&](const BinaryExpr& expr) {
                   if (expr.op == BinaryOp::And || expr.op == BinaryOp::Or) return truth();
                   if (emit_arithmetic(expr, dst)) return;
                   emit_value(expr.left, dst);
                   emit_value(expr.right, static_cast<Register>(dst + 1));
                   emit(arithmetic(expr.op), dst, dst, dst + 1);
                 },
                 [&](const ConditionalExpr& expr) {
                   Label otherwise, done;
                   emit_branch(expr.condition, false, otherwise, dst);
                   emit_value(expr.then_value, dst);
                   emit_jump(Opcode::Jump, done);
                   bind(otherwise);
                   emit_value(expr.else_value, dst);
                   bind(done);
                 },
                 [&](const LookupExpr& expr) {
                   emit_value(expr.index, dst);
                   code_.number_tables.push_back(expr.table);
                   emit(Opcode::Lookup, dst, static_cast<std::int64_t>(code_.number_tables.size() - 1), dst);
                 },
                 [&](const SelfActivationExpr&) { emit_constant(dst, activation_); },
                 [&](const CurrentCpuExpr&) { emit(Opcode::CurrentCpu, dst); },
                 [&](const IdleExpr&) { truth(); },
             },
             system_.at(id));
}

void CodeBuilder::emit_indexed(Opcode op, Register dst, const std::vector<CellId>& cells, Register index) {
  const auto [known, is_new] = indexed_.try_emplace(cells, static_cast<std::int32_t>(code_.indexed.size()));
  if (is_new) {
    for (const CellId cell : cells) code_.indexed.push_back(static_cast<std::int32_t>(cell.value));
  }
  const std::uint32_t at = emit(op, dst, known->second, index);
  code_.instructions[at].target = static_cast<std::uint32_t>(cells.size());
}

/// Arithmetic with a number in one instruction; false when it is none.
bool CodeBuilder::emit_arithmetic(const BinaryExpr& expr, Register dst) {
  std::int64_t number = 0;
  ExprId other = expr.left;
  const bool commutes = expr.op == BinaryOp::Add || expr.op == BinaryOp::Multiply;
  if (!known_value(expr.right, &number)) {
    if (!commutes || !known_value(expr.left, &number)) return false;
    other = expr.right;
  }
  if (expr.op == BinaryOp::Subtract && number != std::numeric_limits<std::int64_t>::min()) {
    number = -number;
  } else if (!commutes) {
    return false;
  }
  if (!fits_int32(number)) return false;
  std::int32_t cell = 0;
  if (expr.op != BinaryOp::Multiply && direct_cell(other, &cell)) {
    emit(Opcode::LoadAdd, dst, cell, number);
    return true;
  }
  emit_value(other, dst);
  emit(expr.op == BinaryOp::Multiply ? Opcode::MultiplyConstant : Opcode::AddConstant, dst, dst, number);
  return true;
}

/// Whether `id` says that an expression lies in an interval.
bool CodeBuilder::as_between(ExprId id, Between* out) const {
  const auto* binary = std::get_if<BinaryExpr>(&system_.at(id));
  if (binary == nullptr) return false;
  if (binary->op == BinaryOp::And) {
    Between left, right;
    if (!as_between(binary->left, &left) || !as_between(binary->right, &right) || left.of != right.of) return false;
    *out = {left.of, std::max(left.lo, right.lo), std::min(left.hi, right.hi)};
    return true;
  }
  std::int64_t number = 0;
  BinaryOp op = binary->op;
  out->of = binary->left;
  if (!known_value(binary->right, &number)) {
    if (!known_value(binary->left, &number)) return false;
    op = mirrored(op);
    out->of = binary->right;
  }
  return interval(op, number, &out->lo, &out->hi);
}

void CodeBuilder::emit_between(const Between& between, bool sense, Label& label, Register scratch) {
  std::int64_t lo = between.lo, hi = between.hi;
  ExprId of = between.of;
  std::int32_t cell = 0;
  // A cell with a number added: the cell, compared with other numbers.
  if (const auto* sum = std::get_if<BinaryExpr>(&system_.at(of)); sum != nullptr) {
    std::int64_t number = 0;
    const bool adds = sum->op == BinaryOp::Add, subtracts = sum->op == BinaryOp::Subtract;
    if ((adds || subtracts) && known_value(sum->right, &number) && fits_int32(number) &&
        direct_cell(sum->left, &cell)) {
      if (adds) number = -number;
      constexpr std::int64_t kFar = std::int64_t{1} << 40;  // beyond all that a cell can hold
      lo = std::clamp(lo, -kFar, kFar) + number;
      hi = std::clamp(hi, -kFar, kFar) + number;
      of = sum->left;
    }
  }
  const auto always = [&](bool truth) {
    if (truth == sense) emit_jump(Opcode::Jump, label);
  };
  if (lo > hi) return always(false);
  if (direct_cell(of, &cell)) {
    const Cell& domain = system_.cells[static_cast<std::size_t>(cell)];
    const bool from = lo > domain.lo, to = hi < domain.hi;
    if (!from && !to) return always(true);
    if (lo > domain.hi || hi < domain.lo) return always(false);
    if (lo == hi) return emit_jump(sense ? Opcode::JumpCellEqual : Opcode::JumpCellNotEqual, label, cell, lo);
    if (!from) return emit_jump(sense ? Opcode::JumpCellLessEqual : Opcode::JumpCellGreater, label, cell, hi);
    if (!to) return emit_jump(sense ? Opcode::JumpCellGreaterEqual : Opcode::JumpCellLess, label, cell, lo);
    code_.intervals.push_back({lo, hi});
    return emit_jump(sense ? Opcode::JumpCellInside : Opcode::JumpCellOutside, label, cell,
                     static_cast<std::int64_t>(code_.intervals.size() - 1));
  }
  emit_value(of, scratch);
  code_.intervals.push_back({lo, hi});
  emit_jump(sense ? Opcode::JumpInside : Opcode::JumpOutside, label, scratch,
            static_cast<std::int64_t>(code_.intervals.size() - 1));
}

/// A comparison as one jump; false when it is none that can be.
bool CodeBuilder::emit_comparison_branch(const BinaryExpr& expr, bool sense, Label& label, Register scratch) {
  std::int32_t left = 0, right = 0;
  std::int64_t number = 0;
  const bool is_equality = expr.op == BinaryOp::Equal || expr.op == BinaryOp::NotEqual;
  const bool jumps_on_equal = sense == (expr.op == BinaryOp::Equal);
  if (is_equality && direct_cell(expr.left, &left) && direct_cell(expr.right, &right)) {
    emit_jump(jumps_on_equal ? Opcode::JumpCellsEqual : Opcode::JumpCellsNotEqual, label, left, right);
    return true;
  }
  if (expr.op == BinaryOp::NotEqual && (known_value(expr.right, &number) || known_value(expr.left, &number))) {
    const ExprId of = known_value(expr.right, &number) ? expr.left : expr.right;
    emit_between({of, number, number}, !sense, label, scratch);
    return true;
  }
  if (scratch + 1 >= std::numeric_limits<Register>::max() - 2) return false;
  const auto second = static_cast<Register>(scratch + 1);
  emit_value(expr.left, scratch);
  emit_value(expr.right, second);
  if (is_equality) {
    emit_jump(jumps_on_equal ? Opcode::JumpEqual : Opcode::JumpNotEqual, label, scratch, second);
    return true;
  }
  // a < b and a >= b read (a, b); a > b and a <= b are those of (b, a).
  const bool swaps = expr.op == BinaryOp::Greater || expr.op == BinaryOp::LessEqual;
  const bool is_less = (expr.op == BinaryOp::Less || expr.op == BinaryOp::Greater) == sense;
  const Register first = swaps ? second : scratch, other = swaps ? scratch : second;
  if (is_less) {
    emit_jump(Opcode::JumpLess, label, first, other);
  } else {
    emit_jump(Opcode::JumpLessEqual, label, other, first);
  }
  return true;
}

/// Jumps to `label` when the truth of `id` is `sense`, else falls through. May use registers from `scratch` on.
void CodeBuilder::emit_branch(ExprId id, bool sense, Label& label, Register scratch) {
  std::int64_t known = 0;
  if (known_value(id, &known)) {
    if ((known != 0) == sense) emit_jump(Opcode::Jump, label);
    return;
  }
  std::int32_t cell = 0;
  if (direct_cell(id, &cell)) {
    emit_jump(sense ? Opcode::JumpCellNotEqual : Opcode::JumpCellEqual, label, cell, 0);
    return;
  }
  if (const auto* unary = std::get_if<UnaryExpr>(&system_.at(id)); unary != nullptr && unary->op == UnaryOp::Not) {
    return emit_branch(unary->operand, !sense, label, scratch);
  }
  if (const auto* idle = std::get_if<IdleExpr>(&system_.at(id)); idle != nullptr) {
    emit_jump(sense ? Opcode::JumpIdle : Opcode::JumpNotIdle, label, idle_table(idle->context));
    return;
  }
  if (Between between; as_between(id, &between)) return emit_between(between, sense, label, scratch);
  if (const auto* binary = std::get_if<BinaryExpr>(&system_.at(id)); binary != nullptr) {
    if (binary->op == BinaryOp::And || binary->op == BinaryOp::Or) {
      // The sense in which one operand alone decides.
      const bool decides = binary->op == BinaryOp::Or;
      if (sense == decides) {
        emit_branch(binary->left, sense, label, scratch);
        emit_branch(binary->right, sense, label, scratch);
      } else {
        Label skip;
        emit_branch(binary->left, decides, skip, scratch);
        emit_branch(binary->right, sense, label, scratch);
        bind(skip);
      }
      return;
    }
    if (is_comparison(binary->op) && emit_comparison_branch(*binary, sense, label, scratch)) return;
  }
  emit_value(id, scratch);
  emit_jump(sense ? Opcode::JumpIfNotZero : Opcode::JumpIfZero, label, scratch);
}

BlockId CodeBuilder::condition(ExprId condition) {
  auto [entry, inserted] = conditions_.try_emplace(condition.value, 0);
  if (!inserted) return entry->second;
  activation_ = 0;
  const auto block = static_cast<BlockId>(code_.instructions.size());
  Label no;
  emit_branch(condition, false, no, 0);
  emit(Opcode::ReturnTrue);
  bind(no);
  emit(Opcode::ReturnFalse);
  entry->second = block;
  return block;
}

BlockId CodeBuilder::value(ExprId expr) {
  activation_ = 0;
  const auto block = static_cast<BlockId>(code_.instructions.size());
  emit_value(expr, 0);
  emit(Opcode::Return, 0, 0);
  return block;
}

BlockId CodeBuilder::program(const Program& program, std::uint32_t activation) {
  activation_ = activation;
  const auto block = static_cast<BlockId>(code_.instructions.size());
  const auto scratch = static_cast<Register>(program.temps);
  need(scratch);
  std::vector<Label> labels(program.ops.size() + 1);
  for (std::size_t position = 0; position < program.ops.size(); ++position) {
    bind(labels[position]);
    std::visit(Overloaded{
                   [&](const AssignOp& op) {
                     std::int64_t number = 0;
                     const bool is_known = known_value(op.value, &number) && fits_int32(number);
                     std::size_t chosen = 0;
                     std::int64_t index = 0;
                     const bool direct = !op.place.index.valid() || known_value(op.place.index, &index);
                     if (direct) {
                       if (index > 0 && static_cast<std::size_t>(index) < op.place.cells.size())
                         chosen = static_cast<std::size_t>(index);
                       const std::int64_t cell = op.place.cells[chosen].value;
                       if (is_known) {
                         emit(Opcode::StoreConstant, 0, cell, number);
                       } else {
                         emit_value(op.value, scratch);
                         emit(Opcode::Store, 0, cell, scratch);
                       }
                       return;
                     }
                     emit_value(op.value, scratch);
                     emit_value(op.place.index, static_cast<Register>(scratch + 1));
                     emit_indexed(Opcode::StoreIndexed, scratch, op.place.cells, static_cast<Register>(scratch + 1));
                   },
                   [&](const LetOp& op) {
                     // Not straight into the temp: its old value may be read by the expression.
                     emit_value(op.value, scratch);
                     emit(Opcode::Copy, op.temp.value, scratch);
                   },
                   [&](const ChooseOp& op) {
                     code_.choices.push_back({op.lo, op.hi, op.counted});
                     emit(Opcode::Choose, op.temp.value, static_cast<std::int64_t>(code_.choices.size() - 1));
                   },
                   [&](const BranchOp& op) { emit_branch(op.condition, false, labels[op.otherwise], scratch); },
                   [&](const JumpOp& op) { emit_jump(Opcode::Jump, labels[op.target]); },
                   [&](const CheckOp& op) {
                     const std::int32_t number = check(op);
                     emit(Opcode::ReachCheck, 0, number);
                     Label ok;
                     emit_branch(op.condition, true, ok, scratch);
                     emit(Opcode::FailCheck, 0, number);
                     bind(ok);
                   },
                   [&](const AssumeOp& op) {
                     Label ok;
                     emit_branch(op.condition, true, ok, scratch);
                     emit(Opcode::Block);
                     bind(ok);
                   },
                   [&](const StatementOp&) {},
                   [&](const EnterOp&) {},
                   [&](const LeaveOp&) {},
                   [&](const GotoOp& op) { emit(Opcode::Goto, 0, system_.at(op.location).number); },
                   [&](const EndOp&) { emit(Opcode::End); },
               },
               program.ops[position]);
  }
  bind(labels[program.ops.size()]);
  // Every way ends with Goto or End; a way that falls off would be a bug of elaboration.
  emit(Opcode::Block);
  return block;
}

}  // namespace quiesce::checker
