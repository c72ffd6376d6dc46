#include "checker/report/layout.h"

#include <fmt/format.h>

namespace quiesce::checker {

std::string inked(std::string_view text, Ink ink, bool colour) {
  if (!colour || text.empty()) return std::string(text);
  const char* code = "";
  switch (ink) {
    case Ink::Plain:
      return std::string(text);
    case Ink::Bold:
      code = "1";
      break;
    case Ink::Dim:
      code = "2";
      break;
    case Ink::Bad:
      code = "1;31";
      break;
    case Ink::Good:
      code = "32";
      break;
    case Ink::Doubtful:
      code = "33";
      break;
    case Ink::Change:
      code = "36";
      break;
  }
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

std::size_t columns(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
  return count;
}

std::string padded(std::string_view text, std::size_t width) {
  const std::size_t taken = columns(text);
  return std::string(text) + std::string(width > taken ? width - taken : 0, ' ');
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  const std::string margin(indent, ' ');
  std::string out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view paragraph = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    std::string line = margin;
    bool empty = true;
    while (!paragraph.empty()) {
      const std::size_t blank = paragraph.find(' ');
      const std::string_view word = paragraph.substr(0, blank);
      paragraph = blank == std::string_view::npos ? std::string_view() : paragraph.substr(blank + 1);
      if (word.empty()) continue;
      if (!empty && columns(line) + 1 + columns(word) > width) {
        out += line + "\n";
        line = margin;
        empty = true;
      }
      if (!empty) line += ' ';
      line += word;
      empty = false;
    }
    out += empty ? "\n" : line + "\n";
  }
  return out;
}

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += separator;
    text += part;
  }
  return text;
}

std::string number_list(std::vector<std::size_t> numbers) {
  for (std::size_t& number : numbers) ++number;
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t end = i;
    while (end + 1 < numbers.size() && numbers[end + 1] == numbers[end] + 1) ++end;
    if (end >= i + 2) {
      parts.push_back(fmt::format("{}..{}", numbers[i], numbers[end]));
    } else {
      for (std::size_t k = i; k <= end; ++k) parts.push_back(std::to_string(numbers[k]));
    }
    i = end + 1;
  }
  return joined(parts);
}

std::string duration_text(std::chrono::nanoseconds time) {
  const double seconds = std::chrono::duration<double>(time).count();
  if (seconds < 10) return fmt::format("{:.2f} s", seconds);
  if (seconds < 120) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::uint64_t>(seconds);
  return fmt::format("{} min {} s", whole / 60, whole % 60);
}

std::string memory_text(std::uint64_t bytes) {
  const double kib = static_cast<double>(bytes) / 1024;
  if (kib < 1024) return fmt::format("{:.0f} KiB", kib);
  if (kib < 1024.0 * 1024) return fmt::format("{:.1f} MiB", kib / 1024);
  return fmt::format("{:.1f} GiB", kib / 1024 / 1024);
}

}  // namespace quiesce::checker
