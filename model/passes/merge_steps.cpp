#include "model/passes/merge_steps.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/strong_components.hpp>

#include "model/base/patience.h"
#include "model/passes/inline_steps.h"
#include "model/passes/sharing.h"
#include "model/system/control_flow.h"
#include "model/system/joint_steps.h"
#include "model/system/location_numbers.h"
#include "model/system/may_write.h"
#include "model/system/traverse.h"

namespace quiesce::model {
namespace {

constexpr std::int64_t kMostSilentChoices = 8;  // of one Choose in a silent location

class Merger {
 public:
  Merger(TransitionSystem& system, ReductionStatistics& statistics)
      : system_(system), statistics_(statistics), sharing_(system) {}

  BackMap run() {
    BackMap map = identity_map(system_);
    statistics_.left_alone = 0;
    find_silent();
    for (Context& context : system_.contexts) {
      break_cycles(context);
    }
    add_written(map);
    StepInliner inliner(system_, statistics_,
                        [this](std::optional<LocationId>, LocationId to) { return is_silent(to); });
    for (std::size_t i = 0; i < system_.locations.size(); ++i) {
      ask_patience(system_.locations[i].span);
      if (!may_stay_pinned_after(system_.locations[i])) system_.locations[i].program = inliner.expanded(LocationId(i));
    }
    for (Context& context : system_.contexts) {
      if (context.kind == ContextKind::Handler && !may_stay_pinned_after_start(context)) {
        merge_into_start(context, inliner);
      }
    }
    map.passed = std::move(silent_);
    return map;
  }

 private:
  bool is_silent(LocationId id) const { return silent_[id.value]; }

  /// What the steps of silent locations write.
  void add_written(BackMap& map) const {
    for (std::size_t i = 0; i < system_.locations.size(); ++i) {
      if (!silent_[i]) continue;
      CellSet& own = map.own[system_.locations[i].context.value];
      for (const Op& op : system_.locations[i].program.ops) {
        if (const auto* assign = std::get_if<AssignOp>(&op)) own.insert(assign->place);
      }
    }
  }

  void find_silent() {
    const SeenPlaces seen(system_);
    const bool exact = asks_for_deadlocks();
    const std::optional<MayWrite> may_write = exact ? std::optional<MayWrite>(system_) : std::nullopt;
    const CellSet waited = exact ? waited_for() : CellSet();
    silent_.assign(system_.locations.size(), false);
    for (std::size_t i = 0; i < system_.locations.size(); ++i) {
      const Location& location = system_.locations[i];
      silent_[i] = location.mergeable && location.wait == WaitKind::None && !location.guard.valid() && !location.lock &&
                   leads_where_it_looks_alike(LocationId(i), seen) && touches_nothing_shared(location) &&
                   (!may_write || is_as_stuck_behind(LocationId(i), *may_write, waited));
    }
  }

  /// Whether no question about where contexts stand can tell the state before the location's step from the one after
  /// it.
  bool leads_where_it_looks_alike(LocationId id, const SeenPlaces& seen) const {
    bool alike = true;
    for_each_goto(system_.at(id).program, [&](LocationId to) { alike = alike && seen.look_alike(id, to); });
    return alike;
  }

  /// Whether deadlocks are asked for. A state that breaks core.stuck ends its runs, and the
  /// deadlock is often the state behind it: merging must not come to a stuck state earlier than the text does.
  bool asks_for_deadlocks() const {
    return std::any_of(system_.properties.begin(), system_.properties.end(), [&](const Property& property) {
      return property.kind == PropertyKind::DeadlockFree &&
             std::find(system_.checked.begin(), system_.checked.end(), property.rule) != system_.checked.end();
    });
  }

  /// Cells on which a wait, the start of a handler or an action depends.
  CellSet waited_for() const {
    CellSet reads(system_.cells.size());
    const auto add = [&](ExprId expr) {
      if (expr.valid()) add_reads(system_, expr, reads);
    };
    for (const Context& context : system_.contexts) {
      add(context.condition);
      if (const auto* one = std::get_if<OnOne>(&context.cpus)) {
        add(one->cpu);
      } else if (const auto* set = std::get_if<OnSet>(&context.cpus)) {
        for (const ExprId allowed : set->allowed) add(allowed);
      }
    }
    for (const Location& location : system_.locations) {
      add(location.guard);
      if (location.lock && location.lock->index.valid()) add(location.lock->index);
    }
    for (const Action& action : system_.actions) add(action.guard);
    return reads;
  }

  /// Whether core.stuck (docs/semantics.md, 5) judges the states before and after the location's step alike: it leads
  /// to no wait, and what others wait for may be written afterwards by the same contexts as before.
  bool is_as_stuck_behind(LocationId id, const MayWrite& may_write, const CellSet& waited) const {
    bool alike = true;
    for_each_goto(system_.at(id).program, [&](LocationId to) {
      const Location& target = system_.at(to);
      alike = alike && target.wait == WaitKind::None && !target.guard.valid() && !target.lock;
      CellSet lost = may_write.from(id);
      lost.subtract(may_write.from(to));
      alike = alike && !lost.intersects(waited);
    });
    return alike;
  }

  /// Whether running the location's program can neither be noticed nor be influenced by another context.
  bool touches_nothing_shared(const Location& location) const {
    const std::uint32_t k = location.context.value;
    const Context& context = system_.contexts[k];
    const Program& program = location.program;
    if (program.uses_cpu) {
      return false;
    }
    const auto may_read = [&](const Place& place) {
      if (context.activations == 1 || is_self(place.index)) {
        if (place.cells == context.level_cell) {
          return true;  // only its own programs, its start and its end change it
        }
      }
      return std::all_of(place.cells.begin(), place.cells.end(), [&](CellId cell) {
        const std::uint32_t mention = sharing_.mentioned_by[cell.value];
        const std::uint32_t writer = sharing_.written_by[cell.value];
        return mention == k || writer == Sharing::kNone || (writer == k && context.activations == 1);
      });
    };
    const auto may_mention = [&](ExprId root) {
      bool fine = true;
      for_each_expr(system_.expressions, root, [&](ExprId, const Expr& expr) {
        if (const auto* load = std::get_if<LoadExpr>(&expr)) {
          fine = fine && may_read(load->place);
        } else if (std::holds_alternative<IdleExpr>(expr) || std::holds_alternative<CurrentCpuExpr>(expr)) {
          fine = false;
        }
      });
      return fine;
    };
    bool fine = true;
    // A copy stops where a check fails; it must have changed nothing by then. Backward jumps do not exist, so "an
    // assignment stands before it" is safe for "may have been executed before it".
    bool changed = false;
    for (const Op& op : program.ops) {
      for_each_expr_of(op, [&](ExprId id) { fine = fine && may_mention(id); });
      fine = fine && std::visit(Overloaded{
                                    [&](const AssignOp& o) {
                                      changed = true;
                                      return std::all_of(o.place.cells.begin(), o.place.cells.end(), [&](CellId cell) {
                                        return sharing_.mentioned_by[cell.value] == k;
                                      });
                                    },
                                    [](const LetOp&) { return true; },
                                    [](const ChooseOp& o) { return o.hi - o.lo < kMostSilentChoices; },
                                    [](const BranchOp&) { return true; },
                                    [](const JumpOp&) { return true; },
                                    [&](const CheckOp& o) { return !changed || !can_fail(system_, o); },
                                    [](const AssumeOp&) { return false; },
                                    [](const StatementOp&) { return true; },
                                    [](const EnterOp&) { return true; },
                                    [](const LeaveOp&) { return true; },
                                    [](const GotoOp&) { return true; },
                                    [](const EndOp&) { return false; },
                                },
                                op);
      if (!fine) {
        return false;
      }
    }
    return true;
  }

  /// Whether the step may leave its context pinned below the pin level (docs/semantics.md 3.6). Such a context
  /// stands still until the urgent handlers of its CPU have run, perhaps forever: what comes after would be seen too
  /// early, a wait by core.stuck and a check as executed.
  bool may_stay_pinned_after(const Location& location) const {
    const Context& context = system_.at(location.context);
    const auto is_urgent = [](const Context& one) { return one.urgent; };
    if (std::none_of(system_.contexts.begin(), system_.contexts.end(), is_urgent)) return false;
    if (context.kind == ContextKind::Handler && context.start_level >= system_.pin_level) return false;
    const auto lowers = [&](const Op& op) {
      const auto* assign = std::get_if<AssignOp>(&op);
      if (assign == nullptr || assign->place.cells != context.level_cell) return false;
      std::int64_t level = 0;
      return !system_.expressions.is_constant(assign->value, &level) || level < system_.pin_level;
    };
    const std::vector<Op>& ops = location.program.ops;
    return location.program.uses_cpu || std::any_of(ops.begin(), ops.end(), lowers);
  }

  /// The same of the start of a handler.
  bool may_stay_pinned_after_start(const Context& context) const {
    return context.start_level < system_.pin_level && context.start.uses_cpu;
  }

  /// The first silent statements of a handler are done in the step that starts it.
  void merge_into_start(Context& context, StepInliner& inliner) {
    ask_patience(context.span);
    context.start = inliner.expanded_start(context);
    bool enters = false;
    std::optional<LocationId> first;
    for_each_goto(context.start, [&](LocationId to) {
      enters = enters || to == context.entry;
      if (!first) first = to;
    });
    if (!enters && first) context.entry = *first;
  }

  bool is_self(ExprId index) const {
    return index.valid() && std::holds_alternative<SelfActivationExpr>(system_.at(index));
  }

  /// Takes one location of every cycle of silent locations out of the silent ones: one that the cycle is entered by.
  void break_cycles(const Context& context) {
    using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;
    const std::size_t size = context.locations.size();
    for (;;) {
      ask_patience();
      Graph graph(size);
      for (const LocationId from : context.locations) {
        if (is_silent(from)) {
          for_each_goto(system_.at(from).program, [&](LocationId to) {
            if (is_silent(to)) {
              boost::add_edge(system_.at(from).number - 1, system_.at(to).number - 1, graph);
            }
          });
        }
      }
      std::vector<std::size_t> component(size);
      const auto components = static_cast<std::size_t>(boost::strong_components(
          graph, boost::make_iterator_property_map(component.begin(), get(boost::vertex_index, graph))));
      std::vector<std::size_t> members(components);
      for (const std::size_t c : component) {
        ++members[c];
      }
      // Per component with a cycle: its first location that is entered from outside, else its first.
      std::vector<LocationId> chosen(components);
      std::vector<bool> entered(size, false);
      const auto enter = [&](LocationId to, std::size_t from_component) {
        if (component[system_.at(to).number - 1] != from_component) {
          entered[system_.at(to).number - 1] = true;
        }
      };
      enter(context.entry, components);
      for (const LocationId from : context.locations) {
        for_each_goto(system_.at(from).program,
                      [&](LocationId to) { enter(to, component[system_.at(from).number - 1]); });
      }
      bool cyclic = false;
      for (const bool want_entered : {true, false}) {
        for (const LocationId location : context.locations) {
          const std::size_t v = system_.at(location).number - 1;
          const std::size_t c = component[v];
          const bool on_cycle = members[c] > 1 || boost::edge(v, v, graph).second;
          if (on_cycle && !chosen[c].valid() && entered[v] == want_entered) {
            chosen[c] = location;
            cyclic = true;
          }
        }
      }
      if (!cyclic) {
        return;
      }
      for (const LocationId location : chosen) {
        if (location.valid()) {
          silent_[location.value] = false;
        }
      }
    }
  }

  TransitionSystem& system_;
  ReductionStatistics& statistics_;
  Sharing sharing_;
  std::vector<bool> silent_;
};

}  // namespace

Passed merge_steps(TransitionSystem system, ReductionStatistics& statistics) {
  if (has_joint_steps(system)) return unchanged(std::move(system));
  BackMap map = Merger(system, statistics).run();
  return {std::move(system), std::move(map)};
}

}  // namespace quiesce::model
