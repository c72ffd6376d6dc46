#include "model/guarded/guarded_system.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "model/base/patience.h"
#include "model/guarded/fairness.h"
#include "model/guarded/formulas.h"
#include "model/guarded/infinite_runs.h"
#include "model/guarded/open_initial.h"
#include "model/guarded/program_ways.h"
#include "model/guarded/renamings.h"
#include "model/guarded/scheduling.h"
#include "model/guarded/stuck_sets.h"
#include "model/interpret/evaluate.h"
#include "model/interpret/interpreter.h"
#include "model/system/deadlock.h"
#include "model/system/traverse.h"
#include "model/system/unbounded.h"

namespace quiesce::model {

namespace {

constexpr std::size_t kMaxNodes = 20'000'000;  // of all formulas, written out
constexpr std::size_t kMaxInitial = 2'000;

/// Puts the parts together: the actor of each command, when it is enabled, and what it does.
class Builder : private Formulas {
 public:
  /// `infinite`: what infinite runs need is put there; null: not asked for.
  Builder(GuardedSystem& result, bool with_errors, InitialGuide* guide, GuardedInfiniteRuns* infinite)
      : Formulas(result), guide_(guide), infinite_(infinite), ways_(*this, with_errors), scheduling_(*this, ways_) {}

  /// The cells that turned out not to be constant.
  std::set<std::size_t> build() {
    for (std::size_t k = 0; k < scheduling_.activations().size(); ++k) steps_of(k);
    for (std::uint32_t k = 0; k < system().contexts.size(); ++k) {
      if (system().contexts[k].kind == ContextKind::Handler) starts_of(k);
    }
    for (std::uint32_t k = 0; k < system().actions.size(); ++k) {
      const Action& action = system().actions[k];
      for (Way& way : ways_.ways(action.program, Way{}, {})) {
        add({{Actor::Kind::Act, k, 0}, action.span, std::nullopt}, {}, std::move(way));
      }
    }
    result().floats = scheduling_.floats();
    std::set<std::size_t> not_constant;
    if (infinite_ == nullptr || !has_alike_activations()) {
      Renamings renamings(*this);
      result().renamings = std::move(renamings.all);
      not_constant = std::move(renamings.not_constant);
    }
    properties();
    if (infinite_ != nullptr) infinite_runs();
    initial();
    return not_constant;
  }

 private:
  /// The actor that takes a command, and its place in the text.
  struct Taker {
    Actor actor;
    Span span;
    std::optional<Activation> runner;  // none for actions
  };

  /// When a command is enabled: the place of the context, what the scheduler says and on which CPU, what else.
  struct When {
    ExprId here;
    ExprId scheduled;
    std::int32_t cpu = -1;
    ExprId also = {};
  };

  void steps_of(std::size_t number) {
    const Activation& one = scheduling_.activations()[number];
    const auto context = static_cast<std::uint32_t>(one.context - system().contexts.data());
    for (const LocationId id : one.context->locations) {
      const Location& location = system().at(id);
      const ExprId here = equals(one.location(), location.number);
      if (is_false(here)) continue;
      const Taker taker{{Actor::Kind::Step, context, one.number}, location.span, one};
      contexts_steps(taker, location.program, here, Way{}, scheduling_.may_step(number));
    }
  }

  /// 3.3: the ways of one program of a context, each where it may be taken.
  void contexts_steps(const Taker& taker, const Program& program, ExprId here, const Way& begin, const MayStep& may) {
    const Activation& one = *taker.runner;
    const auto cpus = static_cast<std::int32_t>(may.floating.size());
    if (program.uses_cpu) {
      if (!is_false(may.pinned)) {
        for (Way& way : ways_.ways(program, begin, {one.number, cell(one.cpu())}, one.location())) {
          add(taker, {here, may.pinned}, std::move(way));
        }
      }
      for (std::int32_t c = 0; c < cpus; ++c) {
        if (is_false(may.floating[c])) continue;
        for (Way& way : ways_.ways(program, begin, {one.number, constant(c + 1)}, one.location())) {
          if (!way.ended) way.cells[one.cpu().value] = constant(c + 1);
          add(taker, {here, may.floating[c], c}, std::move(way));
        }
      }
      return;
    }
    for (Way& way : ways_.ways(program, begin, {one.number, {}}, one.location())) {
      if (way.ended || way.ends_run || way.cells.find(one.level().value) == way.cells.end()) {
        // The CPU does not change, unless the context ends.
        add(taker, {here, may.at_all}, std::move(way));
        continue;
      }
      const ExprId level = way.cells.at(one.level().value);
      const ExprId pins = table().binary(BinaryOp::GreaterEqual, level, constant(system().pin_level));
      add(taker, {here, may.pinned}, way);
      add(taker, {here, may.any_floating, -1, negation(pins)}, way);
      for (std::int32_t c = 0; c < cpus; ++c) {
        Way on = way;
        on.cells[one.cpu().value] = constant(c + 1);
        add(taker, {here, may.floating[c], c, pins}, std::move(on));
      }
    }
  }

  /// 3.4
  void starts_of(std::uint32_t context) {
    const Context& handler = system().contexts[context];
    ExprId lower_busy = yes();
    for (std::uint32_t a = 0; a < handler.activations; ++a) {
      const Activation one{&handler, a};
      const Taker taker{{Actor::Kind::Start, context, a}, handler.span, one};
      const ExprId lowest_free = conj(equals(one.location(), 0), lower_busy);
      lower_busy = conj(lower_busy, table().not_equal(cell(one.location()), no()));
      Way begin;
      begin.cells[one.level().value] = constant(handler.start_level);
      if (scheduling_.is_pinned_level(handler.start_level)) {
        for (std::uint32_t c = 0; c < system().cpus; ++c) {
          Way on = begin;
          on.cells[one.cpu().value] = constant(c + 1);
          for (Way& way : ways_.ways(handler.start, on, {a, constant(c + 1)}, one.location())) {
            const auto cpu = static_cast<std::int32_t>(c);
            add(taker, {lowest_free, scheduling_.may_start(handler, c), cpu}, std::move(way));
          }
        }
      } else {
        const ExprId wanted = conj(lowest_free, ways_.plain(handler.condition));
        ExprId any = no();
        for (const ExprId calm : scheduling_.calm()) any = disj(any, calm);
        if (handler.start.uses_cpu) {
          contexts_steps(taker, handler.start, wanted, begin, {no(), scheduling_.calm(), any, any});
        } else {
          for (Way& way : ways_.ways(handler.start, begin, {a, {}}, one.location()))
            add(taker, {wanted, any}, std::move(way));
        }
      }
    }
  }

  void add(const Taker& taker, const When& when, Way way) {
    ExprId guard = way.guard;  // in the order of evaluation
    if (when.here.valid()) guard = conj(when.here, guard);
    if (when.also.valid()) guard = conj(guard, when.also);
    if (when.scheduled.valid()) guard = conj(guard, when.scheduled);
    guard = conj(guard, scheduling_.goes_on());
    if (is_false(guard)) return;
    GuardedCommand command;
    command.step = {taker.actor, when.cpu, std::move(way.choices), std::move(way.counted)};
    command.span = taker.span;
    command.guard = guard;
    command.ends_run = std::move(way.ends_run);
    command.checks = std::move(way.checks);
    if (!command.ends_run) {
      if (taker.runner && way.ended) {  // 3.5
        way.cells[taker.runner->level().value] = constant(system().at(taker.runner->level()).rest);
        way.cells[taker.runner->cpu().value] = no();
        if (const auto affinity = taker.runner->affinity()) way.cells[affinity->value] = no();
      }
      for (const auto& [number, value] : way.cells) {
        if (value != cell(CellId(number))) command.updates.push_back({CellId(number), value});
      }
    }
    result().commands.push_back(std::move(command));
    if (result().commands.size() > kMaxGuardedCommands) {
      throw TooLarge{fmt::format("it has more than {} steps", kMaxGuardedCommands)};
    }
  }

  void properties() {
    for (std::size_t p = 0; p < system().properties.size(); ++p) {
      const PropertyId id(p);
      const Property& property = system().at(id);
      const Rule& rule = system().at(property.rule);
      const auto& checked = system().checked;
      const bool wanted = std::find(checked.begin(), checked.end(), property.rule) != checked.end();
      if (property.kind == PropertyKind::DeadlockFree) {
        result().deadlock_free = result().deadlock_free || wanted;
        continue;
      }
      const ExprId formula = ways_.plain(property.condition);
      if (property.kind == PropertyKind::Reachable) {
        if (wanted) result().reachable.push_back({id, formula});
      } else if (wanted || rule.core) {
        const ExprId holds = property.kind == PropertyKind::Never ? negation(formula) : formula;
        if (!is_true(holds)) result().invariants.push_back({id, holds});
      }
    }
    result().all_ended = can_end(system()) ? yes() : no();
    for (const Activation& one : scheduling_.activations())
      result().all_ended = conj(result().all_ended, equals(one.location(), 0));
    for (const RuleId rule : system().checked) {
      const std::string& name = system().at(rule).name;
      const bool is_temporal = std::any_of(system().temporal.begin(), system().temporal.end(),
                                           [&](const TemporalProperty& property) { return property.rule == rule; });
      if (rule == system().stuck_rule || is_temporal || (name == "life.leaked" && has_objects())) {
        result().left_out.push_back(rule);
      }
      if (name == "life.leaked" && has_objects()) leaks(rule);
      if (rule == system().stuck_rule && infinite_ == nullptr)
        result().stuck = StuckSets(*this, ways_, scheduling_).stuck(rule);
    }
  }

  bool has_alike_activations() const {
    return std::any_of(system().contexts.begin(), system().contexts.end(),
                       [](const Context& context) { return context.activations > 1; });
  }

  void infinite_runs() {
    FairnessFormulas(*this, scheduling_).add_to(*infinite_);
    for (const Observer& observer : system().observers) infinite_->observers.push_back(observer.cell);
    for (std::size_t i = 0; i < system().temporal.size(); ++i) {
      const TemporalProperty& property = system().temporal[i];
      const auto& checked = system().checked;
      const bool wanted = std::find(checked.begin(), checked.end(), property.rule) != checked.end();
      if (!wanted || property.formula.empty()) continue;
      if (property.always_possible) {
        infinite_->always_possible.push_back(property.rule);
        continue;
      }
      GuardedTemporal temporal{i, property.formula};
      for (TemporalNode& node : temporal.formula) {
        if (node.atom.valid()) node.atom = ways_.plain(node.atom);
        node.quiet = {};
      }
      infinite_->temporal.push_back(std::move(temporal));
    }
  }

  void leaks(RuleId rule) {
    ExprId any_live = no();
    for (const Instance& instance : system().instances) {
      if (instance.life) any_live = disj(any_live, equals(*instance.life, 1));
    }
    ExprId ended = yes();
    for (const Activation& one : scheduling_.activations()) ended = conj(ended, equals(one.location(), 0));
    result().leak = GuardedLeak{rule, conj(ended, any_live)};
  }

  bool has_objects() const {
    return std::any_of(system().instances.begin(), system().instances.end(),
                       [](const Instance& instance) { return instance.life.has_value(); });
  }

  /// The system in which numbers without bounds are 0 initially.
  TransitionSystem bounded_initially() const {
    if (unbounded_cells(system()).empty()) return system();
    if (const auto begins = may_begin(system()); !begins) throw TooLarge{begins.error()};
    const std::vector<char> reads = reads_unbounded(system());
    TransitionSystem result = with_clipped_values(system(), first_values(system()));
    for (InitialAssign& assign : result.initial) {
      if (is_unbounded(system().at(assign.cell))) assign.value = result.expressions.constant(0);
    }
    std::erase_if(result.initial_conditions, [&](ExprId condition) { return reads[condition.value] != 0; });
    return result;
  }

  void initial() {
    std::set<State> least;
    const TransitionSystem bounded = bounded_initially();
    const Interpreter interpreter(bounded);
    // 'any where' may refuse billions of values.
    const auto goes_on = [] {
      ask_patience();
      return true;
    };
    const auto use = [&](const State& initial) {
      State state = interpreter.canonical(initial);
      bool changed = true;
      while (changed) {
        changed = false;
        for (const GuardedRenaming& renaming : result().renamings) {
          if (evaluate(renaming.is_less, {system(), state}) == 0) continue;
          State next = state;
          for (const Update& update : renaming.updates) {
            next[update.cell.value] = static_cast<std::int32_t>(evaluate(update.value, {system(), state}));
          }
          state = std::move(next);
          changed = true;
        }
      }
      least.insert(std::move(state));
      if (least.size() > kMaxInitial) throw TooLarge{fmt::format("it has more than {} initial states", kMaxInitial)};
      return goes_on();
    };
    // Numbers without bounds are left out of `bounded`, so that it has other conditions.
    InitialGuide* guide = unbounded_cells(system()).empty() ? guide_ : nullptr;
    interpreter.for_each_initial_state(use, goes_on, guide);
    result().initial = {least.begin(), least.end()};
  }

  InitialGuide* guide_;
  GuardedInfiniteRuns* infinite_;
  ProgramWays ways_;
  Scheduling scheduling_;
};

/// Cells that hold one value in all states: the same in all initial states and assigned by no step.
std::vector<std::optional<std::int64_t>> constants_of(const GuardedSystem& system) {
  std::vector<std::optional<std::int64_t>> result(system.system.cells.size());
  if (system.initial.empty()) return result;
  for (std::size_t i = 0; i < result.size(); ++i) {
    const std::int32_t value = system.initial.front()[i];
    const bool same = std::all_of(system.initial.begin(), system.initial.end(),
                                  [&](const State& state) { return state[i] == value; });
    if (same && !is_unbounded(system.system.cells[i])) result[i] = value;
  }
  for (const GuardedCommand& command : system.commands) {
    for (const Update& update : command.updates) {
      std::int64_t value = 0;
      auto& constant = result[update.cell.value];
      if (constant && !(system.system.expressions.is_constant(update.value, &value) && value == *constant)) {
        constant.reset();
      }
    }
  }
  for (const Update& update : system.floats) {
    auto& constant = result[update.cell.value];
    if (constant && *constant != 0) constant.reset();
  }
  return result;
}

/// The number of nodes of all formulas as trees: what they are when written out.
std::size_t size_of(const GuardedSystem& system) {
  const ExprTable& table = system.system.expressions;
  std::vector<std::size_t> size(table.size(), 1);
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto add = [&](ExprId part) { size[i] = std::min(size[i] + size[part.value], kMaxNodes); };
    for_each_operand(table[ExprId(i)], add);
  }
  std::size_t total = 0;
  const auto add = [&](ExprId id) { total = std::min(total + size[id.value], kMaxNodes); };
  for (const NamedCondition& condition : system.conditions) add(condition.formula);
  for (const GuardedCommand& command : system.commands) {
    add(command.guard);
    for (const Update& update : command.updates) add(update.value);
    for (const GuardedCheck& check : command.checks) add(check.holds);
  }
  for (const GuardedRenaming& renaming : system.renamings) {
    add(renaming.is_less);
    for (const Update& update : renaming.updates) add(update.value);
  }
  return total;
}

/// `infinite`: what infinite runs need is put there, all but the commands; null: not asked for.
Expected<GuardedSystem> build_guarded(const TransitionSystem& system, bool with_errors, InitialGuide* guide,
                                      GuardedInfiniteRuns* infinite) {
  try {
    std::vector<std::optional<std::int64_t>> constant(system.cells.size());
    std::set<std::size_t> varying;  // renamings change them
    // What is constant makes formulas fold, steps vanish, and so more cells constant.
    for (int round = 0;; ++round) {
      GuardedSystem result;
      result.system = system;
      result.constant = constant;
      if (infinite != nullptr) *infinite = {};
      const std::set<std::size_t> not_constant = Builder(result, with_errors, guide, infinite).build();
      varying.insert(not_constant.begin(), not_constant.end());
      auto found = constants_of(result);
      for (const std::size_t cell : varying) found[cell].reset();
      if (not_constant.empty() && (found == constant || round >= 4)) {
        if (size_of(result) >= kMaxNodes) return unexpected("its steps are too large to be written out");
        return result;
      }
      constant = std::move(found);
    }
  } catch (const TooLarge& limit) {
    return unexpected(limit.why);
  }
}

}  // namespace

const NamedCondition* GuardedSystem::condition(CellId cell) const {
  const std::size_t number = cell.value - system.cells.size();
  if (number < conditions.size()) return &conditions[number];
  const std::size_t behind = number - conditions.size();
  return behind < stuck->members.size() ? nullptr : &stuck->conditions[behind - stuck->members.size()];
}

Expected<GuardedSystem> guarded_system(const TransitionSystem& system, bool with_errors, InitialGuide* guide) {
  return build_guarded(system, with_errors, guide, nullptr);
}

Expected<GuardedInfiniteRuns> guarded_infinite_runs(const TransitionSystem& system, InitialGuide* guide) {
  GuardedInfiniteRuns result;
  Expected<GuardedSystem> guarded = build_guarded(system, true, guide, &result);
  if (!guarded) return unexpected(guarded.error());
  result.guarded = std::move(*guarded);
  return result;
}

}  // namespace quiesce::model
