#include "checker/space/state_space.h"

#include "checker/reduce/symmetry.h"
#include "checker/space/choose_successors.h"
#include "checker/space/packed_space.h"
#include "checker/space/reduced_space.h"
#include "model/system/joint_steps.h"

namespace quiesce::checker {

Interest whole_interest(const model::TransitionSystem& system) {
  Interest interest = Interest::in_rules(system);
  for (std::size_t i = 0; i < system.properties.size(); ++i) {
    interest.witnesses[i] = system.properties[i].kind == model::PropertyKind::Reachable;
    interest.triggers[i] = system.properties[i].trigger.valid();
  }
  return interest;
}

std::unique_ptr<StateSpace> make_state_space(const model::TransitionSystem& system, const SearchOptions& options) {
  const bool is_joint = model::has_joint_steps(system);  // reductions rely on a step moving its own context only
  const bool is_symmetric = options.symmetry && !is_joint;
  const auto packed = std::make_shared<PackedSystem>(
      system, ExpanderOptions{options.successors, options.vector_target,
                              is_symmetric ? find_symmetry(system, options.control) : InstanceSymmetry{}});
  if (options.successors == Successors::Fastest && !is_order_seen(options) && is_bytecode_faster(*packed)) {
    packed->prefer_bytecode();
  }
  auto whole = std::make_unique<PackedSpace>(packed);
  if (!options.partial_order || is_joint) return whole;
  return reduced_space(packed, std::move(whole));
}

std::unique_ptr<StateSpace> make_whole_space(const model::TransitionSystem& system, SearchOptions options) {
  options.symmetry = false;
  options.partial_order = false;
  if (options.successors == Successors::Fastest) options.successors = Successors::Table;  // a hunt sees the order
  return make_state_space(system, options);
}

}  // namespace quiesce::checker
