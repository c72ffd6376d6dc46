#include "checker/search/depth_first.h"

#include <algorithm>
#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "checker/store/visited_set.h"

namespace quiesce::checker {
namespace {

/// Without --depth. Deeper runs are rarely what one looks for, and a path without end takes all memory.
constexpr std::uint32_t kDefaultDepth = 10000;

/// The visited set, growing as far as the hunt may.
class Visited {
 public:
  Visited(VisitedSet& store, HuntControl& control) : store_(store), control_(control) {}

  /// Whether the state is (taken to be) new; nothing when there is no room for it.
  std::optional<bool> insert(const std::uint64_t* state) {
    if (store_.should_grow()) {
      cannot_grow_ = cannot_grow_ || !grow();
      if (cannot_grow_ && store_.fill() > VisitedSet::kFullest) return std::nullopt;
    }
    std::uint8_t is_new = 0;
    StateKey key = 0;
    while (store_.insert(state, 1, &key, &is_new) == 0) {
      if (cannot_grow_ || !grow()) return std::nullopt;
    }
    return is_new != 0;
  }

  std::uint64_t memory_bytes() const { return store_.memory_bytes(); }

 private:
  bool grow() {
    const std::uint64_t more = store_.grown_memory_bytes() - std::min(store_.grown_memory_bytes(), memory_bytes());
    return more < control_.spare_bytes() && store_.grow();
  }

  VisitedSet& store_;
  HuntControl& control_;
  bool cannot_grow_ = false;  // ... so the room that there is gets filled
};

// The stack is one array of words: a state that is being expanded, on top of it those of its successors that were not
// tried yet, the last of which is the next to be tried; when that is expanded in turn, its successors follow it. So
// going down and coming back are a push and a pop, and the path is the list of positions in open_.
class DepthFirst {
 public:
  DepthFirst(Hunter& hunter, VisitedSet& store, const DepthFirstOptions& options)
      : hunter_(hunter),
        control_(hunter.control()),
        words_(hunter.words()),
        visited_(store, hunter.control()),
        options_(options) {}

  ~DepthFirst() { control_.add_memory(-held_); }
  DepthFirst(const DepthFirst&) = delete;
  DepthFirst& operator=(const DepthFirst&) = delete;

  DepthFirstOutcome search() {
    push(hunter_.initial_states());
    account();
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
    const std::optional<bool> is_new = visited_.insert(&stack_[at]);
    if (!is_new) {
      control_.stop(LimitKind::Memory);
      return true;
    }
    if (!*is_new) {
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
  Visited visited_;
  const DepthFirstOptions options_;
  std::vector<std::uint64_t> stack_;
  std::vector<std::size_t> open_;  // where the states that are being expanded begin, the initial one first
  std::vector<std::size_t> order_;
  std::uint64_t states_ = 0;
  std::int64_t held_ = 0;
  DepthFirstOutcome outcome_;
};

/// The array of a bitstate search takes half of the memory allowed; the other half is for the path.
std::uint64_t bitstate_bytes(const Limits& limits, const HuntControl& control) {
  constexpr std::uint64_t kDefaultBytes = std::uint64_t{256} << 20;
  const std::uint64_t half = std::max<std::uint64_t>(control.spare_bytes() / 2, 1);
  return limits.memory_bytes ? half : std::min(half, kDefaultBytes);
}

}  // namespace

DepthFirstOutcome search_depth_first(Hunter& hunter, VisitedSet& store, const DepthFirstOptions& options) {
  return DepthFirst(hunter, store, options).search();
}

Exploration explore_depth_first(const model::TransitionSystem& system, const SearchOptions& options) {
  const std::unique_ptr<StateSpace> space = make_whole_space(system, options);
  const std::vector<std::uint64_t> initial = packed_initial_states(*space);
  HuntControl control(options);
  Hunter hunter(*space, initial, options, control);
  DepthFirstOptions depth_first;
  depth_first.max_depth = options.limits.depth.value_or(kDefaultDepth);
  double missed_probability = options.storage == Storage::Exact ? 0 : 1;  // where memory ended the search
  DepthFirstOutcome outcome;
  try {
    const std::unique_ptr<VisitedSet> visited =
        make_visited_set(options.storage, space->words(), space->bits(), bitstate_bytes(options.limits, control));
    outcome = search_depth_first(hunter, *visited, depth_first);
    missed_probability = visited->missed_probability();
  } catch (const std::bad_alloc&) {
    control.stop(LimitKind::Memory);  // the machine has less than the limit allows; what was found so far stands
  }
  if (outcome.cut_depth && options.limits.depth) control.stop(LimitKind::Depth);
  Exploration result = hunt_result(hunter);
  result.hunt = Hunt{};
  if (outcome.cut_depth && !options.limits.depth) result.hunt->depth = kDefaultDepth;
  result.missed_probability = missed_probability;
  result.storage = options.storage;
  return result;
}

}  // namespace quiesce::checker
