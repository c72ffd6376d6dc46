#include "model/passes/slice.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "model/base/patience.h"
#include "model/system/cell_set.h"
#include "model/system/joint_steps.h"
#include "model/system/jumps.h"
#include "model/system/traverse.h"

namespace quiesce::model {
namespace {

/// Operations that change nothing and are there for stories.
bool is_told_only(const Op& op) {
  return std::holds_alternative<StatementOp>(op) || std::holds_alternative<EnterOp>(op) ||
         std::holds_alternative<LeaveOp>(op);
}

class Slicer {
 public:
  Slicer(TransitionSystem& system, ReductionStatistics& statistics)
      : system_(system), statistics_(statistics), map_(identity_map(system)), cone_(system.cells.size()) {}

  BackMap run() {
    find_wanted();
    find_groups();
    for_each_program(system_, [&](Program& program) { parts_.push_back({&program, {}, {}, {}, true}); });
    for (std::size_t a = 0; a < system_.actions.size(); ++a) {
      parts_[parts_.size() - system_.actions.size() + a].lives = keep_actions_;
    }
    add_roots();
    do {
      changed_ = false;
      for (Part& part : parts_) {
        ask_patience();
        grow(part);
      }
      close_groups();
    } while (changed_);
    for (Part& part : parts_) {
      ask_patience();
      cut(part);
    }
    drop_actions();
    drop_properties();
    drop_cells();
    return std::move(map_);
  }

 private:
  /// One program and what of it is in the slice.
  struct Part {
    Program* program;
    std::unordered_set<ExprId> marked;
    std::vector<bool> temps;     // scratch registers that matter
    std::vector<bool> branches;  // per operation: a branch that decides something
    bool lives = true;           // false: an action that does nothing so far
  };

  void find_wanted() {
    wanted_.assign(system_.rules.size(), false);
    for (std::size_t r = 0; r < system_.rules.size(); ++r) wanted_[r] = system_.rules[r].core;
    for (const RuleId rule : system_.checked) wanted_[rule.value] = true;
    for (const Property& property : system_.properties) {
      keep_actions_ |= property.kind == PropertyKind::DeadlockFree && wanted_[property.rule.value];
    }
    const bool has_objects = std::any_of(system_.instances.begin(), system_.instances.end(),
                                         [](const Instance& instance) { return instance.life.has_value(); });
    for (std::size_t r = 0; r < system_.rules.size(); ++r) {
      keep_actions_ |= has_objects && wanted_[r] && system_.rules[r].name == "life.leaked";
    }
  }

  // --------------------------------------------------------------------------------------- the cone

  void include(CellId cell) {
    if (cone_.contains(cell)) return;
    cone_.insert(cell);
    changed_ = true;
  }

  void include_reads(ExprId root) {
    CellSet reads(system_.cells.size());
    add_reads(system_, root, reads);
    reads.for_each([&](CellId cell) { include(cell); });
  }

  void add_roots() {
    for (const Context& context : system_.contexts) {
      for (const auto* cells :
           {&context.location_cell, &context.level_cell, &context.cpu_cell, &context.affinity_cell}) {
        for (const CellId cell : *cells) include(cell);
      }
      if (context.condition.valid()) include_reads(context.condition);
      if (const auto* one = std::get_if<OnOne>(&context.cpus)) {
        include_reads(one->cpu);
      } else if (const auto* set = std::get_if<OnSet>(&context.cpus)) {
        for (const ExprId allowed : set->allowed) include_reads(allowed);
      }
    }
    for (const Location& location : system_.locations) {
      if (location.guard.valid()) include_reads(location.guard);
      if (location.lock) {
        for (const CellId cell : location.lock->cells) include(cell);
        if (location.lock->index.valid()) include_reads(location.lock->index);
      }
    }
    for (const Lock& lock : system_.locks) {
      include(lock.holder);
      if (lock.saved) include(*lock.saved);
    }
    for (const Instance& instance : system_.instances) {
      if (instance.life) include(*instance.life);
    }
    for (const Property& property : system_.properties) {
      if (!wanted_[property.rule.value]) continue;
      if (property.condition.valid()) include_reads(property.condition);
      if (property.trigger.valid()) include_reads(property.trigger);
    }
    for (const ExprId condition : system_.initial_conditions) include_reads(condition);
  }

  /// Cells of which all are in the cone when one is.
  void find_groups() {
    for (const Variable& variable : system_.variables) {
      std::vector<CellId> cells;
      for (std::uint32_t i = 0; i < cell_count(*variable.type); ++i) {
        cells.emplace_back(std::size_t{variable.first.value} + i);
      }
      groups_.push_back(std::move(cells));
    }
    for (const CpuBlocks& blocks : system_.cpu_blocks) {
      for (std::uint32_t j = 0; j < blocks.length; ++j) {
        std::vector<CellId> cells;
        for (const CellId first : blocks.first) cells.emplace_back(std::size_t{first.value} + j);
        groups_.push_back(std::move(cells));
      }
    }
    for (const Context& context : system_.contexts) {
      if (context.activations < 2 || context.local_cells.empty()) continue;
      for (std::size_t j = 0; j < context.local_cells.front().size(); ++j) {
        std::vector<CellId> cells;
        for (const std::vector<CellId>& locals : context.local_cells) cells.push_back(locals[j]);
        groups_.push_back(std::move(cells));
      }
    }
  }

  void close_groups() {
    for (const std::vector<CellId>& group : groups_) {
      const bool some = std::any_of(group.begin(), group.end(), [&](CellId cell) { return cone_.contains(cell); });
      if (some) {
        for (const CellId cell : group) include(cell);
      }
    }
    for (const InitialAssign& assign : system_.initial) {
      if (cone_.contains(assign.cell) && assign.value.valid()) include_reads(assign.value);
    }
  }

  /// Whether `op` is part of the slice as far as it is known; branches are asked for apart.
  bool counts(const Op& op, const Part& part) const {
    return std::visit(Overloaded{
                          [&](const AssignOp& o) {
                            return std::any_of(o.place.cells.begin(), o.place.cells.end(),
                                               [&](CellId cell) { return cone_.contains(cell); });
                          },
                          [&](const LetOp& o) { return bool{part.temps[o.temp.value]}; },
                          [&](const ChooseOp& o) { return bool{part.temps[o.temp.value]}; },
                          [](const BranchOp&) { return false; },
                          [](const JumpOp&) { return false; },
                          [&](const CheckOp& o) { return bool{wanted_[o.rule.value]}; },
                          [](const AssumeOp&) { return true; },
                          [](const StatementOp&) { return false; },
                          [](const EnterOp&) { return false; },
                          [](const LeaveOp&) { return false; },
                          [](const GotoOp&) { return true; },
                          [](const EndOp&) { return true; },
                      },
                      op);
  }

  void mark(ExprId root, Part& part) {
    if (!root.valid() || !part.marked.insert(root).second) return;
    for_each_expr(system_.expressions, root, [&](ExprId, const Expr& expr) {
      if (const auto* load = std::get_if<LoadExpr>(&expr)) {
        for (const CellId cell : load->place.cells) include(cell);
      } else if (const auto* temp = std::get_if<TempExpr>(&expr)) {
        if (!part.temps[temp->temp.value]) {
          part.temps[temp->temp.value] = true;
          changed_ = true;
        }
      }
    });
  }

  /// Adds to the cone what the operations of a program need that are in the slice.
  void grow(Part& part) {
    const std::vector<Op>& ops = part.program->ops;
    part.temps.resize(part.program->temps, false);
    part.branches.resize(ops.size(), false);
    if (!part.lives) {
      part.lives = std::any_of(ops.begin(), ops.end(), [&](const Op& op) {
        return (std::holds_alternative<AssignOp>(op) || std::holds_alternative<CheckOp>(op)) && counts(op, part);
      });
      if (!part.lives) return;
      changed_ = true;
    }
    find_branches(part);
    for (std::size_t i = 0; i < ops.size(); ++i) {
      const Op& op = ops[i];
      if (const auto* branch = std::get_if<BranchOp>(&op)) {
        if (part.branches[i]) mark(branch->condition, part);
        continue;
      }
      if (!counts(op, part)) continue;
      if (const auto* assign = std::get_if<AssignOp>(&op)) {
        for (const CellId cell : assign->place.cells) include(cell);
      }
      for_each_expr_of(op, [&](ExprId id) { mark(id, part); });
    }
  }

  /// A branch decides nothing when what counts is the same on both ways, to their ends. Numbers for what is to come,
  /// equal for equal futures; from the back. While the slice grows futures only become more different: what counts
  /// stays, so futures that differ go on to differ.
  void find_branches(Part& part) const {
    const std::vector<Op>& ops = part.program->ops;
    std::map<std::vector<std::int64_t>, std::int64_t> known;
    const auto number_of = [&](std::vector<std::int64_t> key) {
      return known.emplace(std::move(key), static_cast<std::int64_t>(known.size())).first->second;
    };
    std::vector<std::int64_t> future(ops.size() + 1, -1);
    const auto id = [](ExprId expr) { return expr.valid() ? static_cast<std::int64_t>(expr.value) : -1; };
    for (std::size_t i = ops.size(); i-- > 0;) {
      const std::int64_t next = future[i + 1];
      const auto kind = static_cast<std::int64_t>(ops[i].index());
      if (const auto* branch = std::get_if<BranchOp>(&ops[i])) {
        const std::int64_t otherwise = future[branch->otherwise];
        if (next != otherwise) part.branches[i] = true;
        future[i] = part.branches[i] ? number_of({kind, id(branch->condition), next, otherwise}) : next;
      } else if (const auto* jump = std::get_if<JumpOp>(&ops[i])) {
        future[i] = future[jump->target];
      } else if (!counts(ops[i], part)) {
        future[i] = next;
      } else if (const auto* assign = std::get_if<AssignOp>(&ops[i])) {
        std::vector<std::int64_t> key = {kind, id(assign->value), id(assign->place.index), next};
        for (const CellId cell : assign->place.cells) key.push_back(cell.value);
        future[i] = number_of(std::move(key));
      } else if (const auto* let = std::get_if<LetOp>(&ops[i])) {
        future[i] = number_of({kind, let->temp.value, id(let->value), next});
      } else if (const auto* choose = std::get_if<ChooseOp>(&ops[i])) {
        future[i] = number_of({kind, choose->temp.value, choose->lo, choose->hi, choose->counted, next});
      } else if (const auto* assume = std::get_if<AssumeOp>(&ops[i])) {
        future[i] = number_of({kind, id(assume->condition), next});
      } else if (const auto* go = std::get_if<GotoOp>(&ops[i])) {
        future[i] = number_of({kind, go->location.value});
      } else if (std::holds_alternative<EndOp>(ops[i])) {
        future[i] = number_of({kind});
      } else {
        future[i] = number_of({kind, static_cast<std::int64_t>(i), next});  // a check: each stands for itself
      }
    }
  }

  // ---------------------------------------------------------------------------------------- the cut

  bool reads_only_cone(ExprId root, const Part& part) const {
    bool fine = true;
    for_each_expr(system_.expressions, root, [&](ExprId, const Expr& expr) {
      if (const auto* load = std::get_if<LoadExpr>(&expr)) {
        fine = fine && std::all_of(load->place.cells.begin(), load->place.cells.end(),
                                   [&](CellId cell) { return cone_.contains(cell); });
      } else if (const auto* temp = std::get_if<TempExpr>(&expr)) {
        fine = fine && part.temps[temp->temp.value];
      }
    });
    return fine;
  }

  void cut(Part& part) {
    if (!part.lives) return;  // its action is dropped
    std::vector<Op>& ops = part.program->ops;
    const std::vector<std::uint32_t> ways_to = count_ways(ops);

    // Branches that decide nothing go the way of `otherwise`. What is told on it would be told of the other way too, so
    // it is not told, up to where the two ways meet.
    std::vector<bool> gone(ops.size(), false);
    std::vector<Op> cut_ops = ops;
    for (std::size_t i = 0; i < ops.size(); ++i) {
      const auto* branch = std::get_if<BranchOp>(&ops[i]);
      if (branch == nullptr || part.branches[i]) continue;
      cut_ops[i] = JumpOp{branch->otherwise};
      std::size_t at = branch->otherwise;
      std::uint32_t depth = 0;
      while (at < ops.size() && ways_to[at] == 1) {
        if (const auto* jump = std::get_if<JumpOp>(&ops[at])) {
          at = jump->target;
          continue;
        }
        if (std::holds_alternative<GotoOp>(ops[at]) || std::holds_alternative<EndOp>(ops[at]) ||
            std::holds_alternative<BranchOp>(ops[at])) {
          break;
        }
        if (std::holds_alternative<EnterOp>(ops[at])) ++depth;
        if (auto* leave = std::get_if<LeaveOp>(&cut_ops[at]); leave != nullptr && depth == 0) {
          leave->result.clear();
          leave->type = nullptr;
        } else {
          if (leave != nullptr) --depth;
          gone[at] = gone[at] || is_told_only(ops[at]);
        }
        ++at;
      }
    }
    const std::vector<std::uint32_t> still_to = count_ways(cut_ops);
    std::vector<Op> kept;
    std::vector<std::uint32_t> moved_to(ops.size() + 1, 0);
    for (std::size_t i = 0; i < cut_ops.size(); ++i) {
      moved_to[i] = static_cast<std::uint32_t>(kept.size());
      Op& op = cut_ops[i];
      if (gone[i] || still_to[i] == 0) continue;
      if (const auto* jump = std::get_if<JumpOp>(&op); jump != nullptr && jump->target == i + 1) continue;
      const bool stays = std::holds_alternative<BranchOp>(op) || std::holds_alternative<JumpOp>(op) ||
                         is_told_only(op) || counts(op, part);
      if (!stays) continue;
      if (auto* enter = std::get_if<EnterOp>(&op)) {
        std::erase_if(enter->arguments, [&](const EnterOp::Argument& argument) {
          return !std::all_of(argument.cells.begin(), argument.cells.end(),
                              [&](ExprId id) { return reads_only_cone(id, part); });
        });
      } else if (auto* leave = std::get_if<LeaveOp>(&op)) {
        if (!std::all_of(leave->result.begin(), leave->result.end(),
                         [&](ExprId id) { return reads_only_cone(id, part); })) {
          leave->result.clear();
          leave->type = nullptr;
        }
      }
      kept.push_back(std::move(op));
    }
    moved_to[ops.size()] = static_cast<std::uint32_t>(kept.size());
    for (Op& op : kept) {
      if (std::uint32_t* target = target_of(op)) *target = moved_to[*target];
    }
    ops = std::move(kept);
  }

  /// Per operation: from how many operations control reaches it (the beginning counts as one).
  static std::vector<std::uint32_t> count_ways(const std::vector<Op>& ops) {
    std::vector<std::uint32_t> ways(ops.size() + 1, 0);
    ways[0] = 1;
    for (std::size_t i = 0; i < ops.size(); ++i) {  // jumps lead forward
      if (ways[i] == 0) continue;
      if (const auto* jump = std::get_if<JumpOp>(&ops[i])) {
        ++ways[jump->target];
        continue;
      }
      if (std::holds_alternative<GotoOp>(ops[i]) || std::holds_alternative<EndOp>(ops[i])) continue;
      if (const auto* branch = std::get_if<BranchOp>(&ops[i])) ++ways[branch->otherwise];
      ++ways[i + 1];
    }
    return ways;
  }

  void drop_actions() {
    const std::size_t first = parts_.size() - system_.actions.size();
    std::vector<Action> kept;
    map_.actions.clear();
    for (std::size_t a = 0; a < system_.actions.size(); ++a) {
      if (!parts_[first + a].lives) continue;
      kept.push_back(std::move(system_.actions[a]));
      map_.actions.emplace_back(a);
    }
    statistics_.actions_sliced += system_.actions.size() - kept.size();
    system_.actions = std::move(kept);
  }

  void drop_properties() {
    std::erase_if(system_.properties, [&](const Property& property) { return !wanted_[property.rule.value]; });
  }

  void drop_cells() {
    for (std::size_t i = 0; i < system_.cells.size(); ++i) {
      Cell& cell = system_.cells[i];
      if (cone_.contains(CellId(i))) continue;
      if (cell.lo != cell.hi) map_.sliced.insert(CellId(i));
      cell.lo = cell.hi = cell.rest;
      cell.kind = CellKind::Plain;
    }
    for (Variable& variable : system_.variables) {
      if (variable.hidden || cell_count(*variable.type) == 0 || cone_.contains(variable.first)) continue;
      variable.hidden = true;
      ++statistics_.variables_sliced;
    }
    std::erase_if(system_.initial, [&](const InitialAssign& assign) { return !cone_.contains(assign.cell); });
    std::erase_if(system_.cpu_blocks, [&](const CpuBlocks& blocks) {
      for (const CellId first : blocks.first) {
        for (std::uint32_t j = 0; j < blocks.length; ++j) {
          if (cone_.contains(CellId(std::size_t{first.value} + j))) return false;
        }
      }
      return true;
    });
  }

  TransitionSystem& system_;
  ReductionStatistics& statistics_;
  BackMap map_;
  CellSet cone_;
  std::vector<bool> wanted_;  // by rule
  bool keep_actions_ = false;
  std::vector<std::vector<CellId>> groups_;
  std::vector<Part> parts_;  // in the order of for_each_program: actions last
  bool changed_ = false;
};

}  // namespace

Passed slice(TransitionSystem system, ReductionStatistics& statistics) {
  if (has_joint_steps(system)) return unchanged(std::move(system));
  BackMap map = Slicer(system, statistics).run();
  return {std::move(system), std::move(map)};
}

}  // namespace quiesce::model
