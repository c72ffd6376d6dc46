#include "checker/search/swarm.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "checker/search/depth_first.h"
#include "checker/search/hunter.h"
#include "checker/search/random_walk.h"
#include "checker/store/bitstate_store.h"

namespace quiesce::checker {
namespace {

constexpr std::uint64_t kStatesOfSearch = 100000;
constexpr std::uint64_t kBytesOfSearch = std::uint64_t{1} << 18;  // 20 bits a state, and fits the nearest caches
constexpr std::array<std::uint32_t, 6> kDepths = {1000, 100, 10000, 30, 300, 3000};

class Swarm {
 public:
  Swarm(const model::TransitionSystem& system, const SearchOptions& options)
      : options_(options),
        space_(make_whole_space(system, options)),
        initial_(packed_initial_states(*space_)),
        control_(options),
        count_(options.searches != 0 ? options.searches : kDefaultSearches),
        next_so_far_(std::chrono::steady_clock::now() + options.checkpoint_interval),
        best_(system.rules.size()),
        exercised_(system.rules.size(), false) {
    std::vector<bool> is_done(count_, false);
    for (const std::uint32_t search : options.searches_done) {
      if (search < count_) is_done[search] = true;
    }
    for (std::uint32_t search = options.part - 1; search < count_; search += options.parts) {
      if (!is_done[search]) todo_.push_back(search);
    }
  }

  Exploration explore() {
    const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
    const auto wanted = static_cast<std::size_t>(options_.threads != 0 ? options_.threads : cores);
    const std::size_t threads = std::clamp<std::size_t>(todo_.size(), 1, wanted);
    std::vector<std::thread> others;
    for (std::size_t i = 1; i < threads; ++i) {
      try {
        others.emplace_back([this] { work(); });
      } catch (const std::system_error&) {
        break;  // fewer threads do the same
      }
    }
    work();
    for (std::thread& thread : others) thread.join();
    if (failure_) std::rethrow_exception(failure_);
    return result();
  }

 private:
  /// The best found of a rule: of all searches the shortest, of those the one of the search with the least number.
  struct Best {
    HuntFinding found;
    std::uint32_t search = 0;
    std::optional<Finding> finding;  // once it was asked for; making it shorter costs up to a second
  };

  /// Does one search after the other. Exceptions end the swarm and are thrown by the thread that began it.
  void work() {
    try {
      Hunter hunter(*space_, initial_, options_, control_);
      for (std::size_t i = next_++; i < todo_.size() && !control_.is_stopped(); i = next_++) {
        hunter.begin();
        const bool finished = search(hunter, todo_[i]);
        const std::lock_guard lock(mutex_);
        for (HuntFinding& found : hunter.take_findings()) take(std::move(found), todo_[i]);
        hunter.add_exercised(exercised_);
        if (finished) done_.push_back(todo_[i]);
        tell_so_far();
      }
    } catch (const std::bad_alloc&) {
      control_.stop(LimitKind::Memory);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      control_.stop(LimitKind::Interrupted);
    }
  }

  /// Requires: mutex_ is held.
  void take(HuntFinding found, std::uint32_t search) {
    std::optional<Best>& best = best_[found.finding.rule.value];
    if (best && std::pair(best->found.steps(), best->search) <= std::pair(found.steps(), search)) return;
    best = Best{std::move(found), search, std::nullopt};
  }

  /// Requires: mutex_ is held.
  void tell_so_far() {
    if (!options_.so_far || std::chrono::steady_clock::now() < next_so_far_) return;
    options_.so_far(result());
    next_so_far_ = std::chrono::steady_clock::now() + options_.checkpoint_interval;
  }

  /// Whether the search came to its own end.
  bool search(Hunter& hunter, std::uint32_t number) {
    HuntRandom mix(options_.seed);
    HuntRandom random(mix.next() ^ (0xD1342543DE82EF95ULL * (number + 1)));
    const std::uint32_t most_depth = options_.limits.depth.value_or(UINT32_MAX);
    if (number % 4 == 3) {
      const std::uint32_t depth = std::min(most_depth, kDepths[(number / 4) % kDepths.size()]);
      // At least one state a walk, so that this ends; a walk may take a few states too many.
      const std::uint64_t walks = std::max<std::uint64_t>(1, kStatesOfSearch / (std::uint64_t{depth} + 1));
      for (std::uint64_t walk = 0; walk < walks; ++walk) {
        if (!walk_randomly(hunter, random, depth)) return false;
      }
      return true;
    }
    DepthFirstOptions depth_first;
    depth_first.max_depth = std::min(most_depth, kDepths[(number - number / 4) % kDepths.size()]);
    depth_first.max_states = kStatesOfSearch;
    depth_first.random = &random;
    BitstateStore visited(static_cast<std::uint32_t>(hunter.words()), kBytesOfSearch);
    return search_depth_first(hunter, visited, depth_first).finished;
  }

  /// What was done by now. Requires: mutex_ is held, or no other thread is left.
  Exploration result() {
    std::vector<Finding> findings;
    for (std::optional<Best>& best : best_) {
      if (!best) continue;
      if (!best->finding) best->finding = finding_of(*space_, best->found);
      findings.push_back(*best->finding);
    }
    Exploration result = hunt_result(control_, std::move(findings), exercised_);
    result.storage = Storage::Bitstate;
    result.searches_done = done_;
    std::sort(result.searches_done.begin(), result.searches_done.end());
    result.hunt = Hunt{Hunt::Kind::Swarm, done_.size() + done_before(), count_, options_.seed, std::nullopt};
    return result;
  }

  std::size_t done_before() const {
    std::size_t done = 0;
    for (const std::uint32_t search : options_.searches_done) done += search < count_ ? 1 : 0;
    return done;
  }

  const SearchOptions& options_;
  const std::unique_ptr<StateSpace> space_;
  const std::vector<std::uint64_t> initial_;
  HuntControl control_;
  const std::uint32_t count_;
  std::vector<std::uint32_t> todo_;  // numbers of the searches to be done here
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;  // guards what follows
  std::chrono::steady_clock::time_point next_so_far_;
  std::vector<std::optional<Best>> best_;  // by rule
  std::vector<std::uint32_t> done_;        // searches that came to their end, in any order
  std::vector<bool> exercised_;            // by rule
  std::exception_ptr failure_;
};

}  // namespace

Exploration explore_swarm(const model::TransitionSystem& system, const SearchOptions& options) {
  return Swarm(system, options).explore();
}

}  // namespace quiesce::checker
