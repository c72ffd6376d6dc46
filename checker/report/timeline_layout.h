// Where every context is in the course of a story, as rows and columns: what the timelines in plain text (timeline.h)
// and as a picture (timeline_svg.h) draw. A column for each step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "checker/report/story.h"

namespace quiesce::checker {

/// A row, in the order from top to bottom: CPUs, in them high levels first, then what has no CPU, then hardware.
struct TimelineLane {
  static constexpr std::int32_t kNoCpu = std::numeric_limits<std::int32_t>::max() - 1;
  static constexpr std::int32_t kHardware = std::numeric_limits<std::int32_t>::max();

  std::int32_t cpu = 0;  // or one of the two
  std::int64_t minus_level = 0;

  std::int64_t level() const { return -minus_level; }
  bool is_of_cpu() const { return cpu != kNoCpu && cpu != kHardware; }
  auto operator<=>(const TimelineLane&) const = default;
};

/// What is in a row during a step.
struct TimelineMark {
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
  std::size_t who = kNone;  // in TimelineLayout::contexts; of hardware: no meaning, but something
  bool acts = false;        // else interrupted, or waiting there

  bool is_empty() const { return who == kNone; }
  bool operator==(const TimelineMark&) const = default;
};

struct TimelineLayout {
  std::vector<std::string> contexts;  // threads and handlers, in the order in which they first act
  std::map<TimelineLane, std::vector<TimelineMark>> lanes;  // a mark for each step
};

/// A step that raises the level or takes a CPU is drawn where it leads. Of several that wait in one row the last by
/// name is drawn.
TimelineLayout timeline_layout(const Story& story);

/// "cpu 0", "no cpu", "hardware".
std::string lane_name(const TimelineLane& lane);

}  // namespace quiesce::checker
