// prove() for systems with numbers without bounds (model/system/unbounded.h): IC3 over an abstraction by comparisons
// (checker/symbolic/predicates.h), refined while its runs are none of the system. What holds has an invariant that Z3
// has checked again over the integers; what is broken has a run of the system with fixed initial values.
#pragma once

#include <string>
#include <vector>

#include "checker/check.h"
#include "checker/prove.h"

namespace quiesce::checker {

struct UnboundedResult {
  SearchResult result;
  std::vector<std::string> predicates;  // what the invariant mentions (checker/evidence/obligations.h)
};

/// The answer for a case whose system has such numbers. Where a rule is broken with some values, `case_` becomes the
/// one with these values: what the runs are runs of. Limits as of prove().
UnboundedResult prove_unbounded(CheckCase& case_, const ProveOptions& options);

}  // namespace quiesce::checker
