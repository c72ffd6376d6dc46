#include "checker/reduce/independence.h"

#include <variant>

#include "model/system/traverse.h"

namespace quiesce::checker {

using namespace model;

namespace {

/// What a program reads and writes when activation `activation` of `context` runs it; null: an action.
class Footprint {
 public:
  Footprint(const TransitionSystem& system, TextStep& step, const Context* context, std::uint32_t activation)
      : system_(system), step_(step), context_(context), activation_(activation) {}

  void add(const Program& program) {
    for (const Op& op : program.ops) {
      if (std::holds_alternative<EnterOp>(op) || std::holds_alternative<LeaveOp>(op)) continue;
      for_each_expr_of(op, [&](ExprId id) { add_reads(id); });
      if (const auto* assign = std::get_if<AssignOp>(&op)) insert(assign->place, step_.writes);
    }
  }

  void add_reads(ExprId root) {
    for_each_expr(system_.expressions, root, [&](ExprId, const Expr& expr) {
      if (const auto* load = std::get_if<LoadExpr>(&expr)) {
        insert(load->place, step_.reads);
      } else if (const auto* idle = std::get_if<IdleExpr>(&expr)) {
        for (const CellId cell : system_.at(idle->context).location_cell) step_.reads.insert(cell);
      }
    });
  }

 private:
  /// A local of the running activation is one cell.
  void insert(const Place& place, CellSet& cells) const {
    const bool own = context_ != nullptr && place.index.valid() && place.cells.size() == context_->activations &&
                     std::holds_alternative<SelfActivationExpr>(system_.at(place.index));
    own ? cells.insert(place.cells[activation_]) : cells.insert(place);
  }

  const TransitionSystem& system_;
  TextStep& step_;
  const Context* context_;
  std::uint32_t activation_;
};

}  // namespace

TextSteps::TextSteps(const TransitionSystem& system) {
  const CellSet none(system.cells.size());
  const auto add = [&](TextStep::Kind kind) -> TextStep& {
    TextStep& step = steps_.emplace_back();
    step.kind = kind;
    step.reads = none;
    step.writes = none;
    return step;
  };
  first_place_.resize(system.slots);
  for (std::uint32_t k = 0; k < system.contexts.size(); ++k) {
    const Context& context = system.contexts[k];
    for (std::uint32_t a = 0; a < context.activations; ++a) {
      first_place_[context.first_slot + a] = steps_.size();
      for (const LocationId id : context.locations) {
        const Location& location = system.at(id);
        TextStep& step = add(TextStep::Kind::Place);
        step.slot = context.first_slot + a;
        step.context = k;
        step.location = id;
        Footprint footprint(system, step, &context, a);
        footprint.add(location.program);
        if (location.guard.valid()) footprint.add_reads(location.guard);
        if (location.lock) {
          step.reads.insert(*location.lock);
          if (location.lock->index.valid()) footprint.add_reads(location.lock->index);
        }
      }
    }
  }
  places_ = steps_.size();
  starts_.resize(system.contexts.size());
  for (std::uint32_t k = 0; k < system.contexts.size(); ++k) {
    const Context& context = system.contexts[k];
    if (context.kind != ContextKind::Handler) continue;
    starts_[k] = steps_.size();
    TextStep& step = add(TextStep::Kind::Start);
    step.context = k;
    for (std::uint32_t a = 0; a < context.activations; ++a) Footprint(system, step, &context, a).add(context.start);
    Footprint footprint(system, step, nullptr, 0);
    footprint.add_reads(context.condition);
    if (const auto* one = std::get_if<OnOne>(&context.cpus)) {
      footprint.add_reads(one->cpu);
    } else if (const auto* set = std::get_if<OnSet>(&context.cpus)) {
      for (const ExprId allowed : set->allowed) footprint.add_reads(allowed);
    }
  }
  first_action_ = steps_.size();
  for (std::uint32_t a = 0; a < system.actions.size(); ++a) {
    TextStep& step = add(TextStep::Kind::Act);
    step.action = a;
    Footprint footprint(system, step, nullptr, 0);
    footprint.add(system.actions[a].program);
    footprint.add_reads(system.actions[a].guard);
  }
}

bool DisjointCells::are_independent(std::size_t step, std::size_t other) const {
  const TextStep& a = steps_[step];
  const TextStep& b = steps_[other];
  return !a.writes.intersects(b.writes) && !a.writes.intersects(b.reads) && !a.reads.intersects(b.writes);
}

}  // namespace quiesce::checker
