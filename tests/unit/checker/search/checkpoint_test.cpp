// A search that stops and goes on ends as one that did not: whatever stopped it, a kill included.
#include "checker/search/checkpoint.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checker/search/breadth_first.h"
#include "tests/support/system_builder.h"

namespace quiesce::checker {
namespace {

using model::PropertyKind;
using model::SystemBuilder;
using Kind = CheckpointTrouble::Kind;
namespace fs = std::filesystem;

/// Counters with rules that are broken early, late, by a step and never, and with a witness in the middle.
struct Counters : SystemBuilder {
  Counters(int counters, std::int64_t top) {
    for (int i = 0; i < counters; ++i) {
      cells.push_back(integer("n" + std::to_string(i), 0, top));
      action("count" + std::to_string(i), less(get(cells[i]), number(top)),
             {set(cells[i], plus(get(cells[i]), number(1)))});
    }
    const model::RuleId early = rule("toy.early");
    late = rule("toy.late");
    const model::RuleId never = rule("toy.never");
    const model::RuleId seen = rule("toy.seen");
    property(PropertyKind::Never, early, is(cells[1], 2));
    property(PropertyKind::Never, late, exprs().conjunction(is(cells[0], top), is(cells[1], top)));
    property(PropertyKind::Never, never, is(cells[0], top + 1));
    property(PropertyKind::Reachable, seen, exprs().conjunction(is(cells[0], top / 2), is(cells[1], top / 2)));
  }
  std::vector<model::CellId> cells;
  model::RuleId late;
};

std::optional<Kind> kind_of(const std::optional<Trouble>& trouble) {
  if (!trouble) return std::nullopt;
  return std::get<CheckpointTrouble>(*trouble).kind;
}

class Checkpoint : public ::testing::Test {
 protected:
  Checkpoint() { fs::create_directories(folder_); }
  ~Checkpoint() override { fs::remove_all(folder_); }

  static void expect_equal(const Exploration& one, const Exploration& other) {
    EXPECT_FALSE(one.problem);
    EXPECT_FALSE(one.warning);
    EXPECT_EQ(one.limit, other.limit);
    EXPECT_EQ(one.statistics.distinct_states, other.statistics.distinct_states);
    EXPECT_EQ(one.statistics.generated_steps, other.statistics.generated_steps);
    EXPECT_EQ(one.statistics.depth, other.statistics.depth);
    EXPECT_EQ(one.statistics.layers, other.statistics.layers);
    EXPECT_EQ(one.statistics.frontier, other.statistics.frontier);
    EXPECT_EQ(one.witnessed, other.witnessed);
    EXPECT_EQ(one.triggered, other.triggered);
    EXPECT_EQ(one.exercised, other.exercised);
    ASSERT_EQ(one.findings.size(), other.findings.size());
    for (std::size_t i = 0; i < one.findings.size(); ++i) {
      EXPECT_EQ(one.findings[i].rule, other.findings[i].rule);
      EXPECT_EQ(one.findings[i].run.states, other.findings[i].run.states);
    }
    ASSERT_EQ(one.witnesses.size(), other.witnesses.size());
    for (std::size_t i = 0; i < one.witnesses.size(); ++i) {
      EXPECT_EQ(one.witnesses[i].states, other.witnesses[i].states);
    }
  }

  fs::path folder_ = fs::temp_directory_path() / ("quiesce-checkpoint-" + std::to_string(::getpid()));
  std::string file_ = (folder_ / "search").string();
};

TEST_F(Checkpoint, GoesOnWithOtherLimitsAndOtherThreads) {
  const Counters b(4, 12);
  const Exploration whole = explore_breadth_first(b.system, {});
  ASSERT_EQ(whole.limit, LimitKind::None);
  ASSERT_EQ(whole.findings.size(), 2u);
  for (const std::uint64_t states : {1u, 7u, 1000u, 20000u, 28000u}) {
    SearchOptions first;
    first.limits.states = states;
    first.checkpoint = file_;
    const Exploration cut = explore_breadth_first(b.system, first);
    ASSERT_EQ(cut.limit, LimitKind::States);
    for (const unsigned threads : {1u, 3u}) {
      SearchOptions second;
      second.resume = file_;
      second.threads = threads;
      expect_equal(explore_breadth_first(b.system, second), whole);
    }
  }
}

TEST_F(Checkpoint, GoesOnBeyondADepthLimit) {
  const Counters b(3, 9);
  const Exploration whole = explore_breadth_first(b.system, {});
  for (const std::uint32_t depth : {0u, 1u, 9u, 26u}) {
    SearchOptions first;
    first.limits.depth = depth;
    first.checkpoint = file_;
    ASSERT_EQ(explore_breadth_first(b.system, first).limit, LimitKind::Depth);
    SearchOptions second;
    second.resume = file_;
    expect_equal(explore_breadth_first(b.system, second), whole);
  }
}

TEST_F(Checkpoint, GoesOnInManySmallPieces) {
  const Counters b(4, 10);
  const Exploration whole = explore_breadth_first(b.system, {});
  SearchOptions options;
  options.checkpoint = file_;
  for (std::uint64_t states = 500;; states += 1500) {
    options.limits.states = states;
    const Exploration found = explore_breadth_first(b.system, options);
    if (found.limit == LimitKind::None) {
      expect_equal(found, whole);
      break;
    }
    options.resume = file_;
  }
}

TEST_F(Checkpoint, SurvivesAKillAtAnyMoment) {
  const Counters b(5, 13);  // half a million states
  const Exploration whole = explore_breadth_first(b.system, {});
  std::mt19937 random(20);
  int kills = 0;
  for (int round = 0; round < 40; ++round) {
    const ::pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      SearchOptions options;
      options.threads = 2;
      options.checkpoint = file_;
      options.checkpoint_interval = std::chrono::milliseconds(5);
      if (fs::exists(file_)) options.resume = file_;
      const Exploration found = explore_breadth_first(b.system, options);
      ::_exit(!found.problem && found.limit == LimitKind::None ? 0 : 1);
    }
    ::usleep(std::uniform_int_distribution<useconds_t>(1000, 60000)(random));
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    if (WIFEXITED(status)) {
      EXPECT_EQ(WEXITSTATUS(status), 0) << "a search went on from a checkpoint and did not end well";
      break;
    }
    ++kills;
  }
  EXPECT_GT(kills, 0);
  SearchOptions last;
  if (fs::exists(file_)) last.resume = file_;
  expect_equal(explore_breadth_first(b.system, last), whole);
}

/// The last worker may leave a layer just before a checkpoint is written: nothing of the layer waits then, and what it
/// leads to, or what it showed, is all there is to go on from.
TEST_F(Checkpoint, GoesOnFromTheEndOfALevel) {
  const Counters b(2, 9);
  const Exploration whole = explore_breadth_first(b.system, {});
  const std::unique_ptr<StateSpace> space = make_state_space(b.system, {});
  for (const std::uint32_t depth : {1u, 4u, 17u, 18u}) {
    SearchOptions first;
    first.limits.depth = depth;
    first.checkpoint = file_;
    explore_breadth_first(b.system, first);
    const std::uint64_t print = fingerprint(*space, first);
    SearchFacts facts;
    Frontier layer(1);
    Frontier none(1);
    std::unique_ptr<StateStore> store;
    ASSERT_FALSE(read_checkpoint(file_, *space, print, facts, layer, none, store));
    ASSERT_GT(layer.size(), 0u);
    ASSERT_EQ(none.size(), 0u);
    if (depth < 18) {
      // As of the end of the layer before.
      facts.depth = depth - 1;
      ASSERT_FALSE(write_checkpoint(file_, print, facts, none, layer, *store));
    } else {
      // As of the end of the last layer, whose only state breaks a rule.
      Frontier::Chunk last;
      ASSERT_TRUE(layer.pop(last, 10));
      facts.layer_findings.push_back({b.late, {}, true, last, depth});
      ASSERT_FALSE(write_checkpoint(file_, print, facts, layer, none, *store));
    }
    SearchOptions second;
    second.resume = file_;
    expect_equal(explore_breadth_first(b.system, second), whole);
  }
}

TEST_F(Checkpoint, RefusesAnotherDesign) {
  const Counters b(2, 9);
  SearchOptions first;
  first.limits.states = 20;
  first.checkpoint = file_;
  explore_breadth_first(b.system, first);
  SearchOptions second;
  second.resume = file_;
  EXPECT_FALSE(explore_breadth_first(b.system, second).problem);
  const Counters other(2, 8);
  EXPECT_EQ(kind_of(explore_breadth_first(other.system, second).problem), Kind::OfAnotherSearch);
  Counters asked(2, 9);
  asked.system.checked.pop_back();
  EXPECT_EQ(kind_of(explore_breadth_first(asked.system, second).problem), Kind::OfAnotherSearch);
}

TEST_F(Checkpoint, RefusesADamagedFile) {
  const Counters b(2, 9);
  SearchOptions options;
  options.limits.states = 20;
  options.checkpoint = file_;
  explore_breadth_first(b.system, options);
  std::ifstream in(file_, std::ios::binary);
  const std::string good{std::istreambuf_iterator<char>(in), {}};
  SearchOptions second;
  second.resume = file_;
  const auto outcome_of = [&](const std::string& bytes) {
    std::ofstream(file_, std::ios::binary) << bytes;
    return kind_of(explore_breadth_first(b.system, second).problem);
  };
  EXPECT_EQ(outcome_of(""), Kind::NotACheckpoint);
  EXPECT_EQ(outcome_of("hello"), Kind::NotACheckpoint);
  EXPECT_EQ(outcome_of(good), std::nullopt);
  std::mt19937 random(3);
  for (int i = 0; i < 200; ++i) {
    std::string bad = good;
    bad[random() % bad.size()] ^= static_cast<char>(1 << random() % 8);
    EXPECT_NE(outcome_of(bad), std::nullopt) << "changed byte, round " << i;
    EXPECT_NE(outcome_of(good.substr(0, random() % good.size())), std::nullopt) << "cut off, round " << i;
  }
  fs::remove(file_);
  EXPECT_EQ(kind_of(explore_breadth_first(b.system, second).problem), Kind::NotRead);
}

TEST_F(Checkpoint, WarnsWhenItCannotBeWritten) {
  const Counters b(2, 9);
  SearchOptions options;
  options.checkpoint = (folder_ / "missing" / "search").string();
  options.limits.states = 20;
  const Exploration found = explore_breadth_first(b.system, options);
  EXPECT_EQ(kind_of(found.warning), Kind::NotWritten);
  EXPECT_EQ(found.statistics.distinct_states, 20u);
}

}  // namespace
}  // namespace quiesce::checker
