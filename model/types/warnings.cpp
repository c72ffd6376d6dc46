#include "model/types/warnings.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include <fmt/format.h>

namespace quiesce::model::types {
namespace {

constexpr std::string_view kMark = "quiesce:";

bool names(const std::vector<std::string>& list, std::string_view code) {
  return std::find(list.begin(), list.end(), code) != list.end();
}

/// One '// quiesce: allow ...' of a text.
struct Allowance {
  Span span;
  std::vector<std::string> codes;
  FileId file;
  std::uint32_t line = 0;  // of what it is about
  bool used = false;
};

/// Reads the allowances of a file, and reports those that cannot be understood.
class Reader {
 public:
  Reader(const SourceMap& sources, Diagnostics& diagnostics) : sources_(sources), diagnostics_(diagnostics) {}

  std::vector<Allowance> read(const syntax::File& file) {
    std::vector<Allowance> result;
    std::set<std::uint32_t> comment_lines;
    const SourceFile& source = sources_.file(file.id);
    for (const syntax::Comment& comment : file.comments) {
      if (comment.own_line) comment_lines.insert(source.position(comment.span.begin).line);
    }
    for (const syntax::Comment& comment : file.comments) {
      if (comment.kind != syntax::CommentKind::Line) continue;
      std::string text(sources_.text(comment.span).substr(2));
      text.erase(0, text.find_first_not_of(" \t"));
      if (!text.starts_with(kMark)) continue;
      Allowance allowance;
      if (!understood(text.substr(kMark.size()), comment.span, allowance)) continue;
      allowance.file = file.id;
      allowance.line = source.position(comment.span.begin).line;
      if (comment.own_line) {
        // What follows, behind further comments.
        while (comment_lines.contains(allowance.line)) ++allowance.line;
      }
      result.push_back(std::move(allowance));
    }
    return result;
  }

 private:
  /// 'allow W0404, W0403 because ...'.
  bool understood(const std::string& text, Span span, Allowance& allowance) {
    allowance.span = span;
    std::istringstream words(text);
    std::string word;
    const auto wrong = [&](std::string message) {
      diagnostics_.warning("W0406", span, std::move(message))
          .notes.push_back("it is written '// quiesce: allow CODE because REASON'");
      return false;
    };
    if (!(words >> word) || word != "allow") return wrong("this says nothing that is understood");
    while (words >> word && word != "because") {
      if (word.ends_with(',')) word.pop_back();
      const std::vector<std::string_view>& codes = warning_codes();
      if (!std::binary_search(codes.begin(), codes.end(), std::string_view(word))) {
        return wrong(fmt::format("'{}' is not the code of a warning", word));
      }
      allowance.codes.push_back(word);
    }
    if (allowance.codes.empty()) return wrong("the code of what is allowed is missing");
    if (word != "because" || !(words >> word)) return wrong("a warning is allowed for a reason, which is missing");
    return true;
  }

  const SourceMap& sources_;
  Diagnostics& diagnostics_;
};

void add(Diagnostics& to, const Diagnostic& finding, bool as_error) {
  Diagnostic& added = as_error ? to.error(finding.code, finding.span, finding.message)
                               : to.warning(finding.code, finding.span, finding.message);
  added.labels = finding.labels;
  added.notes = finding.notes;
}

}  // namespace

const std::vector<std::string_view>& warning_codes() {
  static const std::vector<std::string_view> codes = {"W0401", "W0402", "W0403", "W0404", "W0405", "W0406", "W0601",
                                                      "W0602", "W0603", "W0604", "W0605", "W0606", "W0607", "W0609",
                                                      "W0610", "W0611", "W0612", "W0613", "W0615"};
  return codes;
}

namespace {

/// The findings that no allowance is about. Notes which allowances were used.
std::vector<Diagnostic> not_allowed(const Diagnostics& found, const SourceMap& sources,
                                    std::vector<Allowance>& allowances) {
  const auto allowed_by_text = [&](const Diagnostic& finding) {
    if (!finding.span.valid()) return false;
    const std::uint32_t line = sources.file(finding.span.file).position(finding.span.begin).line;
    bool allowed = false;
    for (Allowance& allowance : allowances) {
      if (allowance.file != finding.span.file || allowance.line != line) continue;
      if (std::find(allowance.codes.begin(), allowance.codes.end(), finding.code) == allowance.codes.end()) continue;
      allowance.used = true;
      allowed = true;
    }
    return allowed;
  };
  std::vector<Diagnostic> left;
  for (const Diagnostic& finding : found.sorted()) {
    if (finding.severity == Severity::Error || !allowed_by_text(finding)) left.push_back(finding);
  }
  return left;
}

void report_unused(const Allowance& allowance, std::vector<Diagnostic>& findings) {
  Diagnostic& unused = findings.emplace_back();
  unused.severity = Severity::Warning;
  unused.code = "W0405";
  unused.span = allowance.span;
  unused.message = "this allows nothing: there is no such warning here";
}

/// Without what `options` allow, and with errors for what they deny.
Diagnostics by_options(std::vector<Diagnostic> findings, const WarningOptions& options) {
  Diagnostics result;
  for (Diagnostic& finding : findings) {
    const bool is_warning = finding.severity == Severity::Warning;
    const bool denied = is_warning && (names(options.deny, finding.code) ||
                                       (names(options.deny, "all") && !names(options.allow, finding.code)));
    if (is_warning && !denied && (names(options.allow, finding.code) || names(options.allow, "all"))) continue;
    if (denied) finding.notes.push_back(fmt::format("a warning that is denied ('--deny {}')", finding.code));
    add(result, finding, denied || finding.severity == Severity::Error);
  }
  return result;
}

bool is_of_lint(const std::string& code) { return code.starts_with("W06"); }

}  // namespace

Diagnostics settled(const Diagnostics& found, const LoadedModules& modules, const WarningOptions& options) {
  const SourceMap& sources = *modules.sources;
  Diagnostics all = found;
  std::vector<Allowance> allowances;
  for (const LoadedModule& module : modules.modules) {
    Diagnostics unheard;
    for (Allowance& allowance : Reader(sources, module.is_root ? all : unheard).read(*module.file)) {
      allowances.push_back(std::move(allowance));
    }
  }
  std::vector<Diagnostic> left = not_allowed(all, sources, allowances);
  if (!found.has_errors()) {
    const FileId root = modules.modules.front().file->id;
    for (const Allowance& allowance : allowances) {
      const bool later = std::any_of(allowance.codes.begin(), allowance.codes.end(), is_of_lint);
      if (!allowance.used && !later && allowance.file == root) report_unused(allowance, left);
    }
  }
  return by_options(std::move(left), options);
}

Diagnostics settled_lint(const Diagnostics& found, const syntax::File& file, const SourceMap& sources,
                         const WarningOptions& options) {
  Diagnostics known;  // what cannot be understood was reported before
  std::vector<Allowance> allowances = Reader(sources, known).read(file);
  std::vector<Diagnostic> left = not_allowed(found, sources, allowances);
  for (const Allowance& allowance : allowances) {
    const bool ours = std::all_of(allowance.codes.begin(), allowance.codes.end(), is_of_lint);
    if (!allowance.used && ours) report_unused(allowance, left);
  }
  return by_options(std::move(left), options);
}

}  // namespace quiesce::model::types
