// Runs SPIN, Rumur and ABC on exported systems and compares what they find with what we find.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "checker/export/export.h"
#include "model/system/transition_system.h"

namespace quiesce {

/// What another checker says of one text.
struct OtherOpinion {
  std::string problem;   // why there is none: what failed, with the first lines of its output; else empty
  bool gave_up = false;  // it cannot hold this system: its translation, compilation or search takes too long
  std::uint64_t states = 0;
  bool violation = false;  // it ended with an error
};

/// Translates, compiles and runs `text`. Takes seconds: both tools write C that is compiled.
OtherOpinion run_rumur(const std::string& text, bool deadlocks);
OtherOpinion run_spin(const std::string& text, bool deadlocks);

/// What SPIN says of the never claims of a text, in their order.
struct SpinOnClaims {
  std::string problem;   // as of OtherOpinion
  bool gave_up = false;  // likewise
  std::vector<bool> violated;
};

/// Searches for an acceptance cycle of each claim of `text`.
SpinOnClaims run_spin_on_claims(const std::string& text);

/// Asks ABC about the one bad output of an AIGER file. No states are counted.
OtherOpinion run_abc(const std::string& text);

/// Compares our number of states of `system`, with no reduction but the one it may already carry, with that of the
/// other checker, and whether there are violations. core.stuck and life.leaked are left out on both sides. Does nothing
/// beyond `most_states` of ours, nor where the text would be so long that neither tool translates it in minutes. True
/// when the comparison took place.
bool expect_same_opinion(const model::TransitionSystem& system, checker::ExportLanguage language,
                         std::uint64_t most_states, bool with_violations);

}  // namespace quiesce
