// Partial deadlock, `core.stuck` (docs/semantics.md, Stuck), fast enough to be asked of every state. Same meaning as
// model::stuck_set, which the differential tests compare it with.
#pragma once

#include <cstdint>
#include <vector>

#include "checker/successor/compiled_system.h"
#include "model/system/cell_set.h"

namespace quiesce::checker {

/// One per thread.
class StuckDetector {
 public:
  explicit StuckDetector(const CompiledSystem& compiled);

  /// Whether `state` breaks core.stuck.
  ///
  /// Cost: most states are settled by a look at the guards. A set that is a violation has a member that waits (its
  /// guard is false, or its lock is taken) and is itself pinned, a lock holder, an activation, in a `spin until` or in
  /// a function marked `returns`: a member that is buried or finds no CPU needs a pinned member, and the highest
  /// pinned member of a CPU can only be waiting. So without such a context nothing else is looked at; with one, the
  /// largest stuck set is computed.
  bool is_stuck(const std::int32_t* state);

 private:
  struct Place {
    bool waits_for_lock = false;
    std::vector<std::int32_t> lock_cells;  // candidates
    model::ExprId lock_index;              // none: the first
    model::ExprId guard;                   // none
    bool always_bad = false;               // spin until, or inside a function marked `returns`
    model::CellSet writes;                 // what the activation may still write from here on
  };
  struct Valued {
    std::int64_t value;
    bool settled;
  };
  struct Runner {
    std::uint32_t activation = 0;
    std::int64_t cpu = 0;  // c + 1, 0 when it floats
  };

  bool waits(std::uint32_t slot, const Place& place) const;
  bool holds_lock(std::uint32_t slot) const;
  bool largest_set_is_bad();
  bool context_is_blocked(std::uint32_t slot) const;
  bool start_is_blocked(std::uint32_t handler) const;
  bool member_pinned_at(std::uint32_t cpu, std::int32_t level) const;
  bool false_and_settled(model::ExprId condition, const Runner& runner) const;
  Valued evaluate(model::ExprId expr, const Runner& runner) const;
  std::size_t element(model::ExprId index, std::size_t size, const Runner& runner, bool* settled) const;
  const Place& place_of(std::uint32_t slot) const;

  const CompiledSystem& compiled_;
  const model::TransitionSystem& system_;
  std::vector<std::vector<Place>> places_;     // by slot, by location number
  std::vector<model::CellSet> own_;            // by slot: its location, level, CPU, affinity and locals
  std::vector<model::CellSet> start_writes_;   // by position in CompiledSystem::handlers; without the activation's own
  std::vector<model::CellSet> action_writes_;  // by action
  std::vector<std::int32_t> handler_of_;       // by context: position in CompiledSystem::handlers, -1 for threads

  // Scratch, valid during one call.
  const std::int32_t* state_ = nullptr;
  std::vector<std::uint8_t> context_member_;  // by slot
  std::vector<std::uint8_t> start_member_;    // by position in CompiledSystem::handlers
  std::vector<std::uint8_t> action_member_;
  model::CellSet unsettled_;  // cells that a non-member may still write
};

}  // namespace quiesce::checker
