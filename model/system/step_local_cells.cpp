#include "model/system/step_local_cells.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <variant>
#include <vector>

#include "model/system/traverse.h"

namespace quiesce::model {
namespace {

/// What may be off its rest value at some operation of a program: cells, and places indexed by the running activation.
/// The activation does not change during a program, so giving such a place its rest value undoes what was written
/// through it, though the text does not say which of its cells that is.
class Walk {
 public:
  Walk(const TransitionSystem& system, const Program& program) : system_(system), program_(program) {
    for (const Op& op : program.ops) {
      const auto* assign = std::get_if<AssignOp>(&op);
      if (assign == nullptr || !is_by_self(assign->place)) continue;
      if (numbers_.emplace(assign->place, own_.size()).second) own_.push_back(&assign->place);
    }
  }

  /// Takes out of `resting` what the program may leave off its rest value.
  void run(CellSet& resting) const {
    const std::size_t cells = system_.cells.size();
    std::vector<CellSet> before(program_.ops.size() + 1, CellSet(cells + own_.size()));
    for (std::size_t i = 0; i < program_.ops.size(); ++i) {
      const Op& op = program_.ops[i];
      if (const auto* jump = std::get_if<JumpOp>(&op)) {
        before[jump->target].unite(before[i]);
      } else if (std::holds_alternative<GotoOp>(op) || std::holds_alternative<EndOp>(op)) {
        before[i].for_each([&](CellId moved) {
          if (moved.value < cells) {
            resting.erase(moved);
          } else {
            for (const CellId cell : own_[moved.value - cells]->cells) resting.erase(cell);
          }
        });
      } else {
        CellSet after = before[i];
        if (const auto* branch = std::get_if<BranchOp>(&op)) before[branch->otherwise].unite(after);
        if (const auto* assign = std::get_if<AssignOp>(&op)) apply(*assign, after);
        before[i + 1].unite(after);
      }
    }
  }

 private:
  bool is_by_self(const Place& place) const {
    return place.index.valid() && std::holds_alternative<SelfActivationExpr>(system_.at(place.index));
  }

  void apply(const AssignOp& assign, CellSet& moved) const {
    const Place& place = assign.place;
    const auto own = numbers_.find(place);
    const CellId name(own == numbers_.end() ? 0 : system_.cells.size() + own->second);
    if (puts_to_rest(assign)) {
      if (own != numbers_.end()) {
        moved.erase(name);
      } else if (place.cells.size() == 1) {
        moved.erase(place.cells.front());
      }
      return;
    }
    if (own != numbers_.end()) {
      moved.insert(name);
    } else {
      moved.insert(place);
    }
  }

  bool puts_to_rest(const AssignOp& assign) const {
    const auto* constant = std::get_if<ConstantExpr>(&system_.at(assign.value));
    if (constant == nullptr) return false;
    for (const CellId cell : assign.place.cells) {
      if (system_.at(cell).rest != constant->value) return false;
    }
    return true;
  }

  const TransitionSystem& system_;
  const Program& program_;
  std::vector<const Place*> own_;
  std::map<Place, std::size_t> numbers_;  // positions in own_
};

/// Cells that a renaming of CPUs or activations exchanges rest together or not at all: a state is renamed between
/// steps.
void keep_alike(const TransitionSystem& system, CellSet& resting) {
  bool changed = true;
  const auto together = [&](std::size_t count, const auto& cell) {
    bool all = true;
    bool any = false;
    for (std::size_t i = 0; i < count; ++i) {
      const bool rests = resting.contains(cell(i));
      all = all && rests;
      any = any || rests;
    }
    if (all || !any) return;
    for (std::size_t i = 0; i < count; ++i) resting.erase(cell(i));
    changed = true;
  };
  while (changed) {  // blocks inside blocks
    changed = false;
    for (const CpuBlocks& blocks : system.cpu_blocks) {
      for (std::uint32_t offset = 0; offset < blocks.length; ++offset) {
        together(blocks.first.size(), [&](std::size_t i) { return CellId(blocks.first[i].value + offset); });
      }
    }
    for (const Context& context : system.contexts) {
      const std::size_t locals = context.local_cells.empty() ? 0 : context.local_cells.front().size();
      for (std::size_t local = 0; local < locals; ++local) {
        together(context.local_cells.size(), [&](std::size_t i) { return context.local_cells[i][local]; });
      }
    }
  }
}

}  // namespace

CellSet step_local_cells(const TransitionSystem& system) {
  CellSet resting(system.cells.size());
  for (std::size_t cell = 0; cell < system.cells.size(); ++cell) {
    const Cell& description = system.cells[cell];
    if (description.kind == CellKind::Location) continue;
    if (description.rest >= description.lo && description.rest <= description.hi) resting.insert(CellId(cell));
  }
  for (const Context& context : system.contexts) {
    for (const auto* cells : {&context.location_cell, &context.level_cell, &context.cpu_cell, &context.affinity_cell}) {
      for (const CellId cell : *cells) resting.erase(cell);
    }
  }
  for (const InitialAssign& assign : system.initial) {
    const std::int64_t rest = system.at(assign.cell).rest;
    if (assign.value.valid()) {
      const auto* constant = std::get_if<ConstantExpr>(&system.at(assign.value));
      if (constant == nullptr || constant->value != rest) resting.erase(assign.cell);
    } else if (assign.lo != rest || assign.hi != rest) {
      resting.erase(assign.cell);
    }
  }
  for_each_program(system, [&](const Program& program) { Walk(system, program).run(resting); });
  keep_alike(system, resting);
  return resting;
}

}  // namespace quiesce::model
