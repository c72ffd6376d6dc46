#include "tests/differential/way_back.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "checker/evidence/original_run.h"
#include "checker/evidence/replay.h"
#include "model/interpret/interpreter.h"
#include "model/passes/drop_unreachable.h"
#include "model/passes/forget_dead.h"
#include "model/passes/merge_steps.h"
#include "model/passes/movers.h"
#include "model/passes/reduce.h"
#include "model/passes/slice.h"
#include "tests/differential/random.h"

namespace quiesce {
namespace {

using namespace model;
using checker::Finding;
using checker::OriginalRun;
using checker::ReducedSystem;

using Pass = Passed (*)(const TransitionSystem&);

Passed after_slicing(const TransitionSystem& system) {
  ReductionStatistics counts;
  return slice(system, counts);
}
Passed after_merging(const TransitionSystem& system) {
  ReductionStatistics counts;
  return merge_steps(system, counts);
}
Passed movers_merged(const TransitionSystem& system) {
  ReductionStatistics counts;
  return merge_movers(system, counts);
}
Passed dropped(const TransitionSystem& system) { return drop_unreachable(system, find_dead_checks(system)); }
Passed forgotten(const TransitionSystem& system) {
  ReductionStatistics counts;
  return forget_dead(system, counts);
}
Passed forgotten_first(const TransitionSystem& system) {
  Passed first = forgotten(system);
  const Passed middle = after_merging(first.system);
  Passed second = dropped(middle.system);
  second.map = composed(first.map, composed(middle.map, second.map));
  return second;
}
Passed reduced(const TransitionSystem& system) {
  Reduced result = reduce(system);
  return {std::move(result.system), std::move(result.map)};
}
Passed reduced_whole(const TransitionSystem& system) {
  Reduced result = reduce(system, {.slice = false});
  return {std::move(result.system), std::move(result.map)};
}

struct NamedPass {
  const char* name;
  Pass pass;
};

constexpr NamedPass kPasses[] = {
    {"slice", after_slicing},
    {"merge_steps", after_merging},
    {"merge_movers", movers_merged},
    {"drop_unreachable", dropped},
    {"forget_dead", forgotten},
    {"forget_dead, merge_steps, drop_unreachable", forgotten_first},
    {"reduce", reduced},
    {"reduce without slicing", reduced_whole},
};

/// The rules that `violations` are of, of those that the reduced system still judges.
std::set<RuleId> rules_of(const TransitionSystem& system, const std::vector<Violation>& violations) {
  std::set<RuleId> rules;
  for (const Violation& violation : violations) {
    const bool asked = std::find(system.checked.begin(), system.checked.end(), violation.rule) != system.checked.end();
    if (asked || system.at(violation.rule).core) rules.insert(violation.rule);
  }
  return rules;
}

/// A walk through a reduced system, and back.
class WayBack {
 public:
  WayBack(const TransitionSystem& original, const Passed& passed, Random& random, WayBackTotals& totals)
      : systems_{passed.system, original, passed.map},
        reduced_(passed.system),
        original_(original),
        random_(random),
        totals_(totals) {}

  std::string try_one(const State& initial, std::size_t length) {
    const Finding finding = walk(initial, length);
    const Expected<OriginalRun> back = original_run(systems_, finding);
    if (!back) return back.error();
    count(finding, *back);
    return fault(finding, *back);
  }

 private:
  /// Ends at a broken rule, mostly.
  Finding walk(const State& initial, std::size_t length) {
    Finding finding;
    finding.in_state = true;
    finding.run.states.push_back(initial);
    while (finding.run.steps.size() < length) {
      const State& from = finding.run.states.back();
      if (ends_run(reduced_.system(), reduced_.violations_of(from))) break;
      const std::vector<Successor> next = reduced_.successors(from);
      if (next.empty()) break;
      const Successor* taken = &random_.any_of(next);
      for (const Successor& one : next) {
        if (!one.violations.empty() && random_.chance(30)) taken = &one;
      }
      finding.run.steps.push_back(taken->step);
      if (!taken->violations.empty() && (taken->ends_run || random_.chance(50))) {
        finding.in_state = false;
        finding.violation = taken->violations.back();
        finding.rule = finding.violation.rule;
      }
      if (!taken->ends_run) finding.run.states.push_back(taken->next);
      if (!finding.in_state) break;
    }
    return finding;
  }

  void count(const Finding& finding, const OriginalRun& back) {
    ++totals_.runs;
    totals_.steps += finding.run.steps.size();
    totals_.original_steps += back.run.steps.size();
    totals_.broken += !finding.in_state;
    for (std::size_t i = 0; i < finding.run.states.size(); ++i) {
      const State& state = at_boundary(back, i);
      totals_.late += back.is_late[i];
      for (std::size_t c = 0; c < state.size(); ++c) {
        const bool is_place = original_.system().cells[c].kind == CellKind::Location;
        if (!is_place && state[c] != finding.run.states[i][c]) {
          ++totals_.richer;
          break;
        }
      }
    }
  }

  /// The state of the original that state `i` of the reduced run stands for.
  static const State& at_boundary(const OriginalRun& back, std::size_t i) { return back.run.states[back.reached[i]]; }

  std::string fault(const Finding& finding, const OriginalRun& back) {
    for (std::size_t i = 0; i < finding.run.states.size(); ++i) {
      const State& state = at_boundary(back, i);
      if (!back.is_late[i] && !systems_.correspond(finding.run.states[i], state))
        return fmt::format("state {} does not correspond", i);
      const std::set<RuleId> before = rules_of(original_.system(), original_.violations_of(state));
      const std::set<RuleId> after = rules_of(reduced_.system(), reduced_.violations_of(finding.run.states[i]));
      if (before != after) return fmt::format("state {} breaks other rules", i);
    }
    for (std::size_t i = 0; i < finding.run.steps.size(); ++i) {
      if (std::count(back.part_of.begin(), back.part_of.end(), i) == 0)
        return fmt::format("step {} stands for nothing", i);
    }
    // By the code that replays what engines find. The states of core.stuck inside a after_merging step end runs of the
    // original (reduce.h), and only where the whole step ends one.
    OriginalRun run = back;
    for (std::size_t i = 0; i + 1 < run.run.states.size(); ++i) {
      if (!ends_run(original_.system(), original_.violations_of(run.run.states[i]))) continue;
      const bool last = i > run.reached[finding.run.steps.size() - 1];
      const bool ends = finding.run.states.size() > finding.run.steps.size() &&
                        ends_run(reduced_.system(), reduced_.violations_of(finding.run.states.back()));
      if (!last || !ends) return fmt::format("state {} of the original ends its run", i);
      run.run.states.resize(i + 1);
      run.run.steps.resize(i);
      const auto replayed = replay(original_, run.run);
      return replayed ? "" : replayed.error();
    }
    if (finding.in_state) {
      const auto replayed = replay(original_, run.run);
      return replayed ? "" : replayed.error();
    }
    // The first of the steps that the last one stands for breaks the rule.
    Finding found = finding;
    found.run = run.run;
    const std::size_t until = run.reached[finding.run.steps.size() - 1] + 1;
    found.run.steps.resize(until);
    found.run.states.resize(std::min(found.run.states.size(), until + 1));
    const auto replayed = replay(original_, found);
    return replayed ? "" : replayed.error();
  }

  const ReducedSystem systems_;
  const Interpreter reduced_;
  const Interpreter original_;
  Random& random_;
  WayBackTotals& totals_;
};

/// Some initial states, among the first ones.
std::vector<State> some_initial_states(const TransitionSystem& system, std::size_t most) {
  std::vector<State> states;
  Interpreter(system).for_each_initial_state([&](const State& state) {
    states.push_back(state);
    return states.size() < most;
  });
  return states;
}

}  // namespace

std::string way_back_fault(const TransitionSystem& system, std::uint64_t seed, std::size_t walks, std::size_t length,
                           WayBackTotals& totals, void (*spoil)(BackMap&)) {
  Random random(seed);
  for (const NamedPass& named : kPasses) {
    Passed passed = named.pass(system);
    if (spoil != nullptr) spoil(passed.map);
    const std::vector<State> initial = some_initial_states(passed.system, 50);
    if (initial.empty()) continue;
    WayBack way(system, passed, random, totals);
    for (std::size_t i = 0; i < walks; ++i) {
      const std::string fault = way.try_one(random.any_of(initial), length);
      if (!fault.empty()) return fmt::format("{}: {}", named.name, fault);
    }
  }
  return "";
}

}  // namespace quiesce
