#include "checker/report/story_values.h"

#include <algorithm>

#include "checker/report/blocked.h"

namespace quiesce::checker {

using namespace model;

namespace {

bool is_lock(const ValueType& type) {
  return type.kind == ValueType::Kind::Spinlock || type.kind == ValueType::Kind::Mutex;
}

StoryVariable::Kind kind_of(const ValueType& type) {
  if (is_lock(type)) return StoryVariable::Kind::Lock;
  return type.kind == ValueType::Kind::Bool ? StoryVariable::Kind::Truth : StoryVariable::Kind::Other;
}

bool is_same(const Variable& variable, const State& a, const State& b) {
  const auto begin = static_cast<std::ptrdiff_t>(variable.first.value);
  const auto end = begin + static_cast<std::ptrdiff_t>(cell_count(*variable.type));
  return std::equal(a.begin() + begin, a.begin() + end, b.begin() + begin);
}

}  // namespace

std::string value_text(const TransitionSystem& system, const Variable& variable, const State& state) {
  const std::int32_t* cells = state.data() + variable.first.value;
  if (!is_lock(*variable.type)) return format_value(*variable.type, cells);
  return cells[0] == 0 ? "free" : "held by " + name_of_slot(system, cells[0] - 1);
}

const char* life_text(std::int32_t life) {
  static constexpr const char* kLives[] = {"not yet initialised", "live", "freed"};
  return kLives[life];
}

std::vector<StoryVariable> shown_variables(const TransitionSystem& system, const State& state) {
  std::vector<StoryVariable> all;
  for (const Variable& variable : system.variables) {
    if (variable.hidden) continue;
    all.push_back(
        {variable.name, value_text(system, variable, state), kind_of(*variable.type), variable.owner.has_value()});
  }
  for (const Instance& instance : system.instances) {
    if (!instance.life) continue;
    all.push_back({instance.path, life_text(state[instance.life->value]), StoryVariable::Kind::Life, false});
  }
  return all;
}

std::vector<StoryValue> changed_values(const TransitionSystem& system, const State& before, const State& after) {
  std::vector<StoryValue> changed;
  std::size_t number = 0;
  for (const Variable& variable : system.variables) {
    if (variable.hidden) continue;
    const std::size_t id = number++;
    if (is_same(variable, before, after)) continue;
    std::string value = value_text(system, variable, after);
    if (value != value_text(system, variable, before)) changed.push_back({id, std::move(value)});
  }
  for (const Instance& instance : system.instances) {
    if (!instance.life) continue;
    const std::size_t id = number++;
    const std::int32_t life = after[instance.life->value];
    if (life != before[instance.life->value]) changed.push_back({id, life_text(life)});
  }
  return changed;
}

}  // namespace quiesce::checker
