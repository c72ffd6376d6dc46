#include "model/guarded/stuck_sets.h"

#include <algorithm>

#include <fmt/format.h>

#include "model/base/internal_check.h"
#include "model/base/overloaded.h"
#include "model/base/patience.h"

namespace quiesce::model {

StuckSets::StuckSets(const Formulas& formulas, ProgramWays& ways, Scheduling& scheduling)
    : Formulas(formulas),
      ways_(ways),
      activations_(scheduling.activations()),
      may_write_(system()),
      first_member_(system().cells.size() + result().conditions.size()),
      owner_(system().cells.size()),
      scheduling_(system().cells.size()) {
  for (std::size_t k = 0; k < activations_.size(); ++k) {
    const Activation& one = activations_[k];
    stuck_.members.push_back(one.context->activations > 1 ? fmt::format("{}[{}]", one.context->name, one.number)
                                                          : one.context->name);
    const auto own = [&](CellId cell, bool is_scheduling) {
      owner_[cell.value] = k;
      scheduling_[cell.value] = is_scheduling ? 1 : 0;
    };
    if (!one.context->local_cells.empty()) {
      for (const CellId cell : one.context->local_cells[one.number]) own(cell, false);
    }
    for (const CellId cell : {one.location(), one.level(), one.cpu()}) own(cell, true);
    if (const auto affinity = one.affinity()) own(*affinity, true);
  }
  for (const Context& context : system().contexts) {
    if (context.kind != ContextKind::Handler) continue;
    start_of_[&context] = stuck_.members.size();
    stuck_.members.push_back("start of " + context.name);
  }
  for (const Action& action : system().actions) stuck_.members.push_back(action.name);
}

GuardedStuck StuckSets::stuck(RuleId rule) {
  stuck_.rule = rule;
  ExprId all = yes();
  ExprId any_bad = no();
  const auto require = [&](std::size_t number, ExprId blocked) {
    const ExprId named =
        named_part(fmt::format("blocked_{}", number), stuck_.members[number] + " is blocked by the set (5.1)", blocked);
    all = conj(all, disj(negation(member(number)), named));
  };
  for (std::size_t k = 0; k < activations_.size(); ++k) {
    ask_patience();
    const ExprId runs = table().not_equal(cell(activations_[k].location()), no());
    require(k, conj(runs, is_blocked(k)));
    any_bad = disj(any_bad, conj(member(k), makes_it_bad(k)));
  }
  for (const Context& context : system().contexts) {
    ask_patience();
    if (context.kind == ContextKind::Handler) require(start_of_.at(&context), start_is_blocked(context));
  }
  for (std::size_t a = 0; a < system().actions.size(); ++a) {
    ask_patience();
    require(activations_.size() + start_of_.size() + a, stays_false(system().actions[a].guard, {}));
  }
  stuck_.formula = conj(any_bad, all);
  return std::move(stuck_);
}

ExprId StuckSets::member(std::size_t number) { return table().load(CellId(first_member_ + number)); }

ExprId StuckSets::named_part(std::string name, std::string comment, ExprId formula) {
  std::int64_t value = 0;
  if (table().is_constant(formula, &value)) return constant(value != 0 ? 1 : 0);
  stuck_.conditions.push_back({std::move(name), std::move(comment), formula});
  return table().load(CellId(first_member_ + stuck_.members.size() + stuck_.conditions.size() - 1));
}

// --------------------------------------------------------------------------------------------- 5.1 being blocked

ExprId StuckSets::is_blocked(std::size_t activation) {
  return disj(waits(activation), disj(is_buried(activation), finds_no_cpu(activation)));
}

/// For a lock that a member holds, or for a condition that is false and that only members could still change.
ExprId StuckSets::waits(std::size_t activation) {
  const Activation& one = activations_[activation];
  const Surroundings around{one.number, cell(one.cpu())};
  ExprId any = no();
  for (const LocationId id : one.context->locations) {
    const Location location = system().at(id);  // a copy: what refers to the table may move
    const ExprId here = equals(one.location(), location.number);
    if (is_false(here) || (!location.lock && !location.guard.valid())) continue;
    ExprId waits = location.lock ? waits_for_lock(location, around) : no();
    if (location.guard.valid()) waits = disj(waits, stays_false(location.guard, around));
    any = disj(any, conj(here, waits));
  }
  return any;
}

/// Before the step that raises to the lock's level a context does not wait yet: its guard is true.
ExprId StuckSets::waits_for_lock(const Location& location, const Surroundings& around) {
  const ExprId holder = ways_.value(table().load(*location.lock), around);
  ExprId by_member = no();
  for (std::size_t k = 0; k < activations_.size(); ++k) {
    const ExprId holds = table().equal(holder, constant(static_cast<std::int64_t>(name_of_activation(k))));
    by_member = disj(by_member, conj(member(k), holds));
  }
  if (!location.guard.valid()) return by_member;
  return conj(negation(ways_.value(location.guard, around)), by_member);
}

ExprId StuckSets::is_buried(std::size_t activation) {
  const Activation& one = activations_[activation];
  ExprId any = no();
  for (std::size_t k = 0; k < activations_.size(); ++k) {
    if (k == activation) continue;
    const Activation& other = activations_[k];
    const ExprId together = table().equal(cell(other.cpu()), cell(one.cpu()));
    const ExprId above = table().binary(BinaryOp::Greater, cell(other.level()), cell(one.level()));
    any = disj(any, conj(member(k), conj(together, above)));
  }
  return conj(table().not_equal(cell(one.cpu()), no()), any);
}

ExprId StuckSets::finds_no_cpu(std::size_t activation) {
  const Activation& one = activations_[activation];
  ExprId all = equals(one.cpu(), 0);
  for (std::uint32_t c = 0; c < system().cpus && !is_false(all); ++c) {
    ExprId elsewhere = no();
    if (const auto affinity = one.affinity())
      elsewhere = negation(disj(equals(*affinity, 0), equals(*affinity, c + 1)));
    all = conj(all, disj(elsewhere, member_pinned_at(c, system().pin_level)));
  }
  return all;
}

ExprId StuckSets::member_pinned_at(std::uint32_t cpu, std::int64_t level) {
  const auto [known, is_new] = pinned_at_.try_emplace({cpu, level});
  if (!is_new) return known->second;
  ExprId any = no();
  for (std::size_t k = 0; k < activations_.size(); ++k) {
    const Activation& one = activations_[k];
    const ExprId high = table().binary(BinaryOp::GreaterEqual, cell(one.level()), constant(level));
    any = disj(any, conj(member(k), conj(equals(one.cpu(), cpu + 1), high)));
  }
  known->second = named_part(fmt::format("member_on_{}_at_{}", cpu, level),
                             fmt::format("a member is pinned on CPU {} at level {} or above (5.1)", cpu, level), any);
  return known->second;
}

ExprId StuckSets::start_is_blocked(const Context& handler) {
  ExprId all_busy = yes();
  for (std::size_t k = 0; k < activations_.size(); ++k) {
    if (activations_[k].context == &handler) all_busy = conj(all_busy, member(k));
  }
  const Judged condition = judge(handler.condition, {});
  ExprId on_is_settled = yes();
  std::vector<ExprId> allowed(system().cpus, yes());
  if (const auto* one = std::get_if<OnOne>(&handler.cpus)) {
    const Judged on = judge(one->cpu, {});
    on_is_settled = on.settled;
    for (std::uint32_t c = 0; c < system().cpus; ++c) allowed[c] = table().equal(on.value, constant(c + 1));
  } else if (const auto* set = std::get_if<OnSet>(&handler.cpus)) {
    for (std::uint32_t c = 0; c < system().cpus; ++c) {
      const Judged on = judge(set->allowed[c], {});
      on_is_settled = conj(on_is_settled, on.settled);
      allowed[c] = on.value;
    }
  }
  // What `on` says counts while the condition holds, or when no context outside can change it; a handler that waits for
  // its condition may yet be sent elsewhere.
  const ExprId on_counts = disj(condition.value, on_is_settled);
  const std::int64_t level = std::max(handler.start_level, system().pin_level);
  ExprId nowhere = yes();
  ExprId somewhere = on_is_settled;
  for (std::uint32_t c = 0; c < system().cpus; ++c) {
    const ExprId may = disj(negation(on_counts), allowed[c]);
    nowhere = conj(nowhere, disj(negation(may), member_pinned_at(c, level)));
    somewhere = disj(somewhere, may);
  }
  const ExprId stays = conj(negation(condition.value), condition.settled);
  return disj(stays, disj(all_busy, conj(nowhere, somewhere)));
}

/// 5.3
ExprId StuckSets::makes_it_bad(std::size_t activation) {
  const Activation& one = activations_[activation];
  if (one.context->kind == ContextKind::Handler) return yes();
  ExprId any = table().not_equal(cell(one.cpu()), no());
  for (const Lock& lock : system().locks)
    any = disj(any, equals(lock.holder, static_cast<std::int64_t>(name_of_activation(activation))));
  for (const LocationId id : one.context->locations) {
    const Location& location = system().at(id);
    const bool must_return = std::any_of(location.inside.begin(), location.inside.end(),
                                         [&](FunctionId function) { return system().at(function).returns; });
    if (location.wait == WaitKind::Spin || must_return) any = disj(any, equals(one.location(), location.number));
  }
  return any;
}

/// What a lock holds while the activation holds it.
std::size_t StuckSets::name_of_activation(std::size_t number) const {
  return std::size_t{activations_[number].context->first_slot} + activations_[number].number + 1;
}

// --------------------------------------------------------------------------------------- 5.2 what could still change

ExprId StuckSets::stays_false(ExprId condition, const Surroundings& around) {
  const Judged judged = judge(condition, around);
  return conj(negation(judged.value), judged.settled);
}

StuckSets::Judged StuckSets::judge(ExprId expr, const Surroundings& around) {
  const auto what = std::tuple(expr, around.activation, around.cpu);
  if (const auto known = judged_.find(what); known != judged_.end()) return known->second;
  return judged_[what] = judged_node(expr, around);
}

StuckSets::Judged StuckSets::judged_node(ExprId expr, const Surroundings& around) {
  const Expr node = system().at(expr);  // a copy: the table grows
  const ExprId value = ways_.value(expr, around);
  return std::visit(Overloaded{
                        [&](const ConstantExpr&) {
                          return Judged{value, yes()};
                        },
                        [&](const SelfActivationExpr&) {
                          return Judged{value, yes()};
                        },
                        [&](const CurrentCpuExpr&) {
                          return Judged{value, table().not_equal(value, no())};  // what floats may run elsewhere
                        },
                        [&](const LoadExpr& e) {
                          return Judged{value, settled_element(e.place, around)};
                        },
                        [&](const UnaryExpr& e) {
                          return Judged{value, settled(e.operand, around)};
                        },
                        [&](const BinaryExpr& e) { return judge_operator(e, around); },
                        [&](const ConditionalExpr& e) {
                          const Judged condition = judge(e.condition, around);
                          const ExprId then_settled = settled(e.then_value, around);
                          const ExprId chosen =
                              table().conditional(condition.value, then_settled, settled(e.else_value, around));
                          return Judged{value, conj(condition.settled, chosen)};
                        },
                        [&](const LookupExpr& e) {
                          return Judged{value, settled(e.index, around)};
                        },
                        [&](const IdleExpr& e) { return judge_idle(e); },
                        [](const TempExpr&) -> Judged {
                          QUIESCE_CHECK(false) << "a scratch register in a guard";
                          return {};
                        },
                    },
                    node);
}

/// A conjunction that is false is settled when one false side is, a disjunction that is true when one true side is.
StuckSets::Judged StuckSets::judge_operator(const BinaryExpr& expr, const Surroundings& around) {
  const Judged left = judge(expr.left, around);
  const Judged right = judge(expr.right, around);
  ExprId is_settled = conj(left.settled, right.settled);
  if (expr.op == BinaryOp::And || expr.op == BinaryOp::Or) {
    const auto decides = [&](const Judged& side) {
      return conj(expr.op == BinaryOp::Or ? side.value : negation(side.value), side.settled);
    };
    is_settled = disj(is_settled, disj(decides(left), decides(right)));
  }
  return {table().binary(expr.op, left.value, right.value), is_settled};
}

/// Busy as long as one stuck activation is; idle until it is started.
StuckSets::Judged StuckSets::judge_idle(const IdleExpr& expr) {
  const Context& context = system().at(expr.context);
  ExprId idle = yes();
  ExprId kept_busy = no();
  for (std::size_t k = 0; k < activations_.size(); ++k) {
    if (activations_[k].context != &context) continue;
    idle = conj(idle, equals(activations_[k].location(), 0));
    kept_busy = disj(kept_busy, member(k));
  }
  const auto start = start_of_.find(&context);
  const ExprId not_started = start == start_of_.end() ? yes() : member(start->second);
  return {idle, table().conditional(idle, not_started, kept_busy)};
}

ExprId StuckSets::settled_element(const Place& place, const Surroundings& around) {
  if (!place.index.valid()) return settled_cell(place.cells.front());
  const Judged index = judge(place.index, around);
  ExprId element = settled_cell(place.cells.front());  // what an index outside means
  for (std::size_t i = place.cells.size(); i-- > 1;) {
    const ExprId here = table().equal(index.value, constant(static_cast<std::int64_t>(i)));
    element = table().conditional(here, settled_cell(place.cells[i]), element);
  }
  return conj(index.settled, element);
}

ExprId StuckSets::settled_cell(CellId id) {
  if (const auto known = settled_.find(id.value); known != settled_.end()) return known->second;
  const Cell& one = system().at(id);
  const std::string comment = fmt::format("only members of the set could still change {} (5.2)", one.name);
  const ExprId formula = disj(only_members_write(id), one.kind == CellKind::Slot ? held_by_member(id) : no());
  return settled_[id.value] = named_part(fmt::format("settled_{}", id.value), comment, formula);
}

/// Only its holder gives a lock back.
ExprId StuckSets::held_by_member(CellId id) {
  ExprId any = no();
  for (std::size_t k = 0; k < activations_.size(); ++k)
    any = disj(any, conj(member(k), equals(id, static_cast<std::int64_t>(name_of_activation(k)))));
  return any;
}

ExprId StuckSets::only_members_write(CellId id) {
  const auto owner = owner_[id.value];
  ExprId all = yes();
  for (std::size_t k = 0; k < activations_.size(); ++k) {
    const bool may = !owner || *owner == k || hands_over(k, id);
    if (may) all = conj(all, disj(member(k), negation(writes_later(k, id, owner && *owner != k))));
  }
  for (const auto& [context, start] : start_of_) {
    ExprId writes = no();
    if (owner && activations_[*owner].context == context) {  // it starts an activation that does not run
      const bool hands_over =
          may_write_.elsewhere_of_start(ContextId(static_cast<std::size_t>(context - system().contexts.data())))
              .contains(id);
      writes = hands_over ? yes() : equals(activations_[*owner].location(), 0);
    } else if (may_write_.of_start(ContextId(static_cast<std::size_t>(context - system().contexts.data())))
                   .contains(id)) {
      writes = yes();
    }
    all = conj(all, disj(member(start), negation(writes)));
  }
  for (std::size_t a = 0; a < system().actions.size(); ++a) {
    if (may_write_.of_action(ActionId(a)).contains(id))
      all = conj(all, member(activations_.size() + start_of_.size() + a));
  }
  return all;
}

/// Whether the activation may write the cell of another one, to which it hands over, from some location.
bool StuckSets::hands_over(std::size_t activation, CellId id) const {
  const std::vector<LocationId>& locations = activations_[activation].context->locations;
  return std::any_of(locations.begin(), locations.end(),
                     [&](LocationId location) { return may_write_.elsewhere_from(location).contains(id); });
}

/// Whether the activation runs and may write the cell, its own or one of another's, from where it stands.
ExprId StuckSets::writes_later(std::size_t activation, CellId id, bool is_anothers) {
  const Activation& one = activations_[activation];
  const ExprId runs = table().not_equal(cell(one.location()), no());
  if (!is_anothers && scheduling_[id.value] != 0) return runs;
  ExprId writing = no();
  ExprId not_writing = no();
  std::size_t many_writing = 0;
  for (const LocationId location : one.context->locations) {
    const bool writes = (is_anothers ? may_write_.elsewhere_from(location) : may_write_.from(location)).contains(id);
    many_writing += writes ? 1 : 0;
    ExprId& among = writes ? writing : not_writing;
    among = disj(among, equals(one.location(), system().at(location).number));
  }
  // The shorter of two ways to say it.
  return 2 * many_writing <= one.context->locations.size() ? writing : conj(runs, negation(not_writing));
}

}  // namespace quiesce::model
