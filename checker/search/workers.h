// Threads that work on one thing at a time, and the points at which all of them stand still.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace quiesce::checker {

/// A fixed number of workers; number 0 is the thread that calls run().
class Workers {
 public:
  /// Threads start with the first run() that wants more than one.
  explicit Workers(unsigned count) : count_(count) {}
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  unsigned count() const { return count_; }

  /// Calls work(0) .. work(active - 1) at the same time and returns when all have. Requires: active <= count().
  void run(unsigned active, const std::function<void(unsigned)>& work);

 private:
  void serve(unsigned number);

  const unsigned count_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  const std::function<void(unsigned)>* work_ = nullptr;
  unsigned active_ = 0;
  unsigned running_ = 0;
  std::uint64_t round_ = 0;
  bool ending_ = false;
};

/// A point that workers pass between two pieces of work. When one of them asks for it, all stop there, one does what
/// has to be done alone, and all go on.
class SafePoint {
 public:
  /// Before a run of `active` workers.
  void begin(unsigned active) {
    active_ = active;
    waiting_ = 0;
    requested_ = false;
  }

  /// Asks for a stop at the next point.
  void request() { requested_.store(true, std::memory_order_relaxed); }
  bool is_requested() const { return requested_.load(std::memory_order_relaxed); }

  /// Waits until every active worker is here; the last one calls `work`.
  template <class Work>
  void pass(const Work& work) {
    std::unique_lock lock(mutex_);
    if (!requested_) return;  // it was done meanwhile
    ++waiting_;
    if (waiting_ == active_) {
      work();
      release();
      return;
    }
    const std::uint64_t round = round_;
    // The last one may also leave for good: then one of those that wait does the work.
    arrived_.wait(lock, [&] { return round_ != round || waiting_ == active_; });
    if (round_ == round) {
      work();
      release();
    }
  }

  /// A worker that has nothing left to do.
  void leave() {
    const std::lock_guard lock(mutex_);
    --active_;
    if (active_ > 0 && waiting_ == active_) arrived_.notify_one();
  }

 private:
  void release() {
    waiting_ = 0;
    ++round_;
    requested_ = false;
    arrived_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::atomic<bool> requested_{false};
  unsigned active_ = 0;
  unsigned waiting_ = 0;
  std::uint64_t round_ = 0;
};

}  // namespace quiesce::checker
