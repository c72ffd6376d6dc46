#include "checker/successor/derive_commands.h"

#include <algorithm>
#include <utility>

#include "model/system/step_local_cells.h"
#include "model/system/traverse.h"

namespace quiesce::checker {

using namespace model;

CommandDerivation::CommandDerivation(const CompiledSystem& compiled, const CellExchanges& exchanges)
    : compiled_(compiled),
      system_(compiled.system()),
      exchanges_(exchanges),
      at_rest_(step_local_cells(system_)),
      table_(system_.expressions) {
  const std::size_t cells = system_.cells.size();
  for (const Cell& cell : system_.cells) {
    lo_.push_back(cell.lo);
    size_.push_back(cell.hi - cell.lo + 1);
  }
  loaded_.assign(cells, 0);
  base_.resize(cells);
  possible_.resize(cells);
  single_.assign(cells, kUnknown);
  env_.resize(cells);
  foreign_.assign(cells, false);

  for (std::uint32_t c = 0; c < system_.contexts.size(); ++c) {
    const Context& context = system_.contexts[c];
    const auto add = [&](ProgramKey key, const Program& program, bool per_cpu) {
      DerivedProgram derived;
      derived.program = &program;
      derived.uncounted_choice = std::any_of(program.ops.begin(), program.ops.end(), [](const Op& op) {
        const auto* choose = std::get_if<ChooseOp>(&op);
        return choose != nullptr && !choose->counted;
      });
      for (key.cpu = per_cpu ? 1 : 0; key.cpu <= (per_cpu ? system_.cpus : 0); ++key.cpu) {
        derived.key = key;
        programs_.push_back(derived);
      }
    };
    for (std::uint32_t a = 0; a < context.activations; ++a) {
      if (context.kind == ContextKind::Handler) {
        add({ProgramKey::Kind::Start, c, a, 0, 0}, context.start,
            context.start.uses_cpu || context.start_level >= system_.pin_level);
      }
      for (LocationId id : context.locations) {
        const Location& location = system_.at(id);
        add({ProgramKey::Kind::Step, c, a, location.number, 0}, location.program, location.program.uses_cpu);
      }
    }
  }
  for (std::uint32_t a = 0; a < system_.actions.size(); ++a) {
    DerivedProgram derived;
    derived.key = {ProgramKey::Kind::Act, a, 0, 0, 0};
    derived.program = &system_.actions[a].program;
    derived.uncounted_choice = std::any_of(derived.program->ops.begin(), derived.program->ops.end(), [](const Op& op) {
      const auto* choose = std::get_if<ChooseOp>(&op);
      return choose != nullptr && !choose->counted;
    });
    programs_.push_back(derived);
  }
  for (const DerivedProgram& program : programs_) {
    CellSet reads(cells);
    const ProgramUse use = use_of(system_, *program.program);
    reads.unite(use.reads);
    reads.unite(use.writes);
    for (ContextId idle : use.idle) {
      for (CellId cell : system_.at(idle).location_cell) reads.insert(cell);
    }
    if (program.key.kind == ProgramKey::Kind::Start) {
      const Context& context = system_.contexts[program.key.index];
      // What is possible of its own cells anywhere is possible where it starts.
      if (!context.local_cells.empty()) {
        for (CellId cell : context.local_cells[program.key.activation]) reads.insert(cell);
      }
      if (!context.affinity_cell.empty()) reads.insert(context.affinity_cell[program.key.activation]);
      add_reads(system_, context.condition, reads);
      if (const auto* one = std::get_if<OnOne>(&context.cpus)) add_reads(system_, one->cpu, reads);
      if (const auto* set = std::get_if<OnSet>(&context.cpus)) {
        for (ExprId allowed : set->allowed) add_reads(system_, allowed, reads);
      }
    }
    std::vector<std::uint32_t> list;
    for (std::uint32_t cell = 0; cell < cells; ++cell) {
      if (reads.contains(CellId(std::size_t{cell}))) list.push_back(cell);
    }
    reads_.push_back(std::move(list));
  }
  do {
    restart_ = false;
    find_classes();
    find_owners();
    set_initial();
    run_to_fixpoint();
  } while (restart_);
  all_work_ = work_ = 0;  // what conditions are asked for later has a budget of its own
  if (!unsupported_.empty()) {
    for (DerivedProgram& program : programs_) {
      program.commands.clear();
      program.reason = unsupported_;
    }
  }
}

Packing::Numbers CommandDerivation::numbers() const {
  Packing::Numbers numbers(system_.cells.size());
  if (!unsupported_.empty()) return numbers;
  for (std::size_t cell = 0; cell < numbers.size(); ++cell) {
    if (size_[cell] > ValueSet::kMax || is_free_[class_of_[cell]]) continue;
    global_[class_of_[cell]].for_each(
        [&](std::int64_t position) { numbers[cell].push_back(static_cast<std::int32_t>(lo_[cell] + position)); });
  }
  return numbers;
}

void CommandDerivation::fit(const Packing& packing) {
  packing_ = &packing;
  for (DerivedProgram& program : programs_) {
    if (!program.is_reached || !program.reason.empty()) continue;
    const bool fits = std::all_of(program.commands.begin(), program.commands.end(), [&](const DerivedCommand& command) {
      return std::all_of(command.copies.begin(), command.copies.end(), [&](const DerivedCommand::Copy& copy) {
        const ExprId load = table_.load(copy.from);
        const ExprId expr = copy.plus == 0 ? load : table_.binary(BinaryOp::Add, load, table_.constant(copy.plus));
        begin({}, 0, {}, 0);
        CellId from;
        std::int64_t plus = 0;
        // Whether the numbers fit was settled on the way on which the copy stands.
        return is_copy(copy.cell.value, expr, &from, &plus, false);
      });
    });
    if (!fits) derive(program);
  }
}

ExprId CommandDerivation::wants(const Context& handler, std::uint32_t cpu) {
  if (const auto* one = std::get_if<OnOne>(&handler.cpus)) {
    return table_.conjunction(handler.condition, table_.equal(one->cpu, table_.constant(cpu + 1)));
  }
  if (const auto* set = std::get_if<OnSet>(&handler.cpus)) {
    return table_.conjunction(handler.condition, set->allowed[cpu]);
  }
  return handler.condition;
}

std::optional<std::vector<std::vector<CellCondition>>> CommandDerivation::conditions(ExprId condition, bool wanted,
                                                                                     LocationId location,
                                                                                     std::uint32_t activation) {
  if (!unsupported_.empty()) return std::nullopt;
  begin(location.valid() ? system_.at(location).context : ContextId(), activation, location, 0);
  std::vector<std::vector<CellCondition>> cubes;
  cubes_ = &cubes;
  resolve(condition, Mode::Before, true, [&](std::int64_t holds) {
    if ((holds != 0) == wanted) emit(0, {}, true);
  });
  cubes_ = nullptr;
  clean_up();
  if (!failure_.empty()) return std::nullopt;
  return cubes;
}

}  // namespace quiesce::checker
