#include "model/passes/inline_steps.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <variant>

#include "model/base/overloaded.h"
#include "model/base/patience.h"
#include "model/system/jumps.h"
#include "model/system/traverse.h"

namespace quiesce::model {
namespace {

// A merged program stays readable and its outcomes few; beyond these a Goto is left alone.
constexpr std::size_t kMostOps = 200;
constexpr std::int64_t kMostOutcomes = 16;  // product of the choices on one way

/// The greatest product of choices on one way through operations, saturating.
std::int64_t outcomes_of(const std::vector<Op>& ops) {
  constexpr std::int64_t kMany = 1'000'000;
  std::vector<std::int64_t> from(ops.size() + 1, 1);
  for (std::size_t i = ops.size(); i-- > 0;) {
    const std::int64_t next = from[i + 1];
    if (const auto* choose = std::get_if<ChooseOp>(&ops[i])) {
      from[i] = std::min(kMany, next * std::clamp<std::int64_t>(choose->hi - choose->lo + 1, 1, kMany));
    } else if (const auto* branch = std::get_if<BranchOp>(&ops[i])) {
      from[i] = std::max(next, from[branch->otherwise]);
    } else if (const auto* jump = std::get_if<JumpOp>(&ops[i])) {
      from[i] = from[jump->target];
    } else if (std::holds_alternative<GotoOp>(ops[i]) || std::holds_alternative<EndOp>(ops[i])) {
      from[i] = 1;
    } else {
      from[i] = next;
    }
  }
  return from.front();
}

/// Operations of the prefix of a program that change no cell and choose nothing, so that they may be reordered.
bool is_effect_free(const Op& op) {
  return std::visit(Overloaded{
                        [](const AssignOp&) { return false; },
                        [](const LetOp&) { return true; },
                        [](const ChooseOp&) { return false; },
                        [](const BranchOp&) { return false; },
                        [](const JumpOp&) { return false; },
                        [](const CheckOp&) { return true; },
                        [](const AssumeOp&) { return false; },
                        [](const StatementOp&) { return true; },
                        [](const EnterOp&) { return true; },
                        [](const LeaveOp&) { return true; },
                        [](const GotoOp&) { return false; },
                        [](const EndOp&) { return false; },
                    },
                    op);
}

/// Whether a check that can fail comes after an assignment. Backward jumps do not exist, so "an assignment stands
/// before it" is safe for "may have been executed before it".
bool checks_what_it_changed(const TransitionSystem& system, const Program& program) {
  bool changed = false;
  for (const Op& op : program.ops) {
    changed = changed || std::holds_alternative<AssignOp>(op);
    if (const auto* check = std::get_if<CheckOp>(&op); check != nullptr && changed && can_fail(system, *check))
      return true;
  }
  return false;
}

/// What expressions mean after some operations, in terms of the state before them.
class Before {
 public:
  explicit Before(TransitionSystem& system) : system_(system), unknown_(system.cells.size()) {}

  void assign(const Place& place, ExprId value) {
    const std::optional<ExprId> meaning = of(value);
    for (const CellId cell : place.cells) {
      cells_.erase(cell);
      unknown_.insert(cell);
    }
    if (place.cells.size() != 1 || !meaning) return;
    unknown_.erase(place.cells.front());
    cells_.emplace(place.cells.front(), *meaning);
  }

  void let(TempId temp, ExprId value) {
    if (const std::optional<ExprId> meaning = of(value)) temps_.emplace(temp, *meaning);
  }

  /// Nothing where it is not understood.
  std::optional<ExprId> of(ExprId root) {
    bool understood = true;
    ExprRewriter rewriter(system_.expressions, [&](ExprId, const Expr& expr) -> std::optional<ExprId> {
      if (const auto* temp = std::get_if<TempExpr>(&expr)) {
        const auto known = temps_.find(temp->temp);
        understood = understood && known != temps_.end();
        return known == temps_.end() ? std::nullopt : std::optional<ExprId>(known->second);
      }
      const auto* load = std::get_if<LoadExpr>(&expr);
      if (load == nullptr) return std::nullopt;
      if (load->place.cells.size() == 1) {
        const auto known = cells_.find(load->place.cells.front());
        if (known != cells_.end()) return known->second;
      }
      for (const CellId cell : load->place.cells) {
        understood = understood && !unknown_.contains(cell) && cells_.count(cell) == 0;
      }
      return std::nullopt;
    });
    const ExprId meaning = rewriter(root);
    return understood ? std::optional<ExprId>(meaning) : std::nullopt;
  }

 private:
  TransitionSystem& system_;
  std::unordered_map<CellId, ExprId> cells_;
  std::unordered_map<TempId, ExprId> temps_;
  CellSet unknown_;
};

/// Puts a test before what is done at `location`: where it fails, the context stands there.
void stand_still_unless(ExprId condition, LocationId location, std::vector<Op>& ops) {
  for (Op& op : ops) {
    if (std::uint32_t* target = target_of(op)) ++*target;
  }
  ops.insert(ops.begin(), BranchOp{condition, static_cast<std::uint32_t>(ops.size() + 1)});
  ops.push_back(GotoOp{location});
}

}  // namespace

bool can_fail(const TransitionSystem& system, const CheckOp& check) {
  std::int64_t value = 0;
  return !system.expressions.is_constant(check.condition, &value) || value == 0;
}

std::optional<std::vector<ExprId>> conditions_of_checks(TransitionSystem& system, const Program& program) {
  std::vector<ExprId> conditions;
  if (!checks_what_it_changed(system, program)) return conditions;  // they are tried where they stand
  Before before(system);
  bool straight = true;  // no way has branched off
  for (const Op& op : program.ops) {
    const auto* check = std::get_if<CheckOp>(&op);
    if (check != nullptr && can_fail(system, *check)) {
      const std::optional<ExprId> meaning = straight ? before.of(check->condition) : std::nullopt;
      if (!meaning) return std::nullopt;
      conditions.push_back(*meaning);
    } else if (const auto* assign = std::get_if<AssignOp>(&op)) {
      before.assign(assign->place, assign->value);
    } else if (const auto* let = std::get_if<LetOp>(&op)) {
      before.let(let->temp, let->value);
    } else if (std::holds_alternative<BranchOp>(op) || std::holds_alternative<JumpOp>(op) ||
               std::holds_alternative<ChooseOp>(op) || std::holds_alternative<AssumeOp>(op)) {
      straight = false;
    }
  }
  return conditions;
}

StepInliner::StepInliner(TransitionSystem& system, ReductionStatistics& statistics, GoesOn goes_on, OnlyIf only_if)
    : system_(system), statistics_(statistics), goes_on_(std::move(goes_on)), only_if_(std::move(only_if)) {
  for (const Location& location : system.locations) originals_.push_back(location.program);
}

Program StepInliner::expanded(LocationId location) {
  ProgramDraft draft(originals_[location.value]);
  expand(draft, location);
  return std::move(draft).take();
}

Program StepInliner::expanded_start(const Context& context) {
  ProgramDraft draft(context.start);
  expand(draft, std::nullopt);
  return std::move(draft).take();
}

/// The location's program where it is first tried whether a check would fail, and if so stands still in front of it.
ProgramDraft StepInliner::guarded(LocationId location) {
  const auto conditions = conditions_of_checks(system_, originals_[location.value]);
  return conditions && !conditions->empty() ? guarded_before(location, *conditions) : guarded_in_place(location);
}

/// All checks are tried before the program begins.
ProgramDraft StepInliner::guarded_before(LocationId location, const std::vector<ExprId>& conditions) const {
  const Program& program = originals_[location.value];
  ProgramDraft draft(program);
  draft.ops.clear();
  const auto first = static_cast<std::uint32_t>(conditions.size());
  const auto stop = static_cast<std::uint32_t>(first + program.ops.size());
  for (const ExprId condition : conditions) draft.ops.push_back(BranchOp{condition, stop});
  for (Op op : program.ops) {
    if (std::uint32_t* target = target_of(op)) *target += first;
    draft.ops.push_back(std::move(op));
  }
  draft.keep.assign(draft.ops.size(), false);
  draft.ops.push_back(GotoOp{location});
  draft.keep.push_back(true);
  return draft;
}

/// Replaces the Gotos of `draft`, of the program at `from`, by what is done where they lead, as far as the limits
/// allow.
void StepInliner::expand(ProgramDraft& draft, std::optional<LocationId> from) {
  const std::uint32_t first_temp = draft.temps;
  for (std::size_t i = 0; i < draft.ops.size(); ++i) {
    const auto* jump = std::get_if<GotoOp>(&draft.ops[i]);
    if (jump == nullptr || draft.keep[i] || !goes_on_(from, jump->location)) {
      continue;
    }
    const ProgramDraft& body = body_of(jump->location);
    if (draft.ops.size() + body.ops.size() > kMostOps) {
      draft.keep[i] = true;
      ++statistics_.left_alone;
      continue;
    }
    // Ways that reach this Goto, and no others, continue in the copy: every Goto ends its way, so all copies can use
    // the same temps.
    std::vector<Op> copy = body.ops;
    shift_temps(copy, first_temp);
    if (const ExprId condition = only_if_ ? only_if_(from, jump->location) : ExprId(); condition.valid()) {
      stand_still_unless(condition, jump->location, copy);
    }
    ProgramDraft longer = draft;
    longer.splice(i, copy, std::vector<bool>(copy.size(), true));
    if (outcomes_of(longer.ops) > kMostOutcomes && outcomes_of(longer.ops) > outcomes_of(draft.ops)) {
      draft.keep[i] = true;
      ++statistics_.left_alone;
      continue;
    }
    longer.temps = std::max(draft.temps, first_temp + body.temps);
    longer.uses_cpu = draft.uses_cpu || body.uses_cpu;
    draft = std::move(longer);
    i += copy.size() - 1;
    ++statistics_.merged;
  }
}

/// What a Goto to `location` is replaced by: its program, guarded by its checks, itself expanded.
/// Ends because there is no cycle. Chains of them are as long as the text, too long for recursion: what
/// a body needs is made before it.
const ProgramDraft& StepInliner::body_of(LocationId location) {
  std::vector<LocationId> open = {location};
  while (!open.empty()) {
    const LocationId next = open.back();
    ask_patience();
    if (bodies_.count(next) == 0) {
      const std::size_t before = open.size();
      for_each_goto(originals_[next.value], [&](LocationId to) {
        if (goes_on_(next, to) && bodies_.count(to) == 0) open.push_back(to);
      });
      if (open.size() > before) continue;
      ProgramDraft body = guarded(next);
      expand(body, next);
      bodies_.emplace(next, std::move(body));
    }
    open.pop_back();
  }
  return bodies_.at(location);
}

/// The location's program where each check first tries whether it would fail, and if so stands still in front of it.
/// Operations without effect at the beginning are ordered so that a story does not tell a statement twice.
ProgramDraft StepInliner::guarded_in_place(LocationId location) const {
  const Program& program = originals_[location.value];
  ProgramDraft draft(program);
  std::vector<Op> ops;
  std::vector<std::uint32_t> moved_to(program.ops.size() + 1);  // jump targets
  const auto may_stop = [&](const Op& op) {
    const auto* check = std::get_if<CheckOp>(&op);
    return check != nullptr && can_fail(system_, *check);
  };
  constexpr std::uint32_t kStop = std::numeric_limits<std::uint32_t>::max();  // patched below
  const auto guard = [&](const Op& op) { ops.push_back(BranchOp{std::get<CheckOp>(op).condition, kStop}); };

  std::size_t prefix = 0;
  while (prefix < program.ops.size() && is_effect_free(program.ops[prefix])) {
    ++prefix;
  }
  for (std::size_t i = 0; i < prefix; ++i) {
    if (std::holds_alternative<LetOp>(program.ops[i])) {
      ops.push_back(program.ops[i]);
    } else if (may_stop(program.ops[i])) {
      guard(program.ops[i]);
    }
  }
  for (std::size_t i = 0; i < prefix; ++i) {
    if (!std::holds_alternative<LetOp>(program.ops[i])) {
      ops.push_back(program.ops[i]);
    }
  }
  // No jump leads into the prefix: jumps go forward and the prefix has none.
  for (std::size_t i = prefix; i < program.ops.size(); ++i) {
    moved_to[i] = static_cast<std::uint32_t>(ops.size());
    if (may_stop(program.ops[i])) {
      guard(program.ops[i]);
    }
    ops.push_back(program.ops[i]);
  }
  const auto stop = static_cast<std::uint32_t>(ops.size());
  bool stops = false;
  for (Op& op : ops) {
    std::uint32_t* target = target_of(op);
    if (target == nullptr) continue;
    stops |= *target == kStop;
    *target = *target == kStop ? stop : moved_to[*target];
  }
  draft.ops = std::move(ops);
  draft.keep.assign(draft.ops.size(), false);
  if (stops) {
    draft.ops.push_back(GotoOp{location});
    draft.keep.push_back(true);
  }
  return draft;
}

void StepInliner::shift_temps(std::vector<Op>& ops, std::uint32_t by) {
  if (by == 0) {
    return;
  }
  ExprRewriter rewriter(system_.expressions, [&](ExprId, const Expr& expr) -> std::optional<ExprId> {
    if (const auto* temp = std::get_if<TempExpr>(&expr)) {
      return system_.expressions.temp(TempId(std::size_t{temp->temp.value} + by));
    }
    return std::nullopt;
  });
  Program program{std::move(ops), 0, false};
  rewriter.rewrite(program);
  for (Op& op : program.ops) {
    if (auto* let = std::get_if<LetOp>(&op)) {
      let->temp = TempId(std::size_t{let->temp.value} + by);
    } else if (auto* choose = std::get_if<ChooseOp>(&op)) {
      choose->temp = TempId(std::size_t{choose->temp.value} + by);
    }
  }
  ops = std::move(program.ops);
}

}  // namespace quiesce::model
