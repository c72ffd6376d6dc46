// Lazy hardware as an experiment: in which states actions may be put off because they commute with every next step of
// all others, by both orders tried in that very state. As exact as a reduction of this kind can be, and slow.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "bench/reductions/outcomes.h"
#include "checker/successor/compiled_system.h"

namespace quiesce::checker {

class LazyHardware {
 public:
  /// What is done about core.stuck, which a state may break only after an action that was put off.
  enum class Stuck {
    Ignored,  // nothing: a bound for what could be gained; rules may get lost
    Judged    // nothing is put off where a set could be stuck, but where no cycle of steps can begin
  };

  /// Requires: `compiled` outlives this.
  LazyHardware(const CompiledSystem& compiled, Stuck stuck);

  /// The actions that may be put off in `state`, of which `outcomes` are all; one bit each. 0: none.
  std::uint64_t put_off(const CellValues& state, const std::vector<Outcome>& outcomes, OutcomeCollector& collector);

  /// Whether some context waits that a set which breaks core.stuck would need.
  bool may_be_stuck(const CellValues& state, const std::vector<Outcome>& outcomes) const;

 private:
  using Memo = std::map<CellValues, std::vector<Outcome>>;

  bool is_of(const Outcome& outcome, std::uint64_t actions) const {
    return outcome.actor.kind == model::Actor::Kind::Act && (actions >> outcome.actor.index & 1) != 0;
  }
  std::uint64_t first_seen(const CellValues& state, std::uint64_t actions, Memo& memo,
                           OutcomeCollector& collector) const;
  bool commutes(const Outcome& action, const std::vector<Outcome>& before, std::uint64_t actions, Memo& memo,
                OutcomeCollector& collector) const;
  bool may_begin_cycle(const CellValues& state, const std::vector<Outcome>& outcomes) const;

  const CompiledSystem& compiled_;
  const model::TransitionSystem& system_;
  Stuck stuck_;
  std::uint64_t candidates_ = 0;                // all actions, but of very many
  std::vector<std::vector<bool>> cycle_start_;  // by context, by location number
};

}  // namespace quiesce::checker
