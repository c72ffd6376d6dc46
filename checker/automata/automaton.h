// Generalized Büchi automata with acceptance on transitions: what a formula becomes (translate.h) before its runs are
// searched for. Plain data, printed in the HOA format so that other tools can be asked.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace quiesce::checker {

/// A conjunction of literals over at most 64 atoms: bit n stands for atom n.
struct Cube {
  std::uint64_t positive = 0;  // these atoms are true
  std::uint64_t negative = 0;  // these are false

  bool is_empty() const { return (positive & negative) != 0; }
  bool allows(std::uint64_t letter) const { return (positive & ~letter) == 0 && (negative & letter) == 0; }
  /// Whether all letters of `other` are letters of this.
  bool covers(const Cube& other) const {
    return (positive & ~other.positive) == 0 && (negative & ~other.negative) == 0;
  }
  Cube operator&(const Cube& other) const { return {positive | other.positive, negative | other.negative}; }
  auto operator<=>(const Cube&) const = default;
};

/// A transition: reads one letter of the word.
struct AutomatonEdge {
  Cube label;
  std::uint32_t target = 0;
  std::uint64_t marks = 0;  // acceptance sets that it belongs to

  auto operator<=>(const AutomatonEdge&) const = default;
};

/// State 0 is initial. A word is accepted when some run over it takes transitions of each acceptance set again and
/// again; without sets, when some run does not end. A state without transitions accepts nothing.
struct Automaton {
  std::uint32_t atoms = 0;
  std::uint32_t sets = 0;
  std::vector<std::vector<AutomatonEdge>> states;

  std::uint64_t all_marks() const { return sets == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << sets) - 1; }
};

/// Hanoi Omega-Automata format, version 1 (Babiak and others, CAV 2015). `names`: of the atoms.
std::string print_hoa(const Automaton& automaton, const std::string& name, const std::vector<std::string>& names);

}  // namespace quiesce::checker
