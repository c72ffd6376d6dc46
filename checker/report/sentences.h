// Verdicts, reasons and differences in words: the one place where they become sentences, for every report and message.
#pragma once

#include <optional>
#include <string>

#include "checker/result/expectation.h"
#include "checker/result/result.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

/// "time limit reached after 1,000 states, depth 7, 20 states not yet explored", "cut off by core.range"; empty when
/// the verdict says it all.
std::string reason_text(const model::TransitionSystem& system, const Reason& reason);

/// "1,000 random walks with seed 7": what a hunt did; empty when the search can be complete.
std::string hunt_text(const SearchResult& result);

/// "by IC3 over 118 bits, 7 frames; an inductive invariant of 1,365 clauses, rechecked by CaDiCaL".
std::string proof_text(const Proof& proof);

/// What kept a search from beginning, or went wrong beside it, and what to do; empty when there is none.
std::string trouble_text(const std::optional<Trouble>& trouble);

/// What keeps two instances from being interchangeable; empty when that is not said.
std::string asymmetry_text(const Asymmetry& it);

/// How a result compares with what is expected, a sentence a line, as "'core.range' is violated, it should hold"; empty
/// when it is as expected.
std::string comparison_text(const model::TransitionSystem& system, const Comparison& comparison);

}  // namespace quiesce::checker
