#include "checker/search/depth_first.h"

#include <algorithm>
#include <memory>
#include <new>
#include <utility>

#include <fmt/format.h>

#include "checker/store/bitstate_store.h"
#include "checker/store/compact_store.h"
#include "checker/store/packed_state_set.h"

namespace quiesce::checker {
namespace {

/// Without --depth. Deeper runs are rarely what one looks for, and a path without end takes all memory.
constexpr std::uint32_t kDefaultDepth = 10000;

/// Visited states, whole.
class ExactStates {
 public:
  ExactStates(std::uint32_t words, std::uint64_t max_bytes) : states_(words), max_bytes_(max_bytes) {}

  /// Whether the state is new. Requires: is_full() is false.
  bool insert(const std::uint64_t* state) { return states_.insert(state).is_new; }
  bool is_full() const {
    return states_.size() >= PackedStateSet::kMaxStates || states_.next_memory_bytes() > max_bytes_;
  }
  std::uint64_t memory_bytes() const { return states_.memory_bytes(); }

 private:
  PackedStateSet states_;
  std::uint64_t max_bytes_;
};

/// Visited states as a lossy store keeps them.
class LossyStates {
 public:
  LossyStates(LossyStore& store, std::uint64_t max_bytes) : store_(store), max_bytes_(max_bytes) {}

  /// Whether the state is taken to be new.
  bool insert(const std::uint64_t* state) {
    std::uint8_t is_new = 0;
    if (store_.should_grow() && (store_.grown_memory_bytes() > max_bytes_ || !store_.grow())) is_full_ = true;
    if (store_.insert(state, 1, &is_new) == 0) is_full_ = true;
    return is_new != 0;
  }
  bool is_full() const { return is_full_; }
  std::uint64_t memory_bytes() const { return store_.memory_bytes(); }

 private:
  LossyStore& store_;
  std::uint64_t max_bytes_;
  bool is_full_ = false;
};

// The stack is one array of words: a state that is being expanded, on top of it those of its successors that were not
// tried yet, the last of which is the next to be tried; when that is expanded in turn, its successors follow it. So
// going down and coming back are a push and a pop, and the path is the list of positions in open_.
template <class Visited>
class DepthFirst {
 public:
  DepthFirst(Hunter& hunter, Visited& visited, const DepthFirstOptions& options)
      : hunter_(hunter), control_(hunter.control()), words_(hunter.words()), visited_(visited), options_(options) {}

  ~DepthFirst() { control_.add_memory(-held_); }
  DepthFirst(const DepthFirst&) = delete;
  DepthFirst& operator=(const DepthFirst&) = delete;

  DepthFirstOutcome search() {
    push(hunter_.initial_states());
    while (!control_.is_stopped() && step()) {
    }
    outcome_.finished = !control_.is_stopped();
    return outcome_;
  }

 private:
  /// Tries one state or goes back one; false when nothing is left.
  bool step() {
    const std::size_t floor = open_.empty() ? 0 : open_.back() + words_;
    if (stack_.size() == floor) {
      if (open_.empty()) return false;
      stack_.resize(open_.back());
      open_.pop_back();
      return true;
    }
    const std::size_t at = stack_.size() - words_;
    if (visited_.is_full()) {
      control_.stop(LimitKind::Memory);
      return true;
    }
    if (!visited_.insert(&stack_[at])) {
      stack_.resize(at);
      return true;
    }
    if (states_ == options_.max_states) return false;
    if (!control_.take_state()) return true;
    if ((++states_ & 0xFF) == 0) account();
    const auto path = [&] { return path_to(at); };
    if (hunter_.visit(&stack_[at], path)) {
      stack_.resize(at);
      return true;
    }
    if (open_.size() >= options_.max_depth) {
      outcome_.cut_depth = true;
      stack_.resize(at);
      return true;
    }
    const std::vector<std::uint64_t>& successors = hunter_.expand(&stack_[at], open_.size(), path);
    open_.push_back(at);
    push(successors);
    return true;
  }

  /// Puts states on the stack so that they are tried in their order, or in a random one.
  void push(const std::vector<std::uint64_t>& states) {
    const std::size_t count = states.size() / words_;
    order_.resize(count);
    for (std::size_t i = 0; i < count; ++i) order_[i] = count - 1 - i;
    if (options_.random != nullptr) {
      for (std::size_t i = count; i > 1; --i) std::swap(order_[i - 1], order_[options_.random->below(i)]);
    }
    for (const std::size_t i : order_) {
      const auto begin = states.begin() + static_cast<std::ptrdiff_t>(i * words_);
      stack_.insert(stack_.end(), begin, begin + static_cast<std::ptrdiff_t>(words_));
    }
  }

  Path path_to(std::size_t at) const {
    Path path;
    const auto add = [&](std::size_t position) {
      const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(position);
      path.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(words_));
    };
    for (const std::size_t position : open_) add(position);
    if (open_.empty() || open_.back() != at) add(at);
    return path;
  }

  void account() {
    const auto now = static_cast<std::int64_t>(visited_.memory_bytes() + stack_.capacity() * sizeof(std::uint64_t) +
                                               open_.capacity() * sizeof(std::size_t));
    control_.add_memory(now - held_);
    held_ = now;
  }

  Hunter& hunter_;
  HuntControl& control_;
  const std::size_t words_;
  Visited& visited_;
  const DepthFirstOptions options_;
  std::vector<std::uint64_t> stack_;
  std::vector<std::size_t> open_;  // where the states that are being expanded begin, the initial one first
  std::vector<std::size_t> order_;
  std::uint64_t states_ = 0;
  std::int64_t held_ = 0;
  DepthFirstOutcome outcome_;
};

/// The array of a bitstate search takes half of the memory allowed; the other half is for the path.
std::uint64_t bitstate_bytes(const Limits& limits) {
  constexpr std::uint64_t kDefaultBytes = std::uint64_t{256} << 20;
  return limits.memory_bytes ? std::max<std::uint64_t>(*limits.memory_bytes / 2, 1) : kDefaultBytes;
}

}  // namespace

DepthFirstOutcome search_depth_first(Hunter& hunter, LossyStore& store, const DepthFirstOptions& options) {
  LossyStates visited(store, options.max_bytes);
  return DepthFirst<LossyStates>(hunter, visited, options).search();
}

Exploration explore_depth_first(const model::TransitionSystem& system, const SearchOptions& options) {
  const PackedSystem packed(system, {options.successors, options.vector_target, {}});
  HuntControl control(options);
  Hunter hunter(packed, options, control);
  DepthFirstOptions depth_first;
  depth_first.max_bytes = options.limits.memory_bytes.value_or(UINT64_MAX);
  depth_first.max_depth = options.limits.depth.value_or(kDefaultDepth);
  std::string hunt = "a depth-first search";
  DepthFirstOutcome outcome;
  try {
    if (options.storage == Storage::Exact) {
      ExactStates visited(packed.packing().words(), depth_first.max_bytes);
      outcome = DepthFirst<ExactStates>(hunter, visited, depth_first).search();
    } else {
      const std::uint32_t words = packed.packing().words();
      std::unique_ptr<LossyStore> store;
      if (options.storage == Storage::Compact) {
        store = std::make_unique<CompactStore>(words);
      } else {
        store = std::make_unique<BitstateStore>(words, bitstate_bytes(options.limits));
      }
      outcome = search_depth_first(hunter, *store, depth_first);
      const double missed = store->missed_probability();
      hunt +=
          fmt::format(" with {} storage ({})", options.storage == Storage::Compact ? "compact" : "bitstate",
                      missed >= 0.995 ? "it has probably missed states"
                                      : fmt::format("chance that it missed a state: at most {:.2g} %", missed * 100));
    }
  } catch (const std::bad_alloc&) {
    control.stop(LimitKind::Memory);  // the machine has less than the limit allows; what was found so far stands
  }
  if (outcome.cut_depth && options.limits.depth) control.stop(LimitKind::Depth);
  if (outcome.cut_depth && !options.limits.depth) hunt += fmt::format(" down to depth {}", kDefaultDepth);
  std::vector<bool> exercised(system.rules.size(), false);
  hunter.add_exercised(exercised);
  Exploration result = hunt_result(packed, control, hunter.take_sightings(), exercised);
  result.hunt = hunt;
  result.storage = options.storage;
  return result;
}

}  // namespace quiesce::checker
