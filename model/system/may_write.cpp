#include "model/system/may_write.h"

#include "model/base/patience.h"
#include "model/system/joint_steps.h"
#include "model/system/traverse.h"

namespace quiesce::model {

namespace {

CellSet written_by(const TransitionSystem& system, const Program& program) {
  CellSet cells(system.cells.size());
  for (const Op& op : program.ops) {
    if (const auto* assign = std::get_if<AssignOp>(&op)) cells.insert(assign->place);
  }
  return cells;
}

}  // namespace

MayWrite::MayWrite(const TransitionSystem& system) {
  const std::size_t cells = system.cells.size();
  from_.resize(system.locations.size());
  starts_.resize(system.contexts.size(), CellSet(cells));
  elsewhere_.reserve(system.locations.size());
  starts_elsewhere_.resize(system.contexts.size(), CellSet(cells));
  actions_.reserve(system.actions.size());
  const auto owners = owners_of_cells(system);

  // Least solution of from(l) = writes(l) + union of from(successors of l), by iteration: contexts are small.
  for (std::size_t i = 0; i < system.locations.size(); ++i) {
    ask_patience();
    const Location& location = system.locations[i];
    const Context& context = system.at(location.context);
    from_[i] = written_by(system, location.program);
    elsewhere_.push_back(written_elsewhere(system, owners, location.context, location.program));
    for (std::uint32_t a = 0; a < context.activations; ++a) {
      from_[i].insert(context.location_cell[a]);
      from_[i].insert(context.level_cell[a]);
      from_[i].insert(context.cpu_cell[a]);
    }
  }
  for (const Context& context : system.contexts) {
    bool grown = true;
    while (grown) {
      grown = false;
      for (auto location = context.locations.rbegin(); location != context.locations.rend(); ++location) {
        ask_patience();
        for_each_goto(system.at(*location).program, [&](LocationId next) {
          grown |= from_[location->value].unite(from_[next.value]);
          grown |= elsewhere_[location->value].unite(elsewhere_[next.value]);
        });
      }
    }
  }
  for (std::size_t i = 0; i < system.contexts.size(); ++i) {
    const Context& context = system.contexts[i];
    if (context.kind == ContextKind::Handler) {
      starts_[i] = written_by(system, context.start);
      for_each_goto(context.start, [&](LocationId next) {
        starts_[i].unite(from_[next.value]);
        starts_elsewhere_[i].unite(elsewhere_[next.value]);
      });
    }
  }
  for (const Action& action : system.actions) {
    actions_.push_back(written_by(system, action.program));
  }
}

}  // namespace quiesce::model
