// When to stop: the one object that every phase of a check is given - preparing, both searches, the way back to the
// initial states, measuring, replaying - so that a limit on time and Ctrl-C are obeyed everywhere and in one way.
//
// A phase that has results of its own asks reason() now and then and ends with what it has; one that has none calls
// check(), and SearchStopped is caught where the check can continue without the phase. Every phase asks at least a few
// times a second.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>

#include "checker/result/result.h"

namespace quiesce::checker {

/// Thrown by SearchControl::check(); never leaves this floor.
struct SearchStopped {
  LimitKind limit;  // Time or Interrupted
};

/// Thread safe; must outlive what it is given to.
class SearchControl {
 public:
  using Clock = std::chrono::steady_clock;

  /// How long what was found is made presentable after a limit: until then its run is looked for.
  static constexpr std::chrono::milliseconds kGrace{800};

  /// The time begins to run now. `interrupt` may be null.
  SearchControl(const Limits& limits, const std::atomic<bool>* interrupt)
      : SearchControl(limits.time ? Clock::now() + *limits.time : Clock::time_point::max(), interrupt) {}

  /// Why to stop now; None: go on. Reads the clock only where there is a limit on time: some 20 ns.
  LimitKind reason() const {
    if (is_interrupted()) return LimitKind::Interrupted;
    return is_late() ? LimitKind::Time : LimitKind::None;
  }
  void check() const {
    if (const LimitKind limit = reason(); limit != LimitKind::None) throw SearchStopped{limit};
  }

  bool is_interrupted() const { return interrupt_ != nullptr && interrupt_->load(std::memory_order_relaxed); }
  /// Whether less than `reserve` is left.
  bool is_late(Clock::duration reserve = {}) const {
    return deadline_ != Clock::time_point::max() && Clock::now() + reserve >= deadline_;
  }
  /// The time that is left; the longest duration when there is no limit.
  Clock::duration left() const {
    return deadline_ == Clock::time_point::max() ? Clock::duration::max() : deadline_ - Clock::now();
  }

  /// For phases that make what was found presentable: they have as long as the search, or some grace where that came to
  /// its end. An interruption that has ended the search does not end them at once.
  SearchControl for_evidence() const {
    const Clock::time_point soon = Clock::now() + kGrace;
    if (is_interrupted()) return SearchControl(soon, nullptr);
    return SearchControl(deadline_ == Clock::time_point::max() ? deadline_ : std::max(deadline_, soon), interrupt_);
  }

 private:
  SearchControl(Clock::time_point deadline, const std::atomic<bool>* interrupt)
      : deadline_(deadline), interrupt_(interrupt) {}

  Clock::time_point deadline_;
  const std::atomic<bool>* interrupt_;
};

}  // namespace quiesce::checker
