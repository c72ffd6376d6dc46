#include "checker/export/guarded_steps.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "model/base/check.h"
#include "model/base/overloaded.h"
#include "model/interpret/canonical.h"
#include "model/interpret/evaluate.h"
#include "model/interpret/interpreter.h"

namespace quiesce::checker {

using namespace model;

namespace {

constexpr std::size_t kMaxSteps = 50'000;
constexpr std::size_t kMaxNodes = 20'000'000;  // of all formulas, written out
constexpr std::size_t kMaxInitial = 2'000;
constexpr std::size_t kMaxRenamings = 1'000;

/// An activation of a context, by its cells.
struct Activation {
  const Context* context = nullptr;
  std::uint32_t number = 0;
  CellId location() const { return context->location_cell[number]; }
  CellId level() const { return context->level_cell[number]; }
  CellId cpu() const { return context->cpu_cell[number]; }
  std::optional<CellId> affinity() const {
    if (context->affinity_cell.empty()) return std::nullopt;
    return context->affinity_cell[number];
  }
};

/// What has become of a step half way through its program.
struct Way {
  std::size_t position = 0;
  std::map<std::uint32_t, ExprId> cells;  // new values, over the state before
  std::vector<ExprId> temps;
  ExprId guard;
  std::vector<GuardedCheck> checks;
  std::string error;
  bool ended = false;
};

/// Thrown inside this file when a limit is reached; caught by guarded_steps().
struct TooLarge {
  std::string why;
};

class Builder {
 public:
  Builder(const TransitionSystem& system, const SourceMap* sources, bool with_errors,
          std::vector<std::optional<std::int64_t>> constant)
      : sources_(sources), with_errors_(with_errors) {
    result_.system = system;
    result_.constant = std::move(constant);
    for (const Context& context : system_().contexts) {
      for (std::uint32_t a = 0; a < context.activations; ++a) activations_.push_back({&context, a});
    }
    for (const RuleId rule : system_().checked) is_checked_.insert(rule.value);
  }

  GuardedSystem build() {
    name_conditions();
    for (const Activation& one : activations_) steps_of(one);
    for (const Context& context : system_().contexts) {
      if (context.kind == ContextKind::Handler) starts_of(context);
    }
    for (const model::Action& action : system_().actions) {
      for (Way& way : ways(action.program, Way{}, {})) {
        add(place(action.name, action.span), {}, std::move(way), {});
      }
    }
    floats();
    renamings();
    properties();
    initial();
    return std::move(result_);
  }

 private:
  const TransitionSystem& system_() const { return result_.system; }
  ExprTable& table() { return result_.system.expressions; }
  ExprId constant(std::int64_t value) { return table().constant(value); }
  ExprId yes() { return constant(1); }
  ExprId no() { return constant(0); }
  bool is_false(ExprId id) const {
    std::int64_t value = 1;
    return system_().expressions.is_constant(id, &value) && value == 0;
  }
  bool is_true(ExprId id) const {
    std::int64_t value = 0;
    return system_().expressions.is_constant(id, &value) && value != 0;
  }
  ExprId conj(ExprId a, ExprId b) { return table().conjunction(a, b); }
  ExprId disj(ExprId a, ExprId b) { return table().disjunction(a, b); }
  ExprId not_(ExprId a) { return table().negation(a); }
  ExprId cell(CellId id) {
    const auto& fixed = result_.constant[id.value];
    return fixed ? constant(*fixed) : table().load(id);
  }
  ExprId equals(CellId id, std::int64_t value) { return table().equal(cell(id), constant(value)); }

  // ------------------------------------------------------------------------------------ expressions

  /// `id` over the state before the step, for whoever runs and where.
  struct Surroundings {
    std::uint32_t activation = 0;
    ExprId cpu;  // as a cell value; none where no program asks for it
  };

  ExprId value_of(CellId id, const Way& way) {
    const auto found = way.cells.find(id.value);
    return found == way.cells.end() ? cell(id) : found->second;
  }

  ExprId load(const Place& place, const Way& way, const Surroundings& around,
              std::unordered_map<std::uint32_t, ExprId>& done) {
    if (place.cells.size() == 1 || !place.index.valid()) return value_of(place.cells.front(), way);
    const ExprId index = rewrite(place.index, way, around, done);
    std::int64_t position = 0;
    const auto size = static_cast<std::int64_t>(place.cells.size());
    if (table().is_constant(index, &position)) {
      return value_of(place.cells[static_cast<std::size_t>(position >= 0 && position < size ? position : 0)], way);
    }
    ExprId result = value_of(place.cells.front(), way);
    for (std::int64_t i = size - 1; i > 0; --i) {
      const ExprId candidate = value_of(place.cells[static_cast<std::size_t>(i)], way);
      result = table().conditional(table().equal(index, constant(i)), candidate, result);
    }
    return result;
  }

  ExprId rewrite(ExprId id, const Way& way, const Surroundings& around) {
    std::unordered_map<std::uint32_t, ExprId> done;
    return rewrite(id, way, around, done);
  }

  ExprId rewrite(ExprId id, const Way& way, const Surroundings& around,
                 std::unordered_map<std::uint32_t, ExprId>& done) {
    if (const auto found = done.find(id.value); found != done.end()) return found->second;
    const Expr expr = table()[id];  // a copy: the table grows
    const auto again = [&](ExprId part) { return rewrite(part, way, around, done); };
    const ExprId result =
        std::visit(Overloaded{[&](const ConstantExpr&) { return id; },
                              [&](const LoadExpr& e) { return load(e.place, way, around, done); },
                              [&](const TempExpr& e) { return way.temps.at(e.temp.value); },
                              [&](const UnaryExpr& e) {
                                return table().add(UnaryExpr{e.op, again(e.operand)});
                              },
                              [&](const BinaryExpr& e) {
                                const ExprId left = again(e.left);
                                return table().binary(e.op, left, again(e.right));
                              },
                              [&](const ConditionalExpr& e) {
                                const ExprId condition = again(e.condition);
                                const ExprId then_value = again(e.then_value);
                                return table().conditional(condition, then_value, again(e.else_value));
                              },
                              [&](const LookupExpr& e) {
                                const ExprId index = again(e.index);
                                ExprId chain = constant(e.table.front());
                                for (std::size_t i = e.table.size(); i-- > 1;) {
                                  if (e.table[i] == e.table.front()) continue;
                                  const ExprId here = table().equal(index, constant(static_cast<std::int64_t>(i)));
                                  chain = table().conditional(here, constant(e.table[i]), chain);
                                }
                                return chain;
                              },
                              [&](const SelfActivationExpr&) { return constant(around.activation); },
                              [&](const CurrentCpuExpr&) {
                                QUIESCE_CHECK(around.cpu.valid()) << "cpu() where nobody runs";
                                return around.cpu;
                              },
                              [&](const IdleExpr& e) {
                                ExprId all = yes();
                                for (const CellId location : system_().at(e.context).location_cell) {
                                  all = conj(all, table().equal(value_of(location, way), constant(0)));
                                }
                                return all;
                              }},
                   expr);
    done.emplace(id.value, result);
    return result;
  }

  /// A formula over a state in which nobody runs a program.
  ExprId plain(ExprId id) { return rewrite(id, none_, {}); }

  // --------------------------------------------------------------------------------- 4.1 programs

  /// All ways through `program`, beginning with what `begin` already changed.
  std::vector<Way> ways(const Program& program, Way begin, const Surroundings& around,
                        std::optional<Activation> runner = std::nullopt) {
    std::vector<Way> result;
    begin.temps.assign(program.temps, no());
    if (!begin.guard.valid()) begin.guard = yes();
    run(program, std::move(begin), around, runner, result);
    return result;
  }

  void finish(Way way, std::vector<Way>& result) {
    if (result.size() + result_.steps.size() > kMaxSteps) {
      throw TooLarge{fmt::format("there are more than {} ways through its steps", kMaxSteps)};
    }
    result.push_back(std::move(way));
  }

  void run(const Program& program, Way way, const Surroundings& around, std::optional<Activation> runner,
           std::vector<Way>& result) {
    while (!is_false(way.guard)) {
      const Op& op = program.ops[way.position];
      ++way.position;
      if (const auto* assign = std::get_if<AssignOp>(&op)) {
        store(assign->place, rewrite(assign->value, way, around), way, around);
      } else if (const auto* let = std::get_if<LetOp>(&op)) {
        way.temps[let->temp.value] = rewrite(let->value, way, around);
      } else if (const auto* choose = std::get_if<ChooseOp>(&op)) {
        for (std::int64_t value = choose->lo; value <= choose->hi; ++value) {
          Way fork = way;
          fork.temps[choose->temp.value] = constant(value);
          run(program, std::move(fork), around, runner, result);
        }
        return;
      } else if (const auto* branch = std::get_if<BranchOp>(&op)) {
        const ExprId condition = rewrite(branch->condition, way, around);
        Way other = way;
        other.guard = conj(other.guard, not_(condition));
        other.position = branch->otherwise;
        way.guard = conj(way.guard, condition);
        if (!is_false(way.guard)) run(program, way, around, runner, result);
        way = std::move(other);
      } else if (const auto* jump = std::get_if<JumpOp>(&op)) {
        way.position = jump->target;
      } else if (const auto* check = std::get_if<CheckOp>(&op)) {
        const ExprId holds = rewrite(check->condition, way, around);
        const Rule& rule = system_().at(check->rule);
        const std::string what = rule.name + (check->message.empty() ? "" : ": " + check->message);
        if (!rule.core) {
          if (is_checked_.count(check->rule.value) != 0 && !is_true(holds)) way.checks.push_back({holds, what});
          continue;
        }
        if (with_errors_) {
          Way broken = way;
          broken.guard = conj(broken.guard, not_(holds));
          broken.error = what;
          if (!is_false(broken.guard)) finish(std::move(broken), result);
        }
        way.guard = conj(way.guard, holds);
      } else if (const auto* assume = std::get_if<AssumeOp>(&op)) {
        way.guard = conj(way.guard, rewrite(assume->condition, way, around));
      } else if (const auto* go = std::get_if<GotoOp>(&op)) {
        way.cells[runner->location().value] = constant(system_().at(go->location).number);
        return finish(std::move(way), result);
      } else if (std::holds_alternative<EndOp>(op)) {
        way.ended = true;
        if (runner) way.cells[runner->location().value] = no();
        return finish(std::move(way), result);
      }
      // StatementOp, EnterOp and LeaveOp tell stories and change nothing.
    }
  }

  void store(const Place& place, ExprId value, Way& way, const Surroundings& around) {
    if (place.cells.size() == 1 || !place.index.valid()) {
      way.cells[place.cells.front().value] = value;
      return;
    }
    const ExprId index = rewrite(place.index, way, around);
    const auto size = static_cast<std::int64_t>(place.cells.size());
    std::int64_t position = 0;
    if (table().is_constant(index, &position)) {
      way.cells[place.cells[static_cast<std::size_t>(position >= 0 && position < size ? position : 0)].value] = value;
      return;
    }
    // An index outside means the first cell; a check before has made sure that it is not outside.
    ExprId elsewhere = no();
    for (std::int64_t i = 1; i < size; ++i) {
      const ExprId here = table().equal(index, constant(i));
      elsewhere = disj(elsewhere, here);
      const CellId target = place.cells[static_cast<std::size_t>(i)];
      way.cells[target.value] = table().conditional(here, value, value_of(target, way));
    }
    const CellId first = place.cells.front();
    way.cells[first.value] = table().conditional(elsewhere, value_of(first, way), value);
  }

  // ------------------------------------------------------------------- 3 contexts, levels, CPUs

  ExprId condition(std::string name, std::string comment, ExprId formula) {
    std::int64_t value = 0;
    if (table().is_constant(formula, &value)) return constant(value != 0 ? 1 : 0);
    result_.conditions.push_back({std::move(name), std::move(comment), formula});
    return table().load(CellId(system_().cells.size() + result_.conditions.size() - 1));
  }

  static std::string in_name(const std::string& text) {
    std::string result;
    for (const char c : text) result += (std::isalnum(static_cast<unsigned char>(c)) != 0) ? c : '_';
    return result;
  }

  bool is_pinned_level(std::int64_t level) const { return level >= system_().pin_level; }

  ExprId running(const Activation& one) { return table().not_equal(cell(one.location()), no()); }

  /// 3.4, 2: somebody of `handler` is free.
  ExprId has_free(const Context& handler) {
    ExprId any = no();
    for (const CellId location : handler.location_cell) any = disj(any, equals(location, 0));
    return any;
  }

  ExprId is_allowed_on(const Context& handler, std::uint32_t cpu) {
    if (std::holds_alternative<OnAny>(handler.cpus)) return yes();
    if (const auto* one = std::get_if<OnOne>(&handler.cpus)) return table().equal(plain(one->cpu), constant(cpu + 1));
    return plain(std::get<OnSet>(handler.cpus).allowed[cpu]);
  }

  void name_conditions() {
    const std::uint32_t cpus = system_().cpus;
    // A state that breaks a core rule has no successors (9.1).
    alive_ = yes();
    for (const Property& property : system_().properties) {
      if (!property.condition.valid() || !system_().at(property.rule).core) continue;
      const ExprId formula = plain(property.condition);
      if (property.kind == PropertyKind::Invariant) alive_ = conj(alive_, formula);
      if (property.kind == PropertyKind::Never) alive_ = conj(alive_, not_(formula));
    }
    alive_ = condition("goes_on", "no core rule is broken by the state", alive_);

    // 3.4, from the highest level down: condition 5 asks only about higher ones.
    std::vector<const Context*> handlers;
    for (const Context& context : system_().contexts) {
      if (context.kind == ContextKind::Handler && is_pinned_level(context.start_level)) handlers.push_back(&context);
    }
    std::stable_sort(handlers.begin(), handlers.end(),
                     [](const auto* a, const auto* b) { return a->start_level > b->start_level; });
    for (const Context* handler : handlers) {
      const ExprId wanted = conj(plain(handler->condition), has_free(*handler));
      for (std::uint32_t c = 0; c < cpus; ++c) {
        ExprId may = conj(wanted, is_allowed_on(*handler, c));
        for (const Activation& other : activations_) {
          const ExprId above =
              table().binary(BinaryOp::GreaterEqual, cell(other.level()), constant(handler->start_level));
          may = conj(may, not_(conj(equals(other.cpu(), c + 1), above)));
        }
        for (const Context* urgent : handlers) {
          if (urgent->urgent && urgent->start_level > handler->start_level)
            may = conj(may, not_(may_start_.at({urgent, c})));
        }
        may_start_[{handler, c}] = condition(fmt::format("may_start_{}_on_{}", in_name(handler->name), c),
                                             fmt::format("{} may start on CPU {} (3.4)", handler->name, c), may);
      }
    }
    for (const Context* handler : handlers) {
      if (handler->urgent) urgent_.push_back(handler);
    }
    // 3.3, floating: its level is below the pin level, so every urgent handler is above it.
    for (std::uint32_t c = 0; c < cpus; ++c) {
      ExprId calm = yes();
      for (const Activation& other : activations_)
        calm = conj(calm, table().not_equal(cell(other.cpu()), constant(c + 1)));
      for (const Context* urgent : urgent_) calm = conj(calm, not_(may_start_.at({urgent, c})));
      calm_.push_back(
          condition(fmt::format("floaters_run_on_{}", c), fmt::format("who floats may step on CPU {} (3.3)", c), calm));
    }
    for (std::size_t k = 0; k < activations_.size(); ++k) {
      const Activation& one = activations_[k];
      const std::string name =
          in_name(one.context->name) + (one.context->activations > 1 ? fmt::format("_{}", one.number) : "");
      ExprId pinned = no();
      std::vector<ExprId> floating;
      ExprId any_floating = no();
      for (std::uint32_t c = 0; c < cpus; ++c) {
        ExprId here = equals(one.cpu(), c + 1);
        for (const Activation& other : activations_) {
          if (other.location() == one.location()) continue;
          const ExprId above = table().binary(BinaryOp::Greater, cell(other.level()), cell(one.level()));
          here = conj(here, not_(conj(equals(other.cpu(), c + 1), above)));
        }
        for (const Context* urgent : urgent_) {
          const ExprId above = table().binary(BinaryOp::Less, cell(one.level()), constant(urgent->start_level));
          here = conj(here, not_(conj(above, may_start_.at({urgent, c}))));
        }
        pinned = disj(pinned, here);
        ExprId floats = conj(equals(one.cpu(), 0), calm_[c]);
        if (const auto affinity = one.affinity()) {
          floats = conj(floats, disj(equals(*affinity, 0), equals(*affinity, c + 1)));
        }
        floating.push_back(floats);
        any_floating = disj(any_floating, floats);
      }
      pinned = condition(name + "_may_step_pinned", one.context->name + " is pinned and may step (3.3)", pinned);
      const ExprId either =
          condition(name + "_may_step", one.context->name + " may step (3.3)", disj(pinned, any_floating));
      pinned_.push_back(pinned);
      may_step_.push_back(either);
      floating_.push_back(std::move(floating));
      any_floating_.push_back(any_floating);
    }
  }

  std::string place(const std::string& who, Span span) const {
    if (sources_ == nullptr || !span.valid()) return who;
    return who + ", " + sources_->location(span);
  }

  void steps_of(const Activation& one) {
    const auto k = static_cast<std::size_t>(&one - activations_.data());
    for (const LocationId id : one.context->locations) {
      const Location& location = system_().at(id);
      const ExprId here = equals(one.location(), location.number);
      if (is_false(here)) continue;
      std::string who = one.context->name;
      if (one.context->activations > 1) who += fmt::format("[{}]", one.number);
      contexts_steps(one, place(who, location.span), location.program, here, Way{}, pinned_[k], floating_[k],
                     may_step_[k], any_floating_[k]);
    }
  }

  /// 3.3: the ways of one program of a context, each where it may be taken.
  void contexts_steps(const Activation& one, const std::string& name, const Program& program, ExprId here,
                      const Way& begin, ExprId pinned, const std::vector<ExprId>& floating, ExprId may_step,
                      ExprId any_floating) {
    if (program.uses_cpu) {
      if (!is_false(pinned)) {
        for (Way& way : ways(program, begin, {one.number, cell(one.cpu())}, one)) {
          add(name, {here, std::nullopt, pinned}, std::move(way), one);
        }
      }
      for (std::uint32_t c = 0; c < floating.size(); ++c) {
        if (is_false(floating[c])) continue;
        for (Way& way : ways(program, begin, {one.number, constant(c + 1)}, one)) {
          if (!way.ended) way.cells[one.cpu().value] = constant(c + 1);
          add(name, {here, std::nullopt, floating[c]}, std::move(way), one);
        }
      }
      return;
    }
    for (Way& way : ways(program, begin, {one.number, {}}, one)) {
      if (way.ended || !way.error.empty() || way.cells.find(one.level().value) == way.cells.end()) {
        // Where one stands does not change, unless one ends.
        add(name, {here, std::nullopt, may_step}, std::move(way), one);
        continue;
      }
      const ExprId level = way.cells.at(one.level().value);
      const ExprId pins = table().binary(BinaryOp::GreaterEqual, level, constant(system_().pin_level));
      add(name, {here, std::nullopt, pinned}, way, one);
      add(name, {here, not_(pins), any_floating}, way, one);
      for (std::uint32_t c = 0; c < floating.size(); ++c) {
        Way on = way;
        on.cells[one.cpu().value] = constant(c + 1);
        add(name, {here, pins, floating[c]}, std::move(on), one);
      }
    }
  }

  /// 3.4
  void starts_of(const Context& handler) {
    ExprId lower_busy = yes();
    for (std::uint32_t a = 0; a < handler.activations; ++a) {
      const Activation one{&handler, a};
      const ExprId lowest_free = conj(equals(one.location(), 0), lower_busy);
      lower_busy = conj(lower_busy, running(one));
      Way begin;
      begin.cells[one.level().value] = constant(handler.start_level);
      const std::string name = "start of " + place(handler.name, handler.span);
      if (is_pinned_level(handler.start_level)) {
        for (std::uint32_t c = 0; c < system_().cpus; ++c) {
          Way on = begin;
          on.cells[one.cpu().value] = constant(c + 1);
          for (Way& way : ways(handler.start, on, {a, constant(c + 1)}, one)) {
            add(name, {lowest_free, std::nullopt, may_start_.at({&handler, c})}, std::move(way), one);
          }
        }
      } else {
        const ExprId wanted = conj(lowest_free, plain(handler.condition));
        ExprId any = no();
        for (const ExprId calm : calm_) any = disj(any, calm);
        if (handler.start.uses_cpu) {
          contexts_steps(one, name, handler.start, wanted, begin, no(), calm_, any, any);
        } else {
          for (Way& way : ways(handler.start, begin, {a, {}}, one))
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
    guard = conj(guard, alive_);
    if (is_false(guard)) return;
    GuardedStep step;
    step.name = name;
    step.guard = guard;
    step.error = std::move(way.error);
    step.checks = std::move(way.checks);
    if (step.error.empty()) {
      if (runner && way.ended) {  // 3.5
        way.cells[runner->level().value] = constant(system_().at(runner->level()).rest);
        way.cells[runner->cpu().value] = no();
        if (const auto affinity = runner->affinity()) way.cells[affinity->value] = no();
      }
      for (const auto& [number, value] : way.cells) {
        if (value != cell(CellId(number))) step.assigns.push_back({CellId(number), value});
      }
    }
    result_.steps.push_back(std::move(step));
    if (result_.steps.size() > kMaxSteps) throw TooLarge{fmt::format("it has more than {} steps", kMaxSteps)};
  }

  /// 3.6
  void floats() {
    for (std::size_t k = 0; k < activations_.size(); ++k) {
      const Activation& one = activations_[k];
      // A handler never goes below its own level.
      if (one.context->kind == ContextKind::Handler && is_pinned_level(one.context->start_level)) continue;
      ExprId stays = no();
      for (const Activation& other : activations_) {
        if (other.context->kind != ContextKind::Handler || other.location() == one.location()) continue;
        const ExprId above = table().binary(BinaryOp::Greater, cell(other.level()), cell(one.level()));
        stays = disj(stays, conj(table().equal(cell(other.cpu()), cell(one.cpu())), above));
      }
      for (const Context* urgent : urgent_) {
        for (std::uint32_t c = 0; c < system_().cpus; ++c) {
          stays = disj(stays, conj(equals(one.cpu(), c + 1), may_start_.at({urgent, c})));
        }
      }
      ExprId floats = conj(table().not_equal(cell(one.cpu()), no()),
                           table().binary(BinaryOp::Less, cell(one.level()), constant(system_().pin_level)));
      floats = conj(floats, not_(stays));
      // Conditions about pinned levels do not depend on where those below them are, so that it does not matter that
      // they may be evaluated when some of these cells have already become 0.
      if (!is_false(floats)) result_.floats.push_back({one.cpu(), table().conditional(floats, no(), cell(one.cpu()))});
    }
  }

  // ------------------------------------------------------------------------------------ 6 symmetry

  /// values[i]: what the renamed state holds in cell i.
  using Image = std::vector<ExprId>;

  ExprId mapped(ExprId value, const std::vector<std::int64_t>& image) {
    ExprId result = value;
    for (std::size_t i = 0; i < image.size(); ++i) {
      const auto from = static_cast<std::int64_t>(i);
      if (image[i] != from)
        result = table().conditional(table().equal(value, constant(from)), constant(image[i]), result);
    }
    return result;
  }

  Image rename_cpus(const CpuRenaming& renaming) {
    std::vector<std::int64_t> image = {0};
    for (const std::uint32_t cpu : renaming) image.push_back(cpu + 1);
    Image result;
    for (std::size_t i = 0; i < system_().cells.size(); ++i) {
      const ExprId value = cell(CellId(i));
      result.push_back(system_().cells[i].kind == CellKind::Cpu ? mapped(value, image) : value);
    }
    for (const CpuBlocks& blocks : system_().cpu_blocks) {
      const Image before = result;
      for (std::size_t cpu = 0; cpu < blocks.first.size(); ++cpu) {
        for (std::uint32_t offset = 0; offset < blocks.length; ++offset) {
          result[blocks.first[renaming[cpu]].value + offset] = before[blocks.first[cpu].value + offset];
        }
      }
    }
    return result;
  }

  Image rename_activations(const Image& before, const Context& context, const std::vector<std::uint32_t>& order) {
    Image result = before;
    std::vector<std::int64_t> image(system_().slots + 1);
    std::iota(image.begin(), image.end(), 0);
    const auto move = [&](CellId from, CellId to) { result[to.value] = before[from.value]; };
    for (std::uint32_t a = 0; a < context.activations; ++a) {
      const std::uint32_t to = order[a];
      move(context.location_cell[a], context.location_cell[to]);
      move(context.level_cell[a], context.level_cell[to]);
      move(context.cpu_cell[a], context.cpu_cell[to]);
      if (!context.affinity_cell.empty()) move(context.affinity_cell[a], context.affinity_cell[to]);
      if (!context.local_cells.empty()) {
        for (std::size_t i = 0; i < context.local_cells[a].size(); ++i) {
          move(context.local_cells[a][i], context.local_cells[to][i]);
        }
      }
      image[context.first_slot + a + 1] = context.first_slot + to + 1;
    }
    for (std::size_t i = 0; i < result.size(); ++i) {
      if (system_().cells[i].kind == CellKind::Slot) result[i] = mapped(result[i], image);
    }
    return result;
  }

  void renamings() {
    std::vector<Image> images;
    for (const CpuRenaming& renaming : cpu_renamings(system_())) images.push_back(rename_cpus(renaming));
    for (const Context& context : system_().contexts) {
      if (context.activations < 2) continue;
      std::vector<std::uint32_t> order(context.activations);
      std::iota(order.begin(), order.end(), 0u);
      std::vector<Image> more;
      do {
        for (const Image& image : images) more.push_back(rename_activations(image, context, order));
        if (more.size() > kMaxRenamings) throw TooLarge{fmt::format("it has more than {} renamings", kMaxRenamings)};
      } while (std::next_permutation(order.begin(), order.end()));
      images = std::move(more);
    }
    for (const Image& image : images) {
      GuardedRenaming renaming;
      renaming.is_less = no();
      for (std::size_t i = image.size(); i-- > 0;) {
        const ExprId old_value = cell(CellId(i));
        if (image[i] == old_value) continue;
        // Such a cell is not the same in all states, whatever the steps do.
        if (result_.constant[i]) not_constant_.insert(i);
        renaming.assigns.insert(renaming.assigns.begin(), {CellId(i), image[i]});
        renaming.is_less = disj(table().binary(BinaryOp::Less, image[i], old_value),
                                conj(table().equal(image[i], old_value), renaming.is_less));
      }
      if (!renaming.assigns.empty()) result_.renamings.push_back(std::move(renaming));
    }
  }

  // ------------------------------------------------------------------------- 8 properties, 2.4 begin

  void properties() {
    std::set<std::uint32_t> stated;
    for (const Property& property : system_().properties) {
      const Rule& rule = system_().at(property.rule);
      const bool wanted = is_checked_.count(property.rule.value) != 0;
      stated.insert(property.rule.value);
      if (property.kind == PropertyKind::DeadlockFree) {
        result_.deadlock_free = result_.deadlock_free || wanted;
        continue;
      }
      const ExprId formula = plain(property.condition);
      const std::string name = rule.name + (property.message.empty() ? "" : ": " + property.message);
      if (property.kind == PropertyKind::Reachable) {
        if (wanted) result_.reachable.push_back({name, formula});
      } else if (wanted || rule.core) {
        const ExprId holds = property.kind == PropertyKind::Never ? not_(formula) : formula;
        if (!is_true(holds)) result_.invariants.push_back({name, holds});
      }
    }
    result_.all_ended = yes();
    for (const Activation& one : activations_) result_.all_ended = conj(result_.all_ended, equals(one.location(), 0));
    for (const RuleId rule : system_().checked) {
      const std::string& name = system_().at(rule).name;
      if (name == "core.stuck" || (name == "life.leaked" && has_objects())) result_.left_out.push_back(name);
    }
  }

  bool has_objects() const {
    return std::any_of(system_().instances.begin(), system_().instances.end(),
                       [](const Instance& instance) { return instance.life.has_value(); });
  }

  void initial() {
    std::set<State> least;
    const Interpreter interpreter(system_());
    for (State state : interpreter.initial_states()) {
      bool changed = true;
      while (changed) {
        changed = false;
        for (const GuardedRenaming& renaming : result_.renamings) {
          if (evaluate(renaming.is_less, {system_(), state}) == 0) continue;
          State next = state;
          for (const GuardedAssign& assign : renaming.assigns) {
            next[assign.cell.value] = static_cast<std::int32_t>(evaluate(assign.value, {system_(), state}));
          }
          state = std::move(next);
          changed = true;
        }
      }
      least.insert(std::move(state));
      if (least.size() > kMaxInitial) throw TooLarge{fmt::format("it has more than {} initial states", kMaxInitial)};
    }
    result_.initial = {least.begin(), least.end()};
  }

  const SourceMap* sources_;
  bool with_errors_;
  GuardedSystem result_;
  const Way none_;
  std::vector<Activation> activations_;
  std::set<std::uint32_t> is_checked_;
  ExprId alive_;
  std::map<std::pair<const Context*, std::uint32_t>, ExprId> may_start_;  // pinned levels only
  std::vector<const Context*> urgent_;
  std::vector<ExprId> calm_;                   // by CPU
  std::vector<ExprId> pinned_;                 // by activation
  std::vector<ExprId> may_step_;               // by activation
  std::vector<std::vector<ExprId>> floating_;  // by activation and CPU
  std::vector<ExprId> any_floating_;           // by activation

 public:
  std::set<std::size_t> not_constant_;
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

std::optional<GuardedSystem> guarded_steps(const TransitionSystem& system, const SourceMap* sources, bool with_errors,
                                           std::string* problem) {
  try {
    std::vector<std::optional<std::int64_t>> constant(system.cells.size());
    std::set<std::size_t> varying;  // renamings change them
    // What is constant makes formulas fold, steps vanish, and so more cells constant.
    for (int round = 0;; ++round) {
      Builder builder(system, sources, with_errors, constant);
      GuardedSystem result = builder.build();
      varying.insert(builder.not_constant_.begin(), builder.not_constant_.end());
      auto found = constants_of(result);
      for (const std::size_t cell : varying) found[cell].reset();
      if (builder.not_constant_.empty() && (found == constant || round >= 4)) {
        if (size_of(result) >= kMaxNodes) {
          *problem = "its steps are too large to be written out";
          return std::nullopt;
        }
        return result;
      }
      constant = std::move(found);
    }
  } catch (const TooLarge& limit) {
    *problem = limit.why;
    return std::nullopt;
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
