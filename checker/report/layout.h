// Small pieces of layout that text reports share: colour, width of UTF-8 text, wrapping, times and sizes.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "checker/result/numbers.h"

namespace quiesce::checker {

/// The colours of a report; what they look like is decided here.
enum class Ink { Plain, Bold, Dim, Bad, Good, Doubtful, Change };

/// `text` in that ink when `colour`, else unchanged.
std::string inked(std::string_view text, Ink ink, bool colour);

/// How many columns UTF-8 `text` takes: its code points (none of ours is wide).
std::size_t columns(std::string_view text);

/// `text` filled with blanks to `width` columns; unchanged when it is longer.
std::string padded(std::string_view text, std::size_t width);

/// `text` broken at blanks into lines of at most `width` columns where words allow, each begun with `indent` blanks
/// and ended with a line break. Line breaks of `text` stay.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width);

/// "a, b, c".
std::string joined(const std::vector<std::string>& parts, std::string_view separator = ", ");

/// "1", "1, 2", "1, 2, 5..7": positions of cases as the numbers that people give them. Requires: ascending.
std::string number_list(std::vector<std::size_t> numbers);

/// "0.03 s", "12.4 s", "3 min 20 s".
std::string duration_text(std::chrono::nanoseconds time);

/// "812 KiB", "3.4 MiB", "1.2 GiB".
std::string memory_text(std::uint64_t bytes);

}  // namespace quiesce::checker
