// The renaming that an exchange of instances proposes, from names and types alone; correspondence.h proves or refutes
// it. Internal to this folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checker/result/instance_symmetry.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

/// Where everything goes. Its own inverse.
struct InstanceRenaming {
  std::vector<std::uint32_t> instances;
  std::vector<std::uint32_t> cells;
  std::vector<std::uint32_t> contexts;
  std::vector<std::uint32_t> slots;
  std::vector<std::uint32_t> actions;
  std::vector<std::uint32_t> properties;  // which says the same of the renamed state; the proof finds them

  /// What a number becomes that names something.
  std::int64_t named(Naming naming, std::int64_t number) const;
};

/// What numbers of cells name, and which those can be: from types, once per system.
struct NamingTable {
  explicit NamingTable(const model::TransitionSystem& system);
  std::vector<Naming> naming;                       // by cell
  std::vector<std::vector<std::int64_t>> possible;  // by cell that names something: its numbers, ascending, 0 included
};

/// Why something is not possible.
struct Refusal {
  std::string reason;
  model::Span span;
};

/// The renaming that exchanges the instances of each pair (paths), with all that is below them. None when the two sides
/// do not even have the same parts; `refusal` then says which differ.
std::optional<InstanceRenaming> propose_exchange(const model::TransitionSystem& system, const NamingTable& table,
                                                 const std::vector<std::pair<std::string, std::string>>& pairs,
                                                 Refusal& refusal);

}  // namespace quiesce::checker
