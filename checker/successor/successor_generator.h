// What one state can become: the compiled counterpart of model::Interpreter::successors (docs/semantics.md),
// made for speed. One generator per thread.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "checker/successor/compiled_system.h"
#include "checker/successor/cpu_view.h"
#include "checker/successor/execute.h"
#include "model/interpret/state.h"

namespace quiesce::checker {

/// A choice that a step made, in the order of the program.
struct ChoiceMade {
  std::int64_t value = 0;
  bool counted = true;
};

/// A cell that was written on the way, perhaps several times.
struct CellWritten {
  std::int32_t cell = 0;
  std::int32_t before = 0;
};

/// One outcome of one step, valid during the call that hands it over.
struct SuccessorView {
  model::Actor actor;
  std::int32_t cpu = -1;                              // as model::Step::cpu
  const std::int32_t* next = nullptr;                 // normalised, not canonical; null when the run ends here
  const std::vector<CellWritten>* written = nullptr;  // all in which `next` may differ from the state before
  const std::vector<ChoiceMade>* choices = nullptr;
  const std::vector<std::int32_t>* failed = nullptr;  // positions in Code::checks, in the order of the program
  bool may_repeat = false;                            // another outcome of the same context may be the same step

  bool ends_run() const { return next == nullptr; }
};

/// Receives outcomes.
class SuccessorSink {
 public:
  virtual ~SuccessorSink() = default;
  virtual void on_successor(const SuccessorView& successor) = 0;

  /// Asked now and then while many values are tried that lead to nothing; false ends the expansion.
  virtual bool is_wanted() { return true; }
};

// How it works: the state is copied once into `cells_`; a program changes it in place and keeps a log of what it
// overwrote, which is undone after each outcome. So the cost of a step is what it writes, not the width of the state.
class SuccessorGenerator {
 public:
  explicit SuccessorGenerator(const CompiledSystem& compiled);

  /// Hands every outcome of every step that `state` allows to `sink`, in the order contexts (by index and activation),
  /// starts, actions; for each CPUs, then choices. Does not look at properties: a state with a violation of a core rule
  /// has no successors by definition, and the caller does not ask for them. No allocation once warm.
  void expand(const std::int32_t* state, SuccessorSink& sink);

  /// The same piece by piece, for a caller that knows that only some contexts and actions matter: load() a state, then
  /// ask for the steps of a context, the starts of a handler, an action. `view` is view_of(state).
  void load(const std::int32_t* state, const CpuView& view, SuccessorSink& sink);
  void load(const std::int32_t* state, SuccessorSink& sink) { load(state, view_of(state), sink); }
  void steps_of(std::uint32_t slot);
  void starts_of(const CompiledHandler& handler);
  void act(std::uint32_t action);

  /// To be called by a sink: the expansion that is going on hands over nothing more. A choice may have a million
  /// values.
  void stop() { stopping_ = true; }

  /// Whether any step has an outcome in `state` (one that ends the run included). Cost: up to the first.
  bool can_step(const std::int32_t* state);

  /// Whether `condition`, a block of CodeBuilder::condition, is true in `state`.
  bool is_true(BlockId condition, const std::int32_t* state);

  /// The value of a block of CodeBuilder::value in `state`.
  std::int64_t value_of(BlockId block, const std::int32_t* state);

  /// What stands on which CPUs in `state`. O(activations + urgent handlers).
  CpuView view_of(const std::int32_t* state);

  /// The CPUs that `handler` allows in `state`, bit c for CPU c.
  std::uint32_t allowed_cpus(const CompiledHandler& handler, const std::int32_t* state);

  /// Checks executed by outcomes of any expansion so far, by position in Code::checks.
  const std::vector<bool>& exercised() const { return exercised_; }

 private:
  /// The execution of a program, as execute() wants it.
  struct Effects {
    SuccessorGenerator& generator;
    std::int64_t current_cpu() const { return generator.current_cpu_; }
    void store(std::int32_t cell, std::int64_t value) { generator.store(cell, static_cast<std::int32_t>(value)); }
    void choose(const Code& code, const Instruction& instruction, std::uint32_t next) {
      generator.choose(code, instruction, next);
    }
    void reach_check(std::int32_t check) { generator.reach_check(check); }
    bool fail_check(std::int32_t check) { return generator.fail_check(check); }
    void outcome(std::int32_t location) { generator.outcome(location); }
  };

  void store(std::int32_t cell, std::int32_t value) {
    undo_.push_back({cell, cells_[static_cast<std::size_t>(cell)]});
    cells_[static_cast<std::size_t>(cell)] = value;
  }
  void undo_to(std::size_t mark);
  void choose(const Code& code, const Instruction& instruction, std::uint32_t next);
  void reach_check(std::int32_t check);
  bool fail_check(std::int32_t check);
  void outcome(std::int32_t location);
  void finish(std::int32_t cpu);
  void emit(bool ends_run);

  void run(const CompiledProgram& program, std::int32_t cpu, std::uint32_t floating_cpus);
  class Reader;

  const CompiledSystem& compiled_;
  const Code& code_;
  std::vector<std::int32_t> cells_;
  std::vector<std::int64_t> registers_;
  std::vector<std::int64_t> saved_registers_;
  std::vector<CellWritten> undo_;
  std::vector<ChoiceMade> choices_;
  std::vector<std::int32_t> failed_;
  std::vector<std::int32_t> reached_;  // not yet exercised, on the way to an outcome
  std::vector<bool> exercised_;
  CpuView view_;  // of the state being expanded

  // The step being executed.
  SuccessorSink* sink_ = nullptr;
  model::Actor actor_;
  const CompiledActivation* runner_ = nullptr;  // null: an action
  std::int64_t current_cpu_ = 0;                // c + 1, or 0 when it does not matter
  std::uint32_t floating_cpus_ = 0;             // where a floating step that does not use the CPU could be taken
  bool may_repeat_ = false;
  bool stopping_ = false;
  std::uint32_t tries_ = 0;  // values chosen
};

}  // namespace quiesce::checker
