#include "checker/successor/derive_rules.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "model/base/check.h"
#include "model/base/overloaded.h"
#include "model/system/step_local_cells.h"
#include "model/system/traverse.h"

namespace quiesce::checker {

using namespace model;

namespace {

constexpr std::int64_t kUnknown = std::numeric_limits<std::int64_t>::min();
constexpr std::uint32_t kNoCell = UINT32_MAX;
constexpr std::uint64_t kMaxWork = 60000;  // visits of expressions per program
constexpr std::size_t kFewWays = 32;       // below this, small copies are split into constants
constexpr std::int64_t kSmallCopy = 4;     // values

}  // namespace

RuleDerivation::RuleDerivation(const CompiledSystem& compiled, const CellExchanges& exchanges)
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
  if (!unsupported_.empty()) {
    for (DerivedProgram& program : programs_) {
      program.rules.clear();
      program.reason = unsupported_;
    }
  }
}

// ------------------------------------------------------------------------------------- supersets

/// Cells that renamings of CPUs or activations exchange are one class.
void RuleDerivation::find_classes() {
  const std::size_t cells = system_.cells.size();
  class_of_.resize(cells);
  std::iota(class_of_.begin(), class_of_.end(), 0u);
  const auto root = [this](std::uint32_t cell) {
    while (class_of_[cell] != cell) cell = class_of_[cell];
    return cell;
  };
  const auto unite = [&](CellId a, CellId b) {
    const std::uint32_t x = root(a.value);
    const std::uint32_t y = root(b.value);
    class_of_[std::max(x, y)] = std::min(x, y);
  };
  for (const CpuBlocks& blocks : system_.cpu_blocks) {
    for (CellId first : blocks.first) {
      for (std::uint32_t i = 0; i < blocks.length; ++i) {
        unite(CellId(std::size_t{blocks.first[0].value} + i), CellId(std::size_t{first.value} + i));
      }
    }
  }
  for (const auto& [a, b] : exchanges_.exchanged) unite(CellId(std::size_t{a}), CellId(std::size_t{b}));
  moved_.assign(cells, false);
  for (std::uint32_t cell : exchanges_.renamed) moved_[cell] = foreign_[cell] = true;
  for (std::uint32_t cell = 0; cell < cells; ++cell) {
    if (root(cell) == cell) continue;
    moved_[cell] = moved_[root(cell)] = true;
    foreign_[cell] = true;  // its values come from elsewhere, too
    foreign_[root(cell)] = true;
  }
  for (const Context& context : system_.contexts) {
    for (std::uint32_t a = 1; a < context.activations; ++a) {
      unite(context.location_cell[0], context.location_cell[a]);
      unite(context.level_cell[0], context.level_cell[a]);
      unite(context.cpu_cell[0], context.cpu_cell[a]);
      if (!context.affinity_cell.empty()) unite(context.affinity_cell[0], context.affinity_cell[a]);
      if (context.local_cells.empty()) continue;
      for (std::size_t i = 0; i < context.local_cells[0].size(); ++i) {
        unite(context.local_cells[0][i], context.local_cells[a][i]);
      }
    }
  }
  is_free_.assign(cells, false);
  for (std::uint32_t cell : exchanges_.renamed) is_free_[root(cell)] = true;
  for (std::uint32_t cell = 0; cell < cells; ++cell) {
    const std::uint32_t r = class_of_[cell] = root(cell);
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

void RuleDerivation::find_owners() {
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

bool RuleDerivation::join_global(std::uint32_t cell, const ValueSet& values) {
  const std::uint32_t of = class_of_[cell];
  if (is_free_[of] || !global_[of].unite(values)) return false;
  global_stamp_[of] = ++stamp_;
  return true;
}

void RuleDerivation::join_location(LocationId location, std::size_t own, const ValueSet& values) {
  if (local_[location.value][own].unite(values)) local_stamp_[location.value] = ++stamp_;
}

void RuleDerivation::reach(LocationId location) {
  if (location_reached_[location.value]) return;
  location_reached_[location.value] = true;
  local_stamp_[location.value] = ++stamp_;
}

void RuleDerivation::set_initial() {
  const std::size_t cells = system_.cells.size();
  stamp_ = 1;
  global_.assign(cells, {});
  global_stamp_.assign(cells, 1);
  local_.assign(system_.locations.size(), {});
  local_stamp_.assign(system_.locations.size(), 0);
  location_reached_.assign(system_.locations.size(), false);
  derived_at_.assign(programs_.size(), 0);
  for (DerivedProgram& program : programs_) {
    program.rules.clear();
    program.reason.clear();
    program.is_reached = false;
  }
  for (std::uint32_t l = 0; l < system_.locations.size(); ++l) {
    local_[l].resize(own_[system_.locations[l].context.value][0].size());
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

void RuleDerivation::run_to_fixpoint() {
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
bool RuleDerivation::any_value(ExprId id, const std::vector<Numbers>& temps, Numbers& out) {
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

/// What a program without rules may do: any way through it, with whatever its expressions may be.
void RuleDerivation::give_up_outcomes(const DerivedProgram& program) {
  CellSet written(system_.cells.size());
  std::vector<ValueSet> values(system_.cells.size());
  std::vector<LocationId> targets;
  // A register is 0 until it is set; ways come together again, so what it may be is all that it is ever set to.
  std::vector<Numbers> temps(program.program->temps, Numbers{0});
  std::vector<bool> is_wide(program.program->temps, false);
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

Packing::Numbers RuleDerivation::numbers() const {
  Packing::Numbers numbers(system_.cells.size());
  if (!unsupported_.empty()) return numbers;
  for (std::size_t cell = 0; cell < numbers.size(); ++cell) {
    if (size_[cell] > ValueSet::kMax || is_free_[class_of_[cell]]) continue;
    global_[class_of_[cell]].for_each(
        [&](std::int64_t position) { numbers[cell].push_back(static_cast<std::int32_t>(lo_[cell] + position)); });
  }
  return numbers;
}

void RuleDerivation::fit(const Packing& packing) {
  packing_ = &packing;
  for (DerivedProgram& program : programs_) {
    if (!program.is_reached || !program.reason.empty()) continue;
    const bool fits = std::all_of(program.rules.begin(), program.rules.end(), [&](const DerivedRule& rule) {
      return std::all_of(rule.copies.begin(), rule.copies.end(), [&](const DerivedRule::Copy& copy) {
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

// ----------------------------------------------------------------------------------- expressions

bool RuleDerivation::spend() {
  if (++work_ > kMaxWork) give_up("taking it apart takes too long");
  return failure_.empty();
}

const ValueSet& RuleDerivation::possible(std::uint32_t cell) {
  if (loaded_[cell] != epoch_) {
    loaded_[cell] = epoch_;
    ValueSet set;
    if (size_[cell] > ValueSet::kMax) {
      single_[cell] = kUnknown;
    } else {
      const CellId id(std::size_t{cell});
      if (at_rest_.contains(id)) {
        set = ValueSet::single(system_.cells[cell].rest - lo_[cell]);
      } else if (owner_[cell] >= 0 && owner_[cell] == context_ && location_.valid() &&
                 owner_slot_[cell] == static_cast<std::uint32_t>(activation_)) {
        set = local_[location_.value][own_position_[cell]];
      } else {
        set = global_[class_of_[cell]];
      }
      single_[cell] = set.count() == 1 ? lo_[cell] + set.least() : kUnknown;
    }
    base_[cell] = set;
    possible_[cell] = set;
  }
  return possible_[cell];
}

void RuleDerivation::restrict(std::uint32_t cell, const ValueSet& values) {
  Undo undo;
  undo.kind = Undo::Kind::Possible;
  undo.index = cell;
  undo.set = possible(cell);
  undo_.push_back(undo);
  possible_[cell] = values;
  single_[cell] = values.count() == 1 ? lo_[cell] + values.least() : kUnknown;
}

RuleDerivation::Valued RuleDerivation::cell_value(std::uint32_t cell, Mode mode) {
  if (mode == Mode::Program && env_[cell].is_written) {
    if (env_[cell].known) return {true, env_[cell].value};
    return evaluate(env_[cell].expr, Mode::Before);
  }
  possible(cell);
  return {single_[cell] != kUnknown, single_[cell]};
}

RuleDerivation::Valued RuleDerivation::evaluate(ExprId id, Mode mode) {
  if (!spend()) return {true, 0};
  return std::visit(
      Overloaded{
          [](const ConstantExpr& e) {
            return Valued{true, e.value};
          },
          [&](const LoadExpr& e) {
            std::int64_t index = 0;
            if (e.place.index.valid()) {
              const Valued at = evaluate(e.place.index, mode);
              if (!at.known) return Valued{};
              index = at.value;
            }
            return cell_value(element(e.place, index), mode);
          },
          [&](const TempExpr& e) {
            const Written& temp = temps_[e.temp.value];
            return temp.known ? Valued{true, temp.value} : evaluate(temp.expr, Mode::Before);
          },
          [&](const UnaryExpr& e) {
            const Valued operand = evaluate(e.operand, mode);
            return operand.known ? Valued{true, apply(e.op, operand.value)} : Valued{};
          },
          [&](const BinaryExpr& e) {
            const Valued left = evaluate(e.left, mode);
            const bool is_logic = e.op == BinaryOp::And || e.op == BinaryOp::Or;
            const bool decisive = e.op == BinaryOp::Or;
            if (is_logic && left.known && (left.value != 0) == decisive) return Valued{true, decisive};
            const Valued right = evaluate(e.right, mode);
            if (is_logic && right.known && (right.value != 0) == decisive) return Valued{true, decisive};
            return left.known && right.known ? Valued{true, apply(e.op, left.value, right.value)} : Valued{};
          },
          [&](const ConditionalExpr& e) {
            const Valued condition = evaluate(e.condition, mode);
            if (condition.known) return evaluate(condition.value != 0 ? e.then_value : e.else_value, mode);
            const Valued yes = evaluate(e.then_value, mode);
            if (!yes.known) return Valued{};
            const Valued no = evaluate(e.else_value, mode);
            return no.known && no.value == yes.value ? yes : Valued{};
          },
          [&](const LookupExpr& e) {
            const Valued index = evaluate(e.index, mode);
            if (!index.known) return Valued{};
            const bool inside = index.value > 0 && index.value < static_cast<std::int64_t>(e.table.size());
            return Valued{true, e.table[inside ? static_cast<std::size_t>(index.value) : 0]};
          },
          [&](const SelfActivationExpr&) {
            return Valued{true, activation_};
          },
          [&](const CurrentCpuExpr&) {
            return Valued{true, cpu_};
          },
          [&](const IdleExpr& e) {
            bool known = true;
            for (CellId cell : system_.at(e.context).location_cell) {
              const Valued location = cell_value(cell.value, mode);
              if (location.known && location.value != 0) return Valued{true, 0};
              if (!location.known && size_[cell.value] <= ValueSet::kMax &&
                  !(mode == Mode::Program && env_[cell.value].is_written) &&
                  !possible(cell.value).contains(-lo_[cell.value])) {
                return Valued{true, 0};
              }
              known = known && location.known;
            }
            return known ? Valued{true, 1} : Valued{};
          },
      },
      table_[id]);
}

std::uint32_t RuleDerivation::blocking_cell_of(std::uint32_t cell, Mode mode) {
  if (mode == Mode::Program && env_[cell].is_written) {
    return env_[cell].known ? kNoCell : blocking_cell(env_[cell].expr, Mode::Before);
  }
  possible(cell);
  return single_[cell] == kUnknown ? cell : kNoCell;
}

/// A cell on which the value of `id` depends, with what is known: the first in the order of evaluation.
std::uint32_t RuleDerivation::blocking_cell(ExprId id, Mode mode) {
  if (evaluate(id, mode).known) return kNoCell;
  return std::visit(Overloaded{
                        [](const ConstantExpr&) { return kNoCell; },
                        [&](const LoadExpr& e) {
                          std::int64_t index = 0;
                          if (e.place.index.valid()) {
                            const Valued at = evaluate(e.place.index, mode);
                            if (!at.known) return blocking_cell(e.place.index, mode);
                            index = at.value;
                          }
                          return blocking_cell_of(element(e.place, index), mode);
                        },
                        [&](const TempExpr& e) { return blocking_cell(temps_[e.temp.value].expr, Mode::Before); },
                        [&](const UnaryExpr& e) { return blocking_cell(e.operand, mode); },
                        [&](const BinaryExpr& e) {
                          const std::uint32_t left = blocking_cell(e.left, mode);
                          return left != kNoCell ? left : blocking_cell(e.right, mode);
                        },
                        [&](const ConditionalExpr& e) {
                          const std::uint32_t condition = blocking_cell(e.condition, mode);
                          if (condition != kNoCell) return condition;
                          return blocking_cell(evaluate(e.condition, mode).value != 0 ? e.then_value : e.else_value,
                                               mode);
                        },
                        [&](const LookupExpr& e) { return blocking_cell(e.index, mode); },
                        [](const SelfActivationExpr&) { return kNoCell; },
                        [](const CurrentCpuExpr&) { return kNoCell; },
                        [&](const IdleExpr& e) {
                          for (CellId cell : system_.at(e.context).location_cell) {
                            const std::uint32_t blocking = blocking_cell_of(cell.value, mode);
                            if (blocking != kNoCell) return blocking;
                          }
                          return kNoCell;
                        },
                    },
                    table_[id]);
}

ExprId RuleDerivation::residual_of(std::uint32_t cell, Mode mode) {
  if (mode == Mode::Program && env_[cell].is_written) {
    return env_[cell].known ? table_.constant(env_[cell].value) : residual(env_[cell].expr, Mode::Before);
  }
  possible(cell);
  return single_[cell] == kUnknown ? table_.load(CellId(std::size_t{cell})) : table_.constant(single_[cell]);
}

/// `id` as an expression over the cells before the step, with all that is known put in.
ExprId RuleDerivation::residual(ExprId id, Mode mode) {
  const Valued value = evaluate(id, mode);
  if (value.known) return table_.constant(value.value);
  return std::visit(Overloaded{
                        [&](const ConstantExpr&) { return id; },
                        [&](const LoadExpr& e) {
                          if (!e.place.index.valid()) return residual_of(e.place.cells[0].value, mode);
                          const Valued at = evaluate(e.place.index, mode);
                          if (at.known) return residual_of(element(e.place, at.value), mode);
                          // An element chosen by something unknown: as a choice among what the elements are.
                          const ExprId index = residual(e.place.index, mode);
                          ExprId result = residual_of(e.place.cells[0].value, mode);
                          for (std::size_t i = 1; i < e.place.cells.size(); ++i) {
                            const ExprId is_it = table_.equal(index, table_.constant(static_cast<std::int64_t>(i)));
                            result = table_.conditional(is_it, residual_of(e.place.cells[i].value, mode), result);
                          }
                          return result;
                        },
                        [&](const TempExpr& e) { return residual(temps_[e.temp.value].expr, Mode::Before); },
                        [&](const UnaryExpr& e) {
                          return table_.add(UnaryExpr{e.op, residual(e.operand, mode)});
                        },
                        [&](const BinaryExpr& e) {
                          const ExprId left = residual(e.left, mode);
                          return table_.binary(e.op, left, residual(e.right, mode));
                        },
                        [&](const ConditionalExpr& e) {
                          const ExprId condition = residual(e.condition, mode);
                          const ExprId yes = residual(e.then_value, mode);
                          return table_.conditional(condition, yes, residual(e.else_value, mode));
                        },
                        [&](const LookupExpr& e) {
                          return table_.add(LookupExpr{e.table, residual(e.index, mode)});
                        },
                        [&](const SelfActivationExpr&) { return id; },
                        [&](const CurrentCpuExpr&) { return id; },
                        [&](const IdleExpr& e) {
                          ExprId all = table_.constant(1);
                          for (CellId cell : system_.at(e.context).location_cell) {
                            all = table_.conjunction(all,
                                                     table_.equal(residual_of(cell.value, mode), table_.constant(0)));
                          }
                          return all;
                        },
                    },
                    Expr(table_[id]));
}

RuleDerivation::Mark RuleDerivation::mark() const {
  return {undo_.size(), reached_.size(), failed_.size(), choices_.size(), written_.size()};
}

void RuleDerivation::restore(const Mark& mark) {
  while (undo_.size() > mark.undo) {
    const Undo& undo = undo_.back();
    switch (undo.kind) {
      case Undo::Kind::Possible:
        possible_[undo.index] = undo.set;
        single_[undo.index] = undo.set.count() == 1 ? lo_[undo.index] + undo.set.least() : kUnknown;
        break;
      case Undo::Kind::Env:
        env_[undo.index] = undo.written;
        break;
      case Undo::Kind::Temp:
        temps_[undo.index] = undo.written;
        break;
    }
    undo_.pop_back();
  }
  reached_.resize(mark.reached);
  failed_.resize(mark.failed);
  choices_.resize(mark.choices);
  written_.resize(mark.written);
}

/// Calls `next` with each value (or truth) that `expr` can have, with the cells restricted to where it has it.
template <class Continue>
void RuleDerivation::resolve(ExprId expr, Mode mode, bool as_truth, const Continue& next) {
  if (!failure_.empty()) return;
  const Valued value = evaluate(expr, mode);
  if (value.known) return next(as_truth ? static_cast<std::int64_t>(value.value != 0) : value.value);
  const std::uint32_t cell = blocking_cell(expr, mode);
  QUIESCE_CHECK(cell != kNoCell || !failure_.empty()) << "an expression that depends on nothing";
  if (!failure_.empty()) return;
  if (size_[cell] > ValueSet::kMax) {
    return give_up(fmt::format("'{}' has a domain of {} values", system_.cells[cell].name, size_[cell]));
  }
  struct Part {
    bool known = false;
    std::int64_t value = 0;
    ExprId rest;
    ValueSet values;
  };
  std::vector<Part> parts;
  const ValueSet among = possible(cell);
  among.for_each([&](std::int64_t position) {
    if (!failure_.empty()) return;
    const Mark before = mark();
    restrict(cell, ValueSet::single(position));
    const Valued now = evaluate(expr, mode);
    Part part;
    part.known = now.known;
    if (now.known) {
      part.value = as_truth ? static_cast<std::int64_t>(now.value != 0) : now.value;
    } else {
      part.rest = residual(expr, mode);
    }
    restore(before);
    for (Part& other : parts) {
      if (other.known == part.known && other.value == part.value && other.rest == part.rest) {
        other.values.insert(position);
        return;
      }
    }
    part.values.insert(position);
    parts.push_back(part);
  });
  for (const Part& part : parts) {
    if (!failure_.empty()) return;
    const Mark before = mark();
    restrict(cell, part.values);
    if (part.known) {
      next(part.value);
    } else {
      // What is left does not depend on the cell any more.
      resolve(part.rest, Mode::Before, as_truth, next);
    }
    restore(before);
  }
}

// ---------------------------------------------------------------------------------- one program

void RuleDerivation::give_up(std::string reason) {
  if (failure_.empty()) failure_ = std::move(reason);
}

std::int32_t RuleDerivation::check_position(const CheckOp& op) {
  const auto [known, is_new] = check_positions_.try_emplace(&op, 0);
  if (!is_new) return known->second;
  const CompiledCheck wanted{op.rule, op.span, op.message, system_.at(op.rule).core};
  const auto& checks = compiled_.code.checks;
  return known->second = static_cast<std::int32_t>(std::find(checks.begin(), checks.end(), wanted) - checks.begin());
}

void RuleDerivation::begin(ContextId context, std::uint32_t activation, LocationId location, std::uint32_t cpu) {
  ++epoch_;
  activation_ = activation;
  cpu_ = cpu;
  context_ = context.valid() ? static_cast<std::int32_t>(context.value) : -1;
  location_ = location;
  runner_ = context.valid() ? &compiled_.activations[system_.at(context).first_slot + activation] : nullptr;
  work_ = 0;
  ways_ = 0;
  failure_.clear();
  cubes_ = nullptr;
  if (location.valid()) {
    const auto cell = static_cast<std::uint32_t>(runner_->location_cell);
    if (size_[cell] <= ValueSet::kMax) {
      possible(cell);
      base_[cell] = possible_[cell] = ValueSet::single(system_.at(location).number - lo_[cell]);
    }
    loaded_[cell] = epoch_;
    single_[cell] = system_.at(location).number;
  }
}

void RuleDerivation::clean_up() {
  restore(Mark{});
  temps_.clear();
}

void RuleDerivation::derive(DerivedProgram& derived) {
  derived.rules.clear();
  program_ = &derived;
  const ProgramKey& key = derived.key;
  const Program& program = *derived.program;
  temps_.assign(program.temps, {true, true, 0, {}});
  if (key.kind == ProgramKey::Kind::Act) {
    begin({}, 0, {}, 0);
    execute(0);
  } else {
    const Context& context = system_.contexts[key.index];
    if (key.kind == ProgramKey::Kind::Step) {
      begin(ContextId(std::size_t{key.index}), key.activation, context.locations[key.location - 1], key.cpu);
      execute(0);
    } else {
      begin(ContextId(std::size_t{key.index}), key.activation, {}, key.cpu);
      // The one that starts is the first that does not run: the expander looks.
      const auto location_cell = static_cast<std::uint32_t>(runner_->location_cell);
      if (size_[location_cell] <= ValueSet::kMax) {
        possible(location_cell);
        base_[location_cell] = possible_[location_cell] = ValueSet::single(-lo_[location_cell]);
      }
      loaded_[location_cell] = epoch_;
      single_[location_cell] = 0;
      const bool pins = context.start_level >= system_.pin_level;
      const auto start = [&] {
        const auto write = [&](std::int32_t cell, std::int64_t number) {
          assign(static_cast<std::uint32_t>(cell), table_.constant(number));
        };
        write(runner_->level_cell, context.start_level);
        if (pins) write(runner_->cpu_cell, key.cpu);
        execute(0);
      };
      resolve(context.condition, Mode::Before, true, [&](std::int64_t holds) {
        if (holds == 0) return;
        if (!pins || std::holds_alternative<OnAny>(context.cpus)) return start();
        ExprId allowed;
        if (const auto* one = std::get_if<OnOne>(&context.cpus)) {
          allowed = table_.equal(one->cpu, table_.constant(key.cpu));
        } else {
          allowed = std::get<OnSet>(context.cpus).allowed[key.cpu - 1];
        }
        resolve(allowed, Mode::Before, true, [&](std::int64_t is_allowed) {
          if (is_allowed != 0) start();
        });
      });
    }
  }
  clean_up();
  if (!failure_.empty()) {
    derived.rules.clear();
    derived.reason = failure_;
  }
}

/// cell := value, in the program.
void RuleDerivation::assign(std::uint32_t cell, ExprId value) {
  if (context_ >= 0 && owner_[cell] == context_ && owner_slot_[cell] != static_cast<std::uint32_t>(activation_)) {
    // Another activation's: what is known of it per location does not hold. Start over without it.
    for (const auto& own : own_[static_cast<std::size_t>(context_)]) foreign_[own[own_position_[cell]]] = true;
    restart_ = true;
    return give_up("writes what belongs to another activation");
  }
  Written written;
  written.is_written = true;
  const Valued now = evaluate(value, Mode::Program);
  written.known = now.known;
  written.value = now.value;
  if (now.known) {
    const std::int64_t position = now.value - lo_[cell];
    if (position < 0 || position >= size_[cell]) {
      return give_up(fmt::format("'{}' may leave its domain", system_.cells[cell].name));
    }
  } else {
    written.expr = residual(value, Mode::Program);
  }
  Undo undo;
  undo.kind = Undo::Kind::Env;
  undo.index = cell;
  undo.written = env_[cell];
  undo_.push_back(undo);
  if (!env_[cell].is_written) written_.push_back(cell);
  env_[cell] = written;
}

void RuleDerivation::execute(std::size_t pc) {
  const std::vector<Op>& ops = program_->program->ops;
  for (; failure_.empty(); ++pc) {
    if (pc >= ops.size()) return;  // a bug of elaboration; register code has no outcome here either
    const Op& op = ops[pc];
    if (const auto* assignment = std::get_if<AssignOp>(&op)) {
      if (assignment->place.index.valid()) {
        const Valued index = evaluate(assignment->place.index, Mode::Program);
        if (!index.known) {
          return resolve(assignment->place.index, Mode::Program, false, [&](std::int64_t at) {
            assign(element(assignment->place, at), assignment->value);
            execute(pc + 1);
          });
        }
        assign(element(assignment->place, index.value), assignment->value);
      } else {
        assign(assignment->place.cells[0].value, assignment->value);
      }
    } else if (const auto* let = std::get_if<LetOp>(&op)) {
      Undo undo;
      undo.kind = Undo::Kind::Temp;
      undo.index = let->temp.value;
      undo.written = temps_[let->temp.value];
      const Valued now = evaluate(let->value, Mode::Program);
      Written written{true, now.known, now.value, {}};
      if (!now.known) written.expr = residual(let->value, Mode::Program);
      undo_.push_back(undo);
      temps_[let->temp.value] = written;
    } else if (const auto* choose = std::get_if<ChooseOp>(&op)) {
      if (choose->hi - choose->lo >= static_cast<std::int64_t>(kMaxRules)) {
        return give_up(fmt::format("a choice among {} values", choose->hi - choose->lo + 1));
      }
      for (std::int64_t value = choose->lo; value <= choose->hi && failure_.empty(); ++value) {
        const Mark before = mark();
        Undo undo;
        undo.kind = Undo::Kind::Temp;
        undo.index = choose->temp.value;
        undo.written = temps_[choose->temp.value];
        undo_.push_back(undo);
        temps_[choose->temp.value] = {true, true, value, {}};
        if (choose->counted) choices_.push_back(value);
        execute(pc + 1);
        restore(before);
      }
      return;
    } else if (const auto* branch = std::get_if<BranchOp>(&op)) {
      const Valued now = evaluate(branch->condition, Mode::Program);
      if (!now.known) {
        return resolve(branch->condition, Mode::Program, true,
                       [&](std::int64_t holds) { execute(holds != 0 ? pc + 1 : branch->otherwise); });
      }
      if (now.value == 0) pc = branch->otherwise - std::size_t{1};
    } else if (const auto* jump = std::get_if<JumpOp>(&op)) {
      pc = jump->target - std::size_t{1};
    } else if (const auto* check = std::get_if<CheckOp>(&op)) {
      const std::int32_t position = check_position(*check);
      reached_.push_back(position);
      const bool core = system_.at(check->rule).core;
      const auto judge = [&](std::int64_t holds) {
        if (holds == 0) {
          failed_.push_back(position);
          if (core) return emit(0, {}, true);
        }
        execute(pc + 1);
      };
      const Valued now = evaluate(check->condition, Mode::Program);
      if (!now.known || now.value == 0) return resolve(check->condition, Mode::Program, true, judge);
    } else if (const auto* assume = std::get_if<AssumeOp>(&op)) {
      const Valued now = evaluate(assume->condition, Mode::Program);
      if (!now.known) {
        return resolve(assume->condition, Mode::Program, true, [&](std::int64_t holds) {
          if (holds != 0) execute(pc + 1);
        });
      }
      if (now.value == 0) return;
    } else if (const auto* go = std::get_if<GotoOp>(&op)) {
      return finish(system_.at(go->location).number, go->location, false);
    } else if (std::holds_alternative<EndOp>(op)) {
      return finish(0, {}, false);
    }
  }
}

/// Whether `expr` is a cell plus a constant that can be moved into `cell` as it is packed.
bool RuleDerivation::is_copy(std::uint32_t cell, ExprId expr, CellId* from, std::int64_t* plus, bool must_fit) {
  const auto load_of = [&](ExprId id) {
    const auto* load = std::get_if<LoadExpr>(&table_[id]);
    if (load == nullptr || load->place.index.valid()) return false;
    *from = load->place.cells[0];
    return true;
  };
  *plus = 0;
  if (!load_of(expr)) {
    const auto* binary = std::get_if<BinaryExpr>(&table_[expr]);
    if (binary == nullptr) return false;
    std::int64_t number = 0;
    if (binary->op == BinaryOp::Add && load_of(binary->left) && table_.is_constant(binary->right, &number)) {
      *plus = number;
    } else if (binary->op == BinaryOp::Add && load_of(binary->right) && table_.is_constant(binary->left, &number)) {
      *plus = number;
    } else if (binary->op == BinaryOp::Subtract && load_of(binary->left) &&
               table_.is_constant(binary->right, &number)) {
      *plus = -number;
    } else {
      return false;
    }
    if (*plus < -(std::int64_t{1} << 32) || *plus > (std::int64_t{1} << 32)) return false;
  }
  if (packing_ != nullptr) {
    const auto source = packing_->field(*from);
    const auto target = packing_->field(CellId(std::size_t{cell}));
    if (!source || !target || source->encoding != target->encoding) return false;
    if (source->encoding == Packing::Encoding::OneHot) {
      return *plus == 0 && source->bits == target->bits && source->lo == target->lo;
    }
    if (source->encoding == Packing::Encoding::Listed) {
      return *plus == 0 && source->bits == target->bits &&
             std::equal(packing_->list(*source), packing_->list(*source) + (std::size_t{1} << source->bits),
                        packing_->list(*target));
    }
  }
  if (!must_fit) return true;
  // Whatever can be there must fit.
  std::int64_t least = lo_[from->value];
  std::int64_t greatest = least + size_[from->value] - 1;
  if (size_[from->value] <= ValueSet::kMax) {
    least = greatest;
    greatest = lo_[from->value];
    possible(from->value).for_each([&](std::int64_t position) {
      least = std::min(least, lo_[from->value] + position);
      greatest = std::max(greatest, lo_[from->value] + position);
    });
  }
  return least + *plus >= lo_[cell] && greatest + *plus < lo_[cell] + size_[cell];
}

/// A way is complete: the scheduler's cells, then what is still unknown of the effect.
void RuleDerivation::finish(std::uint32_t number, LocationId location, bool ends_run) {
  if (runner_ != nullptr) {
    const auto write = [&](std::int32_t cell, std::int64_t value) {
      assign(static_cast<std::uint32_t>(cell), table_.constant(value));
    };
    write(runner_->location_cell, number);
    if (number == 0) {
      for (std::int32_t cell : {runner_->level_cell, runner_->cpu_cell, runner_->affinity_cell}) {
        if (cell >= 0) write(cell, system_.cells[static_cast<std::size_t>(cell)].rest);
      }
    } else if (cpu_ != 0) {
      write(runner_->cpu_cell, cpu_);
    }
  }
  emit(number, location, ends_run);
}

void RuleDerivation::emit(std::uint32_t number, LocationId location, bool ends_run) {
  if (!failure_.empty()) return;
  DerivedRule rule;
  if (cubes_ == nullptr && !ends_run) {
    for (std::uint32_t cell : written_) {
      Written& written = env_[cell];
      std::int64_t value = written.value;
      if (!written.known) {
        const Valued now = evaluate(written.expr, Mode::Before);
        if (!now.known) {
          CellId from;
          std::int64_t plus = 0;
          const bool may_copy = runner_ == nullptr || static_cast<std::int32_t>(cell) != runner_->level_cell;
          const ExprId expr = residual(written.expr, Mode::Before);
          if (may_copy && is_copy(cell, expr, &from, &plus)) {
            if (from.value == cell && plus == 0) continue;
            const bool split =
                size_[from.value] <= ValueSet::kMax && ways_ < kFewWays && possible(from.value).count() <= kSmallCopy;
            if (!split) {
              rule.copies.push_back({CellId(std::size_t{cell}), from, plus});
              continue;
            }
          }
          return resolve(expr, Mode::Before, false, [&](std::int64_t known) {
            Undo undo;
            undo.kind = Undo::Kind::Env;
            undo.index = cell;
            undo.written = env_[cell];
            undo_.push_back(undo);
            env_[cell] = {true, true, known, {}};
            emit(number, location, ends_run);
            env_[cell] = undo_.back().written;
            undo_.pop_back();
          });
        }
        value = now.value;
      }
      const std::int64_t position = value - lo_[cell];
      if (position < 0 || position >= size_[cell]) {
        return give_up(fmt::format("'{}' may leave its domain", system_.cells[cell].name));
      }
      possible(cell);
      if (single_[cell] != value) rule.writes.push_back({CellId(std::size_t{cell}), value});
    }
  }
  if (++ways_ > kMaxRules) return give_up(fmt::format("more than {} ways through it", kMaxRules));
  std::vector<std::uint32_t> seen;
  for (const Undo& undo : undo_) {
    if (undo.kind != Undo::Kind::Possible || possible_[undo.index] == base_[undo.index]) continue;
    if (std::find(seen.begin(), seen.end(), undo.index) != seen.end()) continue;
    seen.push_back(undo.index);
    rule.conditions.push_back({CellId(std::size_t{undo.index}), possible_[undo.index], base_[undo.index]});
  }
  if (cubes_ != nullptr) {
    cubes_->push_back(std::move(rule.conditions));
    return;
  }
  rule.ends_run = ends_run;
  rule.reached = reached_;
  rule.failed = failed_;
  rule.choices = choices_;
  if (!ends_run) {
    // What the step makes possible.
    const auto values_after = [&](std::uint32_t cell) {
      const Written& written = env_[cell];
      if (!written.is_written) return possible(cell);
      const Valued now = written.known ? Valued{true, written.value} : evaluate(written.expr, Mode::Before);
      if (now.known) return ValueSet::single(now.value - lo_[cell]);
      for (const DerivedRule::Copy& copy : rule.copies) {
        if (copy.cell.value != cell) continue;
        if (size_[copy.from.value] > ValueSet::kMax) return ValueSet::all(size_[cell]);
        ValueSet moved;
        possible(copy.from.value).for_each([&](std::int64_t position) {
          moved.insert(position + lo_[copy.from.value] + copy.plus - lo_[cell]);
        });
        return moved;
      }
      return possible(cell);  // itself
    };
    for (std::uint32_t cell : written_) {
      if (size_[cell] <= ValueSet::kMax) join_global(cell, values_after(cell));
    }
    if (runner_ != nullptr && location.valid()) {
      reach(location);
      const std::vector<std::uint32_t>& own =
          own_[static_cast<std::size_t>(context_)][static_cast<std::size_t>(activation_)];
      for (std::size_t i = 0; i < own.size(); ++i) join_location(location, i, values_after(own[i]));
      const auto level_cell = static_cast<std::uint32_t>(runner_->level_cell);
      const Written& level = env_[level_cell];
      if (level.is_written) {
        const Valued after = level.known ? Valued{true, level.value} : evaluate(level.expr, Mode::Before);
        QUIESCE_CHECK(after.known) << "a level that is not known";
        rule.pins_if_floating = cpu_ == 0 && after.value >= system_.pin_level;
        rule.may_unpin = after.value < system_.pin_level;
      } else if (cpu_ != 0) {
        possible(level_cell).for_each([&](std::int64_t position) {
          rule.may_unpin = rule.may_unpin || lo_[level_cell] + position < system_.pin_level;
        });
      }
    }
  }
  program_->rules.push_back(std::move(rule));
}

ExprId RuleDerivation::wants(const Context& handler, std::uint32_t cpu) {
  if (const auto* one = std::get_if<OnOne>(&handler.cpus)) {
    return table_.conjunction(handler.condition, table_.equal(one->cpu, table_.constant(cpu + 1)));
  }
  if (const auto* set = std::get_if<OnSet>(&handler.cpus)) {
    return table_.conjunction(handler.condition, set->allowed[cpu]);
  }
  return handler.condition;
}

bool RuleDerivation::conditions(ExprId condition, bool wanted, LocationId location, std::uint32_t activation,
                                std::vector<std::vector<CellCondition>>& out, std::string* reason) {
  if (!unsupported_.empty()) {
    *reason = unsupported_;
    return false;
  }
  begin(location.valid() ? system_.at(location).context : ContextId(), activation, location, 0);
  const std::size_t before = out.size();
  cubes_ = &out;
  resolve(condition, Mode::Before, true, [&](std::int64_t holds) {
    if ((holds != 0) == wanted) emit(0, {}, true);
  });
  cubes_ = nullptr;
  clean_up();
  if (failure_.empty()) return true;
  out.resize(before);
  *reason = failure_;
  return false;
}

}  // namespace quiesce::checker
