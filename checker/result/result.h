// What a search says: verdicts, runs, limits, statistics. Plain data, shared by every engine and report.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checker/result/instance_symmetry.h"
#include "checker/result/invariant.h"
#include "checker/result/reason.h"
#include "checker/result/trouble.h"
#include "model/interpret/state.h"

namespace quiesce::checker {

/// What a rule gets (design: the verdicts). `holds` is only ever said after a complete, exact search.
enum class Verdict { Holds, Violated, Vacuous, NotExercised, Unknown };

/// The verdict as reports and messages say it.
constexpr const char* verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::Holds:
      return "holds";
    case Verdict::Violated:
      return "violated";
    case Verdict::Vacuous:
      return "vacuous";
    case Verdict::NotExercised:
      return "not exercised";
    case Verdict::Unknown:
      return "unknown";
  }
  return "";
}

/// Bounds of a search; unset means unbounded. At a bound it stops cleanly with Unknown.
struct Limits {
  std::optional<std::chrono::milliseconds> time;
  std::optional<std::uint64_t> memory_bytes;
  std::optional<std::uint64_t> states;  // distinct states
  std::optional<std::uint32_t> depth;   // steps from an initial state
};

/// A path from an initial state, canonical or not as the producer says: states[0] initial, steps[i] leads from
/// states[i] to states[i + 1]. When the last step ends the run, states has as many elements as steps.
struct Run {
  std::vector<model::State> states;
  std::vector<model::Step> steps;
  // An infinite run: the states from states[*loop] to the last one repeat forever; where *loop is the last position, the
  // run stops there.
  std::optional<std::size_t> loop;
};

/// How a rule was found broken, or a reachable property found.
struct Finding {
  model::RuleId rule;
  model::Violation violation;  // where and why
  bool in_state = false;  // the last state itself is the violation (invariant, stuck, deadlock); else the last step
  std::optional<model::PropertyId> property;  // state properties: which
  Run run;                                    // may be missing, see below
  bool is_shortest = true;                    // no shorter run breaks this rule
  bool is_of_infinite = false;                // its run is one of CheckCase::infinite, not of CheckCase::system
  LimitKind no_run = LimitKind::None;         // at which limit the way to the violation was not found any more
};

struct Statistics {
  std::uint64_t distinct_states = 0;
  std::uint64_t generated_steps = 0;  // distinct (state, context or action, counted choices, next state)
  std::uint32_t depth = 0;            // longest shortest distance
  std::uint64_t reduced_states = 0;   // states of which the steps of some contexts were enough (partial order)
  std::uint64_t frontier = 0;         // states not yet expanded when a limit was hit
  std::chrono::nanoseconds wall{0};
  std::uint64_t peak_memory_bytes = 0;
  std::uint64_t memory_bytes = 0;     // held now
  double fill = 0;                    // of the visited set, 0..1
  std::size_t broken_rules = 0;       // of those asked for, known to be broken so far
  std::size_t shortest_run = 0;       // steps of the shortest run that is known to break one; when one is broken
  std::vector<std::uint64_t> layers;  // distinct states per depth; the last one may be incomplete
};

/// How much one part of the design multiplies the visited states, measured at a limit on a sample of them: without the
/// part (with its cells forgotten) there would be so many times fewer visited states.
struct Multiplier {
  enum class Kind { Variable, Context, Instance };
  Kind kind = Kind::Variable;
  std::uint32_t index = 0;      // in TransitionSystem::variables, contexts or instances
  double factor = 1;            // visited states / visited states without the part
  std::uint64_t values = 0;     // different values (of all its cells together) in the sample
  bool is_lower_bound = false;  // the sample shows only some of its values
};

/// The answer for one rule.
struct RuleResult {
  model::RuleId rule;
  Verdict verdict = Verdict::Unknown;
  Reason reason;
  std::optional<std::size_t> finding;  // Violated: index into SearchResult::findings
};

/// What a symbolic engine did, where its answer counts.
struct Proof {
  enum class Engine { Ic3, Bounded };
  Engine engine = Engine::Ic3;
  std::uint64_t bits = 0;              // of a state
  std::uint64_t queries = 0;           // to the solver
  std::uint32_t frames = 0;            // Ic3
  std::vector<model::RuleId> rules;    // no run breaks them: what `invariant` shows, with the core rules, ascending
  InductiveInvariant invariant;        // Ic3, when `rules` is not empty
  std::vector<std::string> rechecked;  // by which solvers
};

/// The answer of one search over one system.
struct SearchResult {
  std::vector<RuleResult> rules;  // one per TransitionSystem::checked, in that order
  std::vector<Finding> findings;  // in the order of discovery: by depth, then by search order
  Statistics statistics;
  LimitKind limit = LimitKind::None;
  std::vector<std::uint32_t> searches_done;  // Exploration::searches_done
  std::optional<Hunt> hunt;                  // Exploration::hunt
  Storage storage = Storage::Exact;          // how visited states were kept
  double missed_probability = 0;             // Exploration::missed_probability
  bool complete = false;                     // every reachable state was visited exactly
  std::vector<Multiplier> multipliers;       // SearchOptions::measure_multipliers, at a limit: the largest factor first
  std::uint64_t sampled_states = 0;          // measured on so many states
  SymmetryFacts symmetry;                    // which instances were taken for one
  std::optional<Statistics> infinite;        // of the search of infinite runs, when there was one
  std::optional<Proof> proof;                // a symbolic engine has contributed
  std::optional<Trouble> problem;            // why nothing was searched; `rules` is then empty
  std::optional<Trouble> warning;            // what went wrong beside the search
};

}  // namespace quiesce::checker
