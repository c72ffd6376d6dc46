// Running bytecode. One loop serves conditions, which have no effects, and programs.
#pragma once

#include <cstdint>

#include "checker/successor/bytecode.h"

namespace quiesce::checker {

/// For blocks without effects, and outside any step.
struct NoEffects {
  std::int64_t current_cpu() const { return 0; }
  void store(std::int32_t, std::int64_t) {}
  void choose(const Code&, const Instruction&, std::uint32_t) {}
  void reach_check(std::int32_t) {}
  bool fail_check(std::int32_t) { return true; }
  void outcome(std::int32_t) {}
};

/// Runs from instruction `pc`. A block of values or conditions returns its value. A program returns 0 and reports
/// `effects` what it does: store(cell, number), choose(code, instruction, next pc), which runs the rest of every
/// choice itself, reach_check(check), fail_check(check), which says whether the run continues, and outcome(location
/// number, or 0 for an end).
template <class Effects>
std::int64_t execute(const Code& code, std::uint32_t pc, const std::int32_t* cells, std::int64_t* registers,
                     Effects& effects) {
  const Instruction* const instructions = code.instructions.data();
  const auto element = [](const auto& table, std::int64_t index) {
    return table[index > 0 && static_cast<std::size_t>(index) < table.size() ? static_cast<std::size_t>(index) : 0];
  };
  const auto indexed = [&](const Instruction& of) {
    const auto index = static_cast<std::uint64_t>(registers[of.b]);
    return code.indexed[static_cast<std::size_t>(of.a) + (index < of.target ? index : 0)];
  };
  const auto inside = [&](std::int64_t value, std::int32_t interval) {
    const Code::Interval& of = code.intervals[static_cast<std::size_t>(interval)];
    return value >= of.lo && value <= of.hi;
  };
  const auto wrap = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
  const auto bits = [](std::int64_t value) { return static_cast<std::uint64_t>(value); };
  const auto is_idle = [&](std::int32_t table) {
    for (std::int32_t cell : code.cell_tables[static_cast<std::size_t>(table)]) {
      if (cells[cell] != 0) return false;
    }
    return true;
  };
  for (;;) {
    const Instruction& i = instructions[pc++];
    switch (i.op) {
      case Opcode::Constant:
        registers[i.dst] = code.constants[static_cast<std::size_t>(i.a)];
        break;
      case Opcode::Load:
        registers[i.dst] = cells[i.a];
        break;
      case Opcode::LoadAdd:
        registers[i.dst] = std::int64_t{cells[i.a]} + i.b;
        break;
      case Opcode::LoadIndexed:
        registers[i.dst] = cells[indexed(i)];
        break;
      case Opcode::Copy:
        registers[i.dst] = registers[i.a];
        break;
      case Opcode::Negate:
        registers[i.dst] = wrap(0 - bits(registers[i.a]));
        break;
      case Opcode::Equal:
        registers[i.dst] = registers[i.a] == registers[i.b];
        break;
      case Opcode::NotEqual:
        registers[i.dst] = registers[i.a] != registers[i.b];
        break;
      case Opcode::Less:
        registers[i.dst] = registers[i.a] < registers[i.b];
        break;
      case Opcode::LessEqual:
        registers[i.dst] = registers[i.a] <= registers[i.b];
        break;
      case Opcode::Greater:
        registers[i.dst] = registers[i.a] > registers[i.b];
        break;
      case Opcode::GreaterEqual:
        registers[i.dst] = registers[i.a] >= registers[i.b];
        break;
      case Opcode::Add:
        registers[i.dst] = wrap(bits(registers[i.a]) + bits(registers[i.b]));
        break;
      case Opcode::Subtract:
        registers[i.dst] = wrap(bits(registers[i.a]) - bits(registers[i.b]));
        break;
      case Opcode::Multiply:
        registers[i.dst] = wrap(bits(registers[i.a]) * bits(registers[i.b]));
        break;
      case Opcode::Divide:
        registers[i.dst] = registers[i.b] == 0    ? 0
                           : registers[i.b] == -1 ? wrap(0 - bits(registers[i.a]))
                                                  : registers[i.a] / registers[i.b];
        break;
      case Opcode::Modulo:
        registers[i.dst] = registers[i.b] == 0 || registers[i.b] == -1 ? 0 : registers[i.a] % registers[i.b];
        break;
      case Opcode::AddConstant:
        registers[i.dst] = wrap(bits(registers[i.a]) + bits(i.b));
        break;
      case Opcode::MultiplyConstant:
        registers[i.dst] = wrap(bits(registers[i.a]) * bits(i.b));
        break;
      case Opcode::Lookup:
        registers[i.dst] = element(code.number_tables[static_cast<std::size_t>(i.a)], registers[i.b]);
        break;
      case Opcode::CurrentCpu:
        registers[i.dst] = effects.current_cpu();
        break;
      case Opcode::Jump:
        pc = i.target;
        break;
      case Opcode::JumpIfZero:
        if (registers[i.a] == 0) pc = i.target;
        break;
      case Opcode::JumpIfNotZero:
        if (registers[i.a] != 0) pc = i.target;
        break;
      case Opcode::JumpEqual:
        if (registers[i.a] == registers[i.b]) pc = i.target;
        break;
      case Opcode::JumpNotEqual:
        if (registers[i.a] != registers[i.b]) pc = i.target;
        break;
      case Opcode::JumpLess:
        if (registers[i.a] < registers[i.b]) pc = i.target;
        break;
      case Opcode::JumpLessEqual:
        if (registers[i.a] <= registers[i.b]) pc = i.target;
        break;
      case Opcode::JumpInside:
        if (inside(registers[i.a], i.b)) pc = i.target;
        break;
      case Opcode::JumpOutside:
        if (!inside(registers[i.a], i.b)) pc = i.target;
        break;
      case Opcode::JumpCellInside:
        if (inside(cells[i.a], i.b)) pc = i.target;
        break;
      case Opcode::JumpCellOutside:
        if (!inside(cells[i.a], i.b)) pc = i.target;
        break;
      case Opcode::JumpCellEqual:
        if (cells[i.a] == i.b) pc = i.target;
        break;
      case Opcode::JumpCellNotEqual:
        if (cells[i.a] != i.b) pc = i.target;
        break;
      case Opcode::JumpCellLess:
        if (cells[i.a] < i.b) pc = i.target;
        break;
      case Opcode::JumpCellLessEqual:
        if (cells[i.a] <= i.b) pc = i.target;
        break;
      case Opcode::JumpCellGreater:
        if (cells[i.a] > i.b) pc = i.target;
        break;
      case Opcode::JumpCellGreaterEqual:
        if (cells[i.a] >= i.b) pc = i.target;
        break;
      case Opcode::JumpCellsEqual:
        if (cells[i.a] == cells[i.b]) pc = i.target;
        break;
      case Opcode::JumpCellsNotEqual:
        if (cells[i.a] != cells[i.b]) pc = i.target;
        break;
      case Opcode::JumpIdle:
        if (is_idle(i.a)) pc = i.target;
        break;
      case Opcode::JumpNotIdle:
        if (!is_idle(i.a)) pc = i.target;
        break;
      case Opcode::Return:
        return registers[i.a];
      case Opcode::ReturnTrue:
        return 1;
      case Opcode::ReturnFalse:
        return 0;
      case Opcode::Store:
        effects.store(i.a, registers[i.b]);
        break;
      case Opcode::StoreConstant:
        effects.store(i.a, i.b);
        break;
      case Opcode::StoreIndexed:
        effects.store(indexed(i), registers[i.dst]);
        break;
      case Opcode::Choose:
        effects.choose(code, i, pc);
        return 0;
      case Opcode::ReachCheck:
        effects.reach_check(i.a);
        break;
      case Opcode::FailCheck:
        if (!effects.fail_check(i.a)) return 0;
        break;
      case Opcode::Block:
        return 0;
      case Opcode::Goto:
        effects.outcome(i.a);
        return 0;
      case Opcode::End:
        effects.outcome(0);
        return 0;
    }
  }
}

}  // namespace quiesce::checker
