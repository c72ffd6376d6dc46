// What a breadth-first search writes down so that it can go on later: in another process, with other limits, with
// another number of threads.
//
// File: "quiesce checkpoint", the format's number, the fingerprint of the design, the facts, the records of the current
// and of the next layer, the visited set; every block with a checksum (store/checked_file.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checker/result/exploration.h"
#include "checker/search/frontier.h"
#include "checker/space/state_space.h"
#include "checker/store/state_store.h"

namespace quiesce::checker {

/// Something found whose run is still to be made.
struct LayerFinding {
  model::RuleId rule;          // none for a witness
  model::PropertyId property;  // a Reachable property that is witnessed; none for a violation
  bool in_state = true;        // the state shows it; else a step from the state does
  PackedState state;
  std::uint32_t depth = 0;  // of the state
};

/// What a search knows beside the states, at a safe point in the middle of a layer.
struct SearchFacts {
  std::uint32_t depth = 0;  // of the current layer
  std::uint64_t steps = 0;
  std::uint64_t reduced = 0;  // states expanded by the steps of some contexts only: runs may then not be shortest
  std::chrono::nanoseconds wall{0};
  std::vector<std::uint64_t> layers;         // as Statistics::layers
  std::vector<std::uint64_t> exercised;      // rules
  std::vector<std::uint64_t> triggered;      // properties
  std::vector<LayerFinding> findings;        // of the layers that are done
  std::vector<LayerFinding> layer_findings;  // of the current layer so far
};

/// What a checkpoint must have in common with the search that continues: the transition system in full, the layout of
/// its states, and the options that change what is visited.
std::uint64_t fingerprint(const StateSpace& space, const SearchOptions& options);

/// Writes a checkpoint in one step: a reader of `path` sees the old file or the new one. Nothing, or what went wrong.
std::optional<CheckpointTrouble> write_checkpoint(const std::string& path, std::uint64_t fingerprint,
                                                  const SearchFacts& facts, const Frontier& current,
                                                  const Frontier& next, const StateStore& store);

/// Reads a checkpoint into empty queues. Nothing, or why the search cannot continue from it.
std::optional<CheckpointTrouble> read_checkpoint(const std::string& path, const StateSpace& space,
                                                 std::uint64_t fingerprint, SearchFacts& facts, Frontier& current,
                                                 Frontier& next, std::unique_ptr<StateStore>& store);

}  // namespace quiesce::checker
