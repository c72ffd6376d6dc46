// What is wrong with the user's text. Stages add diagnostics to a sink and continue where they can, so that
// one run reports several errors; nothing in model/ throws because of the text it reads. The same object
// is printed as text here and as JSON and SARIF by checker/report/.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/source.h"

namespace quiesce::model {

enum class Severity { Error, Warning };

/// A second place that explains the first ("declared here", "raised to DISPATCH here").
struct Label {
  Span span;
  std::string message;
};

/// One finding about the text. Messages are one sentence, lower case, no full stop, names in quotes,
/// both sides of a mismatch (style: LLVM Coding Standards).
struct Diagnostic {
  Severity severity = Severity::Error;
  std::string code;                // stable, e.g. "E0103"; see docs/diagnostics.md
  Span span;                       // where the carets go
  std::string message;             // what was expected, what was found
  std::vector<Label> labels;       // the cause, elsewhere
  std::vector<std::string> notes;  // "did you mean 'enable'?", what to do
};

/// Collects diagnostics. Equal findings at the same place are kept once.
class Diagnostics {
 public:
  /// Adds a finding; the returned reference may be extended (labels, notes) until the next call.
  Diagnostic& error(std::string code, Span span, std::string message);
  Diagnostic& warning(std::string code, Span span, std::string message);

  bool has_errors() const { return errors_ != 0; }
  /// Errors added so far, repeated ones included.
  std::size_t error_count() const { return errors_; }

  /// All findings in source order (file, then position, then order of discovery), duplicates dropped.
  std::vector<Diagnostic> sorted() const;

 private:
  Diagnostic& add(Severity severity, std::string code, Span span, std::string message);

  std::vector<Diagnostic> found_;
  std::size_t errors_ = 0;
};

/// The finding as text, ending with a line break:
///
///     nic.qsm:12:6: error[E0103]: unknown function 'enabel'
///      12 |   hw.enabel()
///         |      ^^^^^^
///       3 |   fn enable() {
///         |      ------ declared here
///         = note: did you mean 'enable'?
///
/// A span over several lines shows its first and its last line. A label in another file is preceded by
/// "--> file:line:column". Bytes that a terminal must not get are shown as '?', lines longer than 160 places
/// are cut around the span. Spans past the end of the file point behind its last byte. With `colour`, ANSI
/// colours.
std::string render(const Diagnostic& diagnostic, const SourceMap& sources, bool colour = false);

/// All findings of the sink rendered in source order, one blank line between them.
std::string render(const Diagnostics& diagnostics, const SourceMap& sources, bool colour = false);

/// The candidate nearest to `name` by edit distance (insert, delete, replace, swap neighbours; other case
/// throughout is 1), if it is nearly right: distance at most a third of the longer name or 1, and something
/// in common. The first such in the order given; never `name` itself. O(candidates x |name|^2).
std::optional<std::string> nearest_name(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace quiesce::model
