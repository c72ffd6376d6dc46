// What an exchange of instances makes of names, and of the places where contexts stand: a dispatcher that calls each of
// several routines by turns has places in each of them. Internal to this folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/system/transition_system.h"

namespace quiesce::checker {

using PathPairs = std::vector<std::pair<std::string, std::string>>;  // instances that change places, by path

/// The name that corresponds to `name` when the instances of each pair change places; the same for what is below none
/// of them. The name of a local of a function in its place holds two paths: "apps[0].main/apps[0].connector.Connect/r".
std::string exchanged_name(const std::string& name, const PathPairs& pairs);

/// By context, by location number: the number of the place that corresponds to it (0 for 0); empty where all keep
/// theirs. The places of a context that stays go by what they are inside of, and by where in the text they stand; of
/// several that agree in this the n-th goes with the n-th. Those of contexts that `contexts` moves keep their numbers.
/// None when a place has no counterpart: `culprit` is then its context. Cost: the length of the names of all places.
std::optional<std::vector<std::vector<std::uint32_t>>> propose_places(const model::TransitionSystem& system,
                                                                      const std::vector<std::uint32_t>& contexts,
                                                                      const PathPairs& pairs,
                                                                      const model::Context*& culprit);

}  // namespace quiesce::checker
