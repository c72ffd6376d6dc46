#include "checker/reduce/related_instances.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>

#include "model/system/cell_set.h"
#include "model/system/traverse.h"

namespace quiesce::checker {

using namespace model;

namespace {

/// Which siblings touch which.
class Touches {
 public:
  Touches(const TransitionSystem& system, const std::vector<std::uint32_t>& siblings) : system_(system) {
    above_.assign(system.instances.size(), 0);
    const std::set<std::uint32_t> known(siblings.begin(), siblings.end());
    for (std::uint32_t i = 0; i < system.instances.size(); ++i) {
      std::uint32_t at = i;
      while (known.count(at) == 0 && system.instances[at].parent) at = system.instances[at].parent->value;
      above_[i] = at;
    }
    find_owners();
    for (const Context& context : system.contexts) {
      CellSet touched(system.cells.size());
      add_writes(context.start, touched);
      if (context.condition.valid()) add_reads(system, context.condition, touched);
      for (const LocationId id : context.locations) add_writes(system.at(id).program, touched);
      add(context.instance, touched);
    }
    for (const Action& action : system.actions) {
      CellSet touched(system.cells.size());
      add_writes(action.program, touched);
      if (action.guard.valid()) add_reads(system, action.guard, touched);
      add(action.instance, touched);
    }
  }

  bool between(std::uint32_t a, std::uint32_t b) const { return pairs_.count({a, b}) > 0 || pairs_.count({b, a}) > 0; }

 private:
  /// Variables and lives have the names of the instances that they are of.
  void find_owners() {
    std::map<std::string_view, std::uint32_t> by_path;
    for (std::uint32_t i = 0; i < system_.instances.size(); ++i) by_path[system_.instances[i].path] = i;
    owner_.resize(system_.cells.size());
    for (const Variable& variable : system_.variables) {
      if (variable.owner) continue;
      std::string_view path = variable.name;
      while (!path.empty() && by_path.count(path) == 0) {
        const std::size_t dot = path.rfind('.');
        path = path.substr(0, dot == std::string_view::npos ? 0 : dot);
      }
      for (std::uint32_t i = 0; i < cell_count(*variable.type); ++i) owner_[variable.first.value + i] = by_path[path];
    }
    for (std::uint32_t i = 0; i < system_.instances.size(); ++i) {
      if (system_.instances[i].life) owner_[system_.instances[i].life->value] = i;
    }
  }

  static void add_writes(const Program& program, CellSet& cells) {
    for (const Op& op : program.ops) {
      if (const auto* assign = std::get_if<AssignOp>(&op)) cells.insert(assign->place);
    }
  }

  void add(InstanceId instance, const CellSet& touched) {
    touched.for_each([&](CellId cell) {
      if (owner_[cell.value]) pairs_.insert({above_[instance.value], above_[*owner_[cell.value]]});
    });
  }

  const TransitionSystem& system_;
  std::vector<std::uint32_t> above_;                 // by instance: the sibling that it is below of
  std::vector<std::optional<std::uint32_t>> owner_;  // by cell: the instance
  std::set<std::pair<std::uint32_t, std::uint32_t>> pairs_;
};

}  // namespace

std::vector<std::vector<std::uint32_t>> related_groups(const TransitionSystem& system,
                                                       const std::vector<std::uint32_t>& instances,
                                                       const std::vector<std::uint32_t>& siblings) {
  const Touches touches(system, siblings);
  std::vector<std::vector<std::uint32_t>> groups;
  for (const std::uint32_t instance : instances) groups.push_back({instance});
  std::set<std::uint32_t> open(siblings.begin(), siblings.end());
  for (const std::uint32_t instance : instances) open.erase(instance);
  const auto belongs = [&](std::uint32_t sibling, const std::vector<std::uint32_t>& group) {
    return std::any_of(group.begin(), group.end(), [&](std::uint32_t one) { return touches.between(sibling, one); });
  };
  for (bool grown = true; grown;) {
    grown = false;
    for (const std::uint32_t sibling : std::set<std::uint32_t>(open)) {
      std::vector<std::vector<std::uint32_t>*> of;
      for (std::vector<std::uint32_t>& group : groups) {
        if (belongs(sibling, group)) of.push_back(&group);
      }
      if (of.size() != 1) continue;
      of.front()->push_back(sibling);
      open.erase(sibling);
      grown = true;
    }
  }
  for (std::vector<std::uint32_t>& group : groups) {
    std::sort(group.begin() + 1, group.end(), [&](std::uint32_t a, std::uint32_t b) {
      return std::tie(system.instances[a].machine, a) < std::tie(system.instances[b].machine, b);
    });
  }
  return groups;
}

}  // namespace quiesce::checker
