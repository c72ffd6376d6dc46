// Programs under construction, for the passes of the reduction (reduce.h): operations are replaced and inserted, and
// jumps keep leading where they led. Internal to this folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/system/transition_system.h"

namespace quiesce::model {

/// A program under construction: like Program, with a mark for Gotos that must stay.
struct ProgramDraft {
  std::vector<Op> ops;
  std::vector<bool> keep;  // per operation; meaningful for Goto
  std::uint32_t temps = 0;
  bool uses_cpu = false;

  explicit ProgramDraft(const Program& program)
      : ops(program.ops), keep(program.ops.size(), false), temps(program.temps), uses_cpu(program.uses_cpu) {}

  Program take() && { return Program{std::move(ops), temps, uses_cpu}; }

  /// Replaces operation `at` by `body`; jumps to `at` reach its first operation.
  void splice(std::size_t at, const std::vector<Op>& body, const std::vector<bool>& body_keep);
};

}  // namespace quiesce::model
