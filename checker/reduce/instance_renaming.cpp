#include "checker/reduce/instance_renaming.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "checker/reduce/place_renaming.h"

namespace quiesce::checker {

using namespace model;

namespace {

/// Calls `visit(cell, type, is_optional)` for every scalar cell of a value, with the type it has by itself (null for
/// the length of a queue, the presence of an optional, the members of a set, what a lock restores), and whether it may
/// be null.
template <typename Visit>
void for_each_cell(const ValueType& type, std::uint32_t& cell, const Visit& visit) {
  switch (type.kind) {
    case ValueType::Kind::Bool:
    case ValueType::Kind::Int:
    case ValueType::Kind::Enum:
    case ValueType::Kind::Level:
    case ValueType::Kind::Cpu:
    case ValueType::Kind::Ref:
    case ValueType::Kind::Mutex:
      visit(cell++, &type, false);
      return;
    case ValueType::Kind::Spinlock:
      visit(cell++, &type, false);
      visit(cell++, nullptr, false);
      return;
    case ValueType::Kind::Optional:
      if (is_scalar(type)) {
        visit(cell++, type.element.get(), true);
      } else {
        visit(cell++, nullptr, false);
        for_each_cell(*type.element, cell, visit);
      }
      return;
    case ValueType::Kind::Struct:
      for (const ValueType::Field& field : type.fields) for_each_cell(*field.type, cell, visit);
      return;
    case ValueType::Kind::Array: {
      const std::int64_t count = value_count(*type.index);
      for (std::int64_t i = 0; i < count; ++i) for_each_cell(*type.element, cell, visit);
      return;
    }
    case ValueType::Kind::Set: {
      const std::int64_t count = value_count(*type.element);
      for (std::int64_t i = 0; i < count; ++i) visit(cell++, nullptr, false);
      return;
    }
    case ValueType::Kind::Queue:
      visit(cell++, nullptr, false);
      for (std::uint32_t i = 0; i < type.capacity; ++i) for_each_cell(*type.element, cell, visit);
      return;
  }
}

class Proposal {
 public:
  Proposal(const TransitionSystem& system, const NamingTable& table,
           const std::vector<std::pair<std::string, std::string>>& pairs, Refusal& refusal)
      : system_(system), table_(table), pairs_(pairs), refusal_(refusal) {}

  std::optional<InstanceRenaming> make() {
    r_.instances = identity(system_.instances.size());
    r_.cells = identity(system_.cells.size());
    r_.contexts = identity(system_.contexts.size());
    r_.slots = identity(system_.slots);
    r_.actions = identity(system_.actions.size());
    if (!map_instances() || !map_contexts() || !map_actions() || !map_variables() || !map_places()) return std::nullopt;
    for (const auto* map : {&r_.instances, &r_.cells, &r_.contexts, &r_.slots, &r_.actions}) {
      for (std::size_t i = 0; i < map->size(); ++i) {
        if ((*map)[(*map)[i]] != i) return refuse({Kind::NotOneToOne}, {});
      }
    }
    return check_cases() ? std::optional(std::move(r_)) : std::nullopt;
  }

 private:
  using Kind = Asymmetry::Kind;

  static std::vector<std::uint32_t> identity(std::size_t size) {
    std::vector<std::uint32_t> map(size);
    std::iota(map.begin(), map.end(), 0u);
    return map;
  }

  std::nullopt_t refuse(Asymmetry reason, Span span) {
    if (refusal_.reason.kind == Kind::NotSaid) refusal_ = {std::move(reason), span};
    return std::nullopt;
  }
  bool fail(Asymmetry reason, Span span) {
    refuse(std::move(reason), span);
    return false;
  }

  /// The position in `things` of the counterpart of each; of several with one name the n-th goes with the n-th.
  template <typename Thing, typename Name>
  bool map_names(const std::vector<Thing>& things, const Name& name_of, std::vector<std::uint32_t>& map) {
    std::map<std::string, std::vector<std::uint32_t>> by_name;
    for (std::uint32_t i = 0; i < things.size(); ++i) by_name[name_of(things[i])].push_back(i);
    for (const auto& [name, positions] : by_name) {
      const std::string other = exchanged_name(name, pairs_);
      if (other == name) continue;
      const auto found = by_name.find(other);
      if (found == by_name.end() || found->second.size() != positions.size()) {
        return fail({Kind::NoCounterpart, name, other}, things[positions.front()].span);
      }
      for (std::size_t i = 0; i < positions.size(); ++i) map[positions[i]] = found->second[i];
    }
    return true;
  }

  bool map_instances() {
    if (!map_names(
            system_.instances, [](const Instance& instance) { return instance.path; }, r_.instances)) {
      return false;
    }
    for (std::size_t i = 0; i < system_.instances.size(); ++i) {
      const Instance& a = system_.instances[i];
      const Instance& b = system_.instances[r_.instances[i]];
      if (a.machine != b.machine) return fail({Kind::Machines, a.path, b.path}, a.span);
      if (a.life.has_value() != b.life.has_value()) return fail({Kind::OneHasLife, a.path, b.path}, a.span);
      if (a.life) r_.cells[a.life->value] = b.life->value;
    }
    return true;
  }

  bool map_contexts() {
    if (!map_names(
            system_.contexts, [](const Context& context) { return context.name; }, r_.contexts)) {
      return false;
    }
    for (std::size_t k = 0; k < system_.contexts.size(); ++k) {
      const Context& a = system_.contexts[k];
      const Context& b = system_.contexts[r_.contexts[k]];
      if (a.activations != b.activations || a.locations.size() != b.locations.size() ||
          a.affinity_cell.size() != b.affinity_cell.size() || a.local_cells.size() != b.local_cells.size()) {
        return fail({Kind::Parts, a.name, b.name}, a.span);
      }
      const auto put = [&](CellId from, CellId to) { r_.cells[from.value] = to.value; };
      for (std::uint32_t i = 0; i < a.activations; ++i) {
        r_.slots[a.first_slot + i] = b.first_slot + i;
        put(a.location_cell[i], b.location_cell[i]);
        put(a.level_cell[i], b.level_cell[i]);
        put(a.cpu_cell[i], b.cpu_cell[i]);
        if (!a.affinity_cell.empty()) put(a.affinity_cell[i], b.affinity_cell[i]);
        if (a.local_cells.empty()) continue;
        if (a.local_cells[i].size() != b.local_cells[i].size()) {
          return fail({Kind::Locals, a.name, b.name}, a.span);
        }
        for (std::size_t j = 0; j < a.local_cells[i].size(); ++j) put(a.local_cells[i][j], b.local_cells[i][j]);
      }
    }
    return true;
  }

  bool map_places() {
    const Context* culprit = nullptr;
    auto places = propose_places(system_, r_.contexts, pairs_, culprit);
    if (!places) return fail({Kind::NoSuchPlace, culprit->name}, culprit->span);
    r_.places = std::move(*places);
    for (std::size_t k = 0; k < r_.places.size(); ++k) {
      const std::vector<std::uint32_t>& map = r_.places[k];
      for (std::size_t n = 0; n < map.size(); ++n) {
        if (map[map[n]] != n) return fail({Kind::NotOneToOne}, {});
      }
      const Context& context = system_.contexts[k];
      if (!map.empty() && context.activations > 1) {
        return fail({Kind::SeveralActivations, context.name}, context.span);
      }
    }
    return true;
  }

  bool map_actions() {
    return map_names(
        system_.actions, [](const Action& action) { return action.name; }, r_.actions);
  }

  bool map_variables() {
    std::vector<std::uint32_t> variables = identity(system_.variables.size());
    if (!map_names(
            system_.variables, [](const Variable& variable) { return variable.name; }, variables)) {
      return false;
    }
    for (std::size_t v = 0; v < variables.size(); ++v) {
      const Variable& a = system_.variables[v];
      const Variable& b = system_.variables[variables[v]];
      std::uint32_t from = a.first.value;
      std::uint32_t to = b.first.value;
      if (!walk(*a.type, *b.type, from, to)) {
        return fail({Kind::Types, a.name, b.name}, a.span);
      }
    }
    return true;
  }

  /// Where the value at each position of a scalar type goes: references to moved instances change places.
  bool positions(const ValueType& a, const ValueType& b, std::vector<std::int64_t>& map) const {
    if (a.kind != b.kind || value_count(a) != value_count(b)) return false;
    map.clear();
    for (std::int64_t i = 0; i < value_count(a); ++i) {
      if (a.kind != ValueType::Kind::Ref) {
        if (value_at(a, i) != value_at(b, i)) return false;
        map.push_back(i);
        continue;
      }
      const std::uint32_t image = r_.instances[a.targets[static_cast<std::size_t>(i)]];
      const auto found = std::find(b.targets.begin(), b.targets.end(), image);
      if (found == b.targets.end()) return false;
      map.push_back(found - b.targets.begin());
    }
    return true;
  }

  /// Sends the cells of a value of type `a`, from `from`, to those of one of type `b`, from `to`; both are moved on.
  bool walk(const ValueType& a, const ValueType& b, std::uint32_t& from, std::uint32_t& to) {
    if (a.kind != b.kind) return false;
    const auto one = [&] { r_.cells[from++] = to++; };
    switch (a.kind) {
      case ValueType::Kind::Bool:
      case ValueType::Kind::Int:
      case ValueType::Kind::Enum:
      case ValueType::Kind::Level:
      case ValueType::Kind::Cpu:
      case ValueType::Kind::Mutex:
        one();
        return a.lo == b.lo && a.hi == b.hi;
      case ValueType::Kind::Ref: {
        one();
        std::vector<std::int64_t> map;
        return positions(a, b, map);
      }
      case ValueType::Kind::Spinlock:
        one();
        one();
        return true;
      case ValueType::Kind::Optional:
        if (is_scalar(a) != is_scalar(b)) return false;
        if (!is_scalar(a)) one();
        return walk(*a.element, *b.element, from, to);
      case ValueType::Kind::Struct:
        if (a.fields.size() != b.fields.size()) return false;
        for (std::size_t i = 0; i < a.fields.size(); ++i) {
          if (!walk(*a.fields[i].type, *b.fields[i].type, from, to)) return false;
        }
        return true;
      case ValueType::Kind::Array: {
        std::vector<std::int64_t> map;
        const std::uint32_t size = cell_count(*a.element);
        if (size != cell_count(*b.element) || !positions(*a.index, *b.index, map)) return false;
        for (std::size_t i = 0; i < map.size(); ++i) {
          std::uint32_t source = from + static_cast<std::uint32_t>(i) * size;
          std::uint32_t target = to + static_cast<std::uint32_t>(map[i]) * size;
          if (!walk(*a.element, *b.element, source, target)) return false;
        }
        from += static_cast<std::uint32_t>(map.size()) * size;
        to += static_cast<std::uint32_t>(map.size()) * size;
        return true;
      }
      case ValueType::Kind::Set: {
        std::vector<std::int64_t> map;
        if (!positions(*a.element, *b.element, map)) return false;
        for (std::size_t i = 0; i < map.size(); ++i) r_.cells[from + i] = to + static_cast<std::uint32_t>(map[i]);
        from += static_cast<std::uint32_t>(map.size());
        to += static_cast<std::uint32_t>(map.size());
        return true;
      }
      case ValueType::Kind::Queue:
        if (a.capacity != b.capacity) return false;
        one();
        for (std::uint32_t i = 0; i < a.capacity; ++i) {
          if (!walk(*a.element, *b.element, from, to)) return false;
        }
        return true;
    }
    return false;
  }

  /// Cells that correspond must be able to hold the same, renamed.
  bool check_cases() {
    for (std::size_t i = 0; i < system_.cells.size(); ++i) {
      const Cell& a = system_.cells[i];
      const Cell& b = system_.cells[r_.cells[i]];
      bool same = a.kind == b.kind && a.lo == b.lo && a.hi == b.hi && table_.naming[i] == table_.naming[r_.cells[i]] &&
                  r_.named(table_, i, a.rest) == b.rest;
      if (same && table_.naming[i] != Naming::Nothing) {
        std::vector<std::int64_t> images;
        for (const std::int64_t number : table_.possible[i]) images.push_back(r_.named(table_, i, number));
        std::sort(images.begin(), images.end());
        same = images == table_.possible[r_.cells[i]];
      }
      if (!same) {
        return fail({Kind::Values, a.name, b.name}, a.variable ? system_.at(*a.variable).span : Span{});
      }
    }
    return true;
  }

  const TransitionSystem& system_;
  const NamingTable& table_;
  const std::vector<std::pair<std::string, std::string>>& pairs_;
  Refusal& refusal_;
  InstanceRenaming r_;
};

}  // namespace

std::int64_t InstanceRenaming::named(const NamingTable& table, std::size_t cell, std::int64_t number) const {
  const auto by = [&](const std::vector<std::uint32_t>& map) -> std::int64_t {
    if (number < 1 || number > static_cast<std::int64_t>(map.size())) return number;
    return static_cast<std::int64_t>(map[static_cast<std::size_t>(number - 1)]) + 1;
  };
  switch (table.naming[cell]) {
    case Naming::Nothing:
      return number;
    case Naming::Instance:
      return by(instances);
    case Naming::Slot:
      return by(slots);
    case Naming::Place: {
      const std::vector<std::uint32_t>& map = places[table.context[cell]];
      if (number < 0 || number >= static_cast<std::int64_t>(map.size())) return number;  // none, or the same
      return map[static_cast<std::size_t>(number)];
    }
  }
  return number;
}

NamingTable::NamingTable(const TransitionSystem& system)
    : naming(system.cells.size(), Naming::Nothing),
      possible(system.cells.size()),
      context(system.cells.size(), 0),
      never_null(system.cells.size(), false) {
  for (const Variable& variable : system.variables) {
    std::uint32_t at = variable.first.value;
    for_each_cell(*variable.type, at, [&](std::uint32_t cell, const ValueType* type, bool is_optional) {
      if (type == nullptr || type->kind != ValueType::Kind::Ref) return;
      naming[cell] = Naming::Instance;
      never_null[cell] = !is_optional;
      possible[cell] = {0};
      for (const std::uint32_t target : type->targets) possible[cell].push_back(std::int64_t{target} + 1);
      std::sort(possible[cell].begin(), possible[cell].end());
      possible[cell].erase(std::unique(possible[cell].begin(), possible[cell].end()), possible[cell].end());
    });
  }
  for (std::uint32_t k = 0; k < system.contexts.size(); ++k) {
    for (const CellId cell : system.contexts[k].location_cell) {
      naming[cell.value] = Naming::Place;
      context[cell.value] = k;
      possible[cell.value].resize(system.contexts[k].locations.size() + 1);
      std::iota(possible[cell.value].begin(), possible[cell.value].end(), std::int64_t{0});
    }
  }
  for (std::size_t cell = 0; cell < system.cells.size(); ++cell) {
    const Cell& description = system.cells[cell];
    if (description.kind == CellKind::Slot) {
      naming[cell] = Naming::Slot;
      possible[cell].resize(system.slots + 1);
      std::iota(possible[cell].begin(), possible[cell].end(), std::int64_t{0});
    }
    // What slicing has left of a cell.
    std::erase_if(possible[cell],
                  [&](std::int64_t number) { return number < description.lo || number > description.hi; });
  }
}

std::optional<InstanceRenaming> propose_exchange(const TransitionSystem& system, const NamingTable& table,
                                                 const std::vector<std::pair<std::string, std::string>>& pairs,
                                                 Refusal& refusal) {
  return Proposal(system, table, pairs, refusal).make();
}

}  // namespace quiesce::checker
