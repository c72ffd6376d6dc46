#include "model/elaborate/complete_system.h"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "model/base/internal_check.h"
#include "model/elaborate/joint_steps.h"
#include "model/system/jumps.h"
#include "model/system/traverse.h"
#include "model/types/builtin.h"

namespace quiesce::model {

namespace {

// ----------------------------------------------------------------------------- transparent locations

/// Inlines, at the end of `prefix`'s program, the program of the location it goes to: temps and jumps are moved.
class TransparentLocations {
 public:
  TransparentLocations(Design& design, const CodeNotes& notes)
      : design_(design), system_(design.system()), transparent_(notes.transparent), state_(transparent_.size(), 0) {}

  bool resolve_all() {
    for (std::size_t i = 0; i < transparent_.size(); ++i) {
      if (transparent_[i] && !resolve(i)) return false;
    }
    // Jumps to a location that does nothing but go on lead there directly.
    for (Location& location : system_.locations) redirect(location.program);
    for (Context& context : system_.contexts) {
      redirect(context.start);
      context.entry = direct(context.entry);
    }
    return true;
  }

 private:
  LocationId only_goto(const Location& location) const {
    if (!location.labels.empty() || location.program.ops.size() != 1) return LocationId{};
    if (const auto* go = std::get_if<GotoOp>(&location.program.ops[0])) return go->location;
    return LocationId{};
  }

  bool resolve(std::size_t index) {
    if (state_[index] == 2) return true;
    Location& location = system_.locations[index];
    if (state_[index] == 1) {
      design_.diagnostics().error(
          "E0636", system_.at(location.context).span,
          fmt::format("a loop in '{}' never takes a step: it needs at least one statement that does",
                      system_.at(location.context).name));
      return false;
    }
    state_[index] = 1;
    const auto* go = std::get_if<GotoOp>(&location.program.ops.back());
    QUIESCE_CHECK(go != nullptr) << "a location without a step ends with Goto";
    const LocationId target = go->location;
    if (transparent_[target.value] && !resolve(target.value)) return false;
    const Location& next = system_.at(direct(target));
    const bool alias = location.labels.empty() && location.program.ops.size() == 1;
    if (alias) {
      aliases_.resize(transparent_.size());
      aliases_[index] = aliases_[target.value].valid() ? aliases_[target.value] : target;
    } else {
      Program& program = location.program;
      program.ops.pop_back();
      location.guard = may_break(program, next.guard);
      append(program, next.program);
      location.span = next.span;
      location.wait = next.wait;
      location.lock = next.lock;
      location.mergeable = next.mergeable;
      // A context that stands here stands before that statement: 'at LABEL' must not miss it.
      location.labels.insert(location.labels.end(), next.labels.begin(), next.labels.end());
      // What waits there waits in the functions of that statement: those whose end it has come to do not keep it.
      if (next.wait != WaitKind::None || location.inside.size() < next.inside.size()) location.inside = next.inside;
    }
    state_[index] = 2;
    return true;
  }

  /// The guard of a location that judges checks before the statement that `guard` blocks: what can break a core rule
  /// there can take that step, whatever it would wait for after it.
  ExprId may_break(const Program& checks, ExprId guard) {
    if (!guard.valid()) return guard;
    ExprTable& table = system_.expressions;
    for (const Op& op : checks.ops) {
      const auto* check = std::get_if<CheckOp>(&op);
      if (check == nullptr || !system_.at(check->rule).core) continue;
      guard = table.disjunction(guard, table.negation(check->condition));
    }
    return guard;
  }

  void append(Program& program, const Program& tail) {
    const auto offset = static_cast<std::uint32_t>(program.ops.size());
    const std::uint32_t temps = program.temps;
    QUIESCE_CHECK(temps == 0) << "checks use no scratch registers";
    for (Op op : tail.ops) {
      if (std::uint32_t* target = target_of(op)) *target += offset;
      program.ops.push_back(std::move(op));
    }
    program.temps = std::max(program.temps, tail.temps);
  }

  LocationId direct(LocationId id) const {
    if (id.valid() && id.value < aliases_.size() && aliases_[id.value].valid()) return aliases_[id.value];
    return id;
  }

  void redirect(Program& program) {
    for (Op& op : program.ops) {
      if (auto* go = std::get_if<GotoOp>(&op)) go->location = direct(go->location);
    }
  }

  Design& design_;
  TransitionSystem& system_;
  const std::vector<bool>& transparent_;
  std::vector<char> state_;  // 0 untouched, 1 in progress, 2 done
  std::vector<LocationId> aliases_ = std::vector<LocationId>(transparent_.size());
};

// -------------------------------------------------------------------------------------------- numbers

/// Keeps the locations that are reachable in their context's control flow, numbered in the order in which a reader
/// would follow the code.
void number_locations(TransitionSystem& system, std::vector<LocationId>& new_id) {
  new_id.assign(system.locations.size(), LocationId{});
  std::vector<Location> kept;
  for (Context& context : system.contexts) {
    std::vector<LocationId> order;
    std::vector<LocationId> stack = {context.entry};
    std::vector<bool> seen(system.locations.size(), false);
    while (!stack.empty()) {
      const LocationId id = stack.back();
      stack.pop_back();
      if (!id.valid() || seen[id.value]) continue;
      seen[id.value] = true;
      order.push_back(id);
      const Program& program = system.at(id).program;
      for (std::size_t i = program.ops.size(); i-- > 0;) {
        if (const auto* go = std::get_if<GotoOp>(&program.ops[i])) stack.push_back(go->location);
      }
    }
    context.locations.clear();
    for (const LocationId id : order) {
      new_id[id.value] = LocationId(kept.size());
      Location location = system.locations[id.value];
      location.number = static_cast<std::uint32_t>(context.locations.size() + 1);
      context.locations.push_back(LocationId(kept.size()));
      kept.push_back(std::move(location));
    }
  }
  const auto renumber = [&](Program& program) {
    for (Op& op : program.ops) {
      if (auto* go = std::get_if<GotoOp>(&op)) go->location = new_id[go->location.value];
    }
  };
  for (Location& location : kept) renumber(location.program);
  system.locations = std::move(kept);
  for (Context& context : system.contexts) {
    renumber(context.start);
    context.entry = new_id[context.entry.value];
    for (const CellId cell : context.location_cell) {
      system.cells[cell.value].hi = static_cast<std::int64_t>(context.locations.size());
    }
  }
}

// --------------------------------------------------------------------------------------- placeholders

/// Endless loops from whose body constants took the steps away take one themselves, so that they are seen to go round.
void give_steps(Design& design, CodeNotes& notes) {
  const auto& locations = design.system().locations;
  const auto next = [&](LocationId id) { return std::get<GotoOp>(locations[id.value].program.ops.back()).location; };
  for (const LocationId head : notes.may_lack_steps) {
    LocationId at = next(head);
    for (std::size_t i = 0; i < locations.size() && at != head && notes.transparent[at.value]; ++i) at = next(at);
    if (at != head) continue;
    notes.transparent[head.value] = false;
    auto& ops = design.system().locations[head.value].program.ops;  // which has no jumps
    ops.insert(ops.begin(), StatementOp{locations[head.value].span});
  }
}

/// Expressions in terms of location cells for what was left open.
class LateExpressions {
 public:
  LateExpressions(Design& design, CodeNotes& notes) : design_(design), system_(design.system()), notes_(notes) {}

  void resolve() {
    // A new table: ids of old expressions map to new ones in order, so that sub-expressions come first.
    remember_guards();
    design_.forget_intervals();
    const ExprTable old = system_.expressions;
    system_.expressions = ExprTable{};
    std::vector<ExprId> fresh(old.size());
    for (std::size_t i = 0; i < old.size(); ++i) {
      const ExprId id(i);
      if (const auto* load = std::get_if<LoadExpr>(&old[id]);
          load != nullptr && load->place.cells[0].value >= kFirstPlaceholder) {
        fresh[i] = truth(notes_.placeholders[load->place.cells[0].value - kFirstPlaceholder]);
        continue;
      }
      fresh[i] = rebuild(old[id], fresh);
    }
    const auto map = [&](ExprId& id) {
      if (id.valid()) id = fresh[id.value];
    };
    const auto map_all = [&](Program& program) {
      for (Op& op : program.ops) change_exprs(op, [&](ExprId id) { return fresh[id.value]; });
    };
    for_each_program(system_, map_all);
    for (Reaction& reaction : notes_.reactions) {
      map(reaction.event);
      map(reaction.condition);
      for (CheckOp& check : reaction.checks) map(check.condition);
      map_all(reaction.program);
    }
    for (Location& location : system_.locations) {
      map(location.guard);
      if (location.lock) map(location.lock->index);
    }
    for (Context& context : system_.contexts) {
      map(context.condition);
      if (auto* one = std::get_if<OnOne>(&context.cpus)) map(one->cpu);
      if (auto* set = std::get_if<OnSet>(&context.cpus)) {
        for (ExprId& allowed : set->allowed) map(allowed);
      }
    }
    for (Action& action : system_.actions) map(action.guard);
    for (Property& property : system_.properties) {
      map(property.condition);
      map(property.trigger);
    }
    for (TemporalProperty& property : system_.temporal) {
      map(property.trigger);
      for (TemporalNode& node : property.formula) map(node.atom), map(node.quiet);
    }
    for (InitialAssign& assign : system_.initial) map(assign.value);
    for (ExprId& condition : system_.initial_conditions) map(condition);
  }

 private:
  ExprId rebuild(Expr expr, const std::vector<ExprId>& fresh) {
    ExprTable& table = system_.expressions;
    const auto map = [&](ExprId id) { return id.valid() ? fresh[id.value] : id; };
    if (auto* load = std::get_if<LoadExpr>(&expr)) {
      load->place.index = map(load->place.index);
      return table.load(load->place);
    }
    if (const auto* unary = std::get_if<UnaryExpr>(&expr)) return table.add(UnaryExpr{unary->op, map(unary->operand)});
    if (const auto* binary = std::get_if<BinaryExpr>(&expr))
      return table.binary(binary->op, map(binary->left), map(binary->right));
    if (const auto* conditional = std::get_if<ConditionalExpr>(&expr)) {
      return table.conditional(map(conditional->condition), map(conditional->then_value), map(conditional->else_value));
    }
    if (auto* lookup = std::get_if<LookupExpr>(&expr)) return table.add(LookupExpr{lookup->table, map(lookup->index)});
    return table.add(expr);
  }

  /// Whether an activation of `context` stands at one of the locations that `wanted` accepts.
  template <typename Wanted>
  ExprId stands_at(const Context& context, const Wanted& wanted) {
    ExprTable& table = system_.expressions;
    ExprId result = table.constant(0);
    for (const LocationId id : context.locations) {
      if (!wanted(system_.at(id))) continue;
      for (const CellId cell : context.location_cell) {
        result = table.disjunction(result, table.equal(table.load(cell), table.constant(system_.at(id).number)));
      }
    }
    return result;
  }

  ExprId truth(const Placeholder& placeholder) {
    ExprTable& table = system_.expressions;
    ExprId result = table.constant(0);
    if (placeholder.kind == Placeholder::Kind::AtLabel) {
      const std::string label = design_.path(placeholder.instance, placeholder.label->name);
      for (const Context& context : system_.contexts) {
        result = table.disjunction(result, stands_at(context, [&](Location location) {
                                     return std::find(location.labels.begin(), location.labels.end(), label) !=
                                            location.labels.end();
                                   }));
      }
      for (Location& location : system_.locations) {  // merging must not hide it
        if (std::find(location.labels.begin(), location.labels.end(), label) != location.labels.end())
          location.mergeable = false;
      }
      return result;
    }
    if (placeholder.kind == Placeholder::Kind::OwnLife) {
      if (!design_.may_free_itself(placeholder.instance, *placeholder.context)) return table.constant(1);
      const CellId life = *system_.at(placeholder.instance->id).life;
      return table.not_equal(table.load(life), table.constant(2));
    }
    return in_use(placeholder);
  }

  /// Whether an activation of `context` runs: of the one that executes, another one.
  ExprId runs(ContextId id, const Placeholder& placeholder) {
    ExprTable& table = system_.expressions;
    if (placeholder.context != id) return table.negation(table.add(IdleExpr{id}));
    return others(system_.at(id), [&](CellId cell) { return table.not_equal(table.load(cell), table.constant(0)); });
  }

  /// Whether `is` holds of the location of an activation of `context` apart from the one that executes.
  template <typename Is>
  ExprId others(const Context& context, const Is& is) {
    ExprTable& table = system_.expressions;
    ExprId result = table.constant(0);
    if (context.activations == 1) return result;
    for (std::size_t a = 0; a < context.activations; ++a) {
      const ExprId own = table.equal(table.add(SelfActivationExpr{}), table.constant(static_cast<std::int64_t>(a)));
      result = table.disjunction(result, table.conjunction(table.negation(own), is(context.location_cell[a])));
    }
    return result;
  }

  /// Held, running, executed by another context, waited for, or busy as its machine says.
  ExprId in_use(const Placeholder& placeholder) {
    ExprTable& table = system_.expressions;
    ExprId result = table.constant(0);
    for (const std::unique_ptr<InstanceNode>& node : design_.nodes()) {
      if (!node->inside(placeholder.instance)) continue;
      for (const LockId lock : node->locks) {
        result = table.disjunction(
            result, table.binary(BinaryOp::NotEqual, table.load(system_.at(lock).holder), table.constant(0)));
      }
      for (const auto& entry : node->context_order) {
        const ContextId id = node->contexts.at(entry);
        if (system_.at(id).kind == ContextKind::Handler) result = table.disjunction(result, runs(id, placeholder));
      }
    }
    std::vector<bool> own_cells(system_.cells.size(), false);
    for (const std::unique_ptr<InstanceNode>& node : design_.nodes()) {
      if (!node->inside(placeholder.instance)) continue;
      for (const auto& [decl, place] : node->variables) {
        for (std::uint32_t i = 0; i < cell_count(*place.type); ++i) own_cells[place.bases[0].value + i] = true;
      }
    }
    for (std::size_t i = 0; i < system_.contexts.size(); ++i) {
      const Context& context = system_.contexts[i];
      const auto uses = [&](const Location& location) {
        return executes(location, placeholder.instance) || waits(location, own_cells);
      };
      if (placeholder.context != ContextId(i)) {
        result = table.disjunction(result, stands_at(context, uses));
        continue;
      }
      for (const LocationId id : context.locations) {
        if (!uses(system_.at(id))) continue;
        result = table.disjunction(result, others(context, [&](CellId cell) {
                                     return table.equal(table.load(cell), table.constant(system_.at(id).number));
                                   }));
      }
    }
    return result;
  }

  bool executes(const Location& location, const InstanceNode* object) const {
    return std::any_of(location.inside.begin(), location.inside.end(), [&](FunctionId id) {
      const InstanceNode* node = design_.function_instance(id);
      return node != nullptr && node->inside(object);
    });
  }

  /// Whether what blocks a context at the location is a lock or a variable of the object.
  bool waits(const Location& location, const std::vector<bool>& own_cells) const {
    const auto is_own = [&](CellId cell) { return own_cells[cell.value]; };
    if (location.wait == WaitKind::None) {
      return false;
    }
    if (location.lock) {
      return std::any_of(location.lock->cells.begin(), location.lock->cells.end(), is_own);
    }
    const auto reads = guard_reads_.find(location.guard);
    return reads != guard_reads_.end() && std::any_of(reads->second.begin(), reads->second.end(), is_own);
  }

  /// The cells that guards read, while their ids are those of the old table.
  void remember_guards() {
    for (const Location& location : system_.locations) {
      if (!location.guard.valid() || guard_reads_.contains(location.guard)) {
        continue;
      }
      std::vector<CellId>& reads = guard_reads_[location.guard];
      for_each_expr(system_.expressions, location.guard, [&](ExprId, const Expr& expr) {
        const auto* load = std::get_if<LoadExpr>(&expr);
        if (load != nullptr && load->place.cells[0].value < kFirstPlaceholder) {
          reads.insert(reads.end(), load->place.cells.begin(), load->place.cells.end());
        }
        if (const auto* marker = std::get_if<TempExpr>(&expr)) {  // guards know no other
          const std::vector<CellId>& cells = notes_.hand_overs[marker->temp.value - kFirstMarker].cells;
          reads.insert(reads.end(), cells.begin(), cells.end());
        }
      });
    }
  }

  Design& design_;
  TransitionSystem& system_;
  CodeNotes& notes_;
  std::unordered_map<ExprId, std::vector<CellId>> guard_reads_;
};

/// Removes the checks of used_after_free that turned out to be always true, so that they cost nothing.
void drop_idle_checks(TransitionSystem& system, RuleId rule) {
  for_each_program(system, [&](Program& program) {
    const auto is_idle = [&](const Op& op) {
      const auto* check = std::get_if<CheckOp>(&op);
      std::int64_t known = 0;
      return check != nullptr && check->rule == rule && system.expressions.is_constant(check->condition, &known) &&
             known != 0;
    };
    std::vector<std::uint32_t> new_position;
    std::uint32_t kept = 0;
    for (const Op& op : program.ops) {
      new_position.push_back(kept);
      if (!is_idle(op)) ++kept;
    }
    if (kept == program.ops.size()) return;
    std::erase_if(program.ops, is_idle);
    for (Op& op : program.ops) {
      if (std::uint32_t* target = target_of(op)) *target = new_position[*target];
    }
  });
}

void mark_cpu_uses(TransitionSystem& system) {
  for_each_program(system, [&](Program& program) { program.uses_cpu = use_of(system, program).current_cpu; });
  for (Location& location : system.locations) {
    if (location.program.uses_cpu) location.mergeable = false;
  }
}

}  // namespace

bool complete(Design& design, CodeNotes& notes) {
  give_steps(design, notes);
  TransparentLocations transparent(design, notes);
  if (!transparent.resolve_all()) return false;
  std::vector<LocationId> new_id;
  number_locations(design.system(), new_id);
  LateExpressions(design, notes).resolve();
  drop_idle_checks(design.system(), design.rule(types::rule_name::kUsedAfterFree));
  if (!join_steps(design.system(), notes.hand_overs, design.diagnostics())) return false;
  mark_cpu_uses(design.system());
  return true;
}

}  // namespace quiesce::model
