#include "checker/swarm_search.h"

#include <fstream>
#include <utility>

#include <fmt/format.h>

#include "checker/files.h"
#include "checker/swarm_parts.h"

namespace quiesce::checker {

using model::Expected;
using model::unexpected;
namespace {

/// What the command line asks for and the file of --resume says otherwise; empty: nothing. What is not asked for is
/// taken from the file.
std::string adopt(const SwarmPart& before, const SwarmAsked& asked, SearchOptions& search) {
  const std::string& file = search.resume;
  const auto differs = [&](const char* option, const std::string& has) {
    return fmt::format("'{}' is of a swarm with {}: leave out {}", file, has, option);
  };
  if (asked.seed && search.seed != before.seed) {
    return differs("--seed", fmt::format("seed {}", before.seed));
  }
  if (asked.searches && search.searches != before.searches) {
    return differs("--searches", fmt::format("{} searches", before.searches));
  }
  if (asked.part && (search.part != before.part || search.parts != before.parts)) {
    return differs("--part", fmt::format("part {}/{}", before.part, before.parts));
  }
  if (asked.depth && search.limits.depth != before.depth) {
    return differs("--depth", before.depth ? fmt::format("--depth {}", *before.depth) : "no --depth");
  }
  search.seed = before.seed;
  search.searches = before.searches;
  search.part = before.part;
  search.parts = before.parts;
  search.limits.depth = before.depth;
  search.searches_done = before.done;
  return "";
}

}  // namespace

Expected<SwarmPart> read_part(const std::string& path) {
  const auto text = read_text(path);
  if (!text) return unexpected(text.error());
  return read_swarm_part(*text).map_error(
      [&](const std::string& why) { return fmt::format("cannot use '{}': {}", path, why); });
}

bool is_part(const std::string& path) {
  std::string beginning(64, '\0');
  std::ifstream(path, std::ios::binary).read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
  return begins_as_swarm_part(beginning);
}

Expected<SearchResult> search_part(const CheckCase& case_, CheckOptions options, const SwarmAsked& asked,
                                   const std::string& file, const SwarmDesign& design) {
  SearchOptions& search = options.search;
  std::optional<SwarmPart> before;
  if (!search.resume.empty()) {
    auto part = read_part(search.resume);
    if (!part) return unexpected(part.error());
    before = std::move(*part);
    if (before->design.fingerprint != system_fingerprint(case_.system)) {
      return unexpected(
          fmt::format("'{}' is of another design than '{}', or that was changed since", search.resume, case_.title));
    }
    if (const auto whole = merged(case_.system, {*before}); !whole) return unexpected(whole.error());
    if (const std::string problem = adopt(*before, asked, search); !problem.empty()) return unexpected(problem);
  }
  const auto keep = [&](const SearchResult& result) -> Expected<void> {
    SwarmPart now = part_of(case_, search, result, design);
    if (before) now = joined(*before, now);
    return file.empty() ? Expected<void>() : write_atomically(file, swarm_part_json(now));
  };
  // A file that cannot be written shall be known before hours of search.
  if (const auto written = keep({}); !written) return unexpected(written.error());
  if (!file.empty()) {
    // When this fails, the end of the search says so.
    search.so_far = [&](const Exploration& facts) { keep(judge(case_.system, facts)); };
  }
  SearchResult result = check(case_.system, options);
  if (const auto written = keep(result); !written) result.warning = PartNotWritten{written.error()};
  if (before) {
    // What an earlier session found counts too; where this one ended is what the reader wants to know.
    const SwarmPart now = part_of(case_, search, result, design);
    auto both = merged(case_.system, {joined(*before, now)});
    if (!both) return both;
    both->limit = result.limit;
    both->warning = result.warning;
    both->statistics.peak_memory_bytes = result.statistics.peak_memory_bytes;
    result = std::move(*both);
  }
  return result;
}

}  // namespace quiesce::checker
