// How far a search is, in one line for people or as a JSON object for programs. Formats only: what shows it, and how
// often, is decided by the command.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "checker/result/result.h"

namespace quiesce::checker {

/// What is searched and how fast it goes just now.
struct ProgressOf {
  std::string_view what;         // "Machine with processors = 2"
  double states_per_second = 0;  // lately
};

/// "Machine: 12.3M states, 45.1M steps, 2.1M states/s, depth 57, frontier 1.2M, 1.2 GiB, table 63 %, 12.0 s; estimate:
/// 1.1M to 3.2M states left". At most `width` columns: what matters least is left out first.
std::string progress_line(const Statistics& statistics, const ProgressOf& progress, std::size_t width);

/// "Machine: 2 rules broken so far, the shortest run has 25 steps (3.1 s)". Requires: one is broken.
std::string broken_line(const Statistics& statistics, const ProgressOf& progress);

/// {"event":"violation","check":...,"seconds":...,"broken_rules":...,"shortest_run":...}, without a line break.
std::string broken_json(const Statistics& statistics, const ProgressOf& progress);

/// {"event":"progress","check":...,"seconds":...,"distinct_states":...,"generated_steps":...,"states_per_second":...,
/// "depth":...,"frontier":...,"memory_bytes":...,"table_fill":...,"estimated_remaining":{"low":...,"high":...} or
/// null}, without a line break. docs/guide.md documents the fields.
std::string progress_json(const Statistics& statistics, const ProgressOf& progress);

/// The same fields with "event":"done", what became of it ("verdict"), and the limit that ended the search ("limit":
/// "time", "memory", "states", "depth", "interrupted", or null).
std::string done_json(const SearchResult& result, const ProgressOf& progress);

/// "time", "memory"...; empty for none.
std::string_view limit_name(LimitKind limit);

/// "950", "12.3k", "4.6M", "1.2G".
std::string short_count(std::uint64_t number);

}  // namespace quiesce::checker
