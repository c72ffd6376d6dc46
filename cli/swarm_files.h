// Parts of swarms on disk, for `check --search swarm --result FILE` and `merge`.
#pragma once

#include <string>

#include "checker/check.h"
#include "checker/report/swarm_file.h"
#include "cli/search_flags.h"
#include "model/base/expected.h"

namespace quiesce::cli {

/// The part that a file holds; nothing when it cannot be read.
model::Expected<checker::SwarmPart> read_part(const std::string& path);

/// Whether the file holds one, as far as its beginning shows: checkpoints, which may be large, are not read.
bool is_part(const std::string& path);

/// Searches a cell with a swarm of which only a part is done here, or that was begun before: goes on from --resume and
/// writes --result (the file of --resume without it) at once, every SearchOptions::checkpoint_interval, and at the end.
/// `design` says how the design was loaded. Nothing when a file does not fit or cannot be written: then nothing was
/// searched. That only the last writing failed is a warning in the result.
model::Expected<checker::SearchResult> search_part(const checker::CheckCell& cell, checker::CheckOptions options,
                                                   const SearchFlags& flags, const checker::SwarmDesign& design);

}  // namespace quiesce::cli
