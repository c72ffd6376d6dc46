// What a search still looks for in states.
#pragma once

#include <vector>

#include "model/system/transition_system.h"

namespace quiesce::checker {

/// Core rules are of interest, too, whatever is said here: runs end where one is broken.
struct Interest {
  std::vector<bool> rules;      // by rule: whether a state breaks it
  std::vector<bool> witnesses;  // by property: whether a state makes a Reachable one true
  std::vector<bool> triggers;   // by property: whether a state makes its trigger true

  /// Conditions whose truth is wanted of each state (Judgement::letters).
  std::vector<model::ExprId> atoms = {};

  /// Nothing but these, not even core rules: it is known that no state breaks one.
  bool only_atoms = false;

  bool operator==(const Interest&) const = default;

  static Interest in_nothing(const model::TransitionSystem& system) {
    return {std::vector<bool>(system.rules.size()),
            std::vector<bool>(system.properties.size()),
            std::vector<bool>(system.properties.size()),
            {},
            false};
  }

  /// The rules that were asked for.
  static Interest in_rules(const model::TransitionSystem& system) {
    Interest interest = in_nothing(system);
    for (const model::RuleId rule : system.checked) interest.rules[rule.value] = true;
    return interest;
  }
};

}  // namespace quiesce::checker
