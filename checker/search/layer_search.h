// The parallel search by layers: every state of one depth is expanded before any of the next, by all threads at once.
// Which thread finds what first is never visible: of all that one layer offers, the least is taken.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "checker/result/exploration.h"
#include "checker/result/search_control.h"
#include "checker/search/checkpoint.h"
#include "checker/search/frontier.h"
#include "checker/search/stop_signal.h"
#include "checker/search/workers.h"
#include "checker/space/state_space.h"
#include "checker/store/state_store.h"
#include "checker/store/visited_set.h"

namespace quiesce::checker {

// How it works. A layer is a queue of records (a record names a state); workers take chunks of it, judge and expand
// them in batches, insert what comes out into the visited set, and queue what is new for the next layer.
//
// Invariants:
// (1) A state is new for exactly one insertion, so it is queued exactly once.
// (2) The steps of a batch count only when all its successors are in the visited set; a batch that could not be
//     finished goes back to the queue whole and is expanded again, which finds nothing new twice.
// (3) Findings are settled at the end of a layer, by the least packed state; until then every worker keeps its own
//     least. So they do not depend on which worker was first.
// (4) The visited set grows, and a checkpoint is written, only at a safe point, where no worker holds a chunk.
// Its parts: layer_search.cpp (layers, batches, insertion), layer_judging.cpp, layer_limits.cpp, layer_runs.cpp.
class LayerSearch {
 public:
  /// What to do with the layers that are done: they are needed to find the way to a layer_finding.
  enum class Keep {
    WhileSmall,  // drop them when they take too much memory
    Always,      // on disk when they do
  };

  /// Requires: options.control.
  LayerSearch(StateSpace& space, const SearchOptions& options, Keep keep, std::chrono::steady_clock::time_point began);
  ~LayerSearch();

  /// Searches until nothing is left or a limit is met. What can be said without runs is then in facts(), layer_findings
  /// in findings().
  void search();

  /// For runs only: the layers before `depth`, judging nothing but what ends runs.
  void search_layers(std::uint32_t depth);

  Exploration& facts() { return facts_; }
  const std::vector<LayerFinding>& findings() const { return findings_; }

  /// At most `count` different states among those that are still at hand (kept layers, and what is not expanded).
  std::vector<PackedState> sample(std::size_t count) const;

  /// Requires: exact storage.
  bool has_visited(const std::uint64_t* state) const { return visited_->contains(state); }

  /// Whether all layers that were expanded are still there.
  bool has_layers() const { return keeping_ && !resumed_; }

  /// Which of the states that lead to `child`, on the way to layer_finding number `layer_finding`, the run comes from.
  using ChooseParent = std::function<std::size_t(std::size_t layer_finding, const PackedState& child,
                                                 const std::vector<PackedState>& parents)>;

  /// The packed states of a shortest run to each of `layer_findings`, from an initial state to the state of the
  /// layer_finding.
  /// Consumes the layers. Requires: has_layers(). `control`: how long that may take. Empty runs where a layer could not
  /// be read back, and to states deeper than the layers that were searched. Throws SearchStopped at a limit.
  std::vector<std::vector<PackedState>> runs_to(const std::vector<LayerFinding>& layer_findings,
                                                const ChooseParent& choose, const SearchControl& control);

 private:
  struct Worker;

  // One layer.
  void run_layer(bool expand);
  void work(Worker& worker, bool expand);
  bool expand_batch(Worker& worker, const std::uint64_t* records, std::size_t count, bool expand);
  bool insert(Worker& worker);
  bool insert_within_limit(Worker& worker);
  const std::uint64_t* states_of(Worker& worker, const std::uint64_t* records, std::size_t count);
  void judge(Worker& worker, const std::uint64_t* states, const std::uint64_t* records, std::size_t count);
  void look_for_what_is_left();
  void sight(std::optional<PackedState>& least, const std::uint64_t* state);
  void mark_found(std::size_t rule);
  void flush(Worker& worker);
  void settle();
  void reserve_time();
  void bound_rest();
  void take_first_look();
  void count_broken(std::size_t rule, bool in_state);
  const Statistics& statistics_now();
  void start();
  void insert_initial_states();
  void judge_rest();
  std::vector<std::vector<PackedState>> parents(std::uint32_t depth, const std::vector<PackedState>& of,
                                                const SearchControl& control);

  void queue_new(Worker& worker, const std::uint64_t* states, std::size_t count);

  /// The set of checkpoints. Requires: Storage::Exact.
  StateStore& exact() { return static_cast<StateStore&>(*visited_); }

  // Limits and what is done at safe points.
  void look_around(Worker& worker);
  void make_room();
  void maintain();
  void save();
  bool resume();
  SearchFacts facts_so_far() const;
  void grow();
  void set_memory_limits();
  void measure_overhead();
  void relieve();
  std::uint64_t memory_bytes() const;
  void stop(LimitKind limit) { stop_.stop(limit); }
  bool is_stopped() const { return stop_.is_stopped(); }
  void fill_statistics();
  std::uint32_t layer_chunk(unsigned active) const;
  void drop_layers();
  std::uint64_t kept_bytes() const;
  void spill_layers();

  StateSpace& space_;
  const SearchOptions& options_;
  const std::size_t words_;
  Keep keep_;
  std::chrono::steady_clock::time_point began_;
  std::unique_ptr<VisitedSet> visited_;
  std::uint64_t fingerprint_ = 0;  // when there are checkpoints
  Workers workers_;
  SafePoint safe_;
  std::vector<std::unique_ptr<Worker>> team_;
  std::unique_ptr<Frontier> current_;            // the layer being expanded
  std::unique_ptr<Frontier> next_;               // what it leads to
  std::vector<std::unique_ptr<Frontier>> kept_;  // expanded states by depth
  std::shared_ptr<SpillFile> kept_file_;         // of all of them: many layers must not need many files
  std::size_t settled_ = 0;                      // layers of kept_ that get no more states
  std::uint64_t settled_bytes_ = 0;              // what these hold in memory
  bool keeping_ = true;
  bool resumed_ = false;
  bool judging_ = true;
  std::uint32_t depth_ = 0;        // of current_
  std::uint64_t judged_only_ = 0;  // states at the depth limit from which runs would go on
  std::uint32_t chunk_ = 0;        // records taken at once

  std::uint64_t memory_limit_ = UINT64_MAX;
  std::uint64_t baseline_bytes_ = 0;  // what the process holds beside what memory_bytes() counts
  std::atomic<std::chrono::steady_clock::rep> next_memory_look_{0};  // time since the clock's epoch
  std::atomic<bool> is_over_{false};                                 // more memory is held than is allowed
  std::atomic<bool> is_full_{false};                                 // the visited set could not take a state
  bool cannot_grow_ = false;                                         // ... and has to go on as it is

  std::vector<bool> exercised_;  // by rule: in the searches that this one continues
  std::vector<bool> found_;      // by rule
  std::vector<bool> checked_;    // by rule
  Interest interest_;            // in what is checked and not found
  std::vector<LayerFinding> findings_;

  // After a violation was found: when it is enough (SearchOptions::after_first).
  std::chrono::steady_clock::time_point enough_ = std::chrono::steady_clock::time_point::max();
  std::optional<bool> first_look_;  // what SearchOptions::first_look has answered
  // Time that is left for finding runs when the layers are dropped: what the way to the last layer_finding took.
  std::chrono::steady_clock::duration reserve_{};
  StopSignal stop_;
  std::atomic<std::chrono::steady_clock::rep> next_checkpoint_{0};  // time since the clock's epoch
  std::chrono::nanoseconds earlier_wall_{0};                        // of the searches that this one continues
  std::atomic<bool> lost_states_{false};                            // memory ended while a state was in no queue
  Exploration facts_;
};

}  // namespace quiesce::checker
