#include "cli/amounts.h"

#include <cctype>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>

namespace quiesce::cli {

namespace {

/// The number at the front and the unit (lower case) behind it. A number is finite and not negative.
std::optional<std::pair<double, std::string>> number_and_unit(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || !std::isfinite(number) || number < 0 || text.front() == '-') return std::nullopt;
  std::string unit;
  for (const char* c = end; c != text.data() + text.size(); ++c) {
    if (*c == ' ' && unit.empty()) continue;
    unit += static_cast<char>(std::tolower(static_cast<unsigned char>(*c)));
  }
  return std::pair(number, unit);
}

constexpr double kMost = 9e15;  // below 2^53: exact in a double, and more than any search needs

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const auto parsed = number_and_unit(text);
  if (!parsed) return std::nullopt;
  const auto& [number, unit] = *parsed;
  double factor = 0;
  if (unit == "ms") factor = 1;
  if (unit.empty() || unit == "s") factor = 1000;
  if (unit == "m" || unit == "min") factor = 60'000;
  if (unit == "h") factor = 3'600'000;
  if (factor == 0 || number * factor > kMost) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(number * factor));
}

std::optional<std::uint64_t> parse_memory(std::string_view text) {
  const auto parsed = number_and_unit(text);
  if (!parsed) return std::nullopt;
  const auto& [number, unit] = *parsed;
  double factor = 0;
  if (unit.empty() || unit == "b") {
    factor = 1;
  } else {
    double power = 0;
    switch (unit[0]) {
      case 'k':
        power = 1;
        break;
      case 'm':
        power = 2;
        break;
      case 'g':
        power = 3;
        break;
      case 't':
        power = 4;
        break;
      default:
        return std::nullopt;
    }
    const std::string rest = unit.substr(1);
    if (rest.empty() || rest == "ib") factor = std::pow(1024, power);
    if (rest == "b") factor = std::pow(1000, power);
  }
  if (factor == 0 || number * factor > kMost) return std::nullopt;
  return static_cast<std::uint64_t>(number * factor);
}

std::optional<std::uint64_t> parse_count(std::string_view text) {
  const auto parsed = number_and_unit(text);
  if (!parsed) return std::nullopt;
  const auto& [number, unit] = *parsed;
  double factor = 0;
  if (unit.empty()) factor = 1;
  if (unit == "k") factor = 1e3;
  if (unit == "m") factor = 1e6;
  if (unit == "g") factor = 1e9;
  const double count = number * factor;
  if (factor == 0 || count > kMost || count != std::floor(count)) return std::nullopt;
  return static_cast<std::uint64_t>(count);
}

}  // namespace quiesce::cli
