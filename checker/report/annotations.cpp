#include "checker/report/annotations.h"

#include <string_view>

#include <fmt/format.h>

#include "checker/report/baseline.h"
#include "checker/report/complaints.h"

namespace quiesce::checker {

namespace {

/// `text` as the runner reads it back: line breaks and '%' escaped, in a property also what separates properties.
std::string escaped(std::string_view text, bool is_property) {
  std::string out;
  for (const char c : text) {
    const bool special = c == '%' || c == '\r' || c == '\n' || (is_property && (c == ':' || c == ','));
    out += special ? fmt::format("%{:02X}", static_cast<unsigned char>(c)) : std::string(1, c);
  }
  return out;
}

std::string place_of(const Complaint& complaint) {
  if (!complaint.span.valid()) return fmt::format("file={}", escaped(complaint.file->name, true));
  const Region at = region_of(*complaint.file->sources, complaint.span);
  std::string place = fmt::format("file={},line={}", escaped(at.file, true), at.line);
  // Columns of a region of several lines are refused.
  if (at.line == at.end_line) return place + fmt::format(",col={},endColumn={}", at.column, at.end_column);
  return place + fmt::format(",endLine={}", at.end_line);
}

std::string annotation(const Complaint& complaint) {
  const char* level = complaint.is_warning || complaint.is_undecided ? "warning" : "error";
  return fmt::format("::{} {},title={}::{}\n", level, place_of(complaint), escaped(complaint.id, true),
                     escaped(complaint.message, false));
}

}  // namespace

std::string annotations(const CheckedFiles& checked) {
  std::string out;
  for (const Complaint& complaint : complaints_about(checked)) {
    const bool is_told = checked.baseline != nullptr && is_finding(complaint) && is_known(*checked.baseline, complaint);
    if (!is_told) out += annotation(complaint);
  }
  return out;
}

}  // namespace quiesce::checker
