// What an automaton says of words in which one letter repeats forever: runs that stop.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "checker/automata/automaton.h"

namespace quiesce::checker {

/// Remembers its answers. The automaton must outlive it.
class SteadyWords {
 public:
  explicit SteadyWords(const Automaton& automaton) : automaton_(automaton) {}

  /// Whether the automaton accepts, from a state, the word in which one letter repeats forever.
  bool accepts(std::uint32_t from, std::uint64_t letter);

  /// Whether it accepts a letter after which another one repeats forever.
  bool accepts_after(std::uint32_t from, std::uint64_t letter, std::uint64_t then);

 private:
  std::set<std::uint32_t> reached(std::uint32_t from, std::uint64_t letter) const;
  bool computed(std::uint32_t from, std::uint64_t letter) const;

  const Automaton& automaton_;
  std::map<std::pair<std::uint32_t, std::uint64_t>, bool> known_;
};

}  // namespace quiesce::checker
