// Contexts, levels, CPUs (docs/semantics.md, 3): what may take a step, on which CPU, and where it stands afterwards.
// The only place that knows what floating, pinned and urgent mean. Programs change level and affinity cells;
// everything else about CPUs happens here.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/interpret/state.h"

namespace quiesce::model {

/// An activation of a context that has started and not ended: what occupies CPUs.
struct Running {
  ContextId context;
  std::uint32_t activation = 0;
  std::uint32_t location = 0;  // number of its location
  std::int64_t level = 0;
  std::int32_t cpu = -1;       // pinned to; -1: floats
  std::int32_t affinity = -1;  // inside `on c { }`: c; -1: any
};

class Scheduler {
 public:
  explicit Scheduler(const TransitionSystem& system) : system_(system) {}

  /// One activation, none when it has not started or has ended.
  std::optional<Running> running(ContextId context, std::uint32_t activation, const State& state) const;

  /// All activations that have started and not ended, by context and activation.
  std::vector<Running> all_running(const State& state) const;

  /// 3.3: whether a pinned context may step: no context above it on its CPU, no urgent handler that comes first.
  bool may_step_pinned(const Running& context, const State& state) const;

  /// 3.3: the CPUs on which a floating context of this level and affinity may step.
  std::vector<std::int32_t> floating_cpus(std::int64_t level, std::int32_t affinity, const State& state) const;

  /// 3.4: whether a handler whose start level is at or above the pin level may start on `cpu`.
  bool may_start_on(ContextId handler, std::int32_t cpu, const State& state) const;

  /// 3.4: the CPUs on which a handler may start: at or above the pin level those where may_start_on; below it those
  /// where a floating step of its level could be taken. Empty when its condition is false or no activation is free.
  std::vector<std::int32_t> start_cpus(ContextId handler, const State& state) const;

  /// The lowest free activation of a handler.
  std::optional<std::uint32_t> free_activation(ContextId handler, const State& state) const;

  /// Whether the `on` of a handler allows `cpu` in this state (any CPU without an `on`).
  bool is_allowed_on(ContextId handler, std::int32_t cpu, const State& state) const;

  /// 3.5: an activation starts: its level cell and, from the pin level on, its CPU cell. `cpu` is none when it floats.
  void enter(ContextId handler, std::uint32_t activation, std::optional<std::int32_t> cpu, State& state) const;

  /// 3.5: after a program of the activation has run on `cpu` (none: it floats and did not use the CPU): gives back
  /// level, CPU and affinity when it ended, else pins it to the CPU. Call normalise() afterwards.
  void settle(ContextId context, std::uint32_t activation, std::optional<std::int32_t> cpu, State& state) const;

  /// 3.6: a context that is pinned below the pin level without a reason floats. All reasons are judged in `state` as
  /// given.
  void normalise(State& state) const;

  /// 3.1: whether a level is at or above the pin level.
  bool pins(std::int64_t level) const { return level >= system_.pin_level; }

 private:
  bool urgent_may_start_above(std::int64_t level, std::int32_t cpu, const State& state) const;
  bool nobody_pinned(std::int32_t cpu, const State& state) const;

  const TransitionSystem& system_;
};

}  // namespace quiesce::model
