// The ways through one program: a command for each.
#include "checker/successor/derive_commands.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "model/base/internal_check.h"

namespace quiesce::checker {

using namespace model;

namespace {

constexpr std::size_t kFewWays = 32;    // below this, small copies are split into constants
constexpr std::int64_t kSmallCopy = 4;  // values

}  // namespace

void CommandDerivation::give_up(std::string reason) {
  if (failure_.empty()) failure_ = std::move(reason);
}

std::int32_t CommandDerivation::check_position(const CheckOp& op) {
  const auto [known, is_new] = check_positions_.try_emplace(&op, 0);
  if (!is_new) return known->second;
  const CompiledCheck wanted{op.rule, op.span, op.message, system_.at(op.rule).core};
  const auto& checks = compiled_.code.checks;
  return known->second = static_cast<std::int32_t>(std::find(checks.begin(), checks.end(), wanted) - checks.begin());
}

void CommandDerivation::begin(ContextId context, std::uint32_t activation, LocationId location, std::uint32_t cpu) {
  ++epoch_;
  activation_ = activation;
  cpu_ = cpu;
  context_ = context.valid() ? static_cast<std::int32_t>(context.value) : -1;
  location_ = location;
  runner_ = context.valid() ? &compiled_.activations[system_.at(context).first_slot + activation] : nullptr;
  all_work_ += work_;
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

void CommandDerivation::clean_up() {
  restore(Mark{});
  temps_.clear();
}

void CommandDerivation::derive(DerivedProgram& derived) {
  derived.commands.clear();
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
    derived.commands.clear();
    derived.reason = failure_;
  }
}

/// cell := value, in the program.
void CommandDerivation::assign(std::uint32_t cell, ExprId value) {
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

void CommandDerivation::execute(std::size_t pc) {
  const std::vector<Op>& ops = program_->program->ops;
  for (; failure_.empty(); ++pc) {
    if (pc >= ops.size()) return;  // a bug of elaboration; bytecode has no outcome here either
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
      if (choose->hi - choose->lo >= static_cast<std::int64_t>(kMaxCommands)) {
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
bool CommandDerivation::is_copy(std::uint32_t cell, ExprId expr, CellId* from, std::int64_t* plus, bool must_fit) {
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
void CommandDerivation::finish(std::uint32_t number, LocationId location, bool ends_run) {
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

void CommandDerivation::emit(std::uint32_t number, LocationId location, bool ends_run) {
  if (!failure_.empty()) return;
  DerivedCommand command;
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
              command.copies.push_back({CellId(std::size_t{cell}), from, plus});
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
      if (single_[cell] != value) command.writes.push_back({CellId(std::size_t{cell}), value});
    }
  }
  if (++ways_ > kMaxCommands) return give_up(fmt::format("more than {} ways through it", kMaxCommands));
  std::vector<std::uint32_t> seen;
  for (const Undo& undo : undo_) {
    if (undo.kind != Undo::Kind::Possible || possible_[undo.index] == base_[undo.index]) continue;
    if (std::find(seen.begin(), seen.end(), undo.index) != seen.end()) continue;
    seen.push_back(undo.index);
    command.conditions.push_back({CellId(std::size_t{undo.index}), possible_[undo.index], base_[undo.index]});
  }
  if (cubes_ != nullptr) {
    cubes_->push_back(std::move(command.conditions));
    return;
  }
  command.ends_run = ends_run;
  command.reached = reached_;
  command.failed = failed_;
  command.choices = choices_;
  if (!ends_run) {
    // What the step makes possible.
    const auto values_after = [&](std::uint32_t cell) {
      const Written& written = env_[cell];
      if (!written.is_written) return possible(cell);
      const Valued now = written.known ? Valued{true, written.value} : evaluate(written.expr, Mode::Before);
      if (now.known) return ValueSet::single(now.value - lo_[cell]);
      for (const DerivedCommand::Copy& copy : command.copies) {
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
        command.pins_if_floating = cpu_ == 0 && after.value >= system_.pin_level;
        command.may_unpin = after.value < system_.pin_level;
      } else if (cpu_ != 0) {
        possible(level_cell).for_each([&](std::int64_t position) {
          command.may_unpin = command.may_unpin || lo_[level_cell] + position < system_.pin_level;
        });
      }
    }
  }
  program_->commands.push_back(std::move(command));
}

}  // namespace quiesce::checker
