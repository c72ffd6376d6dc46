#include "checker/report/timeline_svg.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "checker/report/html_parts.h"
#include "checker/report/layout.h"
#include "checker/report/timeline_layout.h"
#include "checker/report/xml_text.h"

namespace quiesce::checker {

using namespace model;

namespace {

constexpr int kRow = 22;
constexpr int kBar = 16;
constexpr int kLetter = 7;          // width of a character, rounded up
constexpr std::size_t kLabel = 22;  // characters of a label at most
constexpr std::size_t kValueRows = 40;
constexpr std::size_t kColours = 8;

/// The end of `text` where it is too long: of "nic.hw.enabled" the last part says most.
std::string shortened(std::string_view text, std::size_t width) {
  if (columns(text) <= width) return std::string(text);
  std::size_t cut = text.size() - (width - 1);
  while (cut < text.size() && (static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80) ++cut;
  return "…" + std::string(text.substr(cut));
}

/// A name for a bar with room for `width` characters: as many of its last parts as fit, "isr" of "nic.isr"; else its
/// begin.
std::string fitting_name(std::string_view name, std::size_t width) {
  while (columns(name) > width && name.find('.') < name.size() - 1) name.remove_prefix(name.find('.') + 1);
  return std::string(name.substr(0, width));
}

/// A value likewise: its begin.
std::string fitting_value(std::string_view value, std::size_t width) {
  if (columns(value) <= width) return std::string(value);
  std::size_t cut = std::min(width - 1, value.size());
  while (cut > 0 && (static_cast<unsigned char>(value[cut]) & 0xc0) == 0x80) --cut;
  return std::string(value.substr(0, cut)) + "…";
}

/// What a variable holds from one column to another, drawn as one bar; half columns, since it changes within a step.
struct Segment {
  double begin = 0;
  double end = 0;
  std::string value;
};

struct ValueRow {
  std::string name;
  std::vector<Segment> segments;
};

/// Whether a bar shows that a variable has this value; otherwise nothing is drawn.
bool is_drawn(const StoryVariable& variable, std::string_view value) {
  switch (variable.kind) {
    case StoryVariable::Kind::Truth:
      return value == "true";
    case StoryVariable::Kind::Lock:
      return value != "free";
    case StoryVariable::Kind::Life:
      return value == "live";
    case StoryVariable::Kind::Other:
      return true;
  }
  return true;
}

/// What a bar says beside its length.
std::string bar_text(const StoryVariable& variable, const std::string& value) {
  const bool is_plain = variable.kind == StoryVariable::Kind::Truth || variable.kind == StoryVariable::Kind::Life;
  return is_plain ? "" : value;
}

/// The variables that change, locals left out, with their values as bars.
std::vector<ValueRow> value_rows(const Story& story) {
  std::map<std::size_t, std::vector<Segment>> rows;
  for (std::size_t step = 0; step < story.values.size(); ++step) {
    for (const StoryValue& one : story.values[step]) {
      const StoryVariable& variable = story.variables[one.variable];
      if (variable.is_local) continue;
      std::vector<Segment>& row = rows[one.variable];
      if (row.empty()) row.push_back({0, 0, variable.value});
      row.back().end = static_cast<double>(step) + 0.5;
      row.push_back({row.back().end, 0, one.value});
    }
  }
  std::vector<ValueRow> all;
  for (auto& [number, segments] : rows) {
    const StoryVariable& variable = story.variables[number];
    segments.back().end = static_cast<double>(story.steps.size());
    ValueRow row{variable.name, {}};
    for (Segment& one : segments) {
      if (!is_drawn(variable, one.value)) continue;
      one.value = bar_text(variable, one.value);
      row.segments.push_back(std::move(one));
    }
    all.push_back(std::move(row));
  }
  return all;
}

class Picture {
 public:
  Picture(const LevelNames& levels, const Story& story)
      : levels_(levels), story_(story), layout_(timeline_layout(story)), values_(value_rows(story)) {
    const std::size_t steps = story.steps.size();
    column_ = steps <= 12 ? 60 : steps <= 40 ? 28 : steps <= 100 ? 18 : 12;
    left_out_ = values_.size() > kValueRows ? values_.size() - kValueRows : 0;
    values_.resize(values_.size() - left_out_);
    std::size_t longest = 15;
    for (const ValueRow& row : values_) longest = std::max(longest, std::min(columns(row.name), kLabel));
    gutter_ = static_cast<int>(longest) * kLetter + 12;
  }

  std::string text(const std::string& name, std::string_view style) {
    draw_lanes();
    draw_values();
    const int height = y_ + 6;
    const int width = gutter_ + column_ * static_cast<int>(story_.steps.size()) + 10;
    std::string out = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"timeline\" role=\"img\" aria-label=\"{}\" "
        "width=\"{}\" height=\"{}\" viewBox=\"0 0 {} {}\" data-gutter=\"{}\" data-column=\"{}\">\n",
        xml_text(name), width, height, width, height, gutter_, column_);
    if (!style.empty()) out += fmt::format("<style>{}</style>\n", style);
    out += rectangle("back", 0, 0, width, height) + bands_ + ruler() + loop() + bars_ + violation(height);
    out += fmt::format("<rect class=\"now\" x=\"-100\" y=\"2\" width=\"{}\" height=\"{}\"/>\n", column_, height - 4);
    out += "<g class=\"labels\">" + rectangle("back", 0, 0, gutter_ - 4, height) + labels_ + "</g>\n";
    return out + "</svg>\n";
  }

 private:
  double x_of(double column) const { return gutter_ + column * column_; }
  double end_x() const { return x_of(static_cast<double>(story_.steps.size())); }

  static std::string rectangle(std::string_view style, double x, double y, double width, double height) {
    return fmt::format("<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>\n", style, x, y, width,
                       height);
  }

  static std::string words(std::string_view style, double x, double y, std::string_view text) {
    const std::string of_class = style.empty() ? "" : fmt::format(" class=\"{}\"", style);
    return fmt::format("<text{} x=\"{}\" y=\"{}\">{}</text>\n", of_class, x, y, xml_text(text));
  }

  void label(std::string_view style, int x, int y, const std::string& text) {
    std::string shown = words(style, x, y + kRow / 2.0, shortened(text, kLabel));
    if (columns(text) > kLabel) {
      shown.insert(shown.find('>') + 1, fmt::format("<title>{}</title>", xml_text(text)));
    }
    labels_ += shown;
  }

  /// A bar with `text` in it where there is room.
  std::string bar(const std::string& style, std::string_view text_style, double begin, double end, int y,
                  const std::string& text) const {
    const double width = std::max((end - begin) * column_ - 2, 2.0);
    const double top = y + (kRow - kBar) / 2.0;
    std::string out = fmt::format("<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"2\"", style,
                                  x_of(begin) + 1, top, width, kBar);
    out += text.empty() ? "/>\n" : fmt::format("><title>{}</title></rect>\n", xml_text(text));
    const double room = (width - 4) / kLetter;
    const auto letters = static_cast<std::size_t>(std::max(room, 0.0));
    if (text.empty() || letters < 1) return out;
    const std::string shown = style == "value" ? fitting_value(text, letters) : fitting_name(text, letters);
    return out + words(text_style, x_of(begin) + 4, y + kRow / 2.0, shown);
  }

  void band(bool is_dark) {
    if (is_dark) bands_ += rectangle("band", 0, y_, end_x() + 10, kRow);
  }

  void draw_lanes() {
    std::int32_t previous = -1;
    bool is_dark = false;
    for (const auto& [lane, marks] : layout_.lanes) {
      if (lane.cpu != previous) is_dark = !is_dark;
      band(is_dark);
      const std::string level = lane.is_of_cpu() ? levels_.name(lane.level()) : "";
      if (lane.cpu != previous) label("", 4, y_, lane_name(lane));
      if (!level.empty()) label("dim", 4 + 6 * kLetter, y_, level);
      previous = lane.cpu;
      lane_y_[lane] = y_;
      draw_marks(lane, marks);
      y_ += kRow;
    }
    draw_moves();
  }

  void draw_marks(const TimelineLane& lane, const std::vector<TimelineMark>& marks) {
    const bool is_hardware = lane.cpu == TimelineLane::kHardware;
    for (std::size_t begin = 0; begin < marks.size();) {
      std::size_t end = begin + 1;
      while (!is_hardware && end < marks.size() && marks[end] == marks[begin]) ++end;
      const TimelineMark& mark = marks[begin];
      if (!mark.is_empty()) {
        const std::string who = is_hardware ? story_.steps[begin].who : layout_.contexts[mark.who];
        const std::string colour = is_hardware ? "hw" : fmt::format("w{}", mark.who % kColours);
        bars_ += bar(fmt::format("{} {}", mark.acts ? "acts" : "waits", colour), mark.acts ? "name" : "",
                     static_cast<double>(begin), static_cast<double>(end), y_, who);
      }
      begin = end;
    }
  }

  /// Where someone goes from one row to another, the rows are joined.
  void draw_moves() {
    std::map<std::size_t, std::pair<std::size_t, int>> last;  // context -> column, y
    for (std::size_t step = 0; step < story_.steps.size(); ++step) {
      for (const auto& [lane, marks] : layout_.lanes) {
        if (lane.cpu == TimelineLane::kHardware || marks.size() <= step || marks[step].is_empty()) continue;
        const std::size_t who = marks[step].who;
        const int y = lane_y_.at(lane) + kRow / 2;
        const auto known = last.find(who);
        if (known != last.end() && known->second.first + 1 == step && known->second.second != y) {
          bars_ +=
              fmt::format("<line class=\"moves w{}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>\n", who % kColours,
                          x_of(static_cast<double>(step)), known->second.second, x_of(static_cast<double>(step)), y);
        }
        last[who] = {step, y};
      }
    }
  }

  void draw_values() {
    bands_ += fmt::format("<line class=\"rule\" x1=\"0\" y1=\"{0}\" x2=\"{1}\" y2=\"{0}\"/>\n", y_ + 3, end_x() + 10);
    y_ += values_.empty() ? 0 : 6;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      band(i % 2 == 1);
      label("", 4, y_, values_[i].name);
      for (const Segment& one : values_[i].segments) {
        bars_ += bar("value", "", one.begin, one.end, y_, one.value);
      }
      y_ += kRow;
    }
    if (left_out_ == 0) return;
    label("dim", 4, y_, fmt::format("and {} more", left_out_));
    y_ += kRow;
  }

  std::string ruler() const {
    const std::size_t steps = story_.steps.size();
    const std::size_t every = steps <= 40 ? 1 : 5;
    std::string out;
    for (std::size_t i = 0; i < steps; ++i) {
      if (i != 0 && (i + 1) % every != 0) continue;
      out += words("dim", x_of(static_cast<double>(i)) + 4, kTop - kRow / 2.0, std::to_string(i + 1));
    }
    return out;
  }

  /// What repeats forever: a frame, and an arrow from its end back to its begin.
  std::string loop() const {
    if (!story_.loop || *story_.loop >= story_.steps.size()) return "";
    const double begin = x_of(static_cast<double>(*story_.loop));
    const double middle = begin + column_ / 2.0;
    const double end = end_x() - column_ / 2.0;
    std::string out = rectangle("loop", begin, kTop, end_x() - begin, y_ - kTop);
    out +=
        fmt::format("<path class=\"loop-arrow\" d=\"M{} {} V6 H{} V{}\"/>\n", end_x() - 3, kTop, begin + 5, kTop - 3);
    out += fmt::format("<path class=\"loop-head\" d=\"M{} {} l-5 -8 h10 z\"/>\n", begin + 5, kTop);
    if (end - middle > 16 * kLetter) out += words("loop-text", begin + 12, kRow - 5.0, "repeats forever");
    return out;
  }

  std::string violation(int height) const {
    if (story_.loop || !story_.rule.valid()) return "";
    const double x = end_x() - column_;
    return rectangle("bad", x, kTop - 2, column_, height - kTop - 2) +
           words("bad-mark", x + column_ / 2.0, kRow / 2.0, "✗");
  }

  static constexpr int kTop = 2 * kRow;  // the ruler, and above it the arrow of a loop

  const LevelNames& levels_;
  const Story& story_;
  const TimelineLayout layout_;
  std::vector<ValueRow> values_;
  std::size_t left_out_ = 0;
  int column_ = 0;
  int gutter_ = 0;
  int y_ = kTop;
  std::map<TimelineLane, int> lane_y_;
  std::string bands_;
  std::string bars_;
  std::string labels_;
};

}  // namespace

std::string timeline_svg(const LevelNames& levels, const Story& story, const std::string& name) {
  return story.steps.empty() ? "" : Picture(levels, story).text(name, "");
}

std::string timeline_svg_file(const LevelNames& levels, const Story& story, const std::string& name) {
  return story.steps.empty() ? "" : Picture(levels, story).text(name, html_timeline());
}

}  // namespace quiesce::checker
