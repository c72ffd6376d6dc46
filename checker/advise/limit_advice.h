// What to do when a search ended at a limit: how much is left, what multiplies the states, and what would help. Data,
// of which a report makes sentences (checker/report/limit_report.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "checker/advise/estimate.h"
#include "checker/result/outcome.h"
#include "checker/result/result.h"
#include "model/base/source.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

/// Parts of the design that multiply the visited states, declared by the same text.
struct MultiplyingPart {
  Multiplier first;             // the one with the largest factor
  std::size_t more = 0;         // others like it
  bool is_lower_bound = false;  // of one of them only some values were seen
};

/// How much is left, as far as the sizes of the layers tell.
struct StillGrowing {
  double factor = 1;  // from one layer to the next, lately
};
struct NotToldYet {};
using Remaining = std::variant<RemainingStates, StillGrowing, NotToldYet>;

// What would help. Indexes are of the tables of the system.
struct BoundVariable {  // an int of many values, a queue, an array or a set among the parts that multiply
  std::uint32_t variable = 0;
};
struct BoundCounter {  // an int that has not gone through half of its many values
  std::uint32_t variable = 0;
  std::uint64_t values = 0;  // so many it has taken
};
struct FewerInstances {  // of one machine, beside each other
  std::uint32_t first = 0, last = 0;
  std::size_t count = 0;
};
struct UseSymmetry {  // instances that are interchangeable, though each is told apart as asked
  std::vector<std::string> members;
};
struct RemoveObstacle {  // what keeps two instances from being interchangeable
  SymmetryObstacle obstacle;
};
struct FewerActivations {  // of a handler
  std::uint32_t context = 0;
};
struct ShareSteps {  // statements of a context in one 'atomic' block
  std::uint32_t context = 0;
};
struct SmallerParameters {
  std::vector<model::ParameterValue> large;  // numbers of at least 2
};
struct FewerCpus {};
struct UseReductions {  // which were switched off: at least one
  bool merging = false, slicing = false, symmetry = false, partial_order = false;
};
struct MoreOf {  // what the limit was set on
  LimitKind limit = LimitKind::None;
  bool or_compact = false;  // or a storage of a few bytes per state
};
struct HuntInstead {};
struct ProveInstead {};  // where so much was searched without a violation that a proof may be quicker

using Hint = std::variant<BoundVariable, BoundCounter, FewerInstances, UseSymmetry, RemoveObstacle, FewerActivations,
                          ShareSteps, SmallerParameters, FewerCpus, UseReductions, MoreOf, ProveInstead, HuntInstead>;

struct LimitAdvice {
  std::optional<Remaining> remaining;  // none: the limit or the search says nothing of it
  std::vector<MultiplyingPart> parts;  // the largest factor first; empty: not measured, or on too few states
  std::vector<Hint> hints;             // what concerns the design first
};

/// Nothing when no limit ended the search. Parts are shown when they were measured. The same arguments give the same
/// advice. `sources` says which text is the user's.
std::optional<LimitAdvice> advise_at_limit(const model::TransitionSystem& system, const SearchResult& result,
                                           const model::SourceMap& sources, const AskedFor& asked);

/// The path or name of what a multiplier is.
std::string name_of(const model::TransitionSystem& system, const Multiplier& multiplier);

}  // namespace quiesce::checker
