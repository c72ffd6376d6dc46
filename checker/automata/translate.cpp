#include "checker/automata/translate.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "checker/automata/simplify.h"

namespace quiesce::checker {
namespace {

constexpr std::size_t kMostBits = 64;

/// One way to fulfil a formula at a position: what the letter and the memory must be, what is left for the next
/// position, and what is put off.
struct Way {
  Cube letter;
  Cube memory;                  // bit n: remembered formula n held in the position before
  std::vector<FormulaId> next;  // ascending
  std::uint64_t promises = 0;

  auto operator<=>(const Way&) const = default;
};

using Ways = std::vector<Way>;

/// A state: what must hold from here, and what is remembered.
struct TableauState {
  std::vector<FormulaId> owed;
  std::uint64_t memory = 0;

  auto operator<=>(const TableauState&) const = default;
};

struct TooLarge {};

class Tableau {
 public:
  Tableau(FormulaTable& formulas, std::uint32_t atoms, std::size_t most_states)
      : formulas_(formulas), most_states_(most_states) {
    automaton_.atoms = atoms;
  }

  Automaton build(FormulaId formula) {
    number_of({formulas_.without_implied(parts_of(formula)), 0});
    for (std::size_t state = 0; state < states_.size(); ++state) expand(state);
    automaton_.sets = static_cast<std::uint32_t>(promises_.size());
    const std::uint64_t all = automaton_.all_marks();
    for (auto& edges : automaton_.states) {
      for (AutomatonEdge& edge : edges) edge.marks = all & ~edge.marks;  // until now: what it promises
    }
    return std::move(automaton_);
  }

 private:
  std::vector<FormulaId> parts_of(FormulaId id) const {
    const Formula& formula = formulas_[id];
    if (formula.is(FormulaKind::True)) return {};
    return formula.is(FormulaKind::And) ? formula.parts : std::vector<FormulaId>{id};
  }

  /// The bit of `id` in `table`, new when it has none.
  static std::size_t bit_of(std::vector<FormulaId>& table, FormulaId id) {
    const auto place = std::find(table.begin(), table.end(), id);
    if (place != table.end()) return static_cast<std::size_t>(place - table.begin());
    if (table.size() == kMostBits) throw TooLarge{};
    table.push_back(id);
    return table.size() - 1;
  }

  Way remembers(FormulaId body, bool held) {
    const std::uint64_t bit = std::uint64_t{1} << bit_of(remembered_, body);
    Way way;
    (held ? way.memory.positive : way.memory.negative) = bit;
    return way;
  }

  std::optional<Way> both(const Way& a, const Way& b) {
    Way way{a.letter & b.letter, a.memory & b.memory, {}, a.promises | b.promises};
    if (way.letter.is_empty() || way.memory.is_empty()) return std::nullopt;
    std::set_union(a.next.begin(), a.next.end(), b.next.begin(), b.next.end(), std::back_inserter(way.next));
    return way;
  }

  Ways each_with_each(const Ways& a, const Ways& b) {
    Ways result;
    for (const Way& x : a) {
      for (const Way& y : b) {
        if (std::optional<Way> way = both(x, y)) result.push_back(std::move(*way));
      }
    }
    return without_superfluous(std::move(result));
  }

  Ways either(Ways a, const Ways& b) {
    a.insert(a.end(), b.begin(), b.end());
    return without_superfluous(std::move(a));
  }

  /// Whether what `wide` allows includes what `narrow` allows, so that the latter is superfluous.
  bool includes(const Way& wide, const Way& narrow) {
    return wide.letter.covers(narrow.letter) && wide.memory.covers(narrow.memory) &&
           (wide.promises & ~narrow.promises) == 0 &&
           std::all_of(wide.next.begin(), wide.next.end(), [&](FormulaId owed) {
             return std::any_of(narrow.next.begin(), narrow.next.end(),
                                [&](FormulaId other) { return formulas_.implies(other, owed); });
           });
  }

  Ways without_superfluous(Ways ways) {
    std::sort(ways.begin(), ways.end());
    ways.erase(std::unique(ways.begin(), ways.end()), ways.end());
    Ways kept;
    for (std::size_t i = 0; i < ways.size(); ++i) {
      bool superfluous = false;
      for (std::size_t j = 0; j < ways.size() && !superfluous; ++j) {
        superfluous = i != j && includes(ways[j], ways[i]) && (j < i || !includes(ways[i], ways[j]));
      }
      if (!superfluous) kept.push_back(ways[i]);
    }
    return kept;
  }

  const Ways& ways(FormulaId id) {
    if (const auto known = ways_.find(id); known != ways_.end()) return known->second;
    const Formula formula = formulas_[id];
    return ways_[id] = computed(id, formula);
  }

  /// Docs: Couvreur's decomposition of a formula into now and next.
  Ways computed(FormulaId id, const Formula& formula) {
    const std::vector<FormulaId>& parts = formula.parts;
    const std::uint64_t letter = std::uint64_t{1} << (formula.atom % kMostBits);
    switch (formula.kind) {
      case FormulaKind::False:
        return {};
      case FormulaKind::True:
        return {Way{}};
      case FormulaKind::Atom:
        return {Way{{letter, 0}, {}, {}, 0}};
      case FormulaKind::NotAtom:
        return {Way{{0, letter}, {}, {}, 0}};
      case FormulaKind::And: {
        Ways result{Way{}};
        for (const FormulaId part : parts) result = each_with_each(result, ways(part));
        return result;
      }
      case FormulaKind::Or: {
        Ways result;
        for (const FormulaId part : parts) result = either(std::move(result), ways(part));
        return result;
      }
      case FormulaKind::Next:
        return {Way{{}, {}, parts_of(parts[0]), 0}};
      case FormulaKind::Until: {  // b, or a and again in the next position
        const std::uint64_t promise = std::uint64_t{1} << bit_of(promises_, parts[1]);
        const Ways put_off{Way{{}, {}, {id}, promise}};
        return either(ways(parts[1]), each_with_each(ways(parts[0]), put_off));
      }
      case FormulaKind::Release: {  // b, and a or again in the next position
        const Ways again{Way{{}, {}, {id}, 0}};
        return each_with_each(ways(parts[1]), either(ways(parts[0]), again));
      }
      case FormulaKind::Yesterday:
        return {remembers(parts[0], true)};
      case FormulaKind::NotYesterday:
        return {remembers(parts[0], false)};
      case FormulaKind::Since:  // b, or a and so in the position before
        return either(ways(parts[1]), each_with_each(ways(parts[0]), {remembers(id, true)}));
      case FormulaKind::Triggered:  // b, and a or so in the position before, if there is one
        return each_with_each(ways(parts[1]), either(ways(parts[0]), {remembers(formulas_.negation(id), false)}));
    }
    return {};
  }

  /// The remembered formulas that `id` may ask for, now or later.
  std::uint64_t asks_for(FormulaId id) {
    if (!formulas_[id].has_past) return 0;
    if (const auto known = asked_.find(id); known != asked_.end()) return known->second;
    const Formula formula = formulas_[id];
    std::uint64_t bits = 0;
    for (const FormulaId part : formula.parts) bits |= asks_for(part);
    const FormulaId body = formula.is(FormulaKind::Since)       ? id
                           : formula.is(FormulaKind::Triggered) ? formulas_.negation(id)
                           : formula.is(FormulaKind::Yesterday) || formula.is(FormulaKind::NotYesterday)
                               ? formula.parts[0]
                               : FormulaId();
    if (body.valid()) bits |= std::uint64_t{1} << bit_of(remembered_, body);
    return asked_[id] = bits;
  }

  std::uint32_t number_of(TableauState state) {
    const auto [entry, is_new] = numbers_.try_emplace(std::move(state), static_cast<std::uint32_t>(states_.size()));
    if (is_new) {
      if (states_.size() >= most_states_) throw TooLarge{};
      states_.push_back(&entry->first);
      automaton_.states.emplace_back();
    }
    return entry->second;
  }

  /// `ways` with the decision, for each formula that has to be remembered, whether it holds now. What it takes to
  /// decide may ask for further ones.
  struct Decided {
    Way way;
    std::uint64_t memory = 0;   // what will be remembered
    std::uint64_t decided = 0;  // for these
  };
  std::vector<Decided> decide(Way way, std::uint64_t memory) {
    std::vector<Decided> open{{std::move(way), 0, 0}}, done;
    while (!open.empty()) {
      Decided one = std::move(open.back());
      open.pop_back();
      std::uint64_t asked = 0;
      for (const FormulaId owed : one.way.next) asked |= asks_for(owed);
      std::uint64_t bodies = 0;  // what will be remembered must be known from position to position
      while (bodies != asked) {
        bodies = asked;
        for (std::size_t bit = 0; bit < remembered_.size(); ++bit) {
          if ((asked >> bit & 1) != 0) asked |= asks_for(remembered_[bit]);
        }
      }
      const std::uint64_t left = asked & ~one.decided;
      if (left == 0) {
        done.push_back(std::move(one));
        continue;
      }
      const std::size_t bit = static_cast<std::size_t>(__builtin_ctzll(left));
      for (const bool held : {false, true}) {
        const FormulaId body = remembered_[bit];
        const Ways taken = ways(held ? body : formulas_.negation(body));
        for (const Way& other : taken) {
          std::optional<Way> joint = both(one.way, other);
          if (!joint || !fits(*joint, memory)) continue;
          const std::uint64_t mask = std::uint64_t{1} << bit;
          open.push_back({std::move(*joint), one.memory | (held ? mask : 0), one.decided | mask});
        }
      }
    }
    return done;
  }

  static bool fits(const Way& way, std::uint64_t memory) {
    return (way.memory.positive & ~memory) == 0 && (way.memory.negative & memory) == 0;
  }

  void expand(std::size_t number) {
    const TableauState state = *states_[number];
    Ways now{Way{}};
    for (const FormulaId owed : state.owed) now = each_with_each(now, ways(owed));
    std::map<std::uint64_t, Ways> by_memory;
    for (const Way& way : now) {
      if (!fits(way, state.memory)) continue;
      for (Decided& one : decide(way, state.memory)) {
        one.way.memory = {};
        one.way.next = formulas_.without_implied(std::move(one.way.next));
        by_memory[one.memory].push_back(std::move(one.way));
      }
    }
    std::set<AutomatonEdge> edges;
    for (auto& [memory, ways_there] : by_memory) {
      for (Way& way : without_superfluous(std::move(ways_there))) {
        const std::uint32_t target = number_of({std::move(way.next), memory});
        edges.insert({way.letter, target, way.promises});
      }
    }
    automaton_.states[number].assign(edges.begin(), edges.end());
  }

  FormulaTable& formulas_;
  const std::size_t most_states_;
  Automaton automaton_;
  std::vector<FormulaId> promises_;    // by number of the acceptance set
  std::vector<FormulaId> remembered_;  // by number of the bit
  std::map<FormulaId, Ways> ways_;
  std::map<FormulaId, std::uint64_t> asked_;
  std::map<TableauState, std::uint32_t> numbers_;
  std::vector<const TableauState*> states_;  // keys of numbers_
};

}  // namespace

Translation translate(FormulaTable& formulas, FormulaId formula, std::uint32_t atoms, std::size_t most_states) {
  try {
    return {false, simplified(Tableau(formulas, atoms, most_states).build(formula))};
  } catch (const TooLarge&) {
    return {true, {}};
  }
}

}  // namespace quiesce::checker
