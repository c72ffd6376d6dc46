#include "checker/successor/successor_generator.h"

#include <algorithm>
#include <bit>

namespace quiesce::checker {

using namespace model;

SuccessorGenerator::SuccessorGenerator(const CompiledSystem& compiled)
    : compiled_(compiled),
      code_(compiled.code),
      cells_(compiled.system().cells.size()),
      registers_(compiled.code.registers),
      exercised_(compiled.code.checks.size()) {}

bool SuccessorGenerator::is_true(BlockId condition, const std::int32_t* state) {
  NoEffects none;
  return execute(code_, condition, state, registers_.data(), none) != 0;
}

std::int64_t SuccessorGenerator::value_of(BlockId block, const std::int32_t* state) {
  NoEffects none;
  return execute(code_, block, state, registers_.data(), none);
}

// ------------------------------------------------------------------------------------- scheduling

std::uint32_t SuccessorGenerator::allowed_cpus(const CompiledHandler& handler, const std::int32_t* state) {
  switch (handler.cpus) {
    case CompiledHandler::Cpus::Any:
      return (1u << compiled_.cpus) - 1;
    case CompiledHandler::Cpus::One: {
      const std::int64_t cpu = value_of(handler.on_cpu, state);
      return cpu >= 1 && cpu <= compiled_.cpus ? 1u << (cpu - 1) : 0;
    }
    case CompiledHandler::Cpus::Set: {
      std::uint32_t allowed = 0;
      for (std::uint32_t cpu = 0; cpu < compiled_.cpus; ++cpu) {
        if (is_true(handler.on_set[cpu], state)) allowed |= 1u << cpu;
      }
      return allowed;
    }
  }
  return 0;
}

/// Reads a state of cells for the scheduler.
class SuccessorGenerator::Reader {
 public:
  Reader(SuccessorGenerator& generator, const std::int32_t* state)
      : generator_(generator), compiled_(generator.compiled_), state_(state) {}

  std::uint32_t cpus() const { return compiled_.cpus; }

  template <class Use>
  void each_pinned(const Use& use) const {
    for (std::uint32_t slot = 0; slot < compiled_.activations.size(); ++slot) {
      const CompiledActivation& activation = compiled_.activations[slot];
      const std::int32_t cpu = state_[activation.cpu_cell];
      if (cpu == 0 || state_[activation.location_cell] == 0) continue;
      use(slot, static_cast<std::size_t>(cpu - 1), state_[activation.level_cell], activation.is_handler);
    }
  }

  template <class Use>
  void each_urgent(const Use& use) const {
    for (const std::uint32_t position : compiled_.urgent_handlers) {
      const CompiledHandler& handler = compiled_.handlers[position];
      bool is_free = false;
      for (std::uint32_t a = 0; a < handler.activations && !is_free; ++a) {
        is_free = state_[compiled_.activations[handler.first_slot + a].location_cell] == 0;
      }
      if (!is_free || !generator_.is_true(handler.condition, state_)) continue;
      const std::uint32_t allowed = generator_.allowed_cpus(handler, state_);
      if (!use(handler.level, [allowed](std::size_t c) { return (allowed >> c & 1u) != 0; })) return;
    }
  }

  void unpin(std::uint32_t slot) { generator_.store(compiled_.activations[slot].cpu_cell, 0); }

 private:
  SuccessorGenerator& generator_;
  const CompiledSystem& compiled_;
  const std::int32_t* state_;
};

CpuView SuccessorGenerator::view_of(const std::int32_t* state) {
  Reader reader(*this, state);
  return checker::view_of(reader);
}

// -------------------------------------------------------------------------------------- execution

void SuccessorGenerator::undo_to(std::size_t mark) {
  while (undo_.size() > mark) {
    cells_[static_cast<std::size_t>(undo_.back().cell)] = undo_.back().before;
    undo_.pop_back();
  }
}

void SuccessorGenerator::choose(const Code& code, const Instruction& instruction, std::uint32_t next) {
  const CompiledChoice& choice = code.choices[static_cast<std::size_t>(instruction.a)];
  const std::size_t undo_mark = undo_.size();
  const std::size_t choices_mark = choices_.size();
  const std::size_t failed_mark = failed_.size();
  const std::size_t reached_mark = reached_.size();
  const std::size_t saved_mark = saved_registers_.size();
  saved_registers_.insert(saved_registers_.end(), registers_.begin(), registers_.end());
  Effects effects{*this};
  for (std::int64_t value = choice.lo; value <= choice.hi; ++value) {
    registers_[instruction.dst] = value;
    choices_.push_back({value, choice.counted});
    execute(code, next, cells_.data(), registers_.data(), effects);
    undo_to(undo_mark);
    choices_.resize(choices_mark);
    failed_.resize(failed_mark);
    reached_.resize(reached_mark);
    std::copy(saved_registers_.begin() + static_cast<std::ptrdiff_t>(saved_mark), saved_registers_.end(),
              registers_.begin());
    if ((++tries_ & 0x3FFF) == 0 && sink_ != nullptr && !sink_->is_wanted()) stopping_ = true;
    if (stopping_) break;
  }
  saved_registers_.resize(saved_mark);
}

void SuccessorGenerator::reach_check(std::int32_t check) {
  if (!exercised_[static_cast<std::size_t>(check)]) reached_.push_back(check);
}

/// Whether the run goes on.
bool SuccessorGenerator::fail_check(std::int32_t check) {
  failed_.push_back(check);
  if (!code_.checks[static_cast<std::size_t>(check)].core) return true;
  emit(true);
  return false;
}

/// A way through the program is complete: the context moves, then the scheduler decides where it is.
void SuccessorGenerator::outcome(std::int32_t location) {
  if (runner_ == nullptr) return finish(-1);
  store(runner_->location_cell, location);
  if (location == 0) {
    const auto rest = [this](std::int32_t cell) { store(cell, compiled_.rest[static_cast<std::size_t>(cell)]); };
    rest(runner_->level_cell);
    rest(runner_->cpu_cell);
    if (runner_->affinity_cell >= 0) rest(runner_->affinity_cell);
    return finish(static_cast<std::int32_t>(current_cpu_) - 1);
  }
  if (current_cpu_ != 0 && cells_[static_cast<std::size_t>(runner_->cpu_cell)] != current_cpu_) {
    store(runner_->cpu_cell, static_cast<std::int32_t>(current_cpu_));  // a floating step that uses its CPU pins
  }
  if (floating_cpus_ == 0 || cells_[static_cast<std::size_t>(runner_->level_cell)] < compiled_.pin_level) {
    return finish(static_cast<std::int32_t>(current_cpu_) - 1);
  }
  // A floating step that pins: one outcome per CPU on which it could be taken.
  const std::size_t mark = undo_.size();
  for (std::uint32_t cpus = floating_cpus_; cpus != 0; cpus &= cpus - 1) {
    const std::int32_t cpu = std::countr_zero(cpus);
    store(runner_->cpu_cell, cpu + 1);
    finish(cpu);
    undo_to(mark);
  }
}

void SuccessorGenerator::finish(std::int32_t cpu) {
  Reader reader(*this, cells_.data());
  float_unpinned(reader, compiled_.pin_level);
  const std::int64_t before = current_cpu_;
  current_cpu_ = cpu + 1;
  emit(false);
  current_cpu_ = before;
}

void SuccessorGenerator::emit(bool ends_run) {
  if (stopping_) return;
  if (sink_ == nullptr) {
    stopping_ = true;  // can_step() has its answer
    return;
  }
  for (std::int32_t check : reached_) exercised_[static_cast<std::size_t>(check)] = true;
  SuccessorView view;
  view.actor = actor_;
  view.cpu = static_cast<std::int32_t>(current_cpu_) - 1;
  view.next = ends_run ? nullptr : cells_.data();
  view.written = &undo_;
  view.choices = &choices_;
  view.failed = &failed_;
  view.may_repeat = may_repeat_;
  sink_->on_successor(view);
}

/// Runs `program` on CPU `cpu` (c + 1), or, when that is 0, floating, where any of `floating_cpus` would do.
void SuccessorGenerator::run(const CompiledProgram& program, std::int32_t cpu, std::uint32_t floating_cpus) {
  current_cpu_ = cpu;
  floating_cpus_ = floating_cpus;
  failed_.clear();
  choices_.clear();
  reached_.clear();
  std::fill_n(registers_.begin(), program.temps, 0);
  const std::size_t mark = undo_.size();
  Effects effects{*this};
  execute(code_, program.code, cells_.data(), registers_.data(), effects);
  undo_to(mark);
}

void SuccessorGenerator::steps_of(std::uint32_t slot) {
  const CompiledActivation& activation = compiled_.activations[slot];
  const std::int32_t location = cells_[static_cast<std::size_t>(activation.location_cell)];
  if (location == 0) return;
  const std::int32_t level = cells_[static_cast<std::size_t>(activation.level_cell)];
  const std::int32_t cpu = cells_[static_cast<std::size_t>(activation.cpu_cell)];
  const CompiledProgram& program = activation.locations[static_cast<std::size_t>(location)];
  actor_ = {Actor::Kind::Step, activation.context, activation.activation};
  runner_ = &activation;
  const bool has_siblings = compiled_.system().contexts[activation.context].activations > 1;
  may_repeat_ = program.may_repeat || has_siblings;
  if (cpu != 0) {
    const auto c = static_cast<std::size_t>(cpu - 1);
    if (!view_.may_step(c, level)) return;
    return run(program, cpu, 0);
  }
  const std::int32_t affinity =
      activation.affinity_cell >= 0 ? cells_[static_cast<std::size_t>(activation.affinity_cell)] : 0;
  const std::uint32_t cpus = view_.floating_cpus(compiled_.cpus, level, affinity);
  if (cpus == 0) return;
  if (compiled_.cpus > 1) may_repeat_ = true;
  if (!program.uses_cpu) return run(program, 0, cpus);
  for (std::uint32_t rest = cpus; rest != 0; rest &= rest - 1) {
    run(program, std::countr_zero(rest) + 1, 0);
  }
}

void SuccessorGenerator::starts_of(const CompiledHandler& handler) {
  std::uint32_t a = 0;
  while (a < handler.activations &&
         cells_[static_cast<std::size_t>(compiled_.activations[handler.first_slot + a].location_cell)] != 0) {
    ++a;
  }
  if (a == handler.activations || !is_true(handler.condition, cells_.data())) return;
  const CompiledActivation& activation = compiled_.activations[handler.first_slot + a];
  const CompiledProgram& program = handler.start[a];
  actor_ = {Actor::Kind::Start, handler.context, a};
  runner_ = &activation;
  may_repeat_ = program.may_repeat || compiled_.cpus > 1;
  const std::size_t mark = undo_.size();
  const auto start_on = [&](std::int32_t c) {
    store(activation.level_cell, handler.level);
    if (handler.pins) store(activation.cpu_cell, c + 1);
    run(program, c + 1, 0);
    undo_to(mark);
  };
  if (handler.pins) {
    const std::uint32_t allowed = allowed_cpus(handler, cells_.data());
    for (std::uint32_t cpu = 0; cpu < compiled_.cpus; ++cpu) {
      if ((allowed >> cpu & 1u) != 0 && view_.may_start(cpu, handler.level)) {
        start_on(static_cast<std::int32_t>(cpu));
      }
    }
    return;
  }
  const std::uint32_t cpus = view_.floating_cpus(compiled_.cpus, handler.level, 0);
  if (cpus == 0) return;
  if (program.uses_cpu) {
    for (std::uint32_t rest = cpus; rest != 0; rest &= rest - 1) start_on(std::countr_zero(rest));
    return;
  }
  store(activation.level_cell, handler.level);
  run(program, 0, cpus);
  undo_to(mark);
}

void SuccessorGenerator::load(const std::int32_t* state, const CpuView& view, SuccessorSink& sink) {
  std::copy(state, state + cells_.size(), cells_.begin());
  sink_ = &sink;
  stopping_ = false;
  view_ = view;
}

void SuccessorGenerator::act(std::uint32_t action) {
  runner_ = nullptr;
  actor_ = {Actor::Kind::Act, action, 0};
  may_repeat_ = compiled_.actions[action].program.may_repeat;
  run(compiled_.actions[action].program, 0, 0);
}

void SuccessorGenerator::expand(const std::int32_t* state, SuccessorSink& sink) {
  load(state, sink);
  for (std::uint32_t slot = 0; slot < compiled_.activations.size(); ++slot) steps_of(slot);
  for (const CompiledHandler& handler : compiled_.handlers) starts_of(handler);
  for (std::uint32_t index = 0; index < compiled_.actions.size(); ++index) act(index);
}

bool SuccessorGenerator::can_step(const std::int32_t* state) {
  std::copy(state, state + cells_.size(), cells_.begin());
  sink_ = nullptr;
  stopping_ = false;
  view_ = view_of(cells_.data());
  runner_ = nullptr;
  for (std::uint32_t index = 0; index < compiled_.actions.size() && !stopping_; ++index) {
    actor_ = {Actor::Kind::Act, index, 0};
    run(compiled_.actions[index].program, 0, 0);
  }
  for (std::uint32_t slot = 0; slot < compiled_.activations.size() && !stopping_; ++slot) steps_of(slot);
  for (std::size_t h = 0; h < compiled_.handlers.size() && !stopping_; ++h) starts_of(compiled_.handlers[h]);
  return stopping_;
}

}  // namespace quiesce::checker
