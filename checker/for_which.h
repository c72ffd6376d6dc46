// For which values of an open param the rules of a case hold: a condition on it that is proved as any rule is.
//
// Asked first is whether they hold for all values. A run that breaks one gives a value; single values beside it, one
// after the other at growing distance, say where the values end that go wrong. What is left is asked again, until it
// holds, so that the answer is never a guess: each value of `holds` is covered by a proof. That other values are needed
// too, or that all of them are broken, is only said where it was shown.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checker/check.h"
#include "checker/prove.h"

namespace quiesce::checker {

/// Numbers from `least` to `most`; none: without a bound.
struct ValueRange {
  std::optional<std::int64_t> least;
  std::optional<std::int64_t> most;
};

struct ForWhich {
  std::vector<ValueRange> holds;        // ascending, apart: with these no rule is broken, as was proved
  std::vector<std::int64_t> broken;     // ascending: with these a run breaks a rule
  bool is_exact = false;                // with all other values that the param may have, too
  bool cut_short = false;               // a limit was reached, or Z3 gave up
  std::vector<model::RuleId> left_out;  // rules of which nothing can be said like that
  std::optional<Trouble> problem;       // why nothing was asked
};

/// Requires: a case loaded by load_unbounded(). `problem` when `param` is none that is left open. The limits of
/// `options` are those of all that is asked. Cost: a proof for each of some ten questions, at most some hundred.
ForWhich for_which(const CheckCase& case_, const std::string& param, const ProveOptions& options);

/// "limit >= 2 && limit <= 7 || limit == 9"; "" for every value, "false" for none.
std::string condition_text(const std::string& param, const std::vector<ValueRange>& ranges);

}  // namespace quiesce::checker
