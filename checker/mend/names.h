// What a routine of a design can name: variables, parameters and instances, its own and those of what it reaches, with
// their types. Good enough to propose arguments for calls: what the language refuses after all is dropped later.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "checker/load.h"
#include "checker/mend/places.h"
#include "model/types/typed_tree.h"

namespace quiesce::checker {

/// A name with its type, as seen in a routine.
struct TypedName {
  std::string text;  // "hw", "nic.hw", "status"
  model::types::TypePtr type;
  bool is_local = false;   // of the routine
  std::uint32_t from = 0;  // local: seen from this byte on
};

/// The names that `routine` can use: locals and parameters of the routine, then members and parameters of its machine,
/// then members of machines of the design that these refer to. Requires: `design` was loaded without errors.
std::vector<TypedName> names_in(const LoadedDesign& design, model::FileId own, const Routine& routine);

/// Whether the machine has a parameter, variable, instance or function of this name. O(members).
bool has_member(const model::types::MachineDecl& machine, std::string_view name);

/// Whether a value of type `given` can be an argument for a parameter of type `wanted`, perhaps after an unwrap.
bool fits(const model::types::Type& wanted, const model::types::Type& given);

}  // namespace quiesce::checker
