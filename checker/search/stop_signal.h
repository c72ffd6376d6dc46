// Why a search ends before it is complete, for all of its threads, and when it reports its progress. When to end is
// SearchControl's matter (checker/result/search_control.h), and the search's own.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>

#include "checker/result/exploration.h"

namespace quiesce::checker {

/// Thread-safe. The first reason counts.
class StopSignal {
 public:
  /// `options` outlives this.
  explicit StopSignal(const SearchOptions& options) : options_(options) {}

  void stop(LimitKind limit) { stop(limit, Violation::None); }
  void stop_at_violation() { stop(LimitKind::None, Violation::At); }
  void stop_after_violation() { stop(LimitKind::None, Violation::After); }

  bool is_stopped() const { return stopped_.load(std::memory_order_relaxed); }
  LimitKind limit() const { return limit_.load(std::memory_order_relaxed); }
  bool stopped_at_violation() const { return violation_.load(std::memory_order_relaxed) == Violation::At; }
  bool stopped_after_violation() const { return violation_.load(std::memory_order_relaxed) == Violation::After; }

  /// Reports what `statistics()` says, ten times a second at most, where progress is wanted.
  template <class Statistics>
  void report(const Statistics& statistics) {
    if (!options_.progress) return;
    const std::unique_lock lock(progress_mutex_, std::try_to_lock);
    const auto now = std::chrono::steady_clock::now();
    if (!lock.owns_lock() || now < next_progress_) return;
    next_progress_ = now + std::chrono::milliseconds(100);
    options_.progress(statistics());
  }

  /// Reports them now: something was found.
  template <class Statistics>
  void report_news(const Statistics& statistics) {
    if (!options_.progress) return;
    const std::lock_guard lock(progress_mutex_);
    options_.progress(statistics());
  }

 private:
  enum class Violation { None, At, After };

  void stop(LimitKind limit, Violation violation) {
    const std::lock_guard lock(mutex_);
    if (is_stopped()) return;
    limit_ = limit;
    violation_ = violation;
    stopped_ = true;
  }

  const SearchOptions& options_;
  std::mutex mutex_;
  std::atomic<bool> stopped_{false};
  std::atomic<LimitKind> limit_{LimitKind::None};
  std::atomic<Violation> violation_{Violation::None};
  std::mutex progress_mutex_;
  std::chrono::steady_clock::time_point next_progress_{};  // guarded by progress_mutex_
};

}  // namespace quiesce::checker
