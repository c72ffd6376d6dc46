// What the runs that break a check executed of the design: near their ends a change helps most, and what they did not
// execute cannot help at all.
#pragma once

#include <cstdint>
#include <set>

#include "checker/mend/candidates.h"
#include "checker/result/outcome.h"
#include "model/base/source.h"

namespace quiesce::checker {

struct RunLines {
  Nearness nearness;  // of the runs of all rules, those of the first rule nearest
  /// Lines (from 1) of the own file that one run, which ends with a step that breaks a rule, executed: a change of other
  /// statements leaves that run as it is. Empty: there is no such run.
  std::set<std::uint32_t> executed;
};

/// Of the first run of each rule that `outcome` has. The own file is the first of `sources`. Costs as telling them.
RunLines run_lines(const CheckOutcome& outcome, const model::SourceMap& sources);

}  // namespace quiesce::checker
