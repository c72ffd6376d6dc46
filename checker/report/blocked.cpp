#include "checker/report/blocked.h"

#include <vector>

#include <fmt/format.h>

namespace quiesce::checker {

using namespace model;

std::string name_of(const Context& context, std::uint32_t activation) {
  return context.activations > 1 ? fmt::format("{} #{}", context.name, activation + 1) : context.name;
}

std::string name_of_slot(const TransitionSystem& system, std::int64_t slot) {
  for (const Context& context : system.contexts) {
    if (slot >= context.first_slot && slot < context.first_slot + context.activations) {
      return name_of(context, static_cast<std::uint32_t>(slot) - context.first_slot);
    }
  }
  return "no activation";
}

const Location* location_of(const TransitionSystem& system, const State& state, const Context& context,
                            std::uint32_t activation) {
  const std::int32_t number = state[context.location_cell[activation].value];
  if (number <= 0 || static_cast<std::size_t>(number) > context.locations.size()) return nullptr;
  return &system.at(context.locations[static_cast<std::size_t>(number) - 1]);
}

std::string why_blocked(const Interpreter& interpreter, const State& state, const Context& context,
                        std::uint32_t activation) {
  const TransitionSystem& system = interpreter.system();
  const Location* location = location_of(system, state, context, activation);
  if (location == nullptr) return "has ended";
  const bool guard_false = location->guard.valid() && interpreter.evaluate(location->guard, state) == 0;
  if (location->lock && (location->wait == WaitKind::Lock || location->wait == WaitKind::Mutex)) {
    std::int64_t candidate = location->lock->index.valid() ? interpreter.evaluate(location->lock->index, state) : 0;
    if (candidate < 0 || static_cast<std::size_t>(candidate) >= location->lock->cells.size()) candidate = 0;
    const CellId cell = location->lock->cells[static_cast<std::size_t>(candidate)];
    if (state[cell.value] != 0) {
      std::string lock = system.at(cell).name;
      for (const Lock& known : system.locks) {
        if (known.holder == cell) lock = known.name;
      }
      return fmt::format("{} for {} '{}', held by {}", location->wait == WaitKind::Lock ? "spins" : "waits",
                         location->wait == WaitKind::Lock ? "lock" : "mutex", lock,
                         name_of_slot(system, state[cell.value] - 1));
    }
  }
  if (guard_false) {
    return location->wait == WaitKind::Spin ? "spins until its condition holds" : "waits until its condition holds";
  }
  const std::int32_t cpu = state[context.cpu_cell[activation].value];
  const std::int32_t level = state[context.level_cell[activation].value];
  std::vector<std::string> occupants(system.cpus);
  for (const Context& other : system.contexts) {
    for (std::uint32_t a = 0; a < other.activations; ++a) {
      const std::int32_t where = state[other.cpu_cell[a].value];
      if (where == 0 || state[other.location_cell[a].value] == 0) continue;
      if (cpu == where && state[other.level_cell[a].value] > level) {
        return fmt::format("cannot continue: {} is above it on cpu {}", name_of(other, a), cpu - 1);
      }
      occupants[static_cast<std::size_t>(where) - 1] = name_of(other, a);
    }
  }
  if (cpu == 0) {
    std::string all;
    for (std::size_t c = 0; c < occupants.size(); ++c) {
      if (occupants[c].empty()) continue;
      all += fmt::format("{}{} has cpu {}", all.empty() ? "" : ", ", occupants[c], c);
    }
    if (!all.empty()) return "gets no CPU: " + all;
  }
  return "cannot continue";
}

std::string why_not_started(const TransitionSystem& system, const State& state, const Context& handler) {
  std::string occupants;
  for (const Context& other : system.contexts) {
    for (std::uint32_t a = 0; a < other.activations; ++a) {
      const std::int32_t cpu = state[other.cpu_cell[a].value];
      const std::int32_t level = state[other.level_cell[a].value];
      if (cpu == 0 || state[other.location_cell[a].value] == 0 || level < handler.start_level) continue;
      occupants += fmt::format("{}{} has cpu {} at {}", occupants.empty() ? ": " : ", ", name_of(other, a), cpu - 1,
                               system.level_names.name(level));
    }
  }
  return "is due at " + system.level_names.name(handler.start_level) + " but cannot start" + occupants;
}

}  // namespace quiesce::checker
