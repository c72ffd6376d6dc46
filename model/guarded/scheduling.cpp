#include "model/guarded/scheduling.h"

#include <algorithm>
#include <cctype>
#include <string>

#include <fmt/format.h>

namespace quiesce::model {

namespace {

std::string in_name(const std::string& text) {
  std::string result;
  for (const char c : text) result += (std::isalnum(static_cast<unsigned char>(c)) != 0) ? c : '_';
  return result;
}

}  // namespace

Scheduling::Scheduling(const Formulas& formulas, ProgramWays& ways) : Formulas(formulas), ways_(ways) {
  for (const Context& context : system().contexts) {
    for (std::uint32_t a = 0; a < context.activations; ++a) activations_.push_back({&context, a});
  }
  name_goes_on();
  name_starts();
  name_calm();
  name_steps();
}

/// 3.4, 2: an activation of `handler` is free.
ExprId Scheduling::has_free(const Context& handler) {
  ExprId any = no();
  for (const CellId location : handler.location_cell) any = disj(any, equals(location, 0));
  return any;
}

ExprId Scheduling::is_allowed_on(const Context& handler, std::uint32_t cpu) {
  if (std::holds_alternative<OnAny>(handler.cpus)) return yes();
  if (const auto* one = std::get_if<OnOne>(&handler.cpus))
    return table().equal(ways_.plain(one->cpu), constant(cpu + 1));
  return ways_.plain(std::get<OnSet>(handler.cpus).allowed[cpu]);
}

/// A state that breaks a core rule has no successors (9.1).
void Scheduling::name_goes_on() {
  goes_on_ = yes();
  for (const Property& property : system().properties) {
    if (!property.condition.valid() || !system().at(property.rule).core) continue;
    const ExprId formula = ways_.plain(property.condition);
    if (property.kind == PropertyKind::Invariant) goes_on_ = conj(goes_on_, formula);
    if (property.kind == PropertyKind::Never) goes_on_ = conj(goes_on_, negation(formula));
  }
  goes_on_ = named("goes_on", "no core rule is broken by the state", goes_on_);
}

/// 3.4, from the highest level down: condition 5 asks only about higher ones.
void Scheduling::name_starts() {
  std::vector<const Context*> handlers;
  for (const Context& context : system().contexts) {
    if (context.kind == ContextKind::Handler && is_pinned_level(context.start_level)) handlers.push_back(&context);
  }
  std::stable_sort(handlers.begin(), handlers.end(),
                   [](const auto* a, const auto* b) { return a->start_level > b->start_level; });
  for (const Context* handler : handlers) {
    const ExprId wanted = conj(ways_.plain(handler->condition), has_free(*handler));
    for (std::uint32_t c = 0; c < system().cpus; ++c) {
      ExprId may = conj(wanted, is_allowed_on(*handler, c));
      for (const Activation& other : activations_) {
        const ExprId above =
            table().binary(BinaryOp::GreaterEqual, cell(other.level()), constant(handler->start_level));
        may = conj(may, negation(conj(equals(other.cpu(), c + 1), above)));
      }
      for (const Context* urgent : handlers) {
        if (urgent->urgent && urgent->start_level > handler->start_level)
          may = conj(may, negation(may_start_.at({urgent, c})));
      }
      may_start_[{handler, c}] = named(fmt::format("may_start_{}_on_{}", in_name(handler->name), c),
                                       fmt::format("{} may start on CPU {} (3.4)", handler->name, c), may);
    }
  }
  for (const Context* handler : handlers) {
    if (handler->urgent) urgent_.push_back(handler);
  }
}

/// 3.3, floating: its level is below the pin level, so every urgent handler is above it.
void Scheduling::name_calm() {
  for (std::uint32_t c = 0; c < system().cpus; ++c) {
    ExprId calm = yes();
    for (const Activation& other : activations_)
      calm = conj(calm, table().not_equal(cell(other.cpu()), constant(c + 1)));
    for (const Context* urgent : urgent_) calm = conj(calm, negation(may_start_.at({urgent, c})));
    calm_.push_back(
        named(fmt::format("floaters_run_on_{}", c), fmt::format("what floats may step on CPU {} (3.3)", c), calm));
  }
}

void Scheduling::name_steps() {
  for (const Activation& one : activations_) {
    const std::string name =
        in_name(one.context->name) + (one.context->activations > 1 ? fmt::format("_{}", one.number) : "");
    MayStep may;
    may.pinned = no();
    may.any_floating = no();
    for (std::uint32_t c = 0; c < system().cpus; ++c) {
      ExprId here = equals(one.cpu(), c + 1);
      for (const Activation& other : activations_) {
        if (other.location() == one.location()) continue;
        const ExprId above = table().binary(BinaryOp::Greater, cell(other.level()), cell(one.level()));
        here = conj(here, negation(conj(equals(other.cpu(), c + 1), above)));
      }
      for (const Context* urgent : urgent_) {
        const ExprId above = table().binary(BinaryOp::Less, cell(one.level()), constant(urgent->start_level));
        here = conj(here, negation(conj(above, may_start_.at({urgent, c}))));
      }
      may.pinned = disj(may.pinned, here);
      ExprId floats = conj(equals(one.cpu(), 0), calm_[c]);
      if (const auto affinity = one.affinity()) {
        floats = conj(floats, disj(equals(*affinity, 0), equals(*affinity, c + 1)));
      }
      may.floating.push_back(floats);
      may.any_floating = disj(may.any_floating, floats);
    }
    may.pinned = named(name + "_may_step_pinned", one.context->name + " is pinned and may step (3.3)", may.pinned);
    may.at_all = named(name + "_may_step", one.context->name + " may step (3.3)", disj(may.pinned, may.any_floating));
    may_step_.push_back(std::move(may));
  }
}

std::vector<Update> Scheduling::floats() {
  std::vector<Update> updates;
  for (const Activation& one : activations_) {
    // A handler never goes below its own level.
    if (one.context->kind == ContextKind::Handler && is_pinned_level(one.context->start_level)) continue;
    ExprId stays = no();
    for (const Activation& other : activations_) {
      if (other.context->kind != ContextKind::Handler || other.location() == one.location()) continue;
      const ExprId above = table().binary(BinaryOp::Greater, cell(other.level()), cell(one.level()));
      stays = disj(stays, conj(table().equal(cell(other.cpu()), cell(one.cpu())), above));
    }
    for (const Context* urgent : urgent_) {
      for (std::uint32_t c = 0; c < system().cpus; ++c) {
        stays = disj(stays, conj(equals(one.cpu(), c + 1), may_start_.at({urgent, c})));
      }
    }
    ExprId floats = conj(table().not_equal(cell(one.cpu()), no()),
                         table().binary(BinaryOp::Less, cell(one.level()), constant(system().pin_level)));
    floats = conj(floats, negation(stays));
    // Conditions about pinned levels do not depend on where those below them are, so that it does not matter that
    // they may be evaluated when some of these cells have already become 0.
    if (!is_false(floats)) updates.push_back({one.cpu(), table().conditional(floats, no(), cell(one.cpu()))});
  }
  return updates;
}

}  // namespace quiesce::model
