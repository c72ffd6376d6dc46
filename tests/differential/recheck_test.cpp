// The recheck of inductive invariants says what the reference interpreter says: the strongest invariant, which is true
// in the reachable states and nowhere else, proves exactly the rules that no run breaks; whatever excludes a reachable
// state is refused.
#include <algorithm>
#include <bit>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "checker/evidence/recheck.h"
#include "model/guarded/print.h"
#include "model/interpret/interpreter.h"
#include "model/passes/reduce.h"
#include "tests/differential/designs.h"
#include "tests/differential/random.h"
#include "tests/differential/random_system.h"

namespace quiesce {
namespace {

using namespace checker;
using namespace model;
using Outcome = RecheckResult::Outcome;

constexpr unsigned kMostBits = 8;

/// What a search without symmetry finds.
struct Reached {
  std::set<State> states;
  std::set<RuleId> broken;
};

Reached reached(const GuardedSystem& guarded) {
  const Interpreter interpreter(guarded.system);
  Reached result;
  std::vector<State> open = guarded.initial;
  result.states.insert(open.begin(), open.end());
  while (!open.empty()) {
    const State state = open.back();
    open.pop_back();
    const std::vector<Violation> violations = interpreter.violations_of(state);
    bool ends = false;
    for (const Violation& one : violations) {
      result.broken.insert(one.rule);
      ends = ends || (one.property.valid() && guarded.system.at(one.rule).core);
    }
    if (ends) continue;
    for (Successor& one : interpreter.successors(state)) {
      for (const Violation& violation : one.violations) result.broken.insert(violation.rule);
      if (!one.ends_run && result.states.insert(one.next).second) open.push_back(std::move(one.next));
    }
  }
  return result;
}

std::vector<CellBit> bits_of(const GuardedSystem& guarded) {
  std::vector<CellBit> result;
  for (std::size_t i = 0; i < guarded.system.cells.size(); ++i) {
    if (guarded.constant[i]) continue;
    const Cell& cell = guarded.system.cells[i];
    const auto width = std::bit_width(static_cast<std::uint64_t>(cell.hi - cell.lo));
    for (unsigned bit = 0; bit < static_cast<unsigned>(width); ++bit) {
      result.push_back({CellId(i), static_cast<std::uint8_t>(bit), false});
    }
  }
  return result;
}

bool value_of(const GuardedSystem& guarded, const CellBit& bit, const State& state) {
  const auto above = static_cast<std::uint64_t>(state[bit.cell.value] - guarded.system.at(bit.cell).lo);
  return (above >> bit.bit & 1) != 0;
}

/// A clause that excludes one valuation of `bits`.
InvariantClause excluding(const std::vector<CellBit>& bits, unsigned valuation) {
  InvariantClause result{bits};
  for (std::size_t i = 0; i < bits.size(); ++i) result.literals[i].value = (valuation >> i & 1) == 0;
  return result;
}

unsigned valuation_of(const GuardedSystem& guarded, const std::vector<CellBit>& bits, const State& state) {
  unsigned result = 0;
  for (std::size_t i = 0; i < bits.size(); ++i) {
    if (value_of(guarded, bits[i], state)) result |= 1u << i;
  }
  return result;
}

InductiveInvariant strongest(const GuardedSystem& guarded, const std::vector<CellBit>& bits, const Reached& all) {
  std::set<unsigned> seen;
  for (const State& state : all.states) seen.insert(valuation_of(guarded, bits, state));
  InductiveInvariant result;
  for (unsigned one = 0; one < 1u << bits.size(); ++one) {
    if (!seen.contains(one)) result.clauses.push_back(excluding(bits, one));
  }
  return result;
}

RecheckResult asked(const GuardedSystem& guarded, const InductiveInvariant& invariant,
                    const std::vector<RuleId>& rules) {
  const SearchControl control(Limits{}, nullptr);
  return recheck(guarded, invariant, rules, control, [] { return true; });
}

struct Totals {
  int systems = 0, proved = 0, refused = 0, excluded = 0;
};

void compare(const std::string& title, const TransitionSystem& system, Random& random, Totals& totals) {
  const auto guarded = guarded_system(system);
  if (!guarded) return;
  const std::vector<CellBit> bits = bits_of(*guarded);
  if (bits.size() > kMostBits || guarded->initial.empty()) return;
  ++totals.systems;
  const Reached all = reached(*guarded);
  const InductiveInvariant invariant = strongest(*guarded, bits, all);
  std::vector<RuleId> kept;
  for (const RuleId rule : provable_rules(*guarded)) {
    if (!all.broken.contains(rule)) {
      kept.push_back(rule);
      continue;
    }
    EXPECT_EQ(asked(*guarded, invariant, {rule}).outcome, Outcome::Refused) << title << ", " << system.at(rule).name;
    ++totals.refused;
  }
  const RecheckResult result = asked(*guarded, invariant, kept);
  EXPECT_EQ(result.outcome, Outcome::Accepted) << title << ": " << result.problem << "\n"
                                               << print_guarded(*guarded, nullptr);
  totals.proved += static_cast<int>(kept.size());
  // Without the reachable state the invariant is none: it is not true initially, or some step leads there.
  InductiveInvariant wrong = invariant;
  const std::vector<State> states(all.states.begin(), all.states.end());
  wrong.clauses.push_back(excluding(bits, valuation_of(*guarded, bits, random.any_of(states))));
  EXPECT_EQ(asked(*guarded, wrong, {}).outcome, Outcome::Refused) << title;
  ++totals.excluded;
}

TEST(Recheck, SaysWhatRunsSay) {
  Totals totals;
  for (std::uint64_t seed = 1; seed <= 150 && !testing::Test::HasFailure(); ++seed) {
    Random random(seed);
    const TransitionSystem system = random_system(seed);
    compare(fmt::format("seed {}", seed), system, random, totals);
    compare(fmt::format("seed {}, reduced", seed), reduce(system).system, random, totals);
  }
  std::cout << totals.systems << " systems, " << totals.proved << " rules proved, " << totals.refused << " refused\n";
  EXPECT_GT(totals.proved, 100);
  EXPECT_GT(totals.refused, 10);
}

}  // namespace
}  // namespace quiesce
