#include "model/elaborate/joint_steps.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include "model/base/internal_check.h"
#include "model/base/patience.h"
#include "model/system/joint_steps.h"
#include "model/system/jumps.h"
#include "model/system/traverse.h"

namespace quiesce::model {
namespace {

/// A `give` or `take` in the program of a location. A site that stands in several programs (checks before a statement
/// are put before copies of it) has a spot in each.
struct Spot {
  LocationId location;
  std::size_t op = 0;  // of its Assume
  std::uint32_t site = 0;
};

class Joiner {
 public:
  Joiner(TransitionSystem& system, const std::vector<HandOverSite>& sites, Diagnostics& diagnostics)
      : system_(system), table_(system.expressions), sites_(sites), diagnostics_(diagnostics) {}

  bool join() {
    find_spots();
    separate_ = programs();
    for (std::size_t i = 0; i < system_.locations.size(); ++i) guards_.push_back(system_.locations[i].guard);
    for (const LocationId giver : locations_of(gives_)) {
      ask_patience();
      if (!join_at(giver)) return false;
    }
    for (const Spot& take : takes_) block(take.location);
    for (Location& location : system_.locations) {
      if (location.guard.valid()) location.guard = waits_for(location);
    }
    return true;
  }

 private:
  std::optional<std::uint32_t> site_of(const Op& op) const {
    const auto* assume = std::get_if<AssumeOp>(&op);
    const auto* temp = assume != nullptr ? std::get_if<TempExpr>(&table_[assume->condition]) : nullptr;
    if (temp == nullptr || temp->temp.value < kFirstMarker) return std::nullopt;
    return temp->temp.value - kFirstMarker;
  }

  void find_spots() {
    for (std::size_t i = 0; i < system_.locations.size(); ++i) {
      const std::vector<Op>& ops = system_.locations[i].program.ops;
      for (std::size_t op = 0; op < ops.size(); ++op) {
        const auto site = site_of(ops[op]);
        if (site) (sites_[*site].gives ? gives_ : takes_).push_back({LocationId(i), op, *site});
      }
    }
  }

  std::vector<Program> programs() const {
    std::vector<Program> result;
    for (const Location& location : system_.locations) result.push_back(location.program);
    return result;
  }

  static std::vector<LocationId> locations_of(const std::vector<Spot>& spots) {
    std::vector<LocationId> result;
    for (const Spot& spot : spots) {
      if (result.empty() || result.back() != spot.location) result.push_back(spot.location);
    }
    return result;
  }

  bool may_meet(const HandOverSite& a, const HandOverSite& b) const {
    return std::any_of(a.cells.begin(), a.cells.end(),
                       [&](CellId cell) { return std::find(b.cells.begin(), b.cells.end(), cell) != b.cells.end(); });
  }

  /// What the other side of `spot` may be: spots of other contexts, and of other activations of its own.
  std::vector<Spot> partners(const Spot& spot) const {
    const ContextId own = system_.at(spot.location).context;
    std::vector<Spot> result;
    for (const Spot& other : sites_[spot.site].gives ? takes_ : gives_) {
      const ContextId context = system_.at(other.location).context;
      if (context == own && system_.at(own).activations == 1) continue;
      if (may_meet(sites_[spot.site], sites_[other.site])) result.push_back(other);
    }
    return result;
  }

  // ------------------------------------------------------------------------------------------- the giver's program

  /// The program of the giver that is being written.
  struct Writing {
    Program program;
    std::vector<std::uint32_t> given;    // temps that hold what is handed over
    std::optional<std::uint32_t> index;  // temp that holds which hand-over it is
  };

  bool join_at(LocationId location) {
    const Program before = separate_[location.value];
    Writing w;
    w.program.temps = before.temps;
    std::vector<std::uint32_t> position;  // of each operation of before
    for (std::size_t i = 0; i < before.ops.size(); ++i) {
      position.push_back(static_cast<std::uint32_t>(w.program.ops.size()));
      const auto site = site_of(before.ops[i]);
      if (!site) {
        own_.push_back(w.program.ops.size());
        w.program.ops.push_back(before.ops[i]);
      } else if (!sites_[*site].gives) {
        w.program.ops.push_back(AssumeOp{table_.constant(0)});
      } else if (!meet({location, i, *site}, before, w)) {
        return false;
      }
    }
    for (const std::size_t at : own_) {
      if (std::uint32_t* target = target_of(w.program.ops[at])) *target = position[*target];
    }
    own_.clear();
    system_.locations[location.value].program = std::move(w.program);
    return true;
  }

  /// Everything that may happen at a `give`: the choice of the other side, and its part of the step.
  bool meet(const Spot& give, const Program& before, Writing& w) {
    const HandOverSite& site = sites_[give.site];
    w.given.clear();
    for (std::size_t i = give.op - site.width; i < give.op; ++i) {
      w.given.push_back(std::get<LetOp>(before.ops[i]).temp.value);
    }
    w.index.reset();
    if (site.is_indexed) w.index = index_temp(before, give.op - site.width - 1);

    const std::vector<Spot> others = partners(give);
    std::vector<ContextId> contexts;
    for (const Spot& other : others) {
      const ContextId context = system_.at(other.location).context;
      if (contexts.empty() || contexts.back() != context) contexts.push_back(context);
    }
    std::vector<std::size_t> ends;  // jumps to behind it all
    fork(w, contexts.size(), names_of(contexts), [&](std::size_t i) {
      const Context& taker = system_.at(contexts[i]);
      fork(w, taker.activations, nullptr, [&](std::size_t a) {
        for (const LocationId other : locations_of(others)) {
          if (system_.at(other).context == contexts[i]) take(give, other, a, w, ends);
        }
        w.program.ops.push_back(AssumeOp{table_.constant(0)});
        ends.push_back(w.program.ops.size());
        w.program.ops.push_back(JumpOp{0});
      });
    });
    if (contexts.empty()) w.program.ops.push_back(AssumeOp{table_.constant(0)});
    for (const std::size_t end : ends) land(w.program, end);
    return is_fine_;
  }

  static void land(Program& program, std::size_t jump) {
    *target_of(program.ops[jump]) = static_cast<std::uint32_t>(program.ops.size());
  }

  /// Contexts as the values of a choice.
  ValueTypePtr names_of(const std::vector<ContextId>& contexts) const {
    auto names = std::make_shared<ValueType>();
    names->kind = ValueType::Kind::Enum;
    for (const ContextId context : contexts) names->names.push_back(system_.at(context).name);
    return names;
  }

  /// One of `count` ways, each written by `way`, which ends with a jump elsewhere. `names`: of the ways; without them, which
  /// one it is does not count.
  template <typename Way>
  void fork(Writing& w, std::size_t count, const ValueTypePtr& names, const Way& way) {
    if (count == 0) return;
    ExprId choice;
    if (count > 1) {
      const TempId temp(w.program.temps++);
      w.program.ops.push_back(
          ChooseOp{temp, 0, static_cast<std::int64_t>(count) - 1, names != nullptr, kOtherSide, names});
      choice = table_.temp(temp);
    }
    for (std::size_t i = 0; i < count; ++i) {
      std::optional<std::size_t> past;
      if (i + 1 < count) {
        past = w.program.ops.size();
        w.program.ops.push_back(BranchOp{table_.equal(choice, table_.constant(static_cast<std::int64_t>(i))), 0});
      }
      way(i);
      if (past) land(w.program, *past);
    }
  }

  /// The part of an activation that stands before a `take`, at `other`; goes on behind it where it does not.
  void take(const Spot& give, LocationId other, std::size_t activation, Writing& w, std::vector<std::size_t>& ends) {
    const Location& location = system_.at(other);
    const Context& context = system_.at(location.context);
    const CellId stands = context.location_cell[activation];
    const std::size_t elsewhere = w.program.ops.size();
    w.program.ops.push_back(BranchOp{stands_at(stands, other), 0});
    const Program& part = separate_[other.value];
    const std::uint32_t first_temp = w.program.temps;
    ExprRewriter rewriter = as_seen_by(activation, first_temp);
    w.program.temps += part.temps;
    std::vector<std::uint32_t> position;  // of each operation of the part
    std::vector<std::size_t> jumps;       // whose targets are positions in the part
    std::size_t received = 0;             // numbers that the Lets behind the `take` have yet to receive
    for (std::size_t i = 0; i < part.ops.size(); ++i) {
      position.push_back(static_cast<std::uint32_t>(w.program.ops.size()));
      if (const auto site = site_of(part.ops[i])) {
        const bool meets = !sites_[*site].gives && may_meet(sites_[give.site], sites_[*site]);
        w.program.ops.push_back(AssumeOp{meets ? same(give, w, {other, i, *site}, first_temp) : table_.constant(0)});
        received = sites_[*site].gives ? 0 : sites_[*site].width;
        continue;
      }
      if (const auto* go = std::get_if<GotoOp>(&part.ops[i])) {
        w.program.ops.push_back(AssignOp{Place{{stands}, {}}, number_of(go->location)});
        ends.push_back(w.program.ops.size());
        w.program.ops.push_back(JumpOp{0});
        continue;
      }
      QUIESCE_CHECK(!std::holds_alternative<EndOp>(part.ops[i])) << "a context ends in the step of a 'take'";
      Op op = part.ops[i];
      rename(op, rewriter, first_temp);
      if (received > 0) {
        std::get<LetOp>(op).value = table_.temp(TempId(w.given.at(w.given.size() - received)));
        --received;
      }
      judge(op, context);
      if (target_of(op) != nullptr) jumps.push_back(w.program.ops.size());
      w.program.ops.push_back(std::move(op));
    }
    for (const std::size_t at : jumps) {
      std::uint32_t& target = *target_of(w.program.ops[at]);
      target = position[target];
    }
    land(w.program, elsewhere);
  }

  ExprId number_of(LocationId location) {
    return table_.constant(static_cast<std::int64_t>(system_.at(location).number));
  }
  ExprId stands_at(CellId cell, LocationId location) { return table_.equal(table_.load(cell), number_of(location)); }

  /// Expressions of a taker's program as the giver sees them: its activation is known, its scratch registers are others.
  ExprRewriter as_seen_by(std::size_t activation, std::uint32_t first_temp) {
    return ExprRewriter(table_, [this, activation, first_temp](ExprId, const Expr& expr) -> std::optional<ExprId> {
      if (std::holds_alternative<SelfActivationExpr>(expr)) {
        return table_.constant(static_cast<std::int64_t>(activation));
      }
      const auto* temp = std::get_if<TempExpr>(&expr);
      if (temp == nullptr || temp->temp.value >= kFirstMarker) return std::nullopt;
      return table_.temp(TempId(temp->temp.value + first_temp));
    });
  }

  static void rename(Op& op, ExprRewriter& rewriter, std::uint32_t first_temp) {
    Program one;
    one.ops.push_back(std::move(op));
    rewriter.rewrite(one);
    op = std::move(one.ops.front());
    if (auto* let = std::get_if<LetOp>(&op)) let->temp = TempId(let->temp.value + first_temp);
    if (auto* choose = std::get_if<ChooseOp>(&op)) choose->temp = TempId(choose->temp.value + first_temp);
  }

  static std::uint32_t index_temp(const Program& program, std::size_t op) {
    return std::get<LetOp>(program.ops[op]).temp.value;
  }

  /// That both sides mean the same hand-over, where that is known only at run time.
  ExprId same(const Spot& give, const Writing& w, const Spot& other, std::uint32_t first_temp) {
    const HandOverSite& a = sites_[give.site];
    const HandOverSite& b = sites_[other.site];
    std::optional<std::uint32_t> index;
    if (b.is_indexed) index = index_temp(separate_[other.location.value], other.op - 1) + first_temp;
    ExprId result = table_.constant(0);
    for (std::size_t i = 0; i < a.cells.size(); ++i) {
      for (std::size_t j = 0; j < b.cells.size(); ++j) {
        if (a.cells[i] != b.cells[j]) continue;
        result = table_.disjunction(result, table_.conjunction(is_at(w.index, i), is_at(index, j)));
      }
    }
    return result;
  }

  ExprId is_at(std::optional<std::uint32_t> index, std::size_t position) {
    if (!index) return table_.constant(1);
    return table_.equal(table_.temp(TempId(*index)), table_.constant(static_cast<std::int64_t>(position)));
  }

  /// A taker has no CPU in the step: it cannot ask for it, and cannot come to a level that needs one.
  void judge(const Op& op, const Context& taker) {
    bool asks = false;
    for_each_expr_of(op, [&](ExprId id) {
      for_each_expr(table_, id,
                    [&](ExprId, const Expr& expr) { asks = asks || std::holds_alternative<CurrentCpuExpr>(expr); });
    });
    const auto* assign = std::get_if<AssignOp>(&op);
    const auto is_own = [&](const std::vector<CellId>& cells) {
      return assign != nullptr && std::find_first_of(cells.begin(), cells.end(), assign->place.cells.begin(),
                                                     assign->place.cells.end()) != cells.end();
    };
    if (!asks && !is_own(taker.level_cell) && !is_own(taker.affinity_cell)) return;
    if (is_fine_) {
      diagnostics_
          .error("E0647", taker.span,
                 asks ? "the step in which this context takes what is handed over asks for 'cpu()', but it is on no "
                        "CPU in it"
                      : "the step in which this context takes what is handed over changes its level, but it is on no "
                        "CPU in it")
          .notes.push_back("a hand-over is a step of the giver; end the step of 'take' before");
    }
    is_fine_ = false;
  }

  // --------------------------------------------------------------------------------------------- the taker's own part

  /// Nothing lies behind the `take`s of a location for a step of its own.
  void block(LocationId location) {
    for (Op& op : system_.locations[location.value].program.ops) {
      if (site_of(op)) op = AssumeOp{table_.constant(0)};
    }
  }

  // --------------------------------------------------------------------------------------------------------- guards

  /// The guard of a location with the hand-overs that it waits for: some other side stands where it can meet it, and what
  /// that waits for besides is true. Which hand-over is meant counts where the text decides it.
  ExprId waits_for(const Location& location) {
    const Spot spot{LocationId(static_cast<std::size_t>(&location - system_.locations.data())), 0, 0};
    return with_markers(location.guard, [&](std::uint32_t site) {
      ExprId result = table_.constant(0);
      for (const Spot& other : partners({spot.location, 0, site})) {
        result = table_.disjunction(result, stands_ready(other, location.context));
      }
      return result;
    });
  }

  ExprId stands_ready(const Spot& other, ContextId asks) {
    const Location& location = system_.at(other.location);
    const Context& context = system_.at(location.context);
    const ExprId ready = with_markers(guards_[other.location.value], [&](std::uint32_t) { return table_.constant(1); });
    ExprId result = table_.constant(0);
    for (std::size_t a = 0; a < context.activations; ++a) {
      ExprId stands = stands_at(context.location_cell[a], other.location);
      if (ready.valid()) stands = table_.conjunction(stands, as_seen_by(a, 0)(ready));
      if (location.context == asks) {
        stands = table_.conjunction(
            stands, table_.not_equal(table_.add(SelfActivationExpr{}), table_.constant(static_cast<std::int64_t>(a))));
      }
      result = table_.disjunction(result, stands);
    }
    return result;
  }

  template <typename Truth>
  ExprId with_markers(ExprId guard, const Truth& truth) {
    ExprRewriter rewriter(table_, [&](ExprId, const Expr& expr) -> std::optional<ExprId> {
      const auto* temp = std::get_if<TempExpr>(&expr);
      return temp != nullptr ? std::optional(truth(temp->temp.value - kFirstMarker)) : std::nullopt;
    });
    return rewriter(guard);
  }

  TransitionSystem& system_;
  ExprTable& table_;
  const std::vector<HandOverSite>& sites_;
  Diagnostics& diagnostics_;
  std::vector<Spot> gives_, takes_;  // by location, then by operation
  std::vector<Program> separate_;    // of all locations, before steps are joined
  std::vector<ExprId> guards_;       // likewise
  std::vector<std::size_t> own_;     // positions of the giver's own operations in the program being written
  bool is_fine_ = true;
};

}  // namespace

bool join_steps(TransitionSystem& system, const std::vector<HandOverSite>& sites, Diagnostics& diagnostics) {
  if (sites.empty()) return true;
  return Joiner(system, sites, diagnostics).join();
}

}  // namespace quiesce::model
