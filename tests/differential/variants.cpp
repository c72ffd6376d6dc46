#include "tests/differential/variants.h"

#include "checker/search/breadth_first.h"
#include "model/system/reduce.h"
#include "model/system/slice.h"

namespace quiesce {

using checker::SearchOptions;
using model::TransitionSystem;

namespace {

TransitionSystem sliced(const TransitionSystem& system) {
  TransitionSystem part = system;
  model::ReductionStatistics statistics;
  slice(part, statistics);
  return part;
}

}  // namespace

const std::vector<Variant>& variants() {
  static const std::vector<Variant> table = {
      {.name = "breadth first"},
      {.name = "reduced", .claim = Claim::SameVerdicts, .pass = [](const TransitionSystem& s) { return reduce(s); }},
      {.name = "merged only",
       .claim = Claim::SameVerdicts,
       .pass = [](const TransitionSystem& s) { return reduce(s, {.slice = false}); }},
      {.name = "sliced only", .claim = Claim::SameLengths, .pass = sliced},
  };
  return table;
}

SearchOptions plain_options() {
  SearchOptions options;
  options.threads = 1;
  options.partial_order = false;
  options.symmetry = false;
  return options;
}

}  // namespace quiesce
