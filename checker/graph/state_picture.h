// The states of a system as a graph that people look at: each state a node, or, projected on chosen variables, the
// states with equal values of these. Edges say which context did what. Found by a search of its own by layers, on the
// state space without any reduction but the renaming of CPUs, so that values mean what the text says; in which order
// CPUs are named may differ from state to state.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checker/result/result.h"
#include "model/base/expected.h"
#include "model/base/source.h"
#include "model/interpret/state.h"

namespace quiesce::checker {

struct PictureNode {
  std::vector<std::string> lines;   // what it is: "nic.hw.enabled = true"; empty where there is no short description
  std::string details;              // where it is one state: the values of all variables, a line each
  std::uint64_t states = 1;         // that it stands for
  bool is_initial = false;          // one of them is
  std::vector<std::string> broken;  // rules asked for, or core, that one of them or a step from it breaks
};

/// Steps from states of one node to states of another one. Those that stay in a node are not shown.
struct PictureEdge {
  std::size_t from = 0;
  std::size_t to = 0;
  std::vector<std::string> labels;  // "manager.pnp: enabled = true (nic.hw.enable)", each once, ascending
};

struct StatePicture {
  std::string name;  // of the system
  bool is_projected = false;
  std::vector<PictureNode> nodes;     // in the order of discovery, by layers
  std::vector<PictureEdge> edges;     // ascending by from and to
  std::uint64_t states = 0;           // that were visited
  LimitKind limit = LimitKind::None;  // where the search ended: then nodes and edges may be missing
};

struct PictureOptions {
  std::vector<std::size_t> variables;  // in TransitionSystem::variables, to project on; none: each state is a node
  std::size_t most_nodes = 100;        // more are an error
  Limits limits;                       // time, memory and states
  const std::atomic<bool>* interrupt = nullptr;  // may be null
};

/// The picture of all reachable states of `system`, which was not reduced. A sentence when there are too many nodes,
/// which says what to do instead. Cost: a search of all states, 4 bytes a state beside the visited set.
model::Expected<StatePicture> picture_of_states(const model::TransitionSystem& system, const model::SourceMap& sources,
                                                const PictureOptions& options);

/// Likewise of the states that `run`, a run of `system`, passes. `broken`: the rule that its end breaks; may be empty.
/// Labels begin with the number of the step.
model::Expected<StatePicture> picture_of_run(const model::TransitionSystem& system, const model::SourceMap& sources,
                                             const Run& run, const std::string& broken, const PictureOptions& options);

}  // namespace quiesce::checker
