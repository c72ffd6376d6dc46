#include "model/passes/back_map.h"

#include <cstddef>
#include <utility>

namespace quiesce::model {
namespace {}  // namespace

BackMap identity_map(const TransitionSystem& system) {
  BackMap map;
  for (std::size_t l = 0; l < system.locations.size(); ++l) map.locations.emplace_back(l);
  for (std::size_t a = 0; a < system.actions.size(); ++a) map.actions.emplace_back(a);
  const CellSet none(system.cells.size());
  map.sliced = none;
  map.passed.assign(system.locations.size(), false);
  map.own.assign(system.contexts.size(), none);
  map.dead.assign(system.locations.size(), none);
  map.dead_at_rest.assign(system.contexts.size(), none);
  return map;
}

Passed unchanged(TransitionSystem system) {
  BackMap map = identity_map(system);
  return {std::move(system), std::move(map)};
}

BackMap composed(const BackMap& first, const BackMap& second) {
  BackMap map = second;
  for (LocationId& location : map.locations) location = first.locations[location.value];
  for (ActionId& action : map.actions) action = first.actions[action.value];
  map.sliced.unite(first.sliced);
  map.passed = first.passed;
  for (std::size_t l = 0; l < second.passed.size(); ++l) {
    if (second.passed[l]) map.passed[first.locations[l].value] = true;
  }
  for (std::size_t l = 0; l < map.dead.size(); ++l) map.dead[l].unite(first.dead[second.locations[l].value]);
  for (std::size_t c = 0; c < map.dead_at_rest.size(); ++c) {
    map.dead_at_rest[c].unite(first.dead_at_rest[c]);
    map.own[c].unite(first.own[c]);
  }
  return map;
}

}  // namespace quiesce::model
