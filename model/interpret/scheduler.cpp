#include "model/interpret/scheduler.h"

#include <algorithm>

#include "model/base/internal_check.h"
#include "model/interpret/evaluate.h"

namespace quiesce::model {

std::optional<Running> Scheduler::running(ContextId id, std::uint32_t activation, const State& state) const {
  const Context& context = system_.at(id);
  const std::int32_t location = state[context.location_cell[activation].value];
  if (location == 0) return std::nullopt;
  Running result;
  result.context = id;
  result.activation = activation;
  result.location = static_cast<std::uint32_t>(location);
  result.level = state[context.level_cell[activation].value];
  result.cpu = state[context.cpu_cell[activation].value] - 1;
  if (!context.affinity_cell.empty()) result.affinity = state[context.affinity_cell[activation].value] - 1;
  return result;
}

std::vector<Running> Scheduler::all_running(const State& state) const {
  std::vector<Running> result;
  for (std::size_t k = 0; k < system_.contexts.size(); ++k) {
    for (std::uint32_t a = 0; a < system_.contexts[k].activations; ++a) {
      if (const auto one = running(ContextId(k), a, state)) result.push_back(*one);
    }
  }
  return result;
}

// --------------------------------------------------------------------------- 3.3 what may take a step

bool Scheduler::may_step_pinned(const Running& context, const State& state) const {
  for (const Running& other : all_running(state)) {
    if (other.cpu == context.cpu && other.level > context.level) return false;
  }
  return !urgent_may_start_above(context.level, context.cpu, state);
}

std::vector<std::int32_t> Scheduler::floating_cpus(std::int64_t level, std::int32_t affinity,
                                                   const State& state) const {
  std::vector<std::int32_t> result;
  for (std::int32_t cpu = 0; cpu < static_cast<std::int32_t>(system_.cpus); ++cpu) {
    if (affinity >= 0 && affinity != cpu) continue;
    if (nobody_pinned(cpu, state) && !urgent_may_start_above(level, cpu, state)) result.push_back(cpu);
  }
  return result;
}

bool Scheduler::nobody_pinned(std::int32_t cpu, const State& state) const {
  const auto all = all_running(state);
  return std::none_of(all.begin(), all.end(), [cpu](const Running& one) { return one.cpu == cpu; });
}

// ------------------------------------------------------------------------- 3.4 what may start and where

bool Scheduler::may_start_on(ContextId id, std::int32_t cpu, const State& state) const {
  const Context& handler = system_.at(id);
  if (evaluate(handler.condition, {system_, state}) == 0) return false;
  if (!free_activation(id, state)) return false;
  if (!is_allowed_on(id, cpu, state)) return false;
  for (const Running& other : all_running(state)) {
    if (other.cpu == cpu && other.level >= handler.start_level) return false;
  }
  return !urgent_may_start_above(handler.start_level, cpu, state);
}

bool Scheduler::urgent_may_start_above(std::int64_t level, std::int32_t cpu, const State& state) const {
  // Ends: may_start_on asks again only for higher levels.
  for (std::size_t h = 0; h < system_.contexts.size(); ++h) {
    const Context& handler = system_.contexts[h];
    if (handler.kind != ContextKind::Handler || !handler.urgent || !pins(handler.start_level)) continue;
    if (handler.start_level > level && may_start_on(ContextId(h), cpu, state)) return true;
  }
  return false;
}

std::vector<std::int32_t> Scheduler::start_cpus(ContextId id, const State& state) const {
  const Context& handler = system_.at(id);
  std::vector<std::int32_t> result;
  if (pins(handler.start_level)) {
    for (std::int32_t cpu = 0; cpu < static_cast<std::int32_t>(system_.cpus); ++cpu) {
      if (may_start_on(id, cpu, state)) result.push_back(cpu);
    }
  } else if (evaluate(handler.condition, {system_, state}) != 0 && free_activation(id, state)) {
    result = floating_cpus(handler.start_level, -1, state);
  }
  return result;
}

std::optional<std::uint32_t> Scheduler::free_activation(ContextId id, const State& state) const {
  const Context& handler = system_.at(id);
  for (std::uint32_t a = 0; a < handler.activations; ++a) {
    if (state[handler.location_cell[a].value] == 0) return a;
  }
  return std::nullopt;
}

bool Scheduler::is_allowed_on(ContextId id, std::int32_t cpu, const State& state) const {
  const HandlerCpus& cpus = system_.at(id).cpus;
  if (std::holds_alternative<OnAny>(cpus)) return true;
  if (const auto* one = std::get_if<OnOne>(&cpus)) return evaluate(one->cpu, {system_, state}) == cpu + 1;
  return evaluate(std::get<OnSet>(cpus).allowed[static_cast<std::size_t>(cpu)], {system_, state}) != 0;
}

// ----------------------------------------------------------------- 3.5, 3.6 where one stands afterwards

void Scheduler::enter(ContextId id, std::uint32_t activation, std::optional<std::int32_t> cpu, State& state) const {
  const Context& handler = system_.at(id);
  state[handler.level_cell[activation].value] = static_cast<std::int32_t>(handler.start_level);
  if (pins(handler.start_level)) {
    QUIESCE_CHECK(cpu.has_value()) << "'" << handler.name << "' starts pinned, but on no CPU";
    state[handler.cpu_cell[activation].value] = *cpu + 1;
  }
}

void Scheduler::settle(ContextId id, std::uint32_t activation, std::optional<std::int32_t> cpu, State& state) const {
  const Context& context = system_.at(id);
  const CellId level = context.level_cell[activation];
  const CellId cpu_cell = context.cpu_cell[activation];
  if (state[context.location_cell[activation].value] == 0) {
    state[level.value] = static_cast<std::int32_t>(system_.at(level).rest);
    state[cpu_cell.value] = 0;
    if (!context.affinity_cell.empty()) state[context.affinity_cell[activation].value] = 0;
    return;
  }
  QUIESCE_CHECK(cpu.has_value() || !pins(state[level.value])) << "'" << context.name << "' is pinned to no CPU";
  if (cpu) state[cpu_cell.value] = *cpu + 1;
}

void Scheduler::normalise(State& state) const {
  const auto all = all_running(state);
  std::vector<CellId> floating;
  for (const Running& one : all) {
    if (one.cpu < 0 || pins(one.level)) continue;
    const bool buried = std::any_of(all.begin(), all.end(), [&](const Running& other) {
      return other.cpu == one.cpu && other.level > one.level && system_.at(other.context).kind == ContextKind::Handler;
    });
    // Urgent handlers have a level at or above the pin level, so every one of them is above this context.
    if (!buried && !urgent_may_start_above(one.level, one.cpu, state)) {
      floating.push_back(system_.at(one.context).cpu_cell[one.activation]);
    }
  }
  for (const CellId cell : floating) state[cell.value] = 0;
}

}  // namespace quiesce::model
