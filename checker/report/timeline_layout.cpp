#include "checker/report/timeline_layout.h"

#include <algorithm>

#include <fmt/format.h>

namespace quiesce::checker {

namespace {

/// Where someone is between steps.
struct Whereabouts {
  std::int32_t cpu = -1;  // -1: none
  std::int64_t level = 0;
};

TimelineLane lane_of(const Whereabouts& at) {
  return at.cpu < 0 ? TimelineLane{TimelineLane::kNoCpu, 0} : TimelineLane{at.cpu, -at.level};
}

bool ends(const StoryStep& step) {
  return std::any_of(step.lines.begin(), step.lines.end(),
                     [](const StoryLine& line) { return line.kind == StoryLine::Kind::End; });
}

class Drawer {
 public:
  explicit Drawer(const Story& story) : story_(story) {
    for (const StoryStep& step : story.steps) {
      if (step.in_context) number_of(step.who);
    }
    for (std::size_t i = 0; i < story.steps.size(); ++i) draw(i);
  }

  TimelineLayout take() { return std::move(layout_); }

 private:
  std::size_t number_of(const std::string& who) {
    const auto [known, is_new] = numbers_.try_emplace(who, layout_.contexts.size());
    if (is_new) layout_.contexts.push_back(who);
    return known->second;
  }

  void mark(const TimelineLane& lane, std::size_t step, TimelineMark mark) {
    std::vector<TimelineMark>& row = layout_.lanes[lane];
    row.resize(story_.steps.size());
    if (row[step].is_empty() || !row[step].acts) row[step] = mark;
  }

  /// One column: what acts, and what is on a CPU beside.
  void draw(std::size_t index) {
    const StoryStep& step = story_.steps[index];
    if (!step.in_context) {
      mark({TimelineLane::kHardware, 0}, index, {0, true});
    } else {
      const bool climbs = step.cpu_after >= 0 && step.cpu_before < 0;
      const Whereabouts at = climbs || step.level_after > step.level_before
                                 ? Whereabouts{step.cpu_after, step.level_after}
                                 : Whereabouts{step.cpu_before, step.level_before};
      mark(lane_of(at), index, {number_of(step.who), true});
      now_[step.who] = {step.cpu_after, step.level_after};
      if (ends(step)) now_.erase(step.who);
    }
    for (const auto& [who, at] : now_) {
      if (at.cpu >= 0 && who != step.who) mark(lane_of(at), index, {number_of(who), false});
    }
  }

  const Story& story_;
  std::map<std::string, std::size_t> numbers_;
  std::map<std::string, Whereabouts> now_;
  TimelineLayout layout_;
};

}  // namespace

TimelineLayout timeline_layout(const Story& story) { return Drawer(story).take(); }

std::string lane_name(const TimelineLane& lane) {
  if (lane.is_of_cpu()) return fmt::format("cpu {}", lane.cpu);
  return lane.cpu == TimelineLane::kNoCpu ? "no cpu" : "hardware";
}

}  // namespace quiesce::checker
