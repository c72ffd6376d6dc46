#include "checker/mend/edit.h"

#include <algorithm>

#include "model/base/diagnostic.h"
#include "model/base/internal_check.h"
#include "model/base/source.h"
#include "model/syntax/format.h"
#include "model/syntax/parser.h"

namespace quiesce::checker {

std::string edited(const std::string& text, const Edit& edit) {
  Edit ordered = edit;
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const Replacement& a, const Replacement& b) { return a.begin < b.begin; });
  std::string result;
  std::uint32_t done = 0;
  for (const Replacement& one : ordered) {
    QUIESCE_CHECK(done <= one.begin && one.begin <= one.end && one.end <= text.size())
        << "a change overlaps another, or is one of another text";
    result.append(text, done, one.begin - done);
    result += one.text;
    done = one.end;
  }
  return result.append(text, done);
}

std::string laid_out(const std::string& text) {
  model::SourceMap sources;
  model::Diagnostics diagnostics;
  const auto file = model::syntax::parse(sources.add("text", text), sources, diagnostics);
  return diagnostics.has_errors() ? text : model::syntax::format(*file, sources);
}

}  // namespace quiesce::checker
