// Which instances of a system are interchangeable, as proven by checker/reduce/symmetry.h, in the form in which
// canonical forms and reports use it. Plain data.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "model/base/source.h"

namespace quiesce::checker {

/// What a cell's number can name.
enum class Naming : std::uint8_t {
  Nothing,
  Instance,  // 0 = nothing, i + 1 = instance i
  Slot,      // 0 = nothing, 1 + slot of an activation
};

/// The exchange of two members of a class, as a renaming of states: numbers move between cells, and numbers that name
/// something name its counterpart. Doing it twice changes nothing.
struct MemberExchange {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> cells;  // pairs that change places, the lesser first
  std::vector<std::int32_t> instances;                         // by number of a cell that names an instance: its image
  std::vector<std::int32_t> slots;                             // likewise of an activation
};

/// Instances (or groups of instances: the device and the driver of each index) of which any permutation is an
/// automorphism of the system.
struct InterchangeableClass {
  std::vector<std::string> members;                   // paths; groups are joined with " + "
  std::vector<std::vector<MemberExchange>> exchange;  // of i < j at [i][j - i - 1]; with more than 8 members only i = 0
  std::uint32_t depth = 0;                            // how deep its members stand in the tree of instances
};

/// Instances that look interchangeable and are not.
struct SymmetryObstacle {
  std::string first, second;  // their paths
  std::string reason;         // what differs
  model::Span span;           // where; may be nowhere
};

/// What a report tells of it.
struct SymmetryFacts {
  std::vector<std::vector<std::string>> classes;  // members of each class that was reduced
  std::vector<SymmetryObstacle> obstacles;
};

struct InstanceSymmetry {
  std::vector<InterchangeableClass> classes;  // inner ones before those around them
  std::vector<Naming> naming;                 // by cell
  std::vector<std::uint32_t> witness_of;  // by property: the first one of which a witness, with members exchanged, is
                                          // a witness of this one too; itself when there is none
  std::vector<SymmetryObstacle> obstacles;

  bool is_trivial() const { return classes.empty(); }
};

}  // namespace quiesce::checker
