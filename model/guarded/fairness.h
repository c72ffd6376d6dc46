// What fairness owes to contexts, starts of handlers and actions, as formulas: section 13.2 of docs/semantics.md.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "model/guarded/formulas.h"
#include "model/guarded/infinite_runs.h"
#include "model/guarded/scheduling.h"

namespace quiesce::model {

class FairnessFormulas : private Formulas {
 public:
  /// Requires: all commands of the result are there, with those that break core rules.
  FairnessFormulas(const Formulas& formulas, Scheduling& scheduling);

  /// Fills in `fairness`, `sporadic` and `may_stop`.
  void add_to(GuardedInfiniteRuns& runs);

 private:
  ExprId able(const Actor& taker) const;
  void name_opposed();
  void owe_thread(const Actor& taker, std::size_t activation, GuardedInfiniteRuns& runs);
  void owe(const Actor& taker, Fairness fairness, GuardedInfiniteRuns& runs);
  void owe(const Actor& taker, bool is_strong, ExprId owed, GuardedInfiniteRuns& runs);
  ExprId waits_for_mutex(const Activation& one);

  Scheduling& scheduling_;
  std::map<Actor, ExprId> able_;  // absent: never
  std::vector<ExprId> opposed_;   // by CPU: a handler with a pinned level may start there
};

}  // namespace quiesce::model
