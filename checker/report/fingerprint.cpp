#include "checker/report/fingerprint.h"

#include <cstdint>
#include <string_view>

#include <fmt/format.h>

#include "checker/report/told_story.h"

namespace quiesce::checker {

namespace {

/// FNV-1a, 64 bits (RFC draft-eastlake-fnv, parameters of section 5).
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

}  // namespace

std::string fingerprint_of(const Complaint& complaint) {
  const model::SourceMap& sources = *complaint.file->sources;
  const std::string system = complaint.case_ == nullptr ? "" : complaint.case_->system->name;
  const std::string what = fmt::format("{}\n{}\n{}\n{}", sources.file(complaint.span.file).name(), system, complaint.id,
                                       one_line(sources, complaint.span));
  return fmt::format("{:016x}", hash_of(what));
}

}  // namespace quiesce::checker
