#include "model/system/reduce.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/strong_components.hpp>

#include "model/base/check.h"
#include "model/system/control_flow.h"
#include "model/system/traverse.h"

namespace quiesce::model {

namespace {

// A merged program stays readable and its outcomes few; beyond these a Goto is left alone.
constexpr std::size_t kMostOps = 200;
constexpr std::int64_t kMostOutcomes = 16;   // product of the choices on one way
constexpr std::int64_t kMostChoices = 8;     // of one Choose in a silent location

// --------------------------------------------------------------------------- who mentions which cell

/// For each cell, which contexts mention and write it.
struct Sharing {
  static constexpr std::uint32_t kNobody = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::uint32_t kShared = kNobody - 1;

  std::vector<std::uint32_t> mentioned_by;  // a context's index, kNobody or kShared
  std::vector<std::uint32_t> written_by;    // likewise; the scheduler counts as somebody else

  explicit Sharing(const TransitionSystem& system)
      : mentioned_by(system.cells.size(), kNobody), written_by(system.cells.size(), kNobody) {
    const auto mark = [](std::vector<std::uint32_t>& by, CellId cell, std::uint32_t who) {
      std::uint32_t& known = by[cell.value];
      known = known == kNobody || known == who ? who : kShared;
    };
    const auto add_program = [&](const Program& program, std::uint32_t who) {
      const ProgramUse use = use_of(system, program);
      use.reads.for_each([&](CellId cell) { mark(mentioned_by, cell, who); });
      use.writes.for_each([&](CellId cell) {
        mark(mentioned_by, cell, who);
        mark(written_by, cell, who);
      });
    };
    const auto add_expr = [&](ExprId expr, std::uint32_t who) {
      CellSet reads(system.cells.size());
      add_reads(system, expr, reads);
      reads.for_each([&](CellId cell) { mark(mentioned_by, cell, who); });
    };
    const auto share = [&](CellId cell) {
      mentioned_by[cell.value] = kShared;
      written_by[cell.value] = kShared;
    };

    for (std::uint32_t k = 0; k < system.contexts.size(); ++k) {
      const Context& context = system.contexts[k];
      add_program(context.start, k);
      // Conditions are looked at by the scheduler whenever anybody steps.
      if (context.condition.valid()) {
        add_expr(context.condition, kShared);
      }
      if (const auto* one = std::get_if<OnOne>(&context.cpus)) {
        add_expr(one->cpu, kShared);
      } else if (const auto* set = std::get_if<OnSet>(&context.cpus)) {
        for (const ExprId allowed : set->allowed) {
          add_expr(allowed, kShared);
        }
      }
    }
    for (const Location& location : system.locations) {
      add_program(location.program, location.context.value);
      if (location.guard.valid()) {
        add_expr(location.guard, location.context.value);
      }
      if (location.lock) {
        for (const CellId cell : location.lock->cells) {
          share(cell);
        }
        if (location.lock->index.valid()) {
          add_expr(location.lock->index, location.context.value);
        }
      }
    }
    for (const Action& action : system.actions) {
      add_program(action.program, kShared);
      add_expr(action.guard, kShared);
    }
    for (const Property& property : system.properties) {
      for (const ExprId expr : {property.condition, property.trigger}) {
        if (expr.valid()) {
          add_expr(expr, kShared);
        }
      }
    }
    for (const Lock& lock : system.locks) {
      share(lock.holder);
      if (lock.saved) {
        share(*lock.saved);
      }
    }
    for (const Instance& instance : system.instances) {
      if (instance.life) {
        share(*instance.life);
      }
    }
    for (const Context& context : system.contexts) {
      for (const std::vector<CellId>* cells :
           {&context.location_cell, &context.level_cell, &context.cpu_cell, &context.affinity_cell}) {
        for (const CellId cell : *cells) {
          share(cell);
        }
      }
      // What is not a local of its own is shared between the activations of one handler.
      if (context.activations > 1) {
        CellSet locals(system.cells.size());
        for (const std::vector<CellId>& cells : context.local_cells) {
          for (const CellId cell : cells) {
            locals.insert(cell);
          }
        }
        const auto k = static_cast<std::uint32_t>(&context - system.contexts.data());
        for (std::size_t i = 0; i < system.cells.size(); ++i) {
          if (mentioned_by[i] == k && !locals.contains(CellId(i))) {
            share(CellId(i));
          }
        }
      }
    }
  }
};

// --------------------------------------------------------------------------------------- programs

/// A program under construction: like Program, with a mark for Gotos that must stay.
struct Draft {
  std::vector<Op> ops;
  std::vector<bool> keep;  // per operation; meaningful for Goto
  std::uint32_t temps = 0;
  bool uses_cpu = false;

  explicit Draft(const Program& program)
      : ops(program.ops), keep(program.ops.size(), false), temps(program.temps), uses_cpu(program.uses_cpu) {}

  Program take() && { return Program{std::move(ops), temps, uses_cpu}; }

  /// Replaces operation `at` by `body`; jumps to `at` reach its first operation.
  void splice(std::size_t at, const std::vector<Op>& body, const std::vector<bool>& body_keep) {
    const std::size_t grown = body.size() - 1;
    for (Op& op : ops) {
      shift_jumps(op, [&](std::uint32_t target) {
        return target > at ? target + static_cast<std::uint32_t>(grown) : target;
      });
    }
    const auto position = static_cast<std::ptrdiff_t>(at);
    ops.erase(ops.begin() + position);
    keep.erase(keep.begin() + position);
    ops.insert(ops.begin() + position, body.begin(), body.end());
    keep.insert(keep.begin() + position, body_keep.begin(), body_keep.end());
    for (std::size_t i = at; i < at + body.size(); ++i) {
      shift_jumps(ops[i], [&](std::uint32_t target) { return target + static_cast<std::uint32_t>(at); });
    }
  }

  template <typename Shift>
  static void shift_jumps(Op& op, Shift shift) {
    if (auto* branch = std::get_if<BranchOp>(&op)) {
      branch->otherwise = shift(branch->otherwise);
    } else if (auto* jump = std::get_if<JumpOp>(&op)) {
      jump->target = shift(jump->target);
    }
  }
};

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

// ----------------------------------------------------------------------------------------- merging

/// Location numbers that expressions compare a context's location cell with.
struct MentionedNumbers {
  std::vector<std::set<std::int64_t>> numbers;  // per context
  std::vector<bool> opaque;                     // its location cells are used in another way
};

/// Which cells are location cells, and whose.
struct LocationCells {
  std::vector<std::uint32_t> owner;  // per cell: context index + 1; 0 = not a location cell

  explicit LocationCells(const TransitionSystem& system) : owner(system.cells.size(), 0) {
    for (std::uint32_t k = 0; k < system.contexts.size(); ++k) {
      for (const CellId cell : system.contexts[k].location_cell) {
        owner[cell.value] = k + 1;
      }
    }
  }

  /// The one context whose location cells `place` names, and no other cells.
  std::optional<std::uint32_t> context_of(const Place& place) const {
    const std::uint32_t first = owner[place.cells.front().value];
    const bool all = first != 0 && std::all_of(place.cells.begin(), place.cells.end(),
                                               [&](CellId cell) { return owner[cell.value] == first; });
    return all ? std::optional<std::uint32_t>(first - 1) : std::nullopt;
  }
};

/// `expr` as a comparison of a context's location cell with a number.
struct LocationTest {
  std::uint32_t context = 0;
  std::int64_t number = 0;
  BinaryOp op = BinaryOp::Equal;
};

std::optional<LocationTest> location_test(const ExprTable& table, const LocationCells& cells, const Expr& expr) {
  const auto* binary = std::get_if<BinaryExpr>(&expr);
  if (binary == nullptr || (binary->op != BinaryOp::Equal && binary->op != BinaryOp::NotEqual)) {
    return std::nullopt;
  }
  LocationTest test;
  test.op = binary->op;
  const auto* load = std::get_if<LoadExpr>(&table[binary->left]);
  if (load == nullptr || !table.is_constant(binary->right, &test.number)) {
    return std::nullopt;
  }
  const std::optional<std::uint32_t> context = cells.context_of(load->place);
  if (!context) {
    return std::nullopt;
  }
  test.context = *context;
  return test;
}

MentionedNumbers mentioned_numbers(const TransitionSystem& system, const LocationCells& cells) {
  MentionedNumbers result{std::vector<std::set<std::int64_t>>(system.contexts.size()),
                          std::vector<bool>(system.contexts.size(), false)};
  // A load that is the left side of a test is fine there and would be opaque elsewhere, so tests are not entered.
  std::unordered_set<ExprId> seen;
  std::vector<ExprId> open;
  const auto push = [&](ExprId id) {
    if (seen.insert(id).second) {
      open.push_back(id);
    }
  };
  const auto scan = [&](ExprId root) {
    push(root);
    while (!open.empty()) {
      const Expr& expr = system.at(open.back());
      open.pop_back();
      if (const auto test = location_test(system.expressions, cells, expr)) {
        result.numbers[test->context].insert(test->number);
        const ExprId index = std::get<LoadExpr>(system.at(std::get<BinaryExpr>(expr).left)).place.index;
        if (index.valid()) {
          push(index);
        }
        continue;
      }
      if (const auto* load = std::get_if<LoadExpr>(&expr)) {
        for (const CellId cell : load->place.cells) {
          if (cells.owner[cell.value] != 0) {
            result.opaque[cells.owner[cell.value] - 1] = true;
          }
        }
      }
      for_each_operand(expr, push);
    }
  };
  for_each_expr_outside_programs(system, scan);
  for_each_program(system, [&](const Program& program) {
    for (const Op& op : program.ops) {
      for_each_expr_of(op, scan);
    }
  });
  return result;
}

class Merger {
 public:
  Merger(TransitionSystem& system, ReductionStatistics& statistics)
      : system_(system), statistics_(statistics), sharing_(system), location_cells_(system) {}

  void run() {
    find_silent();
    for (Context& context : system_.contexts) {
      break_cycles(context);
    }
    for (Location& location : system_.locations) {
      originals_.push_back(location.program);
    }
    for (std::size_t i = 0; i < system_.locations.size(); ++i) {
      Draft draft(originals_[i]);
      expand(draft);
      system_.locations[i].program = std::move(draft).take();
    }
  }

 private:
  bool is_silent(LocationId id) const { return silent_[id.value]; }

  void find_silent() {
    const MentionedNumbers mentioned = mentioned_numbers(system_, location_cells_);
    silent_.assign(system_.locations.size(), false);
    for (std::size_t i = 0; i < system_.locations.size(); ++i) {
      const Location& location = system_.locations[i];
      const std::uint32_t k = location.context.value;
      silent_[i] = location.mergeable && location.wait == WaitKind::None && !location.guard.valid() &&
                   !location.lock && mentioned.numbers[k].count(location.number) == 0 && touches_nothing_shared(location);
    }
  }

  /// Whether running the location's program can neither be noticed nor be influenced by anybody else.
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
        return mention == k || writer == Sharing::kNobody || (writer == k && context.activations == 1);
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
                                    [](const ChooseOp& o) { return o.hi - o.lo < kMostChoices; },
                                    [](const BranchOp&) { return true; },
                                    [](const JumpOp&) { return true; },
                                    [&](const CheckOp& o) { return !changed || !can_fail(o); },
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

  bool can_fail(const CheckOp& check) const {
    std::int64_t value = 0;
    return !system_.expressions.is_constant(check.condition, &value) || value == 0;
  }

  bool is_self(ExprId index) const {
    return index.valid() && std::holds_alternative<SelfActivationExpr>(system_.at(index));
  }

  /// Takes one location of every cycle of silent locations out of the silent ones: one that the cycle is entered by.
  void break_cycles(const Context& context) {
    using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;
    const std::size_t size = context.locations.size();
    for (;;) {
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

  /// Replaces the Gotos of `draft` to silent locations by what is done there, as far as the limits allow.
  void expand(Draft& draft) {
    const std::uint32_t first_temp = draft.temps;
    for (std::size_t i = 0; i < draft.ops.size(); ++i) {
      const auto* jump = std::get_if<GotoOp>(&draft.ops[i]);
      if (jump == nullptr || draft.keep[i] || !is_silent(jump->location)) {
        continue;
      }
      const Draft& body = body_of(jump->location);
      if (draft.ops.size() + body.ops.size() > kMostOps) {
        draft.keep[i] = true;
        continue;
      }
      // Ways that reach this Goto, and no others, go on in the copy: every Goto ends its way, so all copies can use
      // the same temps.
      std::vector<Op> copy = body.ops;
      shift_temps(copy, first_temp);
      Draft longer = draft;
      longer.splice(i, copy, std::vector<bool>(copy.size(), true));
      if (outcomes_of(longer.ops) > kMostOutcomes && outcomes_of(longer.ops) > outcomes_of(draft.ops)) {
        draft.keep[i] = true;
        continue;
      }
      longer.temps = std::max(draft.temps, first_temp + body.temps);
      draft = std::move(longer);
      i += copy.size() - 1;
      ++statistics_.merged;
    }
  }

  /// What a Goto to the silent `location` is replaced by: its program, guarded by its checks, itself expanded.
  /// Ends because silent locations form no cycle.
  const Draft& body_of(LocationId location) {
    if (const auto found = bodies_.find(location); found != bodies_.end()) {
      return found->second;
    }
    Draft body = guarded(location);
    expand(body);
    return bodies_.emplace(location, std::move(body)).first->second;
  }

  /// The location's program where each check first tries whether it would fail, and if so stands still in front of it.
  /// Operations without effect at the beginning are ordered so that a story does not tell a statement twice.
  Draft guarded(LocationId location) const {
    const Program& program = originals_[location.value];
    Draft draft(program);
    std::vector<Op> ops;
    std::vector<std::uint32_t> moved_to(program.ops.size() + 1);  // jump targets
    const auto may_stop = [&](const Op& op) {
      const auto* check = std::get_if<CheckOp>(&op);
      return check != nullptr && can_fail(*check);
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
      Draft::shift_jumps(op, [&](std::uint32_t target) {
        stops |= target == kStop;
        return target == kStop ? stop : moved_to[target];
      });
    }
    draft.ops = std::move(ops);
    draft.keep.assign(draft.ops.size(), false);
    if (stops) {
      draft.ops.push_back(GotoOp{location});
      draft.keep.push_back(true);
    }
    return draft;
  }

  void shift_temps(std::vector<Op>& ops, std::uint32_t by) {
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

  TransitionSystem& system_;
  ReductionStatistics& statistics_;
  Sharing sharing_;
  LocationCells location_cells_;
  std::vector<bool> silent_;
  std::vector<Program> originals_;
  std::unordered_map<LocationId, Draft> bodies_;
};

// --------------------------------------------------------------------------------- fewer locations

/// Adds `location` and what can follow it to `known`, which is closed under successors.
void add_with_successors(const TransitionSystem& system, LocationId location, std::vector<LocationId>& known) {
  if (std::find(known.begin(), known.end(), location) != known.end()) {
    return;
  }
  std::size_t next = known.size();
  known.push_back(location);
  while (next < known.size()) {
    for_each_goto(system.at(known[next++]).program, [&](LocationId to) {
      if (std::find(known.begin(), known.end(), to) == known.end()) {
        known.push_back(to);
      }
    });
  }
}

/// Per location: no way leads to it and its program checks a rule. The text of such a check is still there, and a rule
/// that is checked somewhere is told from one that is checked nowhere.
std::vector<bool> find_dead_checks(const TransitionSystem& system) {
  std::vector<bool> dead(system.locations.size());
  for (std::size_t i = 0; i < system.locations.size(); ++i) {
    const std::vector<Op>& ops = system.locations[i].program.ops;
    dead[i] = std::any_of(ops.begin(), ops.end(), [](const Op& op) { return std::holds_alternative<CheckOp>(op); });
  }
  for (std::size_t k = 0; k < system.contexts.size(); ++k) {
    for (const LocationId location : ControlFlow(system, ContextId(k)).reachable()) {
      dead[location.value] = false;
    }
  }
  return dead;
}

/// Drops locations that no way leads to, but for those with `dead_checks`, and renumbers the others.
void drop_unreachable(TransitionSystem& system, const std::vector<bool>& dead_checks) {
  const LocationCells cells(system);
  const MentionedNumbers mentioned = mentioned_numbers(system, cells);
  constexpr std::uint32_t kDropped = std::numeric_limits<std::uint32_t>::max();

  std::vector<std::uint32_t> new_index(system.locations.size(), kDropped);
  std::vector<std::vector<std::uint32_t>> new_number(system.contexts.size());  // [context][old number], 0 = dropped
  std::vector<bool> kept(system.locations.size(), false);
  for (std::uint32_t k = 0; k < system.contexts.size(); ++k) {
    Context& context = system.contexts[k];
    std::vector<LocationId> reachable = context.locations;
    if (!mentioned.opaque[k]) {
      reachable = ControlFlow(system, ContextId(std::size_t{k})).reachable();
      add_with_successors(system, context.entry, reachable);  // a start may never complete, but a context has an entry
      for (const LocationId location : context.locations) {
        if (dead_checks[location.value]) {
          add_with_successors(system, location, reachable);
        }
      }
      std::sort(reachable.begin(), reachable.end(),
                [&](LocationId x, LocationId y) { return system.at(x).number < system.at(y).number; });
    }
    new_number[k].assign(context.locations.size() + 1, 0);
    for (const LocationId location : reachable) {
      kept[location.value] = true;
    }
    context.locations = std::move(reachable);
    for (std::size_t i = 0; i < context.locations.size(); ++i) {
      Location& location = system.locations[context.locations[i].value];
      new_number[k][location.number] = static_cast<std::uint32_t>(i + 1);
      location.number = static_cast<std::uint32_t>(i + 1);
    }
  }

  // Indices, keeping the order of the table.
  std::vector<Location> locations;
  for (std::size_t i = 0; i < system.locations.size(); ++i) {
    if (kept[i]) {
      new_index[i] = static_cast<std::uint32_t>(locations.size());
      locations.push_back(std::move(system.locations[i]));
    }
  }
  system.locations = std::move(locations);
  const auto moved = [&](LocationId old) {
    QUIESCE_CHECK(new_index[old.value] != kDropped) << "location " << old.value << " was dropped, but is needed";
    return LocationId(std::size_t{new_index[old.value]});
  };
  for (Context& context : system.contexts) {
    context.entry = moved(context.entry);
    for (LocationId& location : context.locations) {
      location = moved(location);
    }
  }
  for_each_program(system, [&](Program& program) {
    for (Op& op : program.ops) {
      if (auto* jump = std::get_if<GotoOp>(&op)) {
        jump->location = moved(jump->location);
      }
    }
  });

  // Numbers in expressions. A test for a dropped location is false for ever.
  const auto number_now = [&](std::uint32_t context, std::int64_t old) -> std::optional<std::int64_t> {
    if (old <= 0 || old >= static_cast<std::int64_t>(new_number[context].size())) {
      return old;  // 0: not running; beyond: never true before nor after
    }
    const std::uint32_t now = new_number[context][static_cast<std::size_t>(old)];
    return now == 0 ? std::nullopt : std::optional<std::int64_t>(now);
  };
  ExprTable& table = system.expressions;
  ExprRewriter rewriter(table, [&](ExprId id, const Expr& expr) -> std::optional<ExprId> {
    const auto test = location_test(table, cells, expr);
    if (!test) {
      return std::nullopt;
    }
    const std::optional<std::int64_t> now = number_now(test->context, test->number);
    if (!now) {
      return table.constant(test->op == BinaryOp::NotEqual);
    }
    if (*now == test->number) {
      return id;
    }
    const ExprId cell = std::get<BinaryExpr>(expr).left;
    return table.binary(test->op, cell, table.constant(*now));
  });
  const auto rewrite = [&](ExprId& id) {
    if (id.valid()) {
      id = rewriter(id);
    }
  };
  for_each_program(system, [&](Program& program) { rewriter.rewrite(program); });
  for (Context& context : system.contexts) {
    rewrite(context.condition);
    if (auto* one = std::get_if<OnOne>(&context.cpus)) {
      rewrite(one->cpu);
    } else if (auto* set = std::get_if<OnSet>(&context.cpus)) {
      for (ExprId& allowed : set->allowed) {
        rewrite(allowed);
      }
    }
  }
  for (Location& location : system.locations) {
    rewrite(location.guard);
    if (location.lock) {
      location.lock = rewriter(*location.lock);
    }
  }
  for (Action& action : system.actions) {
    rewrite(action.guard);
  }
  for (Property& property : system.properties) {
    rewrite(property.condition);
    rewrite(property.trigger);
  }
  for (ExprId& condition : system.initial_conditions) {
    rewrite(condition);
  }

  // Numbers in cells: domains, rest values and initial values of location cells.
  for (InitialAssign& assign : system.initial) {
    rewrite(assign.value);
    std::int64_t number = 0;
    if (cells.owner[assign.cell.value] != 0 && table.is_constant(assign.value, &number)) {
      const auto now = number_now(cells.owner[assign.cell.value] - 1, number);
      QUIESCE_CHECK(now.has_value()) << "a context begins at a location that was dropped";
      assign.value = table.constant(*now);
    }
  }
  for (std::uint32_t k = 0; k < system.contexts.size(); ++k) {
    for (const CellId id : system.contexts[k].location_cell) {
      Cell& cell = system.cells[id.value];
      const auto rest = number_now(k, cell.rest);
      QUIESCE_CHECK(rest.has_value()) << "a context begins at a location that was dropped";
      cell.rest = *rest;
      cell.hi = static_cast<std::int64_t>(system.contexts[k].locations.size());
    }
  }
}

// -------------------------------------------------------------------------------------- forgetting

/// Forgets what one context does not need any more. Cells are looked at in *units*: the same local of all
/// activations of a handler, or the elements of an array over CPUs (which renaming must be free to permute), or one cell.
class Forgetter {
 public:
  Forgetter(TransitionSystem& system, const Sharing& sharing, ReductionStatistics& statistics, ContextId context)
      : system_(system), statistics_(statistics), context_id_(context), cells_(system.cells.size()) {
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
        CellSet before = live_before(system_.at(*location).program, live_at, live_before_start);
        add_waiting_reads(system_.at(*location), before);
        grown |= live.at(*location).unite(before);
      }
      if (context.kind == ContextKind::Handler) {
        grown |= live_before_start.unite(live_before(context.start, live_at, live_before_start));
      }
    }

    // Initial values that nobody will read.
    const bool thread = context.kind == ContextKind::Thread;
    const CellSet& live_initially = thread ? live.at(context.entry) : live_before_start;
    const CellSet initially_kept = drop_initial(live_initially);

    for (const LocationId id : context.locations) {
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
    unit_of_.assign(cells_, CellId());
    std::vector<bool> eligible(cells_, false);
    for (std::size_t i = 0; i < cells_; ++i) {
      eligible[i] = sharing.mentioned_by[i] == context_id_.value;
      unit_of_[i] = CellId(i);
    }
    // A union-find over cells; the least cell of a unit names it.
    const auto find = [&](CellId cell) {
      while (unit_of_[cell.value] != cell) {
        cell = unit_of_[cell.value];
      }
      return cell;
    };
    std::vector<bool> inexact(cells_, false);
    const auto unite = [&](CellId a, CellId b) {
      a = find(a);
      b = find(b);
      if (a == b) {
        return;
      }
      if (b < a) {
        std::swap(a, b);
      }
      unit_of_[b.value] = a;
    };
    if (context.activations > 1) {
      for (const std::vector<CellId>& locals : context.local_cells) {
        for (std::size_t j = 0; j < locals.size(); ++j) {
          unite(context.local_cells.front()[j], locals[j]);
        }
      }
    }
    for (const CpuBlocks& blocks : system_.cpu_blocks) {
      for (const CellId first : blocks.first) {
        for (std::uint32_t j = 0; j < blocks.length; ++j) {
          const CellId a{std::size_t{blocks.first.front().value} + j};
          const CellId b{std::size_t{first.value} + j};
          unite(a, b);
          inexact[a.value] = true;
          inexact[b.value] = true;
        }
      }
    }
    for (std::size_t i = 0; i < cells_; ++i) {
      unit_of_[i] = find(CellId(i));
    }
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
                    return eligible[cell.value] || sharing.mentioned_by[cell.value] == Sharing::kNobody;
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
    Draft draft(program);
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
  ContextId context_id_;
  std::size_t cells_;
  ExprId self_;
  std::vector<CellId> unit_of_;                 // per cell: the unit's name
  std::unordered_map<CellId, Unit> units_;      // those that this context may forget
  std::unordered_map<ExprId, CellSet> reads_;
};

}  // namespace

TransitionSystem reduce(const TransitionSystem& system, ReductionStatistics* statistics) {
  ReductionStatistics counts;
  counts.locations_before = system.locations.size();
  TransitionSystem result = system;
  const std::vector<bool> dead_checks = find_dead_checks(result);
  Merger(result, counts).run();
  drop_unreachable(result, dead_checks);
  const Sharing sharing(result);
  for (std::size_t k = 0; k < result.contexts.size(); ++k) {
    Forgetter(result, sharing, counts, ContextId(k)).run();
  }
  counts.locations_after = result.locations.size();
  if (statistics != nullptr) {
    *statistics = counts;
  }
  return result;
}

}  // namespace quiesce::model
