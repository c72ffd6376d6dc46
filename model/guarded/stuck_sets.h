// core.stuck as a formula (docs/semantics.md, 5): each context, start of a handler and action may be chosen to be a member of
// a set, and the formula says that each member is blocked by the set and that the set breaks the rule. Being blocked by a
// larger set is being blocked more, so that some choice makes it true exactly where the largest stuck set breaks the rule.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "model/guarded/formulas.h"
#include "model/guarded/program_ways.h"
#include "model/guarded/scheduling.h"
#include "model/system/may_write.h"

namespace quiesce::model {

class StuckSets : private Formulas {
 public:
  /// Requires: all conditions of the system are named already, since those of the set are numbered behind them.
  StuckSets(const Formulas& formulas, ProgramWays& ways, Scheduling& scheduling);

  /// Cost: O((locations + handlers + actions) x size of what they wait for), and for each cell that is waited for
  /// O(locations).
  GuardedStuck stuck(RuleId rule);

 private:
  /// The value of an expression, and that only members could still change it (5.2).
  struct Judged {
    ExprId value;
    ExprId settled;
  };

  ExprId member(std::size_t number);
  ExprId named_part(std::string name, std::string comment, ExprId formula);

  ExprId is_blocked(std::size_t activation);
  ExprId waits(std::size_t activation);
  ExprId waits_for_lock(const Location& location, const Surroundings& around);
  ExprId is_buried(std::size_t activation);
  ExprId finds_no_cpu(std::size_t activation);
  ExprId start_is_blocked(const Context& handler);
  ExprId makes_it_bad(std::size_t activation);
  ExprId member_pinned_at(std::uint32_t cpu, std::int64_t level);

  ExprId stays_false(ExprId condition, const Surroundings& around);
  ExprId settled(ExprId expr, const Surroundings& around) { return judge(expr, around).settled; }
  Judged judge(ExprId expr, const Surroundings& around);
  Judged judged_node(ExprId expr, const Surroundings& around);
  Judged judge_operator(const BinaryExpr& expr, const Surroundings& around);
  Judged judge_idle(const IdleExpr& expr);
  ExprId settled_element(const Place& place, const Surroundings& around);
  ExprId settled_cell(CellId cell);
  ExprId held_by_member(CellId cell);
  ExprId only_members_write(CellId cell);
  bool hands_over(std::size_t activation, CellId cell) const;
  ExprId writes_later(std::size_t activation, CellId cell, bool is_anothers);
  std::size_t name_of_activation(std::size_t number) const;

  ProgramWays& ways_;
  const std::vector<Activation>& activations_;
  MayWrite may_write_;
  GuardedStuck stuck_;
  std::size_t first_member_;                                            // as a cell
  std::map<const Context*, std::size_t> start_of_;                      // handlers: the member
  std::vector<std::optional<std::size_t>> owner_;                       // by cell: the activation whose own it is
  std::vector<char> scheduling_;                                        // by cell: location, level, CPU or affinity
  std::map<std::tuple<ExprId, std::uint32_t, ExprId>, Judged> judged_;  // by expression, activation and CPU
  std::map<std::uint32_t, ExprId> settled_;                             // by cell
  std::map<std::pair<std::uint32_t, std::int64_t>, ExprId> pinned_at_;  // by CPU and level
};

}  // namespace quiesce::model
