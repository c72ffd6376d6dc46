// Swarms of which a part is searched here, or that were begun before: parts as files, which other machines and later
// sessions continue and merge.
#pragma once

#include <string>

#include "checker/check.h"
#include "checker/report/swarm_file.h"
#include "model/base/expected.h"

namespace quiesce::checker {

/// The part that a file holds; nothing when it cannot be read.
model::Expected<SwarmPart> read_part(const std::string& path);

/// Whether the file holds one, as far as its beginning shows: checkpoints, which may be large, are not read.
bool is_part(const std::string& path);

/// Which options were asked for; what was not is taken from the file of SearchOptions::resume.
struct SwarmAsked {
  bool seed = false;
  bool searches = false;
  bool part = false;
  bool depth = false;
};

/// Searches a case with a swarm of which only a part is done here, or that was begun before: continues from
/// SearchOptions::resume and writes `file` (empty: none) at once, every SearchOptions::checkpoint_interval, and at the
/// end. `design` says how the design was loaded. Nothing when a file does not fit or cannot be written: then nothing
/// was searched. That only the last writing failed is a warning in the result.
model::Expected<SearchResult> search_part(const CheckCase& case_, CheckOptions options, const SwarmAsked& asked,
                                          const std::string& file, const SwarmDesign& design);

}  // namespace quiesce::checker
