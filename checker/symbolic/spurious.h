// Whether a run of the abstraction (predicates.h) is one of the system with numbers without bounds, and what has to be
// known of these where it is none.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "checker/result/result.h"
#include "checker/result/search_control.h"
#include "model/guarded/guarded_system.h"

namespace quiesce::checker {

/// Whether a run of the abstraction is one of the concrete system, and breaks the rule; without a rule, whether it is
/// one.
struct Concretized {
  enum class Answer {
    Real,      // with `values`
    Spurious,  // it is none: `further` predicates would have excluded it, unless there are none
    Unknown,   // a limit, Z3 gave up, or the values do not fit into 32 bits
  };
  Answer answer = Answer::Unknown;
  std::map<model::CellId, std::int32_t> values;  // with which the numbers without bounds begin
  std::vector<model::ExprId> further;            // of the concrete table, which may grow
};
Concretized concretized(model::GuardedSystem& concrete, const std::vector<model::ExprId>& predicates,
                        const Finding& finding, const SearchControl& control);

}  // namespace quiesce::checker
