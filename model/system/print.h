// Readable text of a transition system and of its parts, for `quiesce show`, golden tests and debugging.
// Complete (print_system leaves nothing out) and deterministic: the same system gives the same bytes.
//
// Format, by example:
//
//     system SharedLine(trigger: level, processors: 2)      parameters; "(default)" is not repeated
//     cpus 2, pin level DISPATCH, slots 5
//
//     instances
//       (system)           my_nic.SharedLine
//       nic                my_nic.Nic
//       nic.hw             wdm.InterruptingDevice            life c3: where it is an object
//
//     variables (9 cells, 14 bits)
//       nic.hw.requesting  bool                    1 bit    = false
//       line.chain         queue<ref Obj, 3>       8 bits
//
//     cells
//       c0  nic.hw.requesting  0..1, rest 0                  also: cpu, location, slot (what renaming does to it)
//
//     thread manager.run at PASSIVE, slot 0
//       L1 'reader.idle_point' wait await when !done inside nic.stop mergeable
//         0  statement design.qsm:12:3
//         1  check core.range: 0 <= served + 1 && served + 1 <= 100 "message"
//         2  served := served + 1
//         3  if nic.connected else 6
//         4  t0 := choose "s" 0..1
//         5  goto L2
//         6  end
//
// Expressions are written as in the language, with `self` for the running activation, `cpu()` for the current CPU,
// `t0` for temps, `array[index]` for places of several cells (`(a, b)[index]` when they are not one array) and
// `[1, 2][index]` for constants that differ by instance. A number that is compared with or assigned to a cell is
// written as a value of that cell's type.
#pragma once

#include <string>

#include "model/base/source.h"
#include "model/system/transition_system.h"

namespace quiesce::model {

/// The type as the user would write it: "queue<ref Obj, 3>", "int 0..100", "Cpu?".
std::string format_type(const ValueType& type);

/// Number of bits that cell `cell` needs: 0 for a cell that never changes.
std::uint32_t bits_of(const Cell& cell);

/// The type of one cell of a variable; null where the cell has no type of its own (lock cells, scheduler cells).
ValueTypePtr type_of_cell(const TransitionSystem& system, CellId cell);

std::string print_expr(const TransitionSystem& system, ExprId expr);

struct PrintOptions {
  const SourceMap* sources = nullptr;  // null: places in the text are left out
};

/// Operations, one per line, numbered, each line after `indent`.
std::string print_program(const TransitionSystem& system, const Program& program, const std::string& indent,
                          const PrintOptions& options = {});

/// The parts that `quiesce show` prints; each ends with a line break.
std::string print_heading(const TransitionSystem& system);
std::string print_instances(const TransitionSystem& system);
std::string print_variables(const TransitionSystem& system);  // with types, bits and initial values
std::string print_cells(const TransitionSystem& system);      // with CPU blocks and locks
std::string print_contexts(const TransitionSystem& system, const PrintOptions& options = {});      // actions included
std::string print_control_flow(const TransitionSystem& system, const PrintOptions& options = {});  // without operations
std::string print_rules(const TransitionSystem& system, const PrintOptions& options = {});  // rules and properties

/// All of it.
std::string print_system(const TransitionSystem& system, const PrintOptions& options = {});

}  // namespace quiesce::model
