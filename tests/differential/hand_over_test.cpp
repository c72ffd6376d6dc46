// Hand-overs (docs/semantics.md, 4.11): all engines on random designs with them, and the counts of the reference explorer
// against an enumerator that knows processes that meet and nothing else. The second compares what elaboration makes of
// `give` and `take`, which all engines share.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "checker/search/reference_explorer.h"
#include "tests/differential/compare_random_designs.h"
#include "tests/differential/designs.h"
#include "tests/differential/random.h"
#include "tests/differential/random_design.h"

namespace quiesce {
namespace {

constexpr int kValues = 3;  // variables hold 0..2

/// One statement of a process: `v[target] = (v[source] + add) % 3`, or one side of a hand-over, where `shared == wanted` is
/// asked before when `is_guarded`, and `shared = (shared + bump) % 3` follows in the same step when `bump` is not 0.
struct Statement {
  enum class Kind { Assign, Give, Take };
  Kind kind = Kind::Assign;
  int target = 0, source = 0, add = 0;
  int meeting = 0;
  bool is_guarded = false;
  int wanted = 0, bump = 0;
};

/// Processes that repeat their statements forever. Variable 0 is shared; variable p + 1 belongs to process p.
struct Processes {
  std::vector<std::vector<Statement>> bodies;
  int meetings = 1;
};

Processes random_processes(std::uint64_t seed) {
  Random random(seed);
  Processes result;
  result.meetings = static_cast<int>(random.between(1, 2));
  const auto count = random.between(2, 4);
  for (int p = 0; p < count; ++p) {
    std::vector<Statement> body;
    const auto length = random.between(1, 4);
    for (int i = 0; i < length; ++i) {
      Statement one;
      const auto kind = random.between(0, 4);
      one.kind = kind < 1 ? Statement::Kind::Assign : kind < 3 ? Statement::Kind::Give : Statement::Kind::Take;
      one.target = random.chance(30) ? 0 : p + 1;
      one.source = random.chance(40) ? 0 : p + 1;
      one.add = static_cast<int>(random.between(0, 2));
      one.meeting = static_cast<int>(random.between(0, result.meetings - 1));
      one.is_guarded = random.chance(30);
      one.wanted = static_cast<int>(random.between(0, 2));
      one.bump = random.chance(30) ? 1 : 0;
      body.push_back(one);
    }
    result.bodies.push_back(std::move(body));
  }
  return result;
}

// ------------------------------------------------------------------------------------------------------------ as a design

std::string name_of(int variable) { return variable == 0 ? "shared" : "own" + std::to_string(variable - 1); }

std::string text_of(const Statement& one) {
  const std::string value = "(" + name_of(one.source) + " + " + std::to_string(one.add) + ") % 3";
  const std::string meeting = "m" + std::to_string(one.meeting);
  if (one.kind == Statement::Kind::Assign) return name_of(one.target) + " = " + value;
  const std::string side =
      one.kind == Statement::Kind::Give ? "give " + meeting + ", " + value : name_of(one.target) + " = take " + meeting;
  if (!one.is_guarded && one.bump == 0) return side;
  return std::string("atomic { ") + (one.is_guarded ? "await shared == " + std::to_string(one.wanted) + "  " : "") +
         side + (one.bump != 0 ? "  shared = (shared + 1) % 3" : "") + " }";
}

std::string text_of(const Processes& processes) {
  std::ostringstream text;
  text << "module m\nsystem S {\n  shared: int 0..2\n";
  for (int m = 0; m < processes.meetings; ++m) text << "  m" << m << ": handover<int 0..2>\n";
  for (std::size_t p = 0; p < processes.bodies.size(); ++p) text << "  own" << p << ": int 0..2\n";
  for (std::size_t p = 0; p < processes.bodies.size(); ++p) {
    text << "  thread t" << p << " {\n    loop {\n";
    for (const Statement& one : processes.bodies[p]) text << "      " << text_of(one) << "\n";
    text << "    }\n  }\n";
  }
  text << "}\ncheck S\n";
  return text.str();
}

// ------------------------------------------------------------------------------------------------------- and enumerated

struct Standing {
  std::vector<std::size_t> at;  // per process: its next statement
  std::vector<int> values;

  auto operator<=>(const Standing&) const = default;
};

class Enumeration {
 public:
  explicit Enumeration(const Processes& processes) : processes_(processes) {}

  /// States and steps: (state, process, process that takes or none, next state).
  std::pair<std::uint64_t, std::uint64_t> counts() {
    Standing first;
    first.at.assign(processes_.bodies.size(), 0);
    first.values.assign(processes_.bodies.size() + 1, 0);
    seen_.insert(first);
    open_.push_back(first);
    while (!open_.empty()) {
      const Standing here = open_.front();
      open_.pop_front();
      for (std::size_t p = 0; p < processes_.bodies.size(); ++p) step(here, p);
    }
    return {seen_.size(), steps_.size()};
  }

 private:
  const Statement& next(const Standing& here, std::size_t p) const { return processes_.bodies[p][here.at[p]]; }
  static int value(const Standing& here, const Statement& one) {
    return (here.values[static_cast<std::size_t>(one.source)] + one.add) % kValues;
  }
  static bool may(const Standing& here, const Statement& one) {
    return !one.is_guarded || here.values[0] == one.wanted;
  }
  static void bump(Standing& here, const Statement& one) { here.values[0] = (here.values[0] + one.bump) % kValues; }
  void go_on(Standing& here, std::size_t p) const { here.at[p] = (here.at[p] + 1) % processes_.bodies[p].size(); }

  void step(const Standing& here, std::size_t p) {
    const Statement& one = next(here, p);
    if (one.kind == Statement::Kind::Take) return;
    if (one.kind == Statement::Kind::Assign) {
      Standing after = here;
      after.values[static_cast<std::size_t>(one.target)] = value(here, one);
      go_on(after, p);
      reach(here, p, std::nullopt, std::move(after));
      return;
    }
    if (!may(here, one)) return;
    for (std::size_t q = 0; q < processes_.bodies.size(); ++q) {
      const Statement& other = next(here, q);
      if (q == p || other.kind != Statement::Kind::Take || other.meeting != one.meeting || !may(here, other)) continue;
      Standing after = here;
      after.values[static_cast<std::size_t>(other.target)] = value(here, one);
      bump(after, other);
      bump(after, one);
      go_on(after, p);
      go_on(after, q);
      reach(here, p, q, std::move(after));
    }
  }

  void reach(const Standing& before, std::size_t p, std::optional<std::size_t> q, Standing after) {
    steps_.emplace(before, p, q, after);
    if (seen_.insert(after).second) open_.push_back(std::move(after));
  }

  const Processes& processes_;
  std::set<Standing> seen_;
  std::deque<Standing> open_;
  std::set<std::tuple<Standing, std::size_t, std::optional<std::size_t>, Standing>> steps_;
};

TEST(HandOver, HasTheStatesOfProcessesThatMeet) {
  std::uint64_t states = 0;
  int moving = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    const Processes processes = random_processes(seed);
    const std::string text = text_of(processes);
    std::string problem;
    const std::vector<DesignCase> cases = cases_of_text("m.qsm", text, &problem);
    ASSERT_EQ(cases.size(), 1u) << problem << "\n" << text;
    model::TransitionSystem system = cases.front().system;
    system.stuck_rule = {};  // it would end runs
    const checker::Exploration found = checker::explore_reference(system, {});
    const auto [wanted_states, wanted_steps] = Enumeration(processes).counts();
    EXPECT_EQ(found.statistics.distinct_states, wanted_states) << "seed " << seed << "\n" << text;
    EXPECT_EQ(found.statistics.generated_steps, wanted_steps) << "seed " << seed << "\n" << text;
    if (HasFailure()) return;
    states += wanted_states;
    moving += wanted_states > 20;
  }
  std::cout << states << " states; " << moving << " designs with more than 20\n";
  EXPECT_GT(moving, 40);
}

TEST(HandOver, EnginesAgreeOnRandomDesigns) {
  const RandomDesignTotals totals = compare_random_designs(1, 300, 1, 1500, 2, random_design_with_hand_overs);
  std::cout << text_of(totals);
  EXPECT_LT(totals.refused * 10, totals.designs) << "the generator writes too much that is no design";
  EXPECT_GT(totals.compared, 200);
  EXPECT_GT(totals.features.at("give"), 150);
  EXPECT_GT(totals.features.at("take"), 150);
}

TEST(HandOver, OneSeed) {
  const char* seed = std::getenv("QUIESCE_SEED");
  if (seed == nullptr) GTEST_SKIP() << "QUIESCE_SEED is not set";
  const std::uint64_t number = std::strtoull(seed, nullptr, 10);
  std::cout << text_of(random_design_with_hand_overs(number, 1));
  std::cout << text_of(compare_random_designs(number, 1, 1, 100000, 1, random_design_with_hand_overs));
}

}  // namespace
}  // namespace quiesce
