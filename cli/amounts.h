// Amounts as users write them on the command line.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace quiesce::cli {

/// "10s", "1.5m", "500ms", "2h", "0s"; a number alone counts seconds. Nothing when it is not a time.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// "2GiB", "500MB", "64k", "1.5G"; K, M, G, T and KiB ... are powers of 1024, KB ... of 1000; a number alone counts
/// bytes. Case does not matter. Nothing when it is not an amount of memory.
std::optional<std::uint64_t> parse_memory(std::string_view text);

/// "1000", "1e6", "10k", "2M": a count of states or steps. Nothing when it is not one.
std::optional<std::uint64_t> parse_count(std::string_view text);

}  // namespace quiesce::cli
