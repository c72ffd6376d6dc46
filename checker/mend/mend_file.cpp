#include "checker/mend/mend_file.h"

#include <algorithm>

namespace quiesce::checker {

std::vector<std::vector<ProposedFix>> fixes_of(const std::vector<CheckMends>& found) {
  std::vector<std::vector<ProposedFix>> fixes;
  for (const CheckMends& mends : found) {
    fixes.resize(mends.check + 1);
    for (const Mend& mend : mends.result.mends) fixes[mends.check].push_back({mend.what, mend.changes});
  }
  return fixes;
}

namespace {

/// Whether a broken rule is none of the file itself: what a file states of itself and breaks shows what can happen.
bool breaks_others_rule(const CheckOutcome& outcome) {
  return std::any_of(outcome.broken.begin(), outcome.broken.end(), [&](const BrokenRule& broken) {
    const model::TransitionSystem& system = *outcome.cases[broken.best].system;
    return std::any_of(system.rules.begin(), system.rules.end(), [&](const model::Rule& rule) {
      return rule.name == broken.name && rule.span.file != model::FileId(0);
    });
  });
}

}  // namespace

std::vector<CheckMends> find_mends_of_file(const LoadedDesign& design, const std::vector<CheckOutcome>& outcomes,
                                           const LoadOptions& load, const CheckOptions& search,
                                           const MendOptions& options) {
  std::vector<CheckMends> found;
  std::vector<std::size_t> keep;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i].verdict == Verdict::Holds && design.checks[i].from_text) keep.push_back(design.checks[i].number);
  }
  std::vector<Mend> known;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i].broken.empty() || (!options.own_rules && !breaks_others_rule(outcomes[i]))) continue;
    if (options.checks != 0 && found.size() == options.checks) break;
    if (options.interrupt != nullptr && *options.interrupt) break;
    MendRequest request{design, design.checks[i], outcomes[i], load, search, keep, known};
    found.push_back({i, find_mends(request, options)});
    const MendResult& result = found.back().result;
    if (!result.is_known) known.insert(known.end(), result.mends.begin(), result.mends.end());
  }
  return found;
}

}  // namespace quiesce::checker
