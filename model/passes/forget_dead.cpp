#include "model/passes/forget_dead.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "model/base/patience.h"
#include "model/passes/program_draft.h"
#include "model/passes/sharing.h"
#include "model/system/cell_classes.h"
#include "model/system/cell_set.h"
#include "model/system/control_flow.h"
#include "model/system/joint_steps.h"
#include "model/system/traverse.h"

namespace quiesce::model {
namespace {

/// Forgets what one context does not need any more. Cells are looked at in *units*: the same local of all
/// activations of a handler, or the elements of an array over CPUs (which renaming must be free to permute), or one
/// cell.
class Forgetter {
 public:
  Forgetter(TransitionSystem& system, const Sharing& sharing, ReductionStatistics& statistics, BackMap& map,
            ContextId context)
      : system_(system), statistics_(statistics), map_(map), context_id_(context), cells_(system.cells.size()) {
    find_units(sharing);
  }

  void run() {
    if (units_.empty()) {
      return;
    }
    Context& context = system_.contexts[context_id_.value];
    const CellSet nothing(cells_);
    CellSet live_before_start(cells_);
    std::unordered_map<LocationId, CellSet> live;
    for (const LocationId location : context.locations) {
      live.emplace(location, CellSet(cells_));
    }
    const auto live_at = [&](LocationId location) -> const CellSet& { return live.at(location); };
    for (bool grown = true; grown;) {
      grown = false;
      for (auto location = context.locations.rbegin(); location != context.locations.rend(); ++location) {
        ask_patience();
        CellSet before = live_before(system_.at(*location).program, live_at, live_before_start);
        add_waiting_reads(system_.at(*location), before);
        grown |= live.at(*location).unite(before);
      }
      if (context.kind == ContextKind::Handler) {
        grown |= live_before_start.unite(live_before(context.start, live_at, live_before_start));
      }
    }

    for (const LocationId location : context.locations) add_dead(live.at(location), map_.dead[location.value]);
    add_dead(live_before_start, map_.dead_at_rest[context_id_.value]);

    // Initial values that nothing reads.
    const bool thread = context.kind == ContextKind::Thread;
    const CellSet& live_initially = thread ? live.at(context.entry) : live_before_start;
    const CellSet initially_kept = drop_initial(live_initially);

    for (const LocationId id : context.locations) {
      ask_patience();
      Location& location = system_.locations[id.value];
      CellSet dirty = live.at(id);
      if (thread && id == context.entry) {
        dirty.unite(initially_kept);
      }
      insert_resets(location.program, std::move(dirty), live_at, live_before_start);
    }
    if (!thread) {
      CellSet dirty = live_before_start;
      dirty.unite(initially_kept);
      insert_resets(context.start, std::move(dirty), live_at, live_before_start);
    }
  }

 private:
  struct Unit {
    std::vector<Place> places;  // to write rest values to; each either one cell or a local by `self`
    bool exact = true;          // a write to its only place overwrites it entirely
  };

  void find_units(const Sharing& sharing) {
    const Context& context = system_.at(context_id_);
    // Where each local of a concurrent handler stands in the lists of locals.
    std::unordered_map<CellId, std::size_t> local_position;
    if (context.activations > 1) {
      for (const std::vector<CellId>& locals : context.local_cells) {
        for (std::size_t j = 0; j < locals.size(); ++j) {
          local_position[locals[j]] = j;
        }
      }
      self_ = system_.expressions.add(SelfActivationExpr{});
    }
    std::vector<bool> eligible(cells_, false);
    for (std::size_t i = 0; i < cells_; ++i) eligible[i] = sharing.mentioned_by[i] == context_id_.value;
    CellClasses units(cells_);
    std::vector<bool> inexact(cells_, false);
    if (context.activations > 1) {
      for (const std::vector<CellId>& locals : context.local_cells) {
        for (std::size_t j = 0; j < locals.size(); ++j) {
          units.unite(context.local_cells.front()[j], locals[j]);
        }
      }
    }
    for (const CpuBlocks& blocks : system_.cpu_blocks) {
      for (const CellId first : blocks.first) {
        for (std::uint32_t j = 0; j < blocks.length; ++j) {
          const CellId a{std::size_t{blocks.first.front().value} + j};
          const CellId b{std::size_t{first.value} + j};
          units.unite(a, b);
          inexact[a.value] = true;
          inexact[b.value] = true;
        }
      }
    }
    unit_of_.clear();
    for (const std::uint32_t name : units.names()) unit_of_.emplace_back(name);
    std::unordered_map<CellId, std::vector<CellId>> members;
    for (std::size_t i = 0; i < cells_; ++i) {
      members[unit_of_[i]].push_back(CellId(i));
    }
    for (std::size_t i = 0; i < cells_; ++i) {
      const CellId name(i);
      if (unit_of_[i] != name) {
        continue;
      }
      const std::vector<CellId>& cells = members[name];
      // Arrays over CPUs that nothing mentions in part are still forgotten as a whole or not at all.
      bool good = std::any_of(cells.begin(), cells.end(), [&](CellId cell) { return eligible[cell.value]; }) &&
                  std::all_of(cells.begin(), cells.end(), [&](CellId cell) {
                    return eligible[cell.value] || sharing.mentioned_by[cell.value] == Sharing::kNone;
                  });
      Unit unit;
      std::set<std::size_t> positions;
      for (const CellId cell : cells) {
        unit.exact = unit.exact && !inexact[cell.value];
        if (context.activations == 1) {
          unit.places.push_back(Place{{cell}, ExprId()});
          continue;
        }
        const auto position = local_position.find(cell);
        if (position == local_position.end()) {
          good = false;
          break;
        }
        if (positions.insert(position->second).second) {
          Place place;
          for (const std::vector<CellId>& locals : context.local_cells) {
            place.cells.push_back(locals[position->second]);
            good = good && system_.at(locals[position->second]).rest == system_.at(cell).rest;
          }
          place.index = self_;
          unit.places.push_back(std::move(place));
        }
      }
      unit.exact = unit.exact && unit.places.size() == 1;
      if (good) {
        units_.emplace(name, std::move(unit));
      }
    }
  }

  /// Units that `id` reads. Remembered: expressions are shared by many programs.
  const CellSet& reads_of(ExprId id) {
    if (const auto found = reads_.find(id); found != reads_.end()) {
      return found->second;
    }
    CellSet cells(cells_);
    add_reads(system_, id, cells);
    CellSet units(cells_);
    cells.for_each([&](CellId cell) { units.insert(unit_of_[cell.value]); });
    return reads_.emplace(id, std::move(units)).first->second;
  }

  /// The unit that an assignment to `place` overwrites entirely (for the running activation).
  std::optional<CellId> overwritten(const Place& place) const {
    const CellId unit = unit_of_[place.cells.front().value];
    const auto found = units_.find(unit);
    if (found == units_.end() || !found->second.exact || found->second.places.front() != place) {
      return std::nullopt;
    }
    return unit;
  }

  template <typename LiveAt>
  CellSet live_before(const Program& program, const LiveAt& live_at, const CellSet& live_at_end) {
    std::vector<CellSet> before(program.ops.size() + 1, CellSet(cells_));
    for (std::size_t i = program.ops.size(); i-- > 0;) {
      const Op& op = program.ops[i];
      CellSet live = before[i + 1];
      if (const auto* jump = std::get_if<GotoOp>(&op)) {
        live = live_at(jump->location);
      } else if (std::holds_alternative<EndOp>(op)) {
        live = live_at_end;
      } else if (const auto* way = std::get_if<JumpOp>(&op)) {
        live = before[way->target];
      } else if (const auto* branch = std::get_if<BranchOp>(&op)) {
        live.unite(before[branch->otherwise]);
      } else if (const auto* assign = std::get_if<AssignOp>(&op)) {
        if (const auto unit = overwritten(assign->place)) {
          live.erase(*unit);
        }
      }
      for_each_expr_of(op, [&](ExprId id) { live.unite(reads_of(id)); });
      before[i] = std::move(live);
    }
    return before.front();
  }

  void add_waiting_reads(const Location& location, CellSet& live) {
    if (location.guard.valid()) {
      live.unite(reads_of(location.guard));
    }
    if (location.lock && location.lock->index.valid()) {
      live.unite(reads_of(location.lock->index));
    }
  }

  /// Adds the cells of units that are not live.
  void add_dead(const CellSet& live, CellSet& dead) const {
    for (const auto& [name, unit] : units_) {
      if (live.contains(name)) continue;
      for (const Place& place : unit.places) dead.insert(place);
    }
  }

  /// Drops initial values of units that are dead at the beginning; returns the dead ones that must stay.
  CellSet drop_initial(const CellSet& live_initially) {
    CellSet read_initially(cells_);
    for (const InitialAssign& assign : system_.initial) {
      if (assign.value.valid()) {
        read_initially.unite(reads_of(assign.value));
      }
    }
    for (const ExprId condition : system_.initial_conditions) {
      read_initially.unite(reads_of(condition));
    }
    CellSet kept(cells_);
    std::vector<InitialAssign> initial;
    for (const InitialAssign& assign : system_.initial) {
      const CellId unit = unit_of_[assign.cell.value];
      const bool dead = units_.count(unit) > 0 && !live_initially.contains(unit);
      if (dead && !read_initially.contains(unit)) {
        ++statistics_.initial_dropped;
        continue;
      }
      if (dead) {
        kept.insert(unit);
      }
      initial.push_back(assign);
    }
    system_.initial = std::move(initial);
    return kept;
  }

  /// Puts resets in front of each Goto and End for the units that may hold something (`dirty` at the beginning) that
  /// is not needed there.
  template <typename LiveAt>
  void insert_resets(Program& program, CellSet dirty, const LiveAt& live_at, const CellSet& live_at_end) {
    std::vector<CellSet> before(program.ops.size() + 1, CellSet(cells_));
    std::vector<std::vector<Op>> resets(program.ops.size());
    before[0] = std::move(dirty);
    for (std::size_t i = 0; i < program.ops.size(); ++i) {
      const Op& op = program.ops[i];
      CellSet after = before[i];
      const auto reset_dead = [&](const CellSet& live) {
        before[i].for_each([&](CellId name) {
          const auto unit = units_.find(name);
          if (unit == units_.end() || live.contains(name)) {
            return;
          }
          for (const Place& place : unit->second.places) {
            AssignOp reset;
            reset.place = place;
            reset.value = system_.expressions.constant(system_.at(place.cells.front()).rest);
            reset.forgets = true;
            resets[i].push_back(std::move(reset));
            ++statistics_.forgotten;
          }
        });
      };
      if (const auto* assign = std::get_if<AssignOp>(&op)) {
        std::int64_t value = 0;
        const auto unit = overwritten(assign->place);
        if (unit && system_.expressions.is_constant(assign->value, &value) &&
            value == system_.at(assign->place.cells.front()).rest) {
          after.erase(*unit);
        } else {
          for (const CellId cell : assign->place.cells) {
            after.insert(unit_of_[cell.value]);
          }
        }
        before[i + 1].unite(after);
      } else if (const auto* branch = std::get_if<BranchOp>(&op)) {
        before[i + 1].unite(after);
        before[branch->otherwise].unite(after);
      } else if (const auto* way = std::get_if<JumpOp>(&op)) {
        before[way->target].unite(after);
      } else if (const auto* jump = std::get_if<GotoOp>(&op)) {
        reset_dead(live_at(jump->location));
      } else if (std::holds_alternative<EndOp>(op)) {
        reset_dead(live_at_end);
      } else {
        before[i + 1].unite(after);
      }
    }
    ProgramDraft draft(program);
    for (std::size_t i = program.ops.size(); i-- > 0;) {  // from the back: positions before stay
      if (!resets[i].empty()) {
        resets[i].push_back(draft.ops[i]);
        const std::vector<bool> keep(resets[i].size(), false);
        draft.splice(i, resets[i], keep);
      }
    }
    program = std::move(draft).take();
  }

  TransitionSystem& system_;
  ReductionStatistics& statistics_;
  BackMap& map_;
  ContextId context_id_;
  std::size_t cells_;
  ExprId self_;
  std::vector<CellId> unit_of_;             // per cell: the unit's name
  std::unordered_map<CellId, Unit> units_;  // those that this context may forget
  std::unordered_map<ExprId, CellSet> reads_;
};

}  // namespace

Passed forget_dead(TransitionSystem system, ReductionStatistics& statistics) {
  if (has_joint_steps(system)) return unchanged(std::move(system));
  BackMap map = identity_map(system);
  const Sharing sharing(system);
  for (std::size_t k = 0; k < system.contexts.size(); ++k) {
    Forgetter(system, sharing, statistics, map, ContextId(k)).run();
  }
  return {std::move(system), std::move(map)};
}

}  // namespace quiesce::model
