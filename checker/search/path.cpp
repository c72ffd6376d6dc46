#include "checker/search/path.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "model/base/internal_check.h"

namespace quiesce::checker {
namespace {

class Shortener {
 public:
  explicit Shortener(const StateSpace& space) : space_(space.for_thread()), words_(space.words()) {
    space_->look_for(Interest::in_nothing(space.system()));
  }

  Path shorten(const Path& path, std::size_t max_expansions) {
    std::map<PackedState, std::size_t> place;
    for (std::size_t i = 0; i < path.size(); ++i) place[path[i]] = i;
    const std::size_t each = std::clamp<std::size_t>(max_expansions / std::max<std::size_t>(path.size(), 1), 20, 5000);
    Path result{path.front()};
    std::size_t at = 0;
    while (at + 1 < path.size()) {
      // Without a shorter way the path itself is taken, one step: the next state may know one.
      Path way = best_way(path, at, place, max_expansions >= each ? each : 0);
      max_expansions -= std::min(max_expansions, each);
      if (way.empty()) way.push_back(path[at + 1]);
      at = place.at(way.back());
      for (PackedState& state : way) result.push_back(std::move(state));
    }
    return result;
  }

 private:
  struct Reached {
    PackedState state;
    std::size_t parent = 0;
    std::size_t depth = 0;
  };

  /// The way from path[at] to a later state of the path that saves most, among the states around path[at]; empty when
  /// nothing is saved.
  Path best_way(const Path& path, std::size_t at, const std::map<PackedState, std::size_t>& place,
                std::size_t max_expansions) {
    std::vector<Reached> reached{{path[at], 0, 0}};
    std::map<PackedState, std::size_t> known{{path[at], 0}};
    std::size_t best = 0, best_saving = 0;
    for (std::size_t next = 0; next < reached.size() && next < max_expansions; ++next) {
      if (ends_run(reached[next].state)) continue;
      successors_.clear();
      space_->expand(reached[next].state.data(), 1, successors_);
      const std::size_t depth = reached[next].depth + 1;
      for (std::size_t w = 0; w < successors_.states.size(); w += words_) {
        const auto begin = successors_.states.begin() + static_cast<std::ptrdiff_t>(w);
        PackedState state(begin, begin + static_cast<std::ptrdiff_t>(words_));
        if (!known.try_emplace(state, reached.size()).second) continue;
        const auto on_path = place.find(state);
        if (on_path != place.end() && on_path->second > at + depth && on_path->second - at - depth > best_saving) {
          best_saving = on_path->second - at - depth;
          best = reached.size();
        }
        reached.push_back({std::move(state), next, depth});
      }
    }
    Path way;
    for (std::size_t i = best; i != 0; i = reached[i].parent) way.push_back(reached[i].state);
    std::reverse(way.begin(), way.end());
    return way;
  }

  bool ends_run(const PackedState& state) {
    judgement_.clear();
    space_->judge(state.data(), 1, judgement_);
    return !judgement_.ended.empty();
  }

  const std::unique_ptr<StateSpace> space_;
  const std::size_t words_;
  PackedSuccessors successors_;
  Judgement judgement_;
};

}  // namespace

Path without_loops(const Path& path) {
  std::map<PackedState, std::size_t> last;
  for (std::size_t i = 0; i < path.size(); ++i) last[path[i]] = i;
  Path result;
  // From every state it goes on where the path leaves that state for the last time.
  for (std::size_t i = 0; i < path.size(); i = last[path[i]] + 1) result.push_back(path[i]);
  return result;
}

Path shortened(const StateSpace& space, const Path& path, std::size_t max_expansions) {
  return path.size() > 2 ? Shortener(space).shorten(path, max_expansions) : path;
}

Run run_through(StateSpace& space, const Path& path, std::int32_t check) {
  Run run;
  for (std::size_t i = 0; i < path.size(); ++i) {
    run.states.push_back(space.unpack(path[i].data()));
    if (i + 1 == path.size()) break;
    std::optional<FoundStep> found = space.step(run.states.back(), {&path[i + 1], {}}, nullptr);
    QUIESCE_CHECK(found.has_value()) << "no step leads from state " << i << " of a path on";
    run.steps.push_back(std::move(found->step));
  }
  if (check >= 0) {
    const auto fails = [check](std::int32_t failed) { return failed == check; };
    std::optional<FoundStep> found = space.step(run.states.back(), {nullptr, fails}, nullptr);
    QUIESCE_CHECK(found.has_value()) << "no step breaks check " << check;
    run.steps.push_back(std::move(found->step));
    if (!found->after.empty()) run.states.push_back(std::move(found->after));
  }
  return run;
}

}  // namespace quiesce::checker
