// What one thread of a search by layers holds. For the files of LayerSearch only.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "checker/search/layer_search.h"
#include "checker/search/recent_states.h"

namespace quiesce::checker {

constexpr std::size_t kBatch = 128;        // states expanded before their successors are inserted
constexpr std::uint32_t kMaxChunk = 4096;  // records

/// What one thread needs.
struct LayerSearch::Worker : SuccessorDrain {
  explicit Worker(LayerSearch& whole)
      : search(whole),
        space(whole.space_.for_thread()),
        recent(whole.words_),
        triggered(space->system().properties.size()),
        state_violations(space->system().rules.size()),
        step_violations(space->system().rules.size()),
        witnesses(space->system().properties.size()) {
    space->look_for(whole.interest_);
  }

  bool drain(PackedSuccessors&) override {
    if (!is_drained) return false;
    search.look_around(*this);
    is_drained = !search.is_stopped() && search.insert(*this);
    return is_drained;
  }

  LayerSearch& search;
  std::unique_ptr<StateSpace> space;
  PackedSuccessors out;
  RecentStates recent;                 // those that went into the visited set last, through this thread
  std::vector<std::uint64_t> unknown;  // of a batch: successors that are not among those
  bool is_drained = true;              // false: the expansion was given up
  std::vector<std::uint64_t> read;     // states of a batch of records that are not states themselves
  std::vector<std::uint64_t> live;     // those of a batch that do not end runs
  std::vector<std::uint64_t> live_records;
  std::vector<StateKey> keys;
  std::vector<std::uint8_t> is_new;
  Judgement judgement;   // of a batch
  Frontier::Chunk next;  // for the next layer
  Frontier::Chunk kept;  // expanded
  std::atomic<std::uint64_t> steps{0};
  std::atomic<std::uint64_t> reduced{0};  // states expanded by the steps of some contexts only
  std::uint64_t ended = 0;                // states of this layer that end runs
  std::uint32_t looks = 0;
  std::vector<bool> triggered;  // by property

  // The least of this layer.
  std::vector<std::optional<PackedState>> state_violations;  // by rule
  std::vector<std::optional<PackedState>> step_violations;   // by rule
  std::vector<std::optional<PackedState>> witnesses;         // by property
};

}  // namespace quiesce::checker
