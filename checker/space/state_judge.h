// What a state itself shows: broken properties, core.stuck, leaks, witnesses, triggers. The compiled counterpart of
// model::Interpreter::violations_of, for searches.
#pragma once

#include <cstdint>
#include <vector>

#include "checker/space/state_space.h"
#include "checker/successor/bytecode.h"
#include "checker/successor/compiled_system.h"
#include "checker/successor/stuck.h"
#include "checker/successor/successor_generator.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

/// One per thread.
class StateJudge {
 public:
  explicit StateJudge(const CompiledSystem& compiled);

  /// Adds the violations of `state`, at `position` of a batch, among rules that are core or marked in `wanted` (by
  /// rule); true when one is core: no run continues from such a state.
  bool violations(const std::int32_t* state, std::uint32_t position, const std::vector<bool>& wanted, Judgement& out);

  /// Which conditions add_letters() speaks of from now on.
  void look_for_atoms(const std::vector<model::ExprId>& atoms);

  /// Adds which atoms are true in `state`, 64 to a word.
  void add_letters(const std::int32_t* state, std::vector<std::uint64_t>& letters);

  /// Whether `condition`, of a CompiledProperty, is true in `state`.
  bool is_true(BlockId condition, const std::int32_t* state) { return generator_.is_true(condition, state); }

 private:
  bool all_ended(const std::int32_t* state) const;
  bool can_step(const std::int32_t* state);

  const CompiledSystem& compiled_;
  const model::TransitionSystem& system_;
  SuccessorGenerator generator_;
  StuckDetector stuck_;
  model::RuleId leak_;
  std::vector<const model::Instance*> objects_;
  Code atom_code_;
  std::vector<BlockId> atoms_;
  std::vector<std::int64_t> registers_;  // of atom_code_
  int can_step_ = -1;                    // of the state at hand; -1: not known
};

}  // namespace quiesce::checker
