#include "checker/export/guarded_steps.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "checker/export/formulas.h"
#include "checker/export/program_ways.h"
#include "checker/export/renamings.h"
#include "checker/export/scheduling.h"
#include "model/base/overloaded.h"
#include "model/base/patience.h"
#include "model/interpret/evaluate.h"
#include "model/interpret/interpreter.h"
#include "model/system/deadlock.h"

namespace quiesce::checker {

using namespace model;

namespace {

constexpr std::size_t kMaxNodes = 20'000'000;  // of all formulas, written out
constexpr std::size_t kMaxInitial = 2'000;

/// Puts the parts together: whose step it is, when, and what it does.
class Builder : private Formulas {
 public:
  Builder(GuardedSystem& result, const SourceMap* sources, bool with_errors)
      : Formulas(result), sources_(sources), ways_(*this, with_errors), scheduling_(*this, ways_) {
    for (const RuleId rule : system().checked) is_checked_.insert(rule.value);
  }

  /// The cells that turned out not to be constant.
  std::set<std::size_t> build() {
    for (std::size_t k = 0; k < scheduling_.activations().size(); ++k) steps_of(k);
    for (const Context& context : system().contexts) {
      if (context.kind == ContextKind::Handler) starts_of(context);
    }
    for (const model::Action& action : system().actions) {
      for (Way& way : ways_.ways(action.program, Way{}, {})) {
        add(place(action.name, action.span), {}, std::move(way), {});
      }
    }
    result().floats = scheduling_.floats();
    Renamings renamings(*this);
    result().renamings = std::move(renamings.all);
    properties();
    initial();
    return std::move(renamings.not_constant);
  }

 private:
  std::string place(const std::string& who, Span span) const {
    if (sources_ == nullptr || !span.valid()) return who;
    return who + ", " + sources_->location(span);
  }

  void steps_of(std::size_t number) {
    const Activation& one = scheduling_.activations()[number];
    for (const LocationId id : one.context->locations) {
      const Location& location = system().at(id);
      const ExprId here = equals(one.location(), location.number);
      if (is_false(here)) continue;
      std::string who = one.context->name;
      if (one.context->activations > 1) who += fmt::format("[{}]", one.number);
      contexts_steps(one, place(who, location.span), location.program, here, Way{}, scheduling_.may_step(number));
    }
  }

  /// 3.3: the ways of one program of a context, each where it may be taken.
  void contexts_steps(const Activation& one, const std::string& name, const Program& program, ExprId here,
                      const Way& begin, const MayStep& may) {
    if (program.uses_cpu) {
      if (!is_false(may.pinned)) {
        for (Way& way : ways_.ways(program, begin, {one.number, cell(one.cpu())}, one.location())) {
          add(name, {here, std::nullopt, may.pinned}, std::move(way), one);
        }
      }
      for (std::uint32_t c = 0; c < may.floating.size(); ++c) {
        if (is_false(may.floating[c])) continue;
        for (Way& way : ways_.ways(program, begin, {one.number, constant(c + 1)}, one.location())) {
          if (!way.ended) way.cells[one.cpu().value] = constant(c + 1);
          add(name, {here, std::nullopt, may.floating[c]}, std::move(way), one);
        }
      }
      return;
    }
    for (Way& way : ways_.ways(program, begin, {one.number, {}}, one.location())) {
      if (way.ended || !way.error.empty() || way.cells.find(one.level().value) == way.cells.end()) {
        // Where one stands does not change, unless one ends.
        add(name, {here, std::nullopt, may.at_all}, std::move(way), one);
        continue;
      }
      const ExprId level = way.cells.at(one.level().value);
      const ExprId pins = table().binary(BinaryOp::GreaterEqual, level, constant(system().pin_level));
      add(name, {here, std::nullopt, may.pinned}, way, one);
      add(name, {here, negation(pins), may.any_floating}, way, one);
      for (std::uint32_t c = 0; c < may.floating.size(); ++c) {
        Way on = way;
        on.cells[one.cpu().value] = constant(c + 1);
        add(name, {here, pins, may.floating[c]}, std::move(on), one);
      }
    }
  }

  /// 3.4
  void starts_of(const Context& handler) {
    ExprId lower_busy = yes();
    for (std::uint32_t a = 0; a < handler.activations; ++a) {
      const Activation one{&handler, a};
      const ExprId lowest_free = conj(equals(one.location(), 0), lower_busy);
      lower_busy = conj(lower_busy, table().not_equal(cell(one.location()), no()));
      Way begin;
      begin.cells[one.level().value] = constant(handler.start_level);
      const std::string name = "start of " + place(handler.name, handler.span);
      if (scheduling_.is_pinned_level(handler.start_level)) {
        for (std::uint32_t c = 0; c < system().cpus; ++c) {
          Way on = begin;
          on.cells[one.cpu().value] = constant(c + 1);
          for (Way& way : ways_.ways(handler.start, on, {a, constant(c + 1)}, one.location())) {
            add(name, {lowest_free, std::nullopt, scheduling_.may_start(handler, c)}, std::move(way), one);
          }
        }
      } else {
        const ExprId wanted = conj(lowest_free, ways_.plain(handler.condition));
        ExprId any = no();
        for (const ExprId calm : scheduling_.calm()) any = disj(any, calm);
        if (handler.start.uses_cpu) {
          contexts_steps(one, name, handler.start, wanted, begin, {no(), scheduling_.calm(), any, any});
        } else {
          for (Way& way : ways_.ways(handler.start, begin, {a, {}}, one.location()))
            add(name, {wanted, std::nullopt, any}, std::move(way), one);
        }
      }
    }
  }

  /// When a step may be taken: who stands where, what else, and what the scheduler says; in the order of evaluation.
  struct When {
    ExprId here;
    std::optional<ExprId> also;
    ExprId scheduled;
  };

  void add(const std::string& name, const When& when, Way way, std::optional<Activation> runner) {
    ExprId guard = when.here.valid() ? when.here : yes();
    guard = conj(guard, way.guard);
    if (when.also) guard = conj(guard, *when.also);
    if (when.scheduled.valid()) guard = conj(guard, when.scheduled);
    guard = conj(guard, scheduling_.goes_on());
    if (is_false(guard)) return;
    GuardedStep step;
    step.name = name;
    step.guard = guard;
    step.error = std::move(way.error);
    step.checks = std::move(way.checks);
    if (step.error.empty()) {
      if (runner && way.ended) {  // 3.5
        way.cells[runner->level().value] = constant(system().at(runner->level()).rest);
        way.cells[runner->cpu().value] = no();
        if (const auto affinity = runner->affinity()) way.cells[affinity->value] = no();
      }
      for (const auto& [number, value] : way.cells) {
        if (value != cell(CellId(number))) step.assigns.push_back({CellId(number), value});
      }
    }
    result().steps.push_back(std::move(step));
    if (result().steps.size() > kMaxGuardedSteps) {
      throw TooLarge{fmt::format("it has more than {} steps", kMaxGuardedSteps)};
    }
  }

  void properties() {
    std::set<std::uint32_t> stated;
    for (const Property& property : system().properties) {
      const Rule& rule = system().at(property.rule);
      const bool wanted = is_checked_.count(property.rule.value) != 0;
      stated.insert(property.rule.value);
      if (property.kind == PropertyKind::DeadlockFree) {
        result().deadlock_free = result().deadlock_free || wanted;
        continue;
      }
      const ExprId formula = ways_.plain(property.condition);
      const std::string name = rule.name + (property.message.empty() ? "" : ": " + property.message);
      if (property.kind == PropertyKind::Reachable) {
        if (wanted) result().reachable.push_back({name, formula});
      } else if (wanted || rule.core) {
        const ExprId holds = property.kind == PropertyKind::Never ? negation(formula) : formula;
        if (!is_true(holds)) result().invariants.push_back({name, holds});
      }
    }
    result().all_ended = model::can_end(system()) ? yes() : no();
    for (const Activation& one : scheduling_.activations())
      result().all_ended = conj(result().all_ended, equals(one.location(), 0));
    for (const RuleId rule : system().checked) {
      const std::string& name = system().at(rule).name;
      if (name == "core.stuck" || (name == "life.leaked" && has_objects())) result().left_out.push_back(name);
    }
  }

  bool has_objects() const {
    return std::any_of(system().instances.begin(), system().instances.end(),
                       [](const Instance& instance) { return instance.life.has_value(); });
  }

  void initial() {
    std::set<State> least;
    const Interpreter interpreter(system());
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
          for (const GuardedAssign& assign : renaming.assigns) {
            next[assign.cell.value] = static_cast<std::int32_t>(evaluate(assign.value, {system(), state}));
          }
          state = std::move(next);
          changed = true;
        }
      }
      least.insert(std::move(state));
      if (least.size() > kMaxInitial) throw TooLarge{fmt::format("it has more than {} initial states", kMaxInitial)};
      return goes_on();
    };
    interpreter.for_each_initial_state(use, goes_on);
    result().initial = {least.begin(), least.end()};
  }

  const SourceMap* sources_;
  ProgramWays ways_;
  Scheduling scheduling_;
  std::set<std::uint32_t> is_checked_;  // rules asked for
};

/// Cells that hold one value in all states: the same in all initial states and assigned by no step.
std::vector<std::optional<std::int64_t>> constants_of(const GuardedSystem& system) {
  std::vector<std::optional<std::int64_t>> result(system.system.cells.size());
  if (system.initial.empty()) return result;
  for (std::size_t i = 0; i < result.size(); ++i) {
    const std::int32_t value = system.initial.front()[i];
    const bool same = std::all_of(system.initial.begin(), system.initial.end(),
                                  [&](const State& state) { return state[i] == value; });
    if (same) result[i] = value;
  }
  for (const GuardedStep& step : system.steps) {
    for (const GuardedAssign& assign : step.assigns) {
      std::int64_t value = 0;
      auto& constant = result[assign.cell.value];
      if (constant && !(system.system.expressions.is_constant(assign.value, &value) && value == *constant)) {
        constant.reset();
      }
    }
  }
  for (const GuardedAssign& assign : system.floats) {
    auto& constant = result[assign.cell.value];
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
    std::visit(Overloaded{[&](const UnaryExpr& e) { add(e.operand); },
                          [&](const BinaryExpr& e) {
                            add(e.left);
                            add(e.right);
                          },
                          [&](const ConditionalExpr& e) {
                            add(e.condition);
                            add(e.then_value);
                            add(e.else_value);
                          },
                          [](const auto&) {}},
               table[ExprId(i)]);
  }
  std::size_t total = 0;
  const auto add = [&](ExprId id) { total = std::min(total + size[id.value], kMaxNodes); };
  for (const NamedCondition& condition : system.conditions) add(condition.formula);
  for (const GuardedStep& step : system.steps) {
    add(step.guard);
    for (const GuardedAssign& assign : step.assigns) add(assign.value);
    for (const GuardedCheck& check : step.checks) add(check.holds);
  }
  for (const GuardedRenaming& renaming : system.renamings) {
    add(renaming.is_less);
    for (const GuardedAssign& assign : renaming.assigns) add(assign.value);
  }
  return total;
}

}  // namespace

Expected<GuardedSystem> guarded_steps(const TransitionSystem& system, const SourceMap* sources, bool with_errors) {
  try {
    std::vector<std::optional<std::int64_t>> constant(system.cells.size());
    std::set<std::size_t> varying;  // renamings change them
    // What is constant makes formulas fold, steps vanish, and so more cells constant.
    for (int round = 0;; ++round) {
      GuardedSystem result;
      result.system = system;
      result.constant = constant;
      const std::set<std::size_t> not_constant = Builder(result, sources, with_errors).build();
      varying.insert(not_constant.begin(), not_constant.end());
      auto found = constants_of(result);
      for (const std::size_t cell : varying) found[cell].reset();
      if (not_constant.empty() && (found == constant || round >= 4)) {
        if (size_of(result) >= kMaxNodes) return model::unexpected("its steps are too large to be written out");
        return result;
      }
      constant = std::move(found);
    }
  } catch (const TooLarge& limit) {
    return model::unexpected(limit.why);
  }
}

void collect_cells(const ExprTable& table, ExprId expr, std::vector<bool>& cells) {
  const auto again = [&](ExprId part) { collect_cells(table, part, cells); };
  std::visit(Overloaded{[&](const LoadExpr& e) {
                          for (const CellId cell : e.place.cells) {
                            if (cell.value < cells.size()) cells[cell.value] = true;
                          }
                        },
                        [&](const UnaryExpr& e) { again(e.operand); },
                        [&](const BinaryExpr& e) {
                          again(e.left);
                          again(e.right);
                        },
                        [&](const ConditionalExpr& e) {
                          again(e.condition);
                          again(e.then_value);
                          again(e.else_value);
                        },
                        [](const auto&) {}},
             table[expr]);
}

}  // namespace quiesce::checker
