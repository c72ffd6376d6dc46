#include "model/base/diagnostic.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace quiesce::model {

namespace {

/// What makes two findings the same: severity and text at the same place. Labels and notes only explain.
using Identity = std::tuple<FileId, std::uint32_t, std::uint32_t, Severity, std::string, std::string>;

Identity identity_of(const Diagnostic& d) {
  return {d.span.file, d.span.begin, d.span.end, d.severity, d.code, d.message};
}

}  // namespace

Diagnostic& Diagnostics::add(Severity severity, std::string code, Span span, std::string message) {
  Diagnostic& added = found_.emplace_back();
  added.severity = severity;
  added.code = std::move(code);
  added.span = span;
  added.message = std::move(message);
  return added;
}

Diagnostic& Diagnostics::error(std::string code, Span span, std::string message) {
  ++errors_;
  return add(Severity::Error, std::move(code), span, std::move(message));
}

Diagnostic& Diagnostics::warning(std::string code, Span span, std::string message) {
  return add(Severity::Warning, std::move(code), span, std::move(message));
}

std::vector<Diagnostic> Diagnostics::sorted() const {
  std::vector<Diagnostic> result;
  std::set<Identity> seen;
  for (const Diagnostic& d : found_) {
    if (seen.insert(identity_of(d)).second) result.push_back(d);
  }
  // Stable, so that findings at one place keep the order of discovery. A span that is nowhere has the
  // largest file index and comes last.
  std::stable_sort(result.begin(), result.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tuple(a.span.file, a.span.begin) < std::tuple(b.span.file, b.span.begin);
  });
  return result;
}

namespace {

// Widest part of a source line that is shown; longer lines are cut around what is underlined.
constexpr std::size_t kMaxColumns = 160;
constexpr std::size_t kContextColumns = 60;

/// What one place on the screen shows: a code point of the line, or '?' for what a terminal must not get.
struct Cell {
  std::uint32_t offset = 0;  // first byte in the line
  std::string shown;
};

/// Length of the well-formed UTF-8 sequence at text[at]; 0 when there is none. Follows table 3-7 of the
/// Unicode standard (no overlong forms, no surrogates).
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(i < text.size() ? text[i] : 0); };
  const auto in = [](unsigned char c, int low, int high) { return low <= c && c <= high; };
  const unsigned char first = byte(at);
  const unsigned char second = byte(at + 1);
  if (first < 0x80) return 1;
  if (in(first, 0xC2, 0xDF)) return in(second, 0x80, 0xBF) ? 2 : 0;
  if (in(first, 0xE0, 0xEF)) {
    const bool good = in(second, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF);
    return good && in(byte(at + 2), 0x80, 0xBF) ? 3 : 0;
  }
  if (in(first, 0xF0, 0xF4)) {
    const bool good = in(second, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF);
    return good && in(byte(at + 2), 0x80, 0xBF) && in(byte(at + 3), 0x80, 0xBF) ? 4 : 0;
  }
  return 0;
}

std::vector<Cell> cells_of(std::string_view line) {
  std::vector<Cell> cells;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t length = utf8_length(line, at);
    const auto first = static_cast<unsigned char>(line[at]);
    // C1 controls (U+0080 to U+009F) are two bytes in UTF-8 and steer terminals as the C0 ones do.
    const bool is_c1 = length == 2 && first == 0xC2 && static_cast<unsigned char>(line[at + 1]) < 0xA0;
    const bool is_control = (first < 0x20 && first != '\t') || first == 0x7F || is_c1;
    const bool show = length != 0 && !is_control;
    cells.push_back({static_cast<std::uint32_t>(at), show ? std::string(line.substr(at, length)) : "?"});
    at += std::max<std::size_t>(length, 1);
  }
  return cells;
}

void trim_right(std::string& text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.pop_back();
}

/// A source line and the line under it, cut to what is worth showing.
struct Snippet {
  std::string source;
  std::string underline;
};

/// Underlines bytes [begin, end) of `line` with `mark`, at least one place. Tabs stay tabs above and below, so
/// that both lines stay aligned whatever the width of a tab is.
Snippet underline(std::string_view line, std::uint32_t begin, std::uint32_t end, char mark) {
  const std::vector<Cell> cells = cells_of(line);
  const auto index_of = [&](std::uint32_t offset) {
    const auto after = std::upper_bound(cells.begin(), cells.end(), offset,
                                        [](std::uint32_t value, const Cell& cell) { return value < cell.offset; });
    // A place past the end of the line is the one just behind its last cell.
    return offset >= line.size() ? cells.size() : static_cast<std::size_t>(after - cells.begin()) - 1;
  };
  const std::size_t first = index_of(begin);
  const std::size_t last = end > begin ? std::max(index_of(end - 1) + 1, first + 1) : first + 1;

  std::size_t from = 0;
  std::size_t to = cells.size();
  if (cells.size() > kMaxColumns) {
    from = first > kContextColumns ? first - kContextColumns : 0;
    to = std::min(cells.size(), from + kMaxColumns);
  }
  const std::string left_cut = from > 0 ? "..." : "";
  Snippet snippet{left_cut, std::string(left_cut.size(), ' ')};
  for (std::size_t i = from; i < to; ++i) {
    snippet.source += cells[i].shown;
    if (i < first) snippet.underline += cells[i].shown == "\t" ? '\t' : ' ';
  }
  if (to < cells.size()) snippet.source += "...";
  const std::size_t shown_last = std::clamp(last, first + 1, std::max(to, first + 1));
  snippet.underline.append(shown_last - first, mark);
  trim_right(snippet.source);
  return snippet;
}

/// The colours of one rendering; all empty without colour.
struct Palette {
  std::string_view bold, error, warning, label, gutter, reset;

  explicit Palette(bool colour) {
    if (!colour) return;
    bold = "\x1b[1m";
    error = "\x1b[1;31m";
    warning = "\x1b[1;35m";
    label = "\x1b[1;36m";
    gutter = "\x1b[34m";
    reset = "\x1b[0m";
  }
  std::string paint(std::string_view colour, std::string_view text) const {
    return colour.empty() ? std::string(text) : fmt::format("{}{}{}", colour, text, reset);
  }
};

/// The lines that a span touches. A span that ends with a line break ends on the line before it.
struct Lines {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

/// The span cut to its file, so that a span past the end points just behind the last byte.
Span clamped(Span span, const SourceFile& file) {
  const auto size = static_cast<std::uint32_t>(file.text().size());
  span.begin = std::min(span.begin, size);
  span.end = std::clamp(span.end, span.begin, size);
  return span;
}

Lines lines_of(Span span, const SourceFile& file) {
  const std::uint32_t last_byte = span.end > span.begin ? span.end - 1 : span.begin;
  return {file.position(span.begin).line, file.position(last_byte).line};
}

/// Writes the snippets of one diagnostic below each other, with line numbers in a common gutter.
class Renderer {
 public:
  Renderer(const Diagnostic& diagnostic, const SourceMap& sources, bool colour)
      : diagnostic_(diagnostic), sources_(sources), palette_(colour) {}

  std::string render() {
    const bool is_error = diagnostic_.severity == Severity::Error;
    const std::string_view colour = is_error ? palette_.error : palette_.warning;
    const std::string kind = fmt::format("{}[{}]", is_error ? "error" : "warning", diagnostic_.code);
    text_ = fmt::format("{} {} {}\n", palette_.paint(palette_.bold, sources_.location(diagnostic_.span) + ":"),
                        palette_.paint(colour, kind + ":"), palette_.paint(palette_.bold, diagnostic_.message));
    gutter_ = gutter_width();
    if (diagnostic_.span.valid()) show(diagnostic_.span, '^', colour, "");
    std::vector<std::string> notes;
    for (const Label& label : diagnostic_.labels) {
      if (label.span.valid()) {
        show(label.span, '-', palette_.label, label.message);
      } else {
        notes.push_back(label.message + " (built in)");
      }
    }
    notes.insert(notes.end(), diagnostic_.notes.begin(), diagnostic_.notes.end());
    for (const std::string& note : notes) {
      put(fmt::format("{} {} {}", std::string(gutter_, ' '), palette_.paint(palette_.gutter, "="),
                      palette_.paint(palette_.bold, "note:") + " " + note));
    }
    return std::move(text_);
  }

 private:
  /// One place more than the longest line number shown.
  std::size_t gutter_width() const {
    std::uint32_t largest = 1;
    const auto look_at = [&](Span span) {
      if (!span.valid()) return;
      const SourceFile& file = sources_.file(span.file);
      largest = std::max(largest, lines_of(clamped(span, file), file).last);
    };
    look_at(diagnostic_.span);
    for (const Label& label : diagnostic_.labels) look_at(label.span);
    return std::to_string(largest).size() + 1;
  }

  void put(std::string line) {
    trim_right(line);
    text_ += line;
    text_ += '\n';
  }

  void put_row(const std::string& number, std::string_view content) {
    put(palette_.paint(palette_.gutter, fmt::format("{:>{}} |", number, gutter_)) + " " + std::string(content));
  }

  /// The first and the last line of `span`, each underlined; `message` stands behind the last underline.
  void show(Span span, char mark, std::string_view colour, const std::string& message) {
    const SourceFile& file = sources_.file(span.file);
    span = clamped(span, file);
    const Lines lines = lines_of(span, file);
    // The heading names the file of the primary span; every change of file after it is announced.
    const FileId expected_file = shown_file_.valid() ? shown_file_ : diagnostic_.span.file;
    if (span.file != expected_file) {
      put(fmt::format("{}{} {}", std::string(gutter_, ' '), palette_.paint(palette_.gutter, "-->"),
                      sources_.location(span)));
    }
    for (const std::uint32_t number : {lines.first, lines.last}) {
      const std::string_view line = file.line(number);
      const auto line_begin = static_cast<std::uint32_t>(line.data() - file.text().data());
      const auto length = static_cast<std::uint32_t>(line.size());
      // Of a line after the first, the indentation is not underlined.
      const auto indent = static_cast<std::uint32_t>(std::min(line.find_first_not_of(" \t"), line.size()));
      const std::uint32_t begin = number == lines.first ? span.begin - line_begin : indent;
      const std::uint32_t end = number == lines.last ? span.end - line_begin : length;
      const Snippet snippet = underline(line, begin, std::min(end, std::max(length, begin)), mark);
      const bool already_shown = span.file == shown_file_ && number == shown_line_;
      if (!already_shown) put_row(std::to_string(number), snippet.source);
      const bool is_last = number == lines.last;
      const std::size_t marks = snippet.underline.find(mark);
      put_row("", snippet.underline.substr(0, marks) +
                      palette_.paint(colour, snippet.underline.substr(marks) +
                                                 (is_last && !message.empty() ? " " + message : "")));
      shown_file_ = span.file;
      shown_line_ = number;
      if (is_last) break;
      if (lines.last > lines.first + 1) put(std::string(gutter_ - 1, ' ') + "...");
    }
  }

  const Diagnostic& diagnostic_;
  const SourceMap& sources_;
  const Palette palette_;
  std::size_t gutter_ = 0;
  std::string text_;
  FileId shown_file_;             // where the row above comes from; none before the first
  std::uint32_t shown_line_ = 0;  // its line
};

}  // namespace

std::string render(const Diagnostic& diagnostic, const SourceMap& sources, bool colour) {
  return Renderer(diagnostic, sources, colour).render();
}

std::string render(const Diagnostics& diagnostics, const SourceMap& sources, bool colour) {
  std::string text;
  for (const Diagnostic& d : diagnostics.sorted()) {
    if (!text.empty()) text += '\n';
    text += render(d, sources, colour);
  }
  return text;
}

namespace {

bool equal_but_for_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b` (optimal string
/// alignment). Names that differ in case only are one apart.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  if (a == b) return 0;
  if (equal_but_for_case(a, b)) return 1;
  // Rows i-2, i-1 and i of the table; row[j] is the distance of the first i bytes of a to the first j of b.
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::optional<std::string> nearest_name(std::string_view name, const std::vector<std::string>& candidates) {
  std::optional<std::string> nearest;
  std::size_t nearest_distance = 0;
  for (const std::string& candidate : candidates) {
    const std::size_t longer = std::max(name.size(), candidate.size());
    const std::size_t shorter = std::min(name.size(), candidate.size());
    const std::size_t limit = std::max<std::size_t>(1, longer / 3);
    if (longer - shorter > limit) continue;
    const std::size_t distance = edit_distance(name, candidate);
    // Nothing in common is no resemblance, and the name itself is no suggestion.
    if (distance == 0 || distance > limit || distance >= longer) continue;
    if (!nearest || distance < nearest_distance) {
      nearest = candidate;
      nearest_distance = distance;
    }
  }
  return nearest;
}

}  // namespace quiesce::model
