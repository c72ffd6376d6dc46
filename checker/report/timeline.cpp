#include "checker/report/timeline.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "checker/report/layout.h"

namespace quiesce::checker {

using namespace model;

namespace {

constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Where someone is between steps.
struct Whereabouts {
  std::int32_t cpu = -1;  // -1: none
  std::int64_t level = 0;
};

/// A row of the picture, top to bottom in this order: CPUs, in them high levels first, then who has no CPU, then hardware.
struct Lane {
  std::int32_t cpu = 0;  // kNoCpu, kHardware
  std::int64_t minus_level = 0;
  auto operator<=>(const Lane&) const = default;
};
constexpr std::int32_t kNoCpu = INT32_MAX - 1;
constexpr std::int32_t kHardware = INT32_MAX;

class Timeline {
 public:
  Timeline(const LevelNames& levels, const Story& story) : levels_(levels), story_(story) {
    for (const StoryStep& step : story.steps) {
      if (step.in_context) letter_of(step.who);
    }
    for (std::size_t i = 0; i < story.steps.size(); ++i) draw(i);
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
  char letter_of(const std::string& who) {
    const auto [known, is_new] = letters_.try_emplace(who, kLetters[std::min(order_.size(), kLetters.size() - 1)]);
    if (is_new) order_.push_back(who);
    return known->second;
  }

  void mark(Lane lane, std::size_t step, char letter) {
    std::string& row = rows_[lane];
    row.resize(story_.steps.size(), '.');
    if (row[step] == '.' || (row[step] >= 'a' && row[step] <= 'z')) row[step] = letter;
  }

  static Lane lane_of(const Whereabouts& at) { return at.cpu < 0 ? Lane{kNoCpu, 0} : Lane{at.cpu, -at.level}; }

  /// One column: who acts, and who is on a CPU beside.
  void draw(std::size_t index) {
    const StoryStep& step = story_.steps[index];
    if (!step.in_context) {
      mark({kHardware, 0}, index, '*');
    } else {
      // A step that raises the level or takes a CPU is drawn where it leads.
      const bool climbs = step.cpu_after >= 0 && step.cpu_before < 0;
      const Whereabouts at = climbs || step.level_after > step.level_before
                                 ? Whereabouts{step.cpu_after, step.level_after}
                                 : Whereabouts{step.cpu_before, step.level_before};
      mark(lane_of(at), index, letter_of(step.who));
      const bool ends = std::any_of(step.lines.begin(), step.lines.end(),
                                    [](const StoryLine& line) { return line.kind == StoryLine::Kind::End; });
      now_[step.who] = {step.cpu_after, step.level_after};
      if (ends) now_.erase(step.who);
    }
    for (const auto& [who, at] : now_) {
      if (at.cpu < 0 || who == step.who) continue;
      mark(lane_of(at), index, static_cast<char>(letter_of(who) - 'A' + 'a'));
    }
  }

  std::string cpu_label(std::int32_t cpu) const {
    if (cpu == kNoCpu) return "no cpu";
    return cpu == kHardware ? "hardware" : fmt::format("cpu {}", cpu);
  }
  std::string level_label(const Lane& lane) const {
    if (lane.cpu == kNoCpu || lane.cpu == kHardware) return "";
    return levels_.name(-lane.minus_level);
  }

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
      out += line(lane.cpu == previous ? "" : cpu_label(lane.cpu), level_label(lane), label,
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
    for (const std::string& who : order_) parts.push_back(fmt::format("{} {}", letters_.at(who), who));
    std::string text = joined(parts) + "; lower case: interrupted or waiting there";
    if (rows_.contains({kHardware, 0})) text += "; * an action of the hardware";
    if (story_.loop) text += "; @ what repeats for ever begins";
    return wrapped(text, 2, width);
  }

  const LevelNames& levels_;
  const Story& story_;
  std::map<std::string, char> letters_;
  std::vector<std::string> order_;
  std::map<std::string, Whereabouts> now_;
  std::map<Lane, std::string> rows_;
};

}  // namespace

std::string timeline_text(const LevelNames& levels, const Story& story, std::size_t width) {
  return story.steps.empty() ? "" : Timeline(levels, story).text(width);
}

}  // namespace quiesce::checker
