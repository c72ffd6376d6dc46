// All states of a small system as data that a page can step through (checker/report/explored_graph.h), and where its
// runs are among them. Executed by the reference interpreter on the system of the text, before any reduction and
// without renaming CPUs, so that each step and value means what the text says.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "checker/report/explored_graph.h"
#include "model/interpret/state.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

struct ExploredStates {
  ExploredGraph graph;
  std::map<model::State, std::size_t> numbers;  // of its nodes
};

/// Nothing where there are more than `most_states`, or none. O(most_states x steps x cells).
std::optional<ExploredStates> explore(const model::TransitionSystem& system, const model::SourceMap& sources,
                                      std::size_t most_states);

/// The nodes of `states`, up to the first that is none of them (where a run ended).
std::vector<std::size_t> nodes_of(const ExploredStates& exploration, const std::vector<model::State>& states);

}  // namespace quiesce::checker
