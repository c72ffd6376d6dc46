// Parts of swarms on disk, for `check --search swarm --result FILE` and `merge`.
#pragma once

#include <optional>
#include <string>

#include "checker/check.h"
#include "checker/report/swarm_file.h"
#include "cli/search_flags.h"

namespace quiesce::cli {

/// The part that a file holds; nothing, and a sentence in `problem`, when it cannot be read.
std::optional<checker::SwarmPart> read_part(const std::string& path, std::string* problem);

/// Whether the file holds one, as far as its beginning shows: checkpoints, which may be large, are not read.
bool is_part(const std::string& path);

/// Searches a cell with a swarm of which only a part is done here, or that was begun before: goes on from --resume and
/// writes --result (the file of --resume without it) at once, every SearchOptions::checkpoint_interval, and at the end.
/// `design` says how the design was loaded. Nothing, and a sentence in `problem`, when a file does not fit or cannot be
/// written: then nothing was searched. That only the last writing failed is a warning in the result.
std::optional<checker::SearchResult> search_part(const checker::CheckCell& cell, checker::CheckOptions options,
                                                 const SearchFlags& flags, const checker::SwarmDesign& design,
                                                 std::string* problem);

}  // namespace quiesce::cli
