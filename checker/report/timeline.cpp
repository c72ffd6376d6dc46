#include "checker/report/timeline.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "checker/report/layout.h"
#include "checker/report/timeline_layout.h"

namespace quiesce::checker {

using namespace model;

namespace {

constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

class Timeline {
 public:
  Timeline(const LevelNames& levels, const Story& story)
      : levels_(levels), story_(story), layout_(timeline_layout(story)) {
    for (const auto& [lane, marks] : layout_.lanes) {
      std::string& row = rows_[lane];
      for (const TimelineMark& mark : marks) row += letter(lane, mark);
    }
  }

  std::string text(std::size_t width) const {
    const std::size_t label = label_width();
    const std::size_t room = std::max<std::size_t>(width > label ? width - label : 0, 20) / 10 * 10;
    std::string out;
    for (std::size_t begin = 0; begin < story_.steps.size(); begin += room) {
      if (begin > 0) out += "\n";
      out += block(begin, std::min(begin + room, story_.steps.size()), label);
    }
    return out + "\n" + legend(width) + "\n";
  }

 private:
  static char letter_of(std::size_t who) { return kLetters[std::min(who, kLetters.size() - 1)]; }

  static char letter(const TimelineLane& lane, const TimelineMark& mark) {
    if (mark.is_empty()) return '.';
    if (lane.cpu == TimelineLane::kHardware) return '*';
    const char upper = letter_of(mark.who);
    return mark.acts ? upper : static_cast<char>(upper - 'A' + 'a');
  }

  std::string level_label(const TimelineLane& lane) const { return lane.is_of_cpu() ? levels_.name(lane.level()) : ""; }

  std::size_t label_width() const {
    std::size_t level = 0;
    for (const auto& [lane, row] : rows_) level = std::max(level, columns(level_label(lane)));
    return 2 + 10 + level + 2;
  }

  std::string line(const std::string& first, const std::string& second, std::size_t label,
                   std::string_view cells) const {
    while (cells.ends_with(' ')) cells.remove_suffix(1);
    return padded("  " + padded(first, 10) + second, label) + std::string(cells) + "\n";
  }

  std::string block(std::size_t begin, std::size_t end, std::size_t label) const {
    std::string ruler(end - begin, ' ');
    for (std::size_t i = begin; i < end; ++i) {
      if (i != begin && (i + 1) % 10 != 0) continue;
      const std::string number = std::to_string(i + 1);
      if (i == begin && (begin + 1) % 10 != 0 && begin + number.size() + 1 > begin + 10) continue;
      ruler.resize(std::max(ruler.size(), i - begin + number.size()), ' ');
      ruler.replace(i - begin, number.size(), number);
    }
    std::string out = line("step", "", label, ruler);
    std::int32_t previous = -1;
    for (const auto& [lane, row] : rows_) {
      out += line(lane.cpu == previous ? "" : lane_name(lane), level_label(lane), label,
                  std::string_view(row).substr(begin, end - begin));
      previous = lane.cpu;
    }
    if (story_.loop && *story_.loop >= begin && *story_.loop < end) {
      std::string row(end - begin, '.');
      row[*story_.loop - begin] = '@';
      out += line("loop", "", label, row);
    }
    if (end == story_.steps.size() && !story_.loop) {
      std::string row(end - begin, '.');
      row.back() = '!';
      out += line("violation", "", label, row);
    }
    return out;
  }

  std::string legend(std::size_t width) const {
    std::vector<std::string> parts;
    for (std::size_t who = 0; who < layout_.contexts.size(); ++who) {
      parts.push_back(fmt::format("{} {}", letter_of(who), layout_.contexts[who]));
    }
    std::string text = joined(parts) + "; lower case: interrupted or waiting there";
    if (rows_.contains({TimelineLane::kHardware, 0})) text += "; * an action of the hardware";
    if (story_.loop) text += "; @ what repeats forever begins";
    return wrapped(text, 2, width);
  }

  const LevelNames& levels_;
  const Story& story_;
  const TimelineLayout layout_;
  std::map<TimelineLane, std::string> rows_;
};

}  // namespace

std::string timeline_text(const LevelNames& levels, const Story& story, std::size_t width) {
  return story.steps.empty() ? "" : Timeline(levels, story).text(width);
}

}  // namespace quiesce::checker
