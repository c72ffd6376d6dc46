#include "checker/liveness/steady_words.h"

#include <algorithm>
#include <vector>

namespace quiesce::checker {

bool SteadyWords::accepts(std::uint32_t from, std::uint64_t letter) {
  const auto [known, is_new] = known_.try_emplace({from, letter}, false);
  if (is_new) known->second = computed(from, letter);
  return known->second;
}

bool SteadyWords::accepts_after(std::uint32_t from, std::uint64_t letter, std::uint64_t then) {
  const std::vector<AutomatonEdge>& edges = automaton_.states[from];
  return std::any_of(edges.begin(), edges.end(), [&](const AutomatonEdge& edge) {
    return edge.label.allows(letter) && accepts(edge.target, then);
  });
}

std::set<std::uint32_t> SteadyWords::reached(std::uint32_t from, std::uint64_t letter) const {
  std::set<std::uint32_t> seen;
  std::vector<std::uint32_t> open{from};
  while (!open.empty()) {
    const std::uint32_t at = open.back();
    open.pop_back();
    for (const AutomatonEdge& edge : automaton_.states[at]) {
      if (edge.label.allows(letter) && seen.insert(edge.target).second) open.push_back(edge.target);
    }
  }
  return seen;
}

bool SteadyWords::computed(std::uint32_t from, std::uint64_t letter) const {
  std::set<std::uint32_t> all = reached(from, letter);
  all.insert(from);
  for (const std::uint32_t root : all) {
    const std::set<std::uint32_t> ahead = reached(root, letter);
    if (ahead.count(root) == 0) continue;
    std::uint64_t marks = 0;
    for (const std::uint32_t at : ahead) {
      if (reached(at, letter).count(root) == 0) continue;
      for (const AutomatonEdge& edge : automaton_.states[at]) {
        const bool stays = edge.label.allows(letter) && ahead.count(edge.target) != 0 &&
                           (edge.target == root || reached(edge.target, letter).count(root) != 0);
        if (stays) marks |= edge.marks;
      }
    }
    if (marks == automaton_.all_marks()) return true;
  }
  return false;
}

}  // namespace quiesce::checker
