#include "checker/search/path.h"

#include <algorithm>
#include <map>
#include <utility>

#include "checker/search/state_judge.h"
#include "model/base/check.h"

namespace quiesce::checker {
namespace {

using PackedState = std::vector<std::uint64_t>;

class Shortener {
 public:
  explicit Shortener(const PackedSystem& system)
      : system_(system),
        words_(system.packing().words()),
        expander_(system),
        judge_(system.compiled()),
        cells_(system.packing().cells()),
        nobody_(system.system().rules.size(), false) {}

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
      expander_.expand(reached[next].state.data(), 1, successors_);
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
    system_.packing().unpack(state.data(), cells_.data());
    return judge_.violations(cells_.data(), nobody_, shown_);
  }

  const PackedSystem& system_;
  const std::size_t words_;
  PackedExpander expander_;
  StateJudge judge_;
  PackedSuccessors successors_;
  std::vector<std::int32_t> cells_;
  const std::vector<bool> nobody_;
  std::vector<StateJudge::Shown> shown_;
};

/// Finds the first step from one state to another, or one that breaks a check.
class StepFinder : public SuccessorSink {
 public:
  explicit StepFinder(const PackedSystem& system)
      : system_(system),
        generator_(system.compiled()),
        packer_(system),
        packed_(system.packing().words()),
        cells_(system.packing().cells()) {}

  /// `target` null: any, as long as `check` fails; `check` negative: whatever fails.
  bool find(const PackedState& from, const PackedState* target, std::int32_t check) {
    target_ = target;
    check_ = check;
    found_ = false;
    after.clear();
    system_.packing().unpack(from.data(), cells_.data());
    generator_.expand(cells_.data(), *this);
    return found_;
  }

  void on_successor(const SuccessorView& view) override {
    if (found_) return;
    if (check_ >= 0 && std::find(view.failed->begin(), view.failed->end(), check_) == view.failed->end()) return;
    if (target_ != nullptr) {
      if (view.ends_run()) return;
      packer_.pack(view.next, packed_.data());
      if (packed_ != *target_) return;
    }
    found_ = true;
    step = {};
    step.actor = view.actor;
    step.cpu = view.cpu;
    for (const ChoiceMade& choice : *view.choices) {
      step.choices.push_back(choice.value);
      step.counted.push_back(choice.counted);
    }
    if (!view.ends_run()) after.assign(view.next, view.next + cells_.size());
    generator_.stop();
  }

  model::Step step;    // the step found
  model::State after;  // where it leads; empty when it ends the run

 private:
  const PackedSystem& system_;
  SuccessorGenerator generator_;
  CanonicalPacker packer_;
  PackedState packed_;
  std::vector<std::int32_t> cells_;
  const PackedState* target_ = nullptr;
  std::int32_t check_ = -1;
  bool found_ = false;
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

Path shortened(const PackedSystem& system, const Path& path, std::size_t max_expansions) {
  return path.size() > 2 ? Shortener(system).shorten(path, max_expansions) : path;
}

Run run_through(const PackedSystem& system, const Path& path, std::int32_t check) {
  Run run;
  StepFinder finder(system);
  for (std::size_t i = 0; i < path.size(); ++i) {
    model::State& state = run.states.emplace_back(system.packing().cells());
    system.packing().unpack(path[i].data(), state.data());
    if (i + 1 == path.size()) break;
    QUIESCE_CHECK(finder.find(path[i], &path[i + 1], -1)) << "no step leads from state " << i << " of a path on";
    run.steps.push_back(finder.step);
  }
  if (check >= 0) {
    QUIESCE_CHECK(finder.find(path.back(), nullptr, check)) << "no step breaks check " << check;
    run.steps.push_back(finder.step);
    if (!finder.after.empty()) run.states.push_back(finder.after);
  }
  return run;
}

}  // namespace quiesce::checker
