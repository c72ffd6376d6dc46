// A first look for violations: runs with few interruptions, searched for a moment before a long search continues. Most
// violations need none or one (docs/performance.md), so that something is known long before the search by breadth has
// come so deep.
#pragma once

#include <optional>

#include "checker/result/exploration.h"

namespace quiesce::model {
struct TransitionSystem;
}

namespace quiesce::checker {

/// Not thread-safe.
class FirstLook {
 public:
  /// `system` and what `options` point to outlive this. Nothing is searched yet.
  FirstLook(const model::TransitionSystem& system, const SearchOptions& options);

  /// Looks, the first time that it is called: for half a second at most, at runs with at most two interruptions.
  /// True when a rule that is asked for is broken.
  bool take();

  /// Statistics of a search with the rules that are known to be broken by either.
  Statistics add_to_progress(Statistics statistics) const;

  /// Gives a search that did not come to its end what it did not find, or found without a run; these runs may not be
  /// the shortest. A search that did come to its end has found all that there is.
  void add_to(Exploration& exploration) const;

 private:
  const model::TransitionSystem& system_;
  SearchOptions options_;
  std::optional<Exploration> seen_;
  std::size_t broken_rules_ = 0;  // of those asked for
  std::size_t shortest_run_ = 0;  // steps, when there are any
};

}  // namespace quiesce::checker
