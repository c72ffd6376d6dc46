#include "checker/automata/simplify.h"

#include <algorithm>
#include <limits>

namespace quiesce::checker {
namespace {

constexpr std::size_t kMostSimulated = 200;
constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

/// Numbers of the strongly connected components, a component before those that lead to it (Tarjan, SIAM J. Comput.
/// 1972; without recursion).
std::vector<std::uint32_t> components(const Automaton& automaton, std::uint32_t& count) {
  const std::size_t size = automaton.states.size();
  std::vector<std::uint32_t> component(size, kNone), order(size, kNone), low(size, 0), stack;
  std::vector<std::pair<std::uint32_t, std::size_t>> path;
  std::uint32_t next_order = 0;
  const auto enter = [&](std::uint32_t state) {
    order[state] = low[state] = next_order++;
    stack.push_back(state);
    path.emplace_back(state, 0);
  };
  count = 0;
  for (std::uint32_t root = 0; root < size; ++root) {
    if (order[root] != kNone) continue;
    enter(root);
    while (!path.empty()) {
      const std::uint32_t state = path.back().first;
      if (path.back().second < automaton.states[state].size()) {
        const std::uint32_t target = automaton.states[state][path.back().second++].target;
        if (order[target] == kNone) {
          enter(target);
        } else if (component[target] == kNone) {
          low[state] = std::min(low[state], order[target]);
        }
        continue;
      }
      path.pop_back();
      if (!path.empty()) low[path.back().first] = std::min(low[path.back().first], low[state]);
      if (low[state] != order[state]) continue;
      for (bool more = true; more;) {
        more = stack.back() != state;
        component[stack.back()] = count;
        stack.pop_back();
      }
      ++count;
    }
  }
  return component;
}

/// Drops states from which nothing is accepted, and marks outside of cycles that can accept.
void drop_useless(Automaton& automaton) {
  std::uint32_t count = 0;
  const std::vector<std::uint32_t> component = components(automaton, count);
  std::vector<std::uint64_t> marks(count, 0);
  std::vector<bool> has_cycle(count, false), useful(count, false);
  for (std::size_t state = 0; state < automaton.states.size(); ++state) {
    for (const AutomatonEdge& edge : automaton.states[state]) {
      if (component[state] != component[edge.target]) continue;
      marks[component[state]] |= edge.marks;
      has_cycle[component[state]] = true;
    }
  }
  const std::uint64_t all = automaton.all_marks();
  const auto accepts = [&](std::uint32_t c) { return has_cycle[c] && marks[c] == all; };
  std::vector<std::vector<std::uint32_t>> members(count);
  for (std::uint32_t state = 0; state < automaton.states.size(); ++state) members[component[state]].push_back(state);
  for (std::uint32_t c = 0; c < count; ++c) {  // successors first
    useful[c] = accepts(c);
    for (const std::uint32_t state : members[c]) {
      for (const AutomatonEdge& edge : automaton.states[state]) {
        if (useful[component[edge.target]]) useful[c] = true;
      }
    }
  }
  std::vector<std::uint32_t> number(automaton.states.size(), kNone);
  Automaton result{automaton.atoms, automaton.sets, {}};
  for (std::size_t state = 0; state < automaton.states.size(); ++state) {
    if (state != 0 && !useful[component[state]]) continue;
    number[state] = static_cast<std::uint32_t>(result.states.size());
    result.states.emplace_back();
  }
  for (std::size_t state = 0; state < automaton.states.size(); ++state) {
    if (number[state] == kNone) continue;
    for (AutomatonEdge edge : automaton.states[state]) {
      if (!useful[component[edge.target]]) continue;
      const bool counts = component[state] == component[edge.target] && accepts(component[state]);
      result.states[number[state]].push_back({edge.label, number[edge.target], counts ? edge.marks : 0});
    }
  }
  automaton = std::move(result);
}

/// Drops states that cannot be reached from the initial one.
void drop_unreachable(Automaton& automaton) {
  std::vector<std::uint32_t> number(automaton.states.size(), kNone), order{0};
  number[0] = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (const AutomatonEdge& edge : automaton.states[order[i]]) {
      if (number[edge.target] != kNone) continue;
      number[edge.target] = static_cast<std::uint32_t>(order.size());
      order.push_back(edge.target);
    }
  }
  Automaton result{automaton.atoms, automaton.sets, {}};
  for (const std::uint32_t state : order) {
    std::vector<AutomatonEdge> edges = automaton.states[state];
    for (AutomatonEdge& edge : edges) edge.target = number[edge.target];
    std::sort(edges.begin(), edges.end());
    edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
    result.states.push_back(std::move(edges));
  }
  automaton = std::move(result);
}

/// Drops sets that belong to all transitions on accepting cycles, and sets that another one implies there.
void drop_sets(Automaton& automaton) {
  std::uint32_t count = 0;
  const std::vector<std::uint32_t> component = components(automaton, count);
  std::vector<std::uint64_t> marks(count, 0);
  std::vector<std::uint64_t> on_cycles;
  const auto each_inner = [&](const auto& use) {
    for (std::size_t state = 0; state < automaton.states.size(); ++state) {
      for (const AutomatonEdge& edge : automaton.states[state]) {
        if (component[state] == component[edge.target]) use(component[state], edge);
      }
    }
  };
  each_inner([&](std::uint32_t c, const AutomatonEdge& edge) { marks[c] |= edge.marks; });
  const std::uint64_t all = automaton.all_marks();
  bool has_rejecting_cycle = false;
  each_inner([&](std::uint32_t c, const AutomatonEdge& edge) {
    if (marks[c] == all) {
      on_cycles.push_back(edge.marks);
    } else {
      has_rejecting_cycle = true;
    }
  });
  std::vector<std::uint32_t> kept;
  for (std::uint32_t set = 0; set < automaton.sets; ++set) kept.push_back(set);
  const auto implied_by = [&](std::uint32_t set, std::uint32_t by) {
    return std::all_of(on_cycles.begin(), on_cycles.end(),
                       [&](std::uint64_t edge) { return (edge >> by & 1) == 0 || (edge >> set & 1) != 0; });
  };
  const auto is_full = [&](std::uint32_t set) {
    return std::all_of(on_cycles.begin(), on_cycles.end(), [&](std::uint64_t edge) { return (edge >> set & 1) != 0; });
  };
  for (std::uint32_t set = 0; set < automaton.sets; ++set) {
    const bool superfluous = std::any_of(kept.begin(), kept.end(),
                                         [&](std::uint32_t other) { return other != set && implied_by(set, other); });
    // The last set has to stay while there is a cycle that accepts nothing.
    if (superfluous || (is_full(set) && (kept.size() > 1 || !has_rejecting_cycle))) std::erase(kept, set);
  }
  for (auto& edges : automaton.states) {
    for (AutomatonEdge& edge : edges) {
      std::uint64_t moved = 0;
      for (std::size_t i = 0; i < kept.size(); ++i) moved |= (edge.marks >> kept[i] & 1) << i;
      edge.marks = moved;
    }
  }
  automaton.sets = static_cast<std::uint32_t>(kept.size());
}

using Relation = std::vector<std::vector<bool>>;

bool is_answered(const Relation& simulates, const AutomatonEdge& edge, const AutomatonEdge& answer) {
  return answer.label.covers(edge.label) && (edge.marks & ~answer.marks) == 0 && simulates[answer.target][edge.target];
}

/// simulates[p][q]: p can answer each transition of q, and continue so.
Relation direct_simulation(const Automaton& automaton) {
  const std::size_t size = automaton.states.size();
  Relation simulates(size, std::vector<bool>(size, true));
  const auto answers = [&](std::size_t p, const AutomatonEdge& edge) {
    return std::any_of(automaton.states[p].begin(), automaton.states[p].end(),
                       [&](const AutomatonEdge& answer) { return is_answered(simulates, edge, answer); });
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t p = 0; p < size; ++p) {
      for (std::size_t q = 0; q < size; ++q) {
        if (p == q || !simulates[p][q]) continue;
        const auto& edges = automaton.states[q];
        if (std::all_of(edges.begin(), edges.end(), [&](const AutomatonEdge& edge) { return answers(p, edge); }))
          continue;
        simulates[p][q] = false;
        changed = true;
      }
    }
  }
  return simulates;
}

void merge_by_simulation(Automaton& automaton) {
  if (automaton.states.size() > kMostSimulated) return;
  const Relation simulates = direct_simulation(automaton);
  for (auto& edges : automaton.states) {
    for (AutomatonEdge& edge : edges) {  // the first of those that simulate each other stands for all
      std::uint32_t first = 0;
      while (!simulates[first][edge.target] || !simulates[edge.target][first]) ++first;
      edge.target = first;
    }
    std::sort(edges.begin(), edges.end());
    edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
    std::vector<AutomatonEdge> kept;
    for (std::size_t i = 0; i < edges.size(); ++i) {
      bool superfluous = false;
      for (std::size_t j = 0; j < edges.size() && !superfluous; ++j) {
        superfluous = i != j && is_answered(simulates, edges[i], edges[j]);
      }
      if (!superfluous) kept.push_back(edges[i]);
    }
    edges = std::move(kept);
  }
}

}  // namespace

Automaton simplified(Automaton automaton) {
  for (std::size_t before = 0; before != automaton.states.size();) {
    before = automaton.states.size();
    drop_useless(automaton);
    drop_unreachable(automaton);
    drop_sets(automaton);
    merge_by_simulation(automaton);
    drop_unreachable(automaton);
  }
  return automaton;
}

}  // namespace quiesce::checker
