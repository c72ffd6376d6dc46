#include "cli/swarm_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "checker/swarm_parts.h"
#include "cli/input.h"

namespace quiesce::cli {
namespace {

/// What the command line asks for and the file of --resume says otherwise; empty: nothing. What is not asked for is
/// taken from the file.
std::string adopt(const checker::SwarmPart& before, const SearchFlags& flags, checker::SearchOptions& search) {
  const std::string& file = search.resume;
  const auto differs = [&](const char* option, const std::string& has) {
    return fmt::format("'{}' is of a swarm with {}: leave out {}", file, has, option);
  };
  if (flags.given("--seed") && search.seed != before.seed) {
    return differs("--seed", fmt::format("seed {}", before.seed));
  }
  if (flags.given("--searches") && search.searches != before.searches) {
    return differs("--searches", fmt::format("{} searches", before.searches));
  }
  if (flags.given("--part") && (search.part != before.part || search.parts != before.parts)) {
    return differs("--part", fmt::format("part {}/{}", before.part, before.parts));
  }
  if (flags.given("--depth") && search.limits.depth != before.depth) {
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

/// The system's words for `error`, in lower case as all our messages.
std::string system_words(int error) {
  std::string text = std::generic_category().message(error);
  if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

}  // namespace

std::optional<checker::SwarmPart> read_part(const std::string& path, std::string* problem) {
  const std::optional<std::string> text = read_text(path, problem);
  if (!text) return std::nullopt;
  std::string why;
  std::optional<checker::SwarmPart> part = checker::read_swarm_part(*text, &why);
  if (!part) *problem = fmt::format("cannot use '{}': {}", path, why);
  return part;
}

std::string write_file(const std::string& path, std::string_view text) {
  const std::string temporary = path + ".tmp";
  const auto failed = [&](int error) {
    std::remove(temporary.c_str());
    return fmt::format("cannot write '{}': {}", path, system_words(error));
  };
  const int descriptor = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) return fmt::format("cannot write '{}': {}", path, system_words(errno));
  while (!text.empty()) {
    const ssize_t wrote = write(descriptor, text.data(), text.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) {
      const int error = wrote < 0 ? errno : EIO;
      close(descriptor);
      return failed(error);
    }
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
  const bool synced = fsync(descriptor) == 0;
  const int error = errno;
  if (close(descriptor) != 0 || !synced) return failed(synced ? errno : error);
  if (std::rename(temporary.c_str(), path.c_str()) != 0) return failed(errno);
  return "";
}

std::optional<checker::SearchResult> search_part(const checker::CheckCell& cell, checker::CheckOptions options,
                                                 const SearchFlags& flags, const checker::SwarmDesign& design,
                                                 std::string* problem) {
  checker::SearchOptions& search = options.search;
  std::optional<checker::SwarmPart> before;
  if (!search.resume.empty()) {
    before = read_part(search.resume, problem);
    if (!before) return std::nullopt;
    if (before->design.fingerprint != checker::fingerprint_of(cell.system)) {
      *problem =
          fmt::format("'{}' is of another design than '{}', or that was changed since", search.resume, cell.title);
      return std::nullopt;
    }
    if (!checker::merged(cell.system, {*before}, problem)) return std::nullopt;
    *problem = adopt(*before, flags, search);
    if (!problem->empty()) return std::nullopt;
  }
  const std::string target = flags.result.empty() ? search.resume : flags.result;
  // A file that cannot be written shall be known before hours of search.
  if (!target.empty() && before) *problem = write_file(target, checker::swarm_part_json(*before));
  if (!target.empty() && !before) {
    checker::SwarmPart nothing = checker::part_of(cell, search, {}, design);
    *problem = write_file(target, checker::swarm_part_json(nothing));
  }
  if (!problem->empty()) return std::nullopt;
  checker::SearchResult result = checker::check(cell.system, options);
  checker::SwarmPart now = checker::part_of(cell, search, result, design);
  if (before) now = checker::joined(*before, now);
  if (!target.empty()) *problem = write_file(target, checker::swarm_part_json(now));
  if (before) {
    // What an earlier session found counts too; where this one ended is what the reader wants to know.
    std::optional<checker::SearchResult> both = checker::merged(cell.system, {now}, problem);
    if (!both) return std::nullopt;
    both->limit = result.limit;
    both->statistics.peak_memory_bytes = result.statistics.peak_memory_bytes;
    result = std::move(*both);
  }
  if (!problem->empty()) return std::nullopt;
  return result;
}

}  // namespace quiesce::cli
