// What cells can hold: a superset of the numbers that each ever holds, by running all programs on such supersets until
// nothing new comes up.
#include "checker/successor/derive_commands.h"

#include <algorithm>
#include <bit>
#include <utility>

#include <fmt/format.h>

#include "model/base/internal_check.h"
#include "model/base/overloaded.h"
#include "model/system/cell_classes.h"
#include "model/system/traverse.h"

namespace quiesce::checker {

using namespace model;

namespace {

constexpr std::uint32_t kFreeGrowths = 8;  // of a set, before it is rounded up
constexpr std::int64_t kFewNumbers = 32;   // of a domain, too few for that to matter

/// An interval that grows one by one, as what a counter holds does, goes on to where the bits end that it needs anyway.
void round_up(ValueSet& set, std::int64_t size, std::uint32_t growths) {
  if (growths <= kFreeGrowths || size <= kFewNumbers) return;
  const std::int64_t least = set.least(), greatest = set.greatest();
  if (set.count() != greatest - least + 1) return;
  const auto end = static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(greatest) + 1));
  set.insert_range(0, std::min(end, size) - 1);
}

}  // namespace

/// Cells that renamings of CPUs or activations exchange are one class.
void CommandDerivation::find_classes() {
  const std::size_t cells = system_.cells.size();
  CellClasses classes(cells);
  for (const CpuBlocks& blocks : system_.cpu_blocks) {
    for (CellId first : blocks.first) {
      for (std::uint32_t i = 0; i < blocks.length; ++i) {
        classes.unite(CellId(std::size_t{blocks.first[0].value} + i), CellId(std::size_t{first.value} + i));
      }
    }
  }
  for (const auto& [a, b] : exchanges_.exchanged) classes.unite(CellId(std::size_t{a}), CellId(std::size_t{b}));
  moved_.assign(cells, false);
  for (std::uint32_t cell : exchanges_.renamed) moved_[cell] = foreign_[cell] = true;
  class_of_ = classes.names();
  for (std::uint32_t cell = 0; cell < cells; ++cell) {
    if (class_of_[cell] == cell) continue;
    moved_[cell] = moved_[class_of_[cell]] = true;
    foreign_[cell] = true;  // its values come from elsewhere, too
    foreign_[class_of_[cell]] = true;
  }
  for (const Context& context : system_.contexts) {
    for (std::uint32_t a = 1; a < context.activations; ++a) {
      classes.unite(context.location_cell[0], context.location_cell[a]);
      classes.unite(context.level_cell[0], context.level_cell[a]);
      classes.unite(context.cpu_cell[0], context.cpu_cell[a]);
      if (!context.affinity_cell.empty()) classes.unite(context.affinity_cell[0], context.affinity_cell[a]);
      if (context.local_cells.empty()) continue;
      for (std::size_t i = 0; i < context.local_cells[0].size(); ++i) {
        classes.unite(context.local_cells[0][i], context.local_cells[a][i]);
      }
    }
  }
  class_of_ = classes.names();
  is_free_.assign(cells, false);
  for (std::uint32_t cell : exchanges_.renamed) is_free_[class_of_[cell]] = true;
  for (std::uint32_t cell = 0; cell < cells; ++cell) {
    const std::uint32_t r = class_of_[cell];
    const CellKind kind = system_.cells[cell].kind;
    moved_[cell] = moved_[cell] || r != cell || kind == CellKind::Cpu || kind == CellKind::Slot;
    if (r != cell) moved_[r] = true;
    moved_[cell] = moved_[cell] || !exchanges_.is_exact;
    if (kind == CellKind::Cpu || kind == CellKind::Slot || size_[cell] > ValueSet::kMax || size_[cell] != size_[r] ||
        lo_[cell] != lo_[r]) {
      is_free_[r] = true;
    }
  }
}

void CommandDerivation::find_owners() {
  const std::size_t cells = system_.cells.size();
  owner_.assign(cells, -1);
  owner_slot_.assign(cells, 0);
  own_position_.assign(cells, 0);
  own_.assign(system_.contexts.size(), {});
  std::vector<std::int32_t> scheduling(cells, -1);
  for (std::uint32_t c = 0; c < system_.contexts.size(); ++c) {
    const Context& context = system_.contexts[c];
    own_[c].resize(context.activations);
    for (std::uint32_t a = 0; a < context.activations; ++a) {
      std::vector<CellId> candidates = {context.level_cell[a]};
      scheduling[context.location_cell[a].value] = scheduling[context.cpu_cell[a].value] =
          scheduling[context.level_cell[a].value] = static_cast<std::int32_t>(c);
      if (!context.affinity_cell.empty()) {
        candidates.push_back(context.affinity_cell[a]);
        scheduling[context.affinity_cell[a].value] = static_cast<std::int32_t>(c);
      }
      if (!context.local_cells.empty()) {
        candidates.insert(candidates.end(), context.local_cells[a].begin(), context.local_cells[a].end());
      }
      for (CellId cell : candidates) owner_[cell.value] = static_cast<std::int32_t>(c);
    }
  }
  for (const DerivedProgram& program : programs_) {
    const std::int32_t runs =
        program.key.kind == ProgramKey::Kind::Act ? -1 : static_cast<std::int32_t>(program.key.index);
    for (const Op& op : program.program->ops) {
      const auto* assign = std::get_if<AssignOp>(&op);
      if (assign == nullptr) continue;
      for (CellId cell : assign->place.cells) {
        if (owner_[cell.value] >= 0 && owner_[cell.value] != runs) foreign_[cell.value] = true;
        const CellKind kind = system_.at(cell).kind;
        if (scheduling[cell.value] >= 0 && (scheduling[cell.value] != runs || kind == CellKind::Location)) {
          unsupported_ =
              fmt::format("'{}' is written by others than the scheduler and its context", system_.at(cell).name);
        }
      }
    }
  }
  for (std::uint32_t c = 0; c < system_.contexts.size(); ++c) {
    const Context& context = system_.contexts[c];
    const auto keep = [&](const auto& of_activation) {
      bool narrow = true;
      for (std::uint32_t a = 0; a < context.activations; ++a) {
        const CellId cell = of_activation(a);
        narrow = narrow && !foreign_[cell.value] && !is_free_[class_of_[cell.value]];
      }
      for (std::uint32_t a = 0; a < context.activations; ++a) {
        const std::uint32_t cell = of_activation(a).value;
        if (!narrow) {
          owner_[cell] = -1;
          continue;
        }
        own_position_[cell] = static_cast<std::uint32_t>(own_[c][a].size());
        owner_slot_[cell] = a;
        own_[c][a].push_back(cell);
      }
    };
    keep([&](std::uint32_t a) { return context.level_cell[a]; });
    if (!context.affinity_cell.empty()) keep([&](std::uint32_t a) { return context.affinity_cell[a]; });
    if (context.local_cells.empty()) continue;
    for (std::size_t i = 0; i < context.local_cells[0].size(); ++i) {
      keep([&](std::uint32_t a) { return context.local_cells[a][i]; });
    }
  }
}

bool CommandDerivation::join_global(std::uint32_t cell, const ValueSet& values) {
  const std::uint32_t of = class_of_[cell];
  if (is_free_[of] || !global_[of].unite(values)) return false;
  round_up(global_[of], size_[of], ++global_growths_[of]);
  global_stamp_[of] = ++stamp_;
  return true;
}

void CommandDerivation::join_location(LocationId location, std::size_t own, const ValueSet& values) {
  ValueSet& set = local_[location.value][own];
  if (!set.unite(values)) return;
  const CellId cell(std::size_t{own_[system_.at(location).context.value][0][own]});
  round_up(set, size_[cell.value], ++local_growths_[location.value][own]);
  local_stamp_[location.value] = ++stamp_;
}

void CommandDerivation::reach(LocationId location) {
  if (location_reached_[location.value]) return;
  location_reached_[location.value] = true;
  local_stamp_[location.value] = ++stamp_;
}

void CommandDerivation::set_initial() {
  const std::size_t cells = system_.cells.size();
  stamp_ = 1;
  global_.assign(cells, {});
  global_stamp_.assign(cells, 1);
  global_growths_.assign(cells, 0);
  local_.assign(system_.locations.size(), {});
  local_stamp_.assign(system_.locations.size(), 0);
  local_growths_.assign(system_.locations.size(), {});
  location_reached_.assign(system_.locations.size(), false);
  derived_at_.assign(programs_.size(), 0);
  for (DerivedProgram& program : programs_) {
    program.commands.clear();
    program.reason.clear();
    program.is_reached = false;
  }
  for (std::uint32_t l = 0; l < system_.locations.size(); ++l) {
    local_[l].resize(own_[system_.locations[l].context.value][0].size());
    local_growths_[l].resize(local_[l].size());
  }
  std::vector<ValueSet> initial(cells);
  std::vector<std::int64_t> wide;  // by cell: the initial number of one with a large domain
  for (const Cell& cell : system_.cells) wide.push_back(cell.rest);
  for (const InitialAssign& assign : system_.initial) {
    const std::uint32_t cell = assign.cell.value;
    std::int64_t number = 0;
    if (size_[cell] > ValueSet::kMax) {
      wide[cell] = assign.value.valid() && table_.is_constant(assign.value, &number) ? number : kUnknown;
      continue;
    }
    if (!assign.value.valid()) {
      for (std::int64_t n = std::max(assign.lo, lo_[cell]); n <= std::min(assign.hi, lo_[cell] + size_[cell] - 1);
           ++n) {
        initial[cell].insert(n - lo_[cell]);
      }
    } else if (table_.is_constant(assign.value, &number) && number >= lo_[cell] && number < lo_[cell] + size_[cell]) {
      initial[cell].insert(number - lo_[cell]);
    } else {
      initial[cell] = ValueSet::all(size_[cell]);
    }
  }
  for (std::uint32_t cell = 0; cell < cells; ++cell) {
    if (is_free_[class_of_[cell]]) {
      if (size_[cell] <= ValueSet::kMax) global_[class_of_[cell]] = ValueSet::all(size_[cell]);
      continue;
    }
    if (initial[cell].is_empty()) initial[cell].insert(system_.cells[cell].rest - lo_[cell]);
    global_[class_of_[cell]].unite(initial[cell]);
  }
  for (std::uint32_t c = 0; c < system_.contexts.size(); ++c) {
    const Context& context = system_.contexts[c];
    for (std::uint32_t a = 0; a < context.activations; ++a) {
      const std::uint32_t cell = context.location_cell[a].value;
      const auto stand_at = [&](std::int64_t number) {
        if (number < 1 || number > static_cast<std::int64_t>(context.locations.size())) return;
        const LocationId location = context.locations[static_cast<std::size_t>(number - 1)];
        reach(location);
        for (std::size_t i = 0; i < own_[c][a].size(); ++i) join_location(location, i, initial[own_[c][a][i]]);
      };
      if (size_[cell] <= ValueSet::kMax) {
        initial[cell].for_each([&](std::int64_t position) { stand_at(lo_[cell] + position); });
      } else if (wide[cell] != kUnknown) {
        stand_at(wide[cell]);
      } else {
        for (LocationId location : context.locations) stand_at(system_.at(location).number);
      }
    }
  }
}

void CommandDerivation::run_to_fixpoint() {
  for (bool changed = true; changed && !restart_ && unsupported_.empty();) {
    changed = false;
    for (std::size_t p = 0; p < programs_.size() && !restart_; ++p) {
      DerivedProgram& program = programs_[p];
      std::uint64_t newest = 1;
      if (program.key.kind == ProgramKey::Kind::Step) {
        const LocationId location = system_.contexts[program.key.index].locations[program.key.location - 1];
        if (!location_reached_[location.value]) continue;
        newest = local_stamp_[location.value];
      }
      for (std::uint32_t cell : reads_[p]) newest = std::max(newest, global_stamp_[class_of_[cell]]);
      if (derived_at_[p] >= newest) continue;
      derived_at_[p] = stamp_;
      changed = true;
      program.is_reached = true;
      if (program.reason.empty()) derive(program);
      if (!program.reason.empty()) give_up_outcomes(program);
    }
  }
}

/// What `id` may be, whatever the state: the numbers that its parts may be, put together. False when that is too much
/// to list. `temps`: what the scratch registers may be.
bool CommandDerivation::any_value(ExprId id, const std::vector<Numbers>& temps, Numbers& out) {
  if (!spend()) return false;
  const auto add = [&out](std::int64_t number) {
    const auto at = std::lower_bound(out.begin(), out.end(), number);
    if (at == out.end() || *at != number) out.insert(at, number);
    return out.size() <= static_cast<std::size_t>(ValueSet::kMax);
  };
  const auto truth = [&] { return add(0) && add(1); };
  return std::visit(Overloaded{
                        [&](const ConstantExpr& e) { return add(e.value); },
                        [&](const LoadExpr& e) {
                          for (CellId cell : e.place.cells) {
                            if (size_[cell.value] > ValueSet::kMax) return false;
                            bool fits = true;
                            global_[class_of_[cell.value]].for_each(
                                [&](std::int64_t position) { fits = fits && add(lo_[cell.value] + position); });
                            if (!fits) return false;
                          }
                          return true;
                        },
                        [&](const TempExpr& e) {
                          const Numbers& temp = temps[e.temp.value];
                          return !temp.empty() && std::all_of(temp.begin(), temp.end(), add);
                        },
                        [&](const UnaryExpr& e) {
                          if (e.op == UnaryOp::Not) return truth();
                          Numbers operand;
                          return any_value(e.operand, temps, operand) &&
                                 std::all_of(operand.begin(), operand.end(),
                                             [&](std::int64_t number) { return add(apply(e.op, number)); });
                        },
                        [&](const BinaryExpr& e) {
                          if (e.op != BinaryOp::Add && e.op != BinaryOp::Subtract && e.op != BinaryOp::Multiply &&
                              e.op != BinaryOp::Divide && e.op != BinaryOp::Modulo) {
                            return truth();
                          }
                          Numbers left, right;
                          if (!any_value(e.left, temps, left) || !any_value(e.right, temps, right)) return false;
                          for (std::int64_t l : left) {
                            for (std::int64_t r : right) {
                              if (!add(apply(e.op, l, r))) return false;
                            }
                          }
                          return true;
                        },
                        [&](const ConditionalExpr& e) {
                          return any_value(e.then_value, temps, out) && any_value(e.else_value, temps, out);
                        },
                        [&](const LookupExpr& e) { return std::all_of(e.table.begin(), e.table.end(), add); },
                        [&](const SelfActivationExpr&) { return add(activation_); },
                        [&](const CurrentCpuExpr&) {
                          for (std::uint32_t cpu = 0; cpu <= system_.cpus; ++cpu) add(cpu);
                          return true;
                        },
                        [&](const IdleExpr&) { return truth(); },
                    },
                    table_[id]);
}

/// What a program without commands may do: any way through it, with whatever its expressions may be.
void CommandDerivation::give_up_outcomes(const DerivedProgram& program) {
  CellSet written(system_.cells.size());
  std::vector<ValueSet> values(system_.cells.size());
  std::vector<LocationId> targets;
  // A register is 0 until it is set; ways come together again, so what it may be is all that it is ever set to.
  std::vector<Numbers> temps(program.program->temps, Numbers{0});
  std::vector<bool> is_wide(program.program->temps, false);
  all_work_ += work_;
  work_ = 0;
  failure_.clear();
  activation_ = program.key.activation;
  for (const Op& op : program.program->ops) {
    const auto set_temp = [&](TempId temp, bool known, const Numbers& numbers) {
      if (!known || is_wide[temp.value]) {
        is_wide[temp.value] = true;
        temps[temp.value].clear();  // anything
        return;
      }
      Numbers& all = temps[temp.value];
      Numbers sum;
      std::set_union(all.begin(), all.end(), numbers.begin(), numbers.end(), std::back_inserter(sum));
      all = std::move(sum);
    };
    if (const auto* assign = std::get_if<AssignOp>(&op)) {
      Numbers numbers;
      const bool known = any_value(assign->value, temps, numbers);
      for (CellId cell : assign->place.cells) {
        written.insert(cell);
        if (size_[cell.value] > ValueSet::kMax) continue;
        ValueSet may;
        if (!known) may = ValueSet::all(size_[cell.value]);
        for (std::int64_t number : numbers) {
          // What is outside the domain breaks a check before.
          if (known && number >= lo_[cell.value] && number - lo_[cell.value] < size_[cell.value]) {
            may.insert(number - lo_[cell.value]);
          }
        }
        values[cell.value].unite(may);
        join_global(cell.value, may);
      }
    } else if (const auto* let = std::get_if<LetOp>(&op)) {
      Numbers numbers;
      const bool known = any_value(let->value, temps, numbers);
      set_temp(let->temp, known, numbers);
    } else if (const auto* choose = std::get_if<ChooseOp>(&op)) {
      Numbers numbers;
      const bool known = choose->hi - choose->lo < ValueSet::kMax;
      for (std::int64_t number = choose->lo; known && number <= choose->hi; ++number) numbers.push_back(number);
      set_temp(choose->temp, known, numbers);
    } else if (const auto* go = std::get_if<GotoOp>(&op)) {
      targets.push_back(go->location);
    }
  }
  failure_.clear();
  if (program.key.kind == ProgramKey::Kind::Act) return;
  const std::uint32_t c = program.key.index;
  const Context& context = system_.contexts[c];
  const std::vector<std::uint32_t>& own = own_[c][program.key.activation];
  const std::uint32_t location_cell = context.location_cell[program.key.activation].value;
  const auto join_number = [&](std::uint32_t cell, std::int64_t number) {
    if (size_[cell] <= ValueSet::kMax) join_global(cell, ValueSet::single(number - lo_[cell]));
  };
  join_number(location_cell, 0);
  for (std::uint32_t cell : own) join_number(cell, system_.cells[cell].rest);
  for (LocationId target : targets) {
    join_number(location_cell, system_.at(target).number);
    reach(target);
    for (std::size_t i = 0; i < own.size(); ++i) {
      if (written.contains(CellId(std::size_t{own[i]}))) join_location(target, i, values[own[i]]);
      // Not every way writes it.
      if (program.key.kind == ProgramKey::Kind::Step) {
        const LocationId here = context.locations[program.key.location - 1];
        join_location(target, i, ValueSet(local_[here.value][i]));
      } else {
        const bool is_level = CellId(std::size_t{own[i]}) == context.level_cell[program.key.activation];
        join_location(target, i,
                      is_level ? ValueSet::single(context.start_level - lo_[own[i]]) : global_[class_of_[own[i]]]);
      }
      if (program.key.kind == ProgramKey::Kind::Start) {
        join_global(own[i], local_[target.value][i]);
      }
    }
  }
}

}  // namespace quiesce::checker
