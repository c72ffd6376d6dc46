// Source texts and places in them. Every diagnostic, every step of a story and every rule points back
// at the user's text by a Span; the SourceMap owns the texts for the whole life of a run.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/index.h"

namespace quiesce::model {

using FileId = Index<struct FileTag>;

/// A half-open range of bytes [begin, end) in one file. A default constructed span is nowhere.
struct Span {
  FileId file;              // none = nowhere (built-in things)
  std::uint32_t begin = 0;  // first byte
  std::uint32_t end = 0;    // one past the last byte

  bool valid() const { return file.valid(); }
  auto operator<=>(const Span&) const = default;
};

/// The smallest span that covers both; `a` when `b` is nowhere or in another file.
Span cover(Span a, Span b);

/// A position as people count it: both from 1; columns count bytes, a tab is one column.
struct LineColumn {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

/// One text with the starts of its lines.
class SourceFile {
 public:
  SourceFile(std::string name, std::string text);

  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }

  /// The line and column of byte `offset`; offsets past the end give the end. O(log lines).
  LineColumn position(std::uint32_t offset) const;

  /// Line `line` (from 1) without its line break; empty when there is no such line.
  std::string_view line(std::uint32_t line) const;

  std::uint32_t line_count() const { return static_cast<std::uint32_t>(line_starts_.size()); }

 private:
  std::string name_;
  std::string text_;
  std::vector<std::uint32_t> line_starts_;
};

/// All texts of one run. References to files stay valid when more are added.
class SourceMap {
 public:
  /// Adds a text under the name that messages show (a path as the user wrote it, or 'library:wdm/line.qsm').
  FileId add(std::string name, std::string text);

  const SourceFile& file(FileId id) const { return files_[id.value]; }
  std::size_t size() const { return files_.size(); }

  /// The text that `span` covers; empty for nowhere.
  std::string_view text(Span span) const;

  /// "name:line:column" of the span's begin; "<built-in>" for nowhere.
  std::string location(Span span) const;

 private:
  std::deque<SourceFile> files_;
};

}  // namespace quiesce::model
