// Hunts against the reference explorer on random systems and on the designs: what a hunt calls violated is violated,
// its runs replay, and it never says that a rule holds.
#include <algorithm>
#include <iostream>
#include <optional>

#include <gtest/gtest.h>

#include "checker/evidence/replay.h"
#include "checker/search/depth_first.h"
#include "checker/search/few_interruptions.h"
#include "checker/search/hunter.h"
#include "checker/search/random_walk.h"
#include "checker/search/reference_explorer.h"
#include "checker/search/swarm.h"
#include "checker/store/bitstate_store.h"
#include "model/interpret/interpreter.h"
#include "tests/differential/designs.h"
#include "tests/differential/random_system.h"

namespace quiesce {
namespace {

using namespace checker;

struct Score {
  int violated = 0;  // rules that the reference finds violated by a run
  int found = 0;     // of those, by the hunt

  /// So many percent of the violations were found.
  int percent() const { return violated == 0 ? 100 : found * 100 / violated; }
};

/// Compares one hunt with what is known of the system.
void compare(const model::TransitionSystem& system, const SearchResult& expected, Exploration hunt,
             const std::string& what, Score& score) {
  SCOPED_TRACE(what);
  EXPECT_TRUE(hunt.hunt.has_value());
  const model::Interpreter interpreter(system);
  for (const Finding& finding : hunt.findings) {
    const auto run = replay(interpreter, finding);
    EXPECT_TRUE(run) << system.at(finding.rule).name << ": " << run.error();
  }
  const SearchResult found = judge(system, std::move(hunt));
  EXPECT_FALSE(found.complete);
  ASSERT_EQ(found.rules.size(), expected.rules.size());
  for (std::size_t i = 0; i < found.rules.size(); ++i) {
    const std::string& name = system.at(found.rules[i].rule).name;
    const Verdict wanted = expected.rules[i].verdict, said = found.rules[i].verdict;
    const bool has_run = expected.rules[i].finding && !expected.findings[*expected.rules[i].finding].run.states.empty();
    score.violated += has_run ? 1 : 0;
    score.found += said == Verdict::Violated ? 1 : 0;
    if (said == Verdict::Violated) {
      EXPECT_EQ(wanted, Verdict::Violated) << name;
      EXPECT_GE(found.findings[*found.rules[i].finding].run.steps.size(),
                expected.findings[*expected.rules[i].finding].run.steps.size())
          << name << ": shorter than the shortest run";
    } else {
      EXPECT_EQ(said, Verdict::Unknown) << name;
    }
  }
}

struct Scores {
  Score exact, bitstate, compact, shallow, random, swarm, few, many;
};

/// Depth first with one page for the visited states: small enough to miss some.
Exploration explore_in_a_page(const model::TransitionSystem& system, const SearchOptions& options) {
  const std::unique_ptr<StateSpace> space = make_whole_space(system, options);
  const std::vector<std::uint64_t> initial = packed_initial_states(*space);
  HuntControl control(options);
  Hunter hunter(*space, initial, options, control);
  BitstateStore visited(space->words(), 1 << 12);
  search_depth_first(hunter, visited, {});
  Exploration result = hunt_result(hunter);
  result.hunt = Hunt{};
  result.storage = Storage::Bitstate;
  return result;
}

/// Counted with the reference interpreter.
std::uint32_t interruptions_of(const model::TransitionSystem& system, const Run& run) {
  using model::Actor;
  const model::Interpreter interpreter(system);
  std::optional<std::uint32_t> last;
  std::uint32_t count = 0;
  for (std::size_t i = 0; i < run.steps.size(); ++i) {
    const Actor& actor = run.steps[i].actor;
    if (actor.kind == Actor::Kind::Act) continue;
    const bool goes_on = actor.kind == Actor::Kind::Step && actor.index == last;
    if (last && !goes_on) {
      const auto successors = interpreter.successors(run.states[i]);
      count += std::any_of(successors.begin(), successors.end(), [&](const model::Successor& successor) {
        return successor.step.actor.kind == Actor::Kind::Step && successor.step.actor.index == *last;
      });
    }
    last = actor.index;
  }
  return count;
}

void compare_all(const model::TransitionSystem& system, const SearchResult& expected, std::uint64_t seed,
                 Scores& scores) {
  SearchOptions options;
  options.seed = seed;
  options.limits.memory_bytes = std::uint64_t{1} << 30;
  options.order = Order::DepthFirst;
  compare(system, expected, explore_depth_first(system, options), "depth first", scores.exact);
  options.storage = Storage::Compact;
  compare(system, expected, explore_depth_first(system, options), "depth first, compact", scores.compact);
  options.storage = Storage::Exact;
  compare(system, expected, explore_in_a_page(system, options), "depth first, bitstate", scores.bitstate);
  options.limits.depth = 5;
  compare(system, expected, explore_depth_first(system, options), "depth first, shallow", scores.shallow);
  options.limits.depth.reset();
  options.limits.states = 20000;
  options.order = Order::Random;
  compare(system, expected, explore_randomly(system, options), "random walks", scores.random);
  options.order = Order::Swarm;
  options.threads = 2;
  options.searches = 4;
  compare(system, expected, explore_swarm(system, options), "swarm", scores.swarm);
  options = {};
  options.order = Order::FewInterruptions;
  for (const std::uint32_t most : {0U, 1U, 1000U}) {
    options.interruptions = most;
    Exploration hunt = explore_few_interruptions(system, options);
    for (const Finding& finding : hunt.findings) {
      // The step that breaks a check may be one more.
      EXPECT_LE(interruptions_of(system, finding.run), most + (finding.in_state ? 0 : 1))
          << system.at(finding.rule).name;
    }
    Score none;
    Score& score = most == 1 ? scores.few : most == 1000 ? scores.many : none;
    compare(system, expected, std::move(hunt), std::to_string(most) + " interruptions", score);
  }
}

void print(const char* what, const Scores& scores) {
  const auto part = [](const Score& score) {
    return std::to_string(score.found) + " of " + std::to_string(score.violated);
  };
  std::cout << what << ": found depth first " << part(scores.exact) << ", compact " << part(scores.compact)
            << ", bitstate " << part(scores.bitstate) << ", to depth 5 " << part(scores.shallow) << ", random walks "
            << part(scores.random) << ", swarm " << part(scores.swarm) << ", one interruption " << part(scores.few)
            << "\n";
}

TEST(Hunts, NeverContradictTheReferenceOnRandomSystems) {
  Scores scores;
  for (std::uint64_t seed = 1; seed <= 150 && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const model::TransitionSystem system = random_system(seed);
    SearchOptions options;
    options.limits.states = 1500;
    Exploration reference = explore_reference(system, options);
    if (reference.limit != LimitKind::None) continue;
    compare_all(system, judge(system, std::move(reference)), seed, scores);
  }
  print("random systems", scores);
  // Systems this small are searched whole, unless states are taken for others.
  EXPECT_EQ(scores.exact.found, scores.exact.violated);
  EXPECT_EQ(scores.compact.found, scores.compact.violated);
  EXPECT_EQ(scores.many.found, scores.many.violated);
  EXPECT_GE(scores.few.percent(), 80);
  EXPECT_GT(scores.exact.violated, 100);
  EXPECT_GE(scores.bitstate.percent(), 80);
  EXPECT_GE(scores.random.percent(), 90);
  EXPECT_GE(scores.swarm.percent(), 90);
  EXPECT_LT(scores.shallow.percent(), 100);
}

TEST(Hunts, NeverContradictTheReferenceOnTheDesigns) {
  Scores scores;
  for (const std::string& file : design_files("tests/verdicts/designs")) {
    std::string problem;
    for (const DesignCase& cell : design_cases(file, &problem)) {
      SCOPED_TRACE(cell.title);
      SearchOptions options;
      options.limits.states = 3000;
      Exploration reference = explore_reference(cell.system, options);
      if (reference.limit != LimitKind::None) continue;
      compare_all(cell.system, judge(cell.system, std::move(reference)), 1, scores);
    }
  }
  print("designs", scores);
  EXPECT_EQ(scores.exact.found, scores.exact.violated);
  EXPECT_EQ(scores.compact.found, scores.compact.violated);
  EXPECT_EQ(scores.many.found, scores.many.violated);
  EXPECT_GE(scores.few.percent(), 80);
  EXPECT_GE(scores.random.percent(), 80);
  EXPECT_GE(scores.swarm.percent(), 80);
}

/// The answer depends on the seed, not on threads.
TEST(Hunts, AreTheSameForOneSeed) {
  int different = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const model::TransitionSystem system = random_system(seed);
    const auto text = [&](const Exploration& hunt) {
      std::string result = std::to_string(hunt.statistics.distinct_states) + " states";
      for (const Finding& finding : hunt.findings) {
        result += ", " + system.at(finding.rule).name + " in " + std::to_string(finding.run.steps.size());
      }
      return result;
    };
    SearchOptions options;
    options.seed = seed;
    options.searches = 8;
    options.threads = 1;
    const std::string swarm = text(explore_swarm(system, options)), walks = text(explore_randomly(system, options));
    options.threads = 3;
    EXPECT_EQ(text(explore_swarm(system, options)), swarm) << "seed " << seed;
    EXPECT_EQ(text(explore_randomly(system, options)), walks) << "seed " << seed;
    options.seed = seed + 1;
    different += text(explore_swarm(system, options)) != swarm ? 1 : 0;
  }
  EXPECT_GT(different, 3) << "another seed should go other ways";
}

/// Parts of a swarm, and a part that was interrupted, do together what the whole does.
TEST(Hunts, PartsOfASwarmAreTheWhole) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const model::TransitionSystem system = random_system(seed);
    SearchOptions options;
    options.seed = seed;
    options.searches = 9;
    const Exploration whole = explore_swarm(system, options);
    EXPECT_EQ(whole.searches_done.size(), 9u);
    std::uint64_t states = 0;
    std::vector<std::uint32_t> done;
    for (options.part = 1; options.part <= 3; ++options.part) {
      options.parts = 3;
      options.searches_done = options.part == 2 ? std::vector<std::uint32_t>{1, 7} : std::vector<std::uint32_t>{};
      const Exploration part = explore_swarm(system, options);
      states += part.statistics.distinct_states;
      done.insert(done.end(), part.searches_done.begin(), part.searches_done.end());
      if (options.part != 2) continue;
      EXPECT_EQ(part.searches_done, std::vector<std::uint32_t>{4});
      options.searches_done = {4};
      const Exploration rest = explore_swarm(system, options);
      states += rest.statistics.distinct_states;
      done.insert(done.end(), rest.searches_done.begin(), rest.searches_done.end());
    }
    EXPECT_EQ(states, whole.statistics.distinct_states) << "seed " << seed;
    std::sort(done.begin(), done.end());
    EXPECT_EQ(done, whole.searches_done);
  }
}

}  // namespace
}  // namespace quiesce
