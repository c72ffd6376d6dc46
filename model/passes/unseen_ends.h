// Which expressions read whether handlers run, and the CPUs of contexts that float: what the ends of handlers and the
// lowering of levels change beside data (mover_kinds.h). Internal to this folder.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "model/passes/value_ranges.h"
#include "model/system/location_numbers.h"
#include "model/system/transition_system.h"

namespace quiesce::model {

/// Whether an end is observed.
struct UnseenEnd {
  bool is_unseen = false;  // only waits depend on when the handler ends, and it makes them true
  ExprId only_if;          // none, or: only where this is true
};

class UnseenEnds {
 public:
  /// `ranges` must outlive it.
  UnseenEnds(const TransitionSystem& system, const ValueRanges& ranges);

  /// Whether any expression reads the CPU of the context, but for those of its own steps.
  bool is_cpu_looked_at(ContextId context) const { return cpu_looked_at_[context.value]; }

  /// By conditions E1, E2 and E4 of docs/reductions.md, but for reads of the handler's level. Expressions are added to
  /// `system`, which is the one that this was made for.
  UnseenEnd end_of(TransitionSystem& system, ContextId handler) const;

 private:
  using Places = std::map<std::uint32_t, std::set<std::int64_t>>;  // by context: numbers

  void find_looks_at_cpus();
  void add_looks_at_cpus(ExprId root, const Context* own);
  bool is_own_cpu(const Place& place, const Context& own) const;
  std::optional<Places> where_it_is_seen(ContextId handler) const;
  bool add_places_of_property(ExprId root, ContextId handler, Places& places) const;
  bool is_let_go(const Location& location, ContextId handler) const;

  const TransitionSystem& system_;
  const ValueRanges& ranges_;
  const LocationCells cells_;
  const MentionedNumbers mentioned_;
  std::vector<std::uint32_t> cpu_of_;  // per cell: context index + 1 of whose CPU it is
  std::vector<bool> cpu_looked_at_;    // per context
  bool floating_cpu_looked_at_ = false;
};

}  // namespace quiesce::model
