#include "checker/mend/dead_code.h"

#include <algorithm>

#include "checker/mutation/mutant.h"

namespace quiesce::checker {

std::optional<std::set<std::string>> dead_statements(const LoadedDesign& design, const CheckOptions& options,
                                                     const std::set<std::string>* known) {
  std::set<model::Span> all;
  std::set<model::Span> executed;
  std::set<std::string> dead;
  for (const CheckCase& case_ : design.checks.front().cases) {
    const CoverageFacts facts = cover(case_, options);
    if (facts.limit != LimitKind::None) return std::nullopt;
    for (std::size_t i = 0; i < facts.marks.size(); ++i) {
      const CoverageMark& mark = facts.marks[i];
      if (mark.kind != CoverageMark::Kind::Statement || mark.span.file != model::FileId(0)) continue;
      all.insert(mark.span);
      if (facts.taken[i]) executed.insert(mark.span);
    }
    dead.clear();
    for (const model::Span& span : all) {
      if (!executed.contains(span)) dead.insert(on_one_line(design.sources.text(span)));
    }
    if (known != nullptr && std::includes(known->begin(), known->end(), dead.begin(), dead.end())) break;
  }
  return dead;
}

}  // namespace quiesce::checker
