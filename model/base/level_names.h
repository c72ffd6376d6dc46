// The names of interrupt levels, as a library declares them: 'levels { TASK, pin SOFTIRQ, HARDIRQ }'.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace quiesce::model {

inline constexpr std::int64_t kMaxLevel = 31;  // levels are 0..31

/// "DISPATCH"; "5" for a level without a name. `names` is by level.
inline std::string level_name(const std::vector<std::string>& names, std::int64_t level) {
  const bool named =
      level >= 0 && level < static_cast<std::int64_t>(names.size()) && !names[static_cast<std::size_t>(level)].empty();
  return named ? names[static_cast<std::size_t>(level)] : std::to_string(level);
}

/// One set of names for the levels of a program, and the level from which contexts are pinned unless a system says
/// otherwise.
struct LevelNames {
  std::vector<std::string> names = {"PASSIVE", "APC", "DISPATCH"};  // by level, at most kMaxLevel + 1; "": no name
  std::int64_t pin = 2;                                             // 1..kMaxLevel

  bool operator==(const LevelNames&) const = default;

  std::string name(std::int64_t level) const { return level_name(names, level); }

  /// The level of this name; nothing when there is none.
  std::optional<std::int64_t> level(const std::string& name) const {
    for (std::size_t level = 0; level < names.size(); ++level) {
      if (!name.empty() && names[level] == name) return static_cast<std::int64_t>(level);
    }
    return std::nullopt;
  }
};

}  // namespace quiesce::model
