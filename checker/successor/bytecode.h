// The programs and expressions of a transition system as bytecode: what the successor generator runs.
//
// One Code holds everything; a block is named by the position of its first instruction. Registers are 64-bit
// (the arithmetic of model/system/expression.h); cells are the 32-bit numbers of a state. Conditions become
// jumps, and comparisons of a cell with a constant, by far the most frequent kind, are one instruction.
// A program is compiled once per activation of its context, so that `self` is a constant and a cell that an
// activation owns is addressed directly.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/system/transition_system.h"

namespace quiesce::checker {

enum class Opcode : std::uint8_t {
  // Values: registers[dst] := ...
  Constant,     // constants[a]
  Load,         // cells[a]
  LoadAdd,      // cells[a] + b
  LoadIndexed,  // cells[indexed[a + registers[b]]] of `target` cells; out of bounds: the first
  Copy,         // registers[a]
  Negate,       // -registers[a]
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,  // of registers[a] and registers[b]
  Add,
  Subtract,
  Multiply,
  Divide,
  Modulo,  // likewise; wrap around; division by zero gives 0
  AddConstant,
  MultiplyConstant,  // of registers[a] and the number b
  Lookup,            // constant tables[a][registers[b]]; out of bounds: the first
  CurrentCpu,        // the CPU of the step, c + 1
  // Jumps to `target`.
  Jump,
  JumpIfZero,
  JumpIfNotZero,  // of registers[a]
  JumpEqual,
  JumpNotEqual,
  JumpLess,
  JumpLessEqual,  // of registers[a] and registers[b]
  JumpInside,
  JumpOutside,  // whether registers[a] is in intervals[b]
  JumpCellEqual,
  JumpCellNotEqual,  // of cells[a] with the number b
  JumpCellLess,
  JumpCellLessEqual,
  JumpCellGreater,
  JumpCellGreaterEqual,
  JumpCellInside,
  JumpCellOutside,  // whether cells[a] is in intervals[b]
  JumpCellsEqual,
  JumpCellsNotEqual,  // of cells[a] with cells[b]
  JumpIdle,
  JumpNotIdle,  // whether all cells of tables[a] are 0
  Return,       // ends a value block with registers[a]
  ReturnTrue,
  ReturnFalse,  // end a condition block
  // Effects, in programs only.
  Store,          // cells[a] := registers[b]
  StoreConstant,  // cells[a] := b
  StoreIndexed,   // cells[indexed[a + registers[b]]] of `target` cells := registers[dst]; out of bounds: the first
  Choose,         // registers[dst] := any of choices[a]
  ReachCheck,     // check a is being executed
  FailCheck,      // check a does not hold
  Block,          // this way has no outcome
  Goto,           // outcome: the context stands at location number a
  End,            // outcome: the context has ended, or the action is done
};

struct Instruction {
  Opcode op = Opcode::Block;
  std::uint16_t dst = 0;
  std::int32_t a = 0;
  std::int32_t b = 0;
  std::uint32_t target = 0;
};

/// A CheckOp, shared by all compiled copies of it.
struct CompiledCheck {
  model::RuleId rule;
  model::Span span;
  std::string message;
  bool core = false;

  bool operator==(const CompiledCheck&) const = default;
};

struct CompiledChoice {
  std::int64_t lo = 0;
  std::int64_t hi = 0;
  bool counted = true;
};

/// All code of one system. Immutable once built.
struct Code {
  std::vector<Instruction> instructions;
  std::vector<std::int64_t> constants;
  struct Interval {
    std::int64_t lo = 0;
    std::int64_t hi = 0;
  };
  std::vector<Interval> intervals;
  std::vector<std::int32_t> indexed;  // the cells of places with an index, one place after the other
  std::vector<std::vector<std::int32_t>> cell_tables;
  std::vector<std::vector<std::int64_t>> number_tables;
  std::vector<CompiledCheck> checks;
  std::vector<CompiledChoice> choices;
  std::uint32_t registers = 1;  // enough for every block
};

/// A block's first instruction.
using BlockId = std::uint32_t;

/// Translates expressions and programs into a Code.
class CodeBuilder {
 public:
  CodeBuilder(const model::TransitionSystem& system, Code& code) : system_(system), code_(code) {}

  /// A block that returns whether `condition` is true in a state. Equal conditions share a block. Requires: no
  /// temps, no current CPU.
  BlockId condition(model::ExprId condition);

  /// A block that returns the value of `expr` in a state. Same requirement.
  BlockId value(model::ExprId expr);

  /// The effect of `program` run by activation `activation` of its context (0 for actions).
  BlockId program(const model::Program& program, std::uint32_t activation);

 private:
  using Register = std::uint16_t;
  struct Label {
    std::vector<std::uint32_t> uses;  // instructions to patch
  };

  std::uint32_t emit(Opcode op, std::uint32_t dst = 0, std::int64_t a = 0, std::int64_t b = 0);
  void emit_jump(Opcode op, Label& label, std::int64_t a = 0, std::int64_t b = 0);
  void bind(Label& label);
  void emit_constant(Register dst, std::int64_t value);
  void emit_value(model::ExprId id, Register dst);
  void emit_branch(model::ExprId id, bool sense, Label& label, Register scratch);
  bool emit_comparison_branch(const model::BinaryExpr& expr, bool sense, Label& label, Register scratch);
  /// "`of` lies in lo..hi", what a comparison with a constant, or two of the same expression, say.
  struct Between {
    model::ExprId of;
    std::int64_t lo = 0;
    std::int64_t hi = 0;
  };
  bool as_between(model::ExprId id, Between* out) const;
  void emit_between(const Between& between, bool sense, Label& label, Register scratch);
  bool emit_arithmetic(const model::BinaryExpr& expr, Register dst);
  void emit_indexed(Opcode op, Register dst, const std::vector<model::CellId>& cells, Register index);
  /// The cell that an expression loads when that is known now.
  bool direct_cell(model::ExprId id, std::int32_t* cell) const;
  bool known_value(model::ExprId id, std::int64_t* value) const;
  std::int32_t cell_table(const std::vector<model::CellId>& cells);
  std::int32_t idle_table(model::ContextId context);
  /// The position of a check in Code::checks; checks that say the same are one.
  std::int32_t check(const model::CheckOp& op);
  void need(Register reg);

  const model::TransitionSystem& system_;
  Code& code_;
  std::uint32_t activation_ = 0;
  std::unordered_map<std::uint32_t, BlockId> conditions_;
  std::unordered_map<std::uint32_t, std::int32_t> idle_tables_;
  std::map<std::vector<model::CellId>, std::int32_t> indexed_;  // where the cells of a place begin in Code::indexed
};

}  // namespace quiesce::checker
