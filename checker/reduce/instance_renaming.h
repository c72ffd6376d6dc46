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

/// What a cell's number can name.
enum class Naming : std::uint8_t {
  Nothing,
  Instance,  // 0 = nothing, i + 1 = instance i
  Slot,      // 0 = nothing, 1 + slot of an activation
  Place,     // 0 = nowhere, n = place n of a context
};

struct NamingTable;

/// Where everything goes. Its own inverse.
struct InstanceRenaming {
  std::vector<std::uint32_t> instances;
  std::vector<std::uint32_t> cells;
  std::vector<std::uint32_t> contexts;
  std::vector<std::uint32_t> slots;
  std::vector<std::uint32_t> actions;
  // By context, by location number: the number in its counterpart. Empty: the same.
  std::vector<std::vector<std::uint32_t>> places;
  std::vector<std::uint32_t> properties;  // which says the same of the renamed state; the proof finds them

  /// What a number of a cell becomes.
  std::int64_t named(const NamingTable& table, std::size_t cell, std::int64_t number) const;
  std::uint32_t place(std::size_t context, std::uint32_t number) const {
    return places[context].empty() ? number : places[context][number];
  }
};

/// What numbers of cells name, and which those can be: from types, once per system.
struct NamingTable {
  explicit NamingTable(const model::TransitionSystem& system);
  std::vector<Naming> naming;                       // by cell
  std::vector<std::vector<std::int64_t>> possible;  // by cell that names something: its numbers, ascending, 0 included
  std::vector<std::uint32_t> context;               // by cell that names a place: whose
  /// By cell: a reference that cannot be null by its type. Its cell rests at 0 where it holds nothing: past the end of
  /// a queue, out of scope. No evaluation that counts reads it there: core.index and core.queue guard queues, the
  /// language gives every other reference a first value (docs/semantics.md, 2.4).
  std::vector<bool> never_null;
};

/// Why something is not possible.
struct Refusal {
  Asymmetry reason;
  model::Span span;
};

/// The renaming that exchanges the instances of each pair (paths), with all that is below them. None when the two sides
/// do not even have the same parts; `refusal` then says which differ.
std::optional<InstanceRenaming> propose_exchange(const model::TransitionSystem& system, const NamingTable& table,
                                                 const std::vector<std::pair<std::string, std::string>>& pairs,
                                                 Refusal& refusal);

}  // namespace quiesce::checker
