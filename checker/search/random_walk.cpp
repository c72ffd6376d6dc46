#include "checker/search/random_walk.h"

#include <algorithm>
#include <memory>
#include <new>
#include <vector>

namespace quiesce::checker {
namespace {

constexpr std::uint32_t kWalkDepth = 10000;
constexpr std::uint64_t kDefaultWalks = 1000;

}  // namespace

bool walk_randomly(Hunter& hunter, HuntRandom& random, std::uint32_t max_depth) {
  const std::size_t words = hunter.words();
  HuntControl& control = hunter.control();
  std::vector<std::uint64_t> trace;  // the states of the walk
  const auto path = [&] {
    Path states;
    for (std::size_t w = 0; w < trace.size(); w += words) {
      const auto begin = trace.begin() + static_cast<std::ptrdiff_t>(w);
      states.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(words));
    }
    return states;
  };
  const std::vector<std::uint64_t>* choices = &hunter.initial_states();
  std::vector<std::size_t> ways;  // where the states that the walk may go to begin in *choices
  for (std::uint32_t depth = 0;; ++depth) {
    // A step that changes nothing leads nowhere.
    ways.clear();
    for (std::size_t w = 0; w < choices->size(); w += words) {
      const auto begin = choices->begin() + static_cast<std::ptrdiff_t>(w);
      const bool stays =
          !trace.empty() && std::equal(trace.end() - static_cast<std::ptrdiff_t>(words), trace.end(), begin);
      if (!stays) ways.push_back(w);
    }
    if (ways.empty()) return true;
    if (!control.take_state()) return false;
    const auto next = choices->begin() + static_cast<std::ptrdiff_t>(ways[random.below(ways.size())]);
    trace.insert(trace.end(), next, next + static_cast<std::ptrdiff_t>(words));
    const std::uint64_t* state = trace.data() + trace.size() - words;
    if (hunter.visit(state, path) || depth >= max_depth) return true;
    choices = &hunter.expand(state, depth, path);
  }
}

Exploration explore_randomly(const model::TransitionSystem& system, const SearchOptions& options) {
  const std::unique_ptr<StateSpace> space = make_whole_space(system, options);
  const std::vector<std::uint64_t> initial = packed_initial_states(*space);
  HuntControl control(options);
  Hunter hunter(*space, initial, options, control);
  HuntRandom random(options.seed);
  const std::uint32_t depth = options.limits.depth.value_or(kWalkDepth);
  std::uint64_t most = UINT64_MAX;
  if (options.searches != 0) {
    most = options.searches;
  } else if (!options.limits.time && !options.limits.states) {
    most = kDefaultWalks;
  }
  // Without a state to begin in, or without a step from one, no number of walks would ever take up time.
  if (hunter.initial_states().empty()) most = 0;
  std::uint64_t walks = 0;
  try {
    while (walks < most && !control.is_stopped()) {
      ++walks;
      walk_randomly(hunter, random, depth);
    }
  } catch (const std::bad_alloc&) {
    control.stop(LimitKind::Memory);
  }
  Exploration result = hunt_result(hunter);
  result.hunt = Hunt{Hunt::Kind::RandomWalks, walks, walks, options.seed, std::nullopt};
  return result;
}

}  // namespace quiesce::checker
