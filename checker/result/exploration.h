// What an explorer hands to the judge: the raw facts of a search, the same for every engine, from which
// judge() makes verdicts. Engines do not decide verdicts themselves, so that all of them mean the same.
#pragma once

#include <atomic>
#include <functional>

#include "checker/result/result.h"

namespace quiesce::checker {

struct SearchOptions {
  Limits limits;
  bool stop_at_first = false;                       // stop at the first violation instead of one shortest run per rule
  const std::atomic<bool>* interrupt = nullptr;     // set by Ctrl-C; may be null
  std::function<void(const Statistics&)> progress;  // called now and then from the searching thread; may be empty
};

/// The raw facts of one exploration.
struct Exploration {
  std::vector<Finding> findings;             // first (shortest) per rule broken, in order of discovery; only
                                             // checked rules and core rules (which cut runs off, asked for or not)
  std::vector<model::PropertyId> witnessed;  // Reachable properties seen, each once
  std::vector<Run> witnesses;                // a shortest run to each, same order
  std::vector<model::PropertyId> triggered;  // triggers seen true, each once
  std::vector<model::RuleId> exercised;      // rules of which a CheckOp was executed, each once
  Statistics statistics;
  LimitKind limit = LimitKind::None;
  bool stopped_at_first = false;  // stop_at_first was asked for and a violation of a checked rule was found
};

/// Verdicts from facts (docs/semantics.md, Verdicts):
///   violated        a finding for it, or a Reachable property never witnessed by a complete search
///   unknown         the search was cut by a limit, or some core rule other than this one ended a run ("cut off by
///   ...") not exercised   no property belongs to it and no check of it was executed vacuous         all that belongs
///   to it are invariants p => q whose p was never true, or there is no initial state holds           otherwise
SearchResult judge(const model::TransitionSystem& system, Exploration exploration);

}  // namespace quiesce::checker
