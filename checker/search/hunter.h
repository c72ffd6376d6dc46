// What all hunts share: searches that look for violations and never show that there are none. A hunter judges the
// states and steps that a strategy (depth_first.h, random_walk.h) comes by, and remembers the way to what it found.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "checker/result/exploration.h"
#include "checker/result/memory_budget.h"
#include "checker/result/search_control.h"
#include "checker/search/path.h"
#include "checker/search/stop_signal.h"
#include "checker/space/state_space.h"

namespace quiesce::checker {

/// Numbers that are the same on every machine, for shuffling and walking (SplitMix64).
class HuntRandom {
 public:
  explicit HuntRandom(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next();

  /// A number below `bound`. Requires: bound > 0. (A bias of bound / 2^64 is no concern here.)
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(next() % bound); }

 private:
  std::uint64_t state_;
};

/// The limits of a hunt, shared by all of its hunters. Thread-safe.
class HuntControl {
 public:
  /// Constructed when the system is ready: what the process holds then is not the hunt's, but counts.
  explicit HuntControl(const SearchOptions& options)
      : options_(options), began_(std::chrono::steady_clock::now()), budget_(options.limits), stop_(options) {}

  /// Before a state is visited. False when the hunt is over: the state does not count.
  bool take_state();

  /// After an expansion, with the depth that was reached.
  void count(std::uint64_t steps, std::uint32_t depth);

  /// A hunter holds so much more, or less. Beyond the limit the hunt is over.
  void add_memory(std::int64_t bytes);

  /// What all hunters together may still take.
  std::uint64_t spare_bytes() const { return budget_.spare_bytes(held_bytes()); }

  void stop(LimitKind limit) { stop_.stop(limit); }
  void stop_at_violation() { stop_.stop_at_violation(); }
  bool is_stopped() const { return stop_.is_stopped(); }
  LimitKind limit() const { return stop_.limit(); }
  bool stopped_at_violation() const { return stop_.stopped_at_violation(); }

  Statistics statistics() const;

 private:
  void look_around();
  const SearchControl& control() const { return options_.control != nullptr ? *options_.control : own_; }
  std::uint64_t held_bytes() const {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(memory_.load(std::memory_order_relaxed), 0));
  }

  const SearchOptions& options_;
  const SearchControl own_{options_.limits, options_.interrupt};  // where there is none of the whole check
  const std::chrono::steady_clock::time_point began_;
  const MemoryBudget budget_;
  std::atomic<std::uint64_t> states_{0};
  std::atomic<std::uint64_t> steps_{0};
  std::atomic<std::uint32_t> depth_{0};
  std::atomic<std::int64_t> memory_{0};
  std::atomic<std::int64_t> peak_memory_{0};
  StopSignal stop_;
};

/// A violation whose run is still to be made.
struct HuntFinding {
  Finding finding;          // without a run
  Path path;                // without loops, unless they were to stay, to the state that shows it,
  std::int32_t check = -1;  // or to one from which a step breaks this check

  std::size_t steps() const { return path.size() - (check >= 0 ? 0 : 1); }
};

/// The violation with its run, made shorter where that is cheap.
Finding finding_of(StateSpace& space, const HuntFinding& found);

/// The initial states, one after the other, packed and canonical; may repeat.
std::vector<std::uint64_t> packed_initial_states(StateSpace& space);

/// One per thread.
class Hunter {
 public:
  /// The packed initial states of `space`, `options` and `control` outlive this.
  Hunter(const StateSpace& space, const std::vector<std::uint64_t>& initial_states, const SearchOptions& options,
         HuntControl& control);

  StateSpace& space() const { return *space_; }
  HuntControl& control() { return control_; }
  std::size_t words() const { return words_; }

  const std::vector<std::uint64_t>& initial_states() const { return initial_; }

  /// Judges a state; true when no run continues from it. `path_of` gives the path to it, and is asked only when
  /// something was found.
  template <class PathOf>
  bool visit(const std::uint64_t* state, const PathOf& path_of) {
    judgement_.clear();
    space_->judge(state, 1, judgement_);
    for (const Judgement::Broken& broken : judgement_.broken) {
      if (is_new(broken.violation.rule)) record(broken.violation, path_of());
    }
    return !judgement_.ended.empty();
  }

  /// What a state leads to, valid until the next call; violations by steps are found on the way. Not for a state from
  /// which no run continues.
  template <class PathOf>
  const std::vector<std::uint64_t>& expand(const std::uint64_t* state, std::size_t depth, const PathOf& path_of) {
    successors_.clear();
    space_->expand(state, 1, successors_);
    control_.count(successors_.steps, static_cast<std::uint32_t>(depth + (successors_.states.empty() ? 0 : 1)));
    for (const PackedSuccessors::FailedCheck& failed : successors_.failed) {
      if (is_new(space_->broken_by(failed.check).rule)) record(failed.check, path_of());
    }
    return successors_.states;
  }

  /// What acts is wanted of successors from now on; expansion is slower then.
  void want_origins() { successors_.wants_origins = true; }

  /// Runs are to be shown as they were found: their loops stay.
  void keep_loops() { keeps_loops_ = true; }

  /// The successors of the last expand(), in step with what it returned.
  const PackedSuccessors& successors() const { return successors_; }

  /// Forgets what was found (not what was exercised), for another search.
  void begin();

  /// What was found since begin(): the first for each rule.
  std::vector<HuntFinding> take_findings() { return std::move(findings_); }

  /// Adds the rules of which a check was executed.
  void add_exercised(std::vector<bool>& rules) const { space_->add_exercised(rules); }

 private:
  /// Core rules matter even when they were not asked for: they cut runs off.
  bool is_new(model::RuleId rule) const {
    return (space_->system().at(rule).core || checked_[rule.value]) && !found_[rule.value];
  }
  void record(const model::Violation& violation, const Path& path);
  void record(std::int32_t check, const Path& path);
  void add(HuntFinding found);

  const std::unique_ptr<StateSpace> space_;
  const std::vector<std::uint64_t>& initial_;
  const SearchOptions& options_;
  HuntControl& control_;
  const std::size_t words_;
  PackedSuccessors successors_;
  Judgement judgement_;
  std::vector<bool> checked_;  // by rule
  std::vector<bool> found_;    // by rule
  Interest interest_;          // in what is checked and not found
  std::vector<HuntFinding> findings_;
  bool keeps_loops_ = false;
};

/// Puts the facts of a hunt together, the shortest run first. `exercised`: rules of which a check was executed.
Exploration hunt_result(const HuntControl& control, std::vector<Finding> findings, const std::vector<bool>& exercised);

/// The same, of a hunt with one hunter.
Exploration hunt_result(Hunter& hunter);

}  // namespace quiesce::checker
