// What the runs that break a check executed of the design: near their ends a change helps most, and what they did not
// execute cannot help at all.
#pragma once

#include "checker/mend/candidates.h"
#include "checker/result/outcome.h"
#include "model/base/source.h"

namespace quiesce::checker {

struct RunLines {
  Nearness nearness;       // of the runs of all rules, those of the first rule nearest
  ExecutedLines executed;  // by one run, of those known that with the fewest lines
};

/// Of the first run of each rule that `outcome` has. The own file is the first of `sources`. Cost: that of making their
/// stories.
RunLines run_lines(const CheckOutcome& outcome, const model::SourceMap& sources);

}  // namespace quiesce::checker
