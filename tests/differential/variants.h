// The matrix: every way in which a system can be searched, and what each owes to the reference explorer. A new
// implementation, option or reduction is one line in the table of variants.cpp; all differential tests then run it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "checker/result/exploration.h"
#include "model/system/transition_system.h"

namespace quiesce {

/// What a variant promises, from the most to the least.
enum class Claim {
  SameRuns,       // SameCounts, and its runs are, step for step, those of the first variant of the table
  SameCounts,     // everything that the reference says: counts, depth, lengths of runs, what was witnessed and executed
  SameLengths,    // the verdicts and the lengths of shortest runs, with no more states
  SameVerdicts,   // the verdicts, with no more states
  UpToCoreRules,  // SameVerdicts where no core rule is broken; else some core rule is, and nothing contradicts
  NeverContradicts  // violated only where that is the verdict, otherwise unknown; never holds
};

struct Variant {
  std::string name;
  Claim claim = Claim::SameCounts;
  /// What it changes in the options of a search without reductions, with one thread.
  std::function<void(checker::SearchOptions&)> set = nullptr;
  /// A pass over the system before it is searched.
  std::function<model::TransitionSystem(const model::TransitionSystem&)> pass = nullptr;
  /// How it searches; without it explore_breadth_first.
  std::function<checker::Exploration(const model::TransitionSystem&, const checker::SearchOptions&)> explore = nullptr;
  /// It may have more states after all.
  bool may_have_more_states = false;
};

/// The table. The first one claims SameCounts and stands for the plainest use of the fast engine.
const std::vector<Variant>& variants();

/// The options of a search with every reduction off and one thread.
checker::SearchOptions plain_options();

}  // namespace quiesce
