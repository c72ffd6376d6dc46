// The ways to make successors against each other: command tables with every vector unit against bytecode, on
// every reachable state of real designs and random systems.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "checker/successor/packed_expander.h"
#include "checker/successor/state_filter.h"
#include "checker/successor/stuck.h"
#include "model/interpret/interpreter.h"
#include "model/passes/reduce.h"
#include "model/system/deadlock.h"
#include "tests/differential/designs.h"
#include "tests/differential/random_system.h"

namespace quiesce {
namespace {

using namespace checker;

using Words = std::vector<std::uint64_t>;

struct Totals {
  std::uint64_t systems = 0;
  std::uint64_t states = 0;
  std::uint64_t steps = 0;
  std::uint64_t programs = 0;  // reached
  std::uint64_t tabled = 0;    // of those, with commands
  std::uint64_t shown = 0;     // states that show something
  std::uint64_t passed = 0;    // states that the filter lets through
};

/// What a state shows, judged one thing after the other.
class Exact {
 public:
  explicit Exact(const PackedSystem& system)
      : system_(system), generator_(system.compiled()), stuck_(system.compiled()), cells_(system.packing().cells()) {}

  bool shows_something(const std::uint64_t* words) {
    const model::TransitionSystem& system = system_.system();
    system_.packing().unpack(words, cells_.data());
    std::vector<bool> wanted(system.rules.size());
    for (std::size_t command = 0; command < wanted.size(); ++command) wanted[command] = system.rules[command].core;
    for (model::RuleId rule : system.checked) wanted[rule.value] = true;
    bool all_ended = true;
    for (const CompiledActivation& activation : system_.compiled().activations) {
      all_ended = all_ended && cells_[static_cast<std::size_t>(activation.location_cell)] == 0;
    }
    for (const CompiledProperty& property : system_.compiled().properties) {
      if (property.has_trigger && generator_.is_true(property.trigger, cells_.data())) return true;
      const bool judged = wanted[property.rule.value];
      const auto is_true = [&] { return generator_.is_true(property.condition, cells_.data()); };
      switch (property.kind) {
        case model::PropertyKind::Invariant:
          if (judged && !is_true()) return true;
          break;
        case model::PropertyKind::Never:
          if (judged && is_true()) return true;
          break;
        case model::PropertyKind::Reachable:
          if (is_true()) return true;
          break;
        case model::PropertyKind::DeadlockFree:
          if (judged && !(all_ended && model::can_end(system)) && !generator_.can_step(cells_.data())) return true;
          break;
      }
    }
    if (system.stuck_rule.valid() && stuck_.is_stuck(cells_.data())) return true;
    for (std::size_t command = 0; command < wanted.size(); ++command) {
      if (system.rules[command].name != "life.leaked" || !wanted[command] || !all_ended) continue;
      for (const model::Instance& instance : system.instances) {
        if (instance.life && cells_[instance.life->value] == 1 && !generator_.can_step(cells_.data())) return true;
      }
    }
    return false;
  }

 private:
  const PackedSystem& system_;
  SuccessorGenerator generator_;
  StuckDetector stuck_;
  std::vector<std::int32_t> cells_;
};

std::vector<Words> sorted(const std::vector<std::uint64_t>& states, std::size_t words) {
  std::vector<Words> result;
  for (std::size_t at = 0; at < states.size(); at += words) {
    result.emplace_back(states.begin() + static_cast<std::ptrdiff_t>(at),
                        states.begin() + static_cast<std::ptrdiff_t>(at + words));
  }
  std::sort(result.begin(), result.end());
  return result;
}

std::vector<std::pair<std::uint32_t, std::int32_t>> sorted(const std::vector<PackedSuccessors::FailedCheck>& failed) {
  std::vector<std::pair<std::uint32_t, std::int32_t>> result;
  for (const auto& one : failed) result.emplace_back(one.source, one.check);
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());  // may repeat
  return result;
}

std::string show(const PackedSystem& system, const Words& words) {
  std::vector<std::int32_t> cells(system.packing().cells());
  system.packing().unpack(words.data(), cells.data());
  std::string text;
  for (std::size_t cell = 0; cell < cells.size(); ++cell) {
    if (cells[cell] == system.system().cells[cell].rest) continue;
    text += " " + system.system().cells[cell].name + "=" + std::to_string(cells[cell]);
  }
  return text;
}

std::string difference(const PackedSystem& system, const Words& batch, const PackedSuccessors& expected,
                       const PackedSuccessors& found) {
  const std::size_t words = system.packing().words();
  const auto wanted = sorted(expected.states, words);
  const auto got = sorted(found.states, words);
  std::string text;
  for (const Words& state : sorted(batch, words)) text += "from" + show(system, state) + "\n";
  std::vector<Words> missing, wrong;
  std::set_difference(wanted.begin(), wanted.end(), got.begin(), got.end(), std::back_inserter(missing));
  std::set_difference(got.begin(), got.end(), wanted.begin(), wanted.end(), std::back_inserter(wrong));
  for (const Words& state : missing) text += "missing" + show(system, state) + "\n";
  for (const Words& state : wrong) text += "wrong" + show(system, state) + "\n";
  if (expected.steps != found.steps) {
    text += "steps " + std::to_string(expected.steps) + ", found " + std::to_string(found.steps) + "\n";
  }
  if (sorted(expected.failed) != sorted(found.failed)) text += "other checks fail\n";
  return text;
}

bool same(const PackedSystem& system, const PackedSuccessors& a, const PackedSuccessors& b) {
  const std::size_t words = system.packing().words();
  return a.steps == b.steps && sorted(a.states, words) == sorted(b.states, words) &&
         sorted(a.failed) == sorted(b.failed);
}

/// What acts on which CPU in each state of a batch, and where that leads to.
std::set<std::tuple<std::uint32_t, model::Actor, std::int32_t, Words>> origins_of(PackedExpander& expander,
                                                                                  const Words& batch,
                                                                                  std::size_t words) {
  PackedSuccessors found;
  found.wants_origins = true;
  found.in_any_order = true;
  expander.expand(batch.data(), batch.size() / words, found);
  std::set<std::tuple<std::uint32_t, model::Actor, std::int32_t, Words>> result;
  EXPECT_EQ(found.origins.size() * words, found.states.size());
  for (std::size_t i = 0; i < found.origins.size(); ++i) {
    const PackedSuccessors::Origin& origin = found.origins[i];
    const std::uint64_t* state = found.states.data() + i * words;
    result.emplace(origin.source, origin.actor, origin.cpu, Words(state, state + words));
  }
  for (const PackedSuccessors::Origin& end : found.ends) result.emplace(end.source, end.actor, end.cpu, Words());
  return result;
}

/// The first difference between the expanders over the reachable states of `system`, up to `max_states`.
std::string compare(const model::TransitionSystem& system, std::uint64_t max_states, Totals& totals) {
  const PackedSystem reference(system, {Successors::Bytecode, VectorTarget::Best});
  PackedExpander expected(reference);
  struct Variant {
    const char* name;
    VectorTarget target;
    std::unique_ptr<PackedSystem> system;
    std::unique_ptr<PackedExpander> expander;
    std::unique_ptr<StateFilter> filter;
  };
  std::vector<Variant> variants;
  constexpr std::size_t kNoIndex = SIZE_MAX;
  for (const auto& [name, target, most_compared] :
       {std::tuple{"AVX-512", VectorTarget::Avx512, kNoIndex}, std::tuple{"AVX2", VectorTarget::Avx2, kNoIndex},
        std::tuple{"portable", VectorTarget::Portable, kNoIndex},
        std::tuple{"index", VectorTarget::Best, std::size_t{0}}}) {
    Variant variant{name, target, nullptr, nullptr, nullptr};
    variant.system =
        std::make_unique<PackedSystem>(system, ExpanderOptions{Successors::Table, target, {}, most_compared});
    variant.expander = std::make_unique<PackedExpander>(*variant.system);
    variant.filter = std::make_unique<StateFilter>(*variant.system);
    variants.push_back(std::move(variant));
  }
  const std::size_t words = reference.packing().words();
  CanonicalPacker packer(reference);
  SuccessorGenerator generator(reference.compiled());
  std::vector<std::int32_t> cells(reference.packing().cells());
  std::set<Words> seen;
  std::vector<Words> open;
  const auto reach = [&](const std::uint64_t* state) {
    Words copy(state, state + words);
    if (seen.size() >= max_states || !seen.insert(copy).second) return;
    reference.packing().unpack(copy.data(), cells.data());
    for (const CompiledProperty& property : reference.compiled().properties) {
      if (!property.core || property.kind == model::PropertyKind::Reachable) continue;
      if (property.kind == model::PropertyKind::Invariant && !generator.is_true(property.condition, cells.data()))
        return;
      if (property.kind == model::PropertyKind::Never && generator.is_true(property.condition, cells.data())) return;
    }
    open.push_back(std::move(copy));
  };
  for (const model::State& state : model::Interpreter(system).initial_states()) {
    Words packed(words);
    packer.pack(state.data(), packed.data());
    reach(packed.data());
  }
  PackedSuccessors wanted, found;
  Words batch;
  Exact exact(reference);
  StateFilter code_filter(reference);
  std::vector<std::uint8_t> shown(64), maybe(64);
  while (!open.empty()) {
    batch.clear();
    for (std::size_t i = 0; i < 37 && !open.empty(); ++i) {
      batch.insert(batch.end(), open.back().begin(), open.back().end());
      open.pop_back();
    }
    const std::size_t count = batch.size() / words;
    for (std::size_t i = 0; i < count; ++i) {
      shown[i] = exact.shows_something(batch.data() + i * words);
      totals.shown += shown[i];
    }
    const auto check_filter = [&](StateFilter& filter, bool is_counted) {
      filter.may_show(batch.data(), count, maybe.data());
      for (std::size_t i = 0; i < count; ++i) {
        if (is_counted) totals.passed += maybe[i];
        if (shown[i] != 0 && maybe[i] == 0) return false;
      }
      return true;
    };
    if (!check_filter(code_filter, false)) return "the filter of bytecode stops a state that shows something";
    for (const Variant& variant : variants) {
      if (!check_filter(*variant.filter, &variant == &variants.front())) {
        return std::string(variant.name) + ": the filter stops a state that shows something";
      }
    }
    wanted.clear();
    expected.expand(batch.data(), count, wanted);
    const auto origins = origins_of(expected, batch, words);
    for (const Variant& variant : variants) {
      if (origins_of(*variant.expander, batch, words) != origins) {
        return std::string(variant.name) + ": something else acts, or elsewhere";
      }
      found.clear();
      variant.expander->expand(batch.data(), count, found);
      if (same(reference, wanted, found)) continue;
      for (std::size_t i = 0; i < count; ++i) {
        PackedSuccessors one, other;
        expected.expand(batch.data() + i * words, 1, one);
        variant.expander->expand(batch.data() + i * words, 1, other);
        if (same(reference, one, other)) continue;
        const Words state(batch.begin() + static_cast<std::ptrdiff_t>(i * words),
                          batch.begin() + static_cast<std::ptrdiff_t>((i + 1) * words));
        return std::string(variant.name) + ": " + difference(reference, state, one, other);
      }
      return std::string(variant.name) + ": the batch differs, each of its states does not";
    }
    for (std::size_t at = 0; at < wanted.states.size(); at += words) reach(wanted.states.data() + at);
    totals.steps += wanted.steps;
  }
  for (const Variant& variant : variants) {
    if (variant.expander->exercised() != expected.exercised()) {
      return std::string(variant.name) + ": other checks are exercised";
    }
  }
  ++totals.systems;
  totals.states += seen.size();
  for (const DerivedProgram& program : variants.front().system->table()->programs) {
    totals.programs += program.is_reached;
    totals.tabled += program.is_reached && program.reason.empty();
  }
  return "";
}

void print(const std::string& title, const Totals& totals) {
  std::cout << title << ": " << totals.systems << " systems, " << totals.states << " states, " << totals.steps
            << " steps, " << totals.tabled << " of " << totals.programs << " programs have commands, " << totals.passed
            << " states pass the filter for " << totals.shown << " that show something\n";
}

void compare_designs(const std::string& folder, std::uint64_t max_states, std::size_t max_cells) {
  Totals totals;
  for (const std::string& file : design_files(folder)) {
    std::string problem;
    std::size_t of_file = 0;
    for (const DesignCase& cell : design_cases(file, &problem)) {
      if (++of_file > max_cells) break;
      EXPECT_EQ(compare(cell.system, max_states, totals), "") << cell.title;
      EXPECT_EQ(compare(model::reduce(cell.system).system, max_states, totals), "") << cell.title << ", reduced";
    }
  }
  print(folder, totals);
}

void compare_random(std::uint64_t first, int count, int size, std::uint64_t max_states) {
  Totals totals;
  int failures = 0;
  for (std::uint64_t seed = first; seed < first + static_cast<std::uint64_t>(count) && failures < 5; ++seed) {
    const model::TransitionSystem system = random_system(seed, size);
    const std::string different = compare(system, max_states, totals);
    EXPECT_EQ(different, "") << "seed " << seed << ", size " << size;
    failures += different.empty() ? 0 : 1;
  }
  print("random systems", totals);
}

#ifdef QUIESCE_NIGHTLY
TEST(ExpandersNightly, OfTheVerdictTests) { compare_designs("tests/verdicts", 20000, 100); }
TEST(ExpandersNightly, OfTheSpecs) { compare_designs("specs", 20000, 100); }
TEST(ExpandersNightly, OfTheBenchmarks) { compare_designs("bench", 50000, 100); }
TEST(ExpandersNightly, OfRandomSystems) { compare_random(1, 10000, 1, 3000); }
TEST(ExpandersNightly, OfLargerRandomSystems) { compare_random(1000000, 2000, 2, 5000); }
#else
TEST(Expanders, OfTheVerdictTests) { compare_designs("tests/verdicts", 500, 3); }
TEST(Expanders, OfTheWdmLibrary) { compare_designs("specs/wdm", 1000, 1); }
TEST(Expanders, OfTheBenchmarks) { compare_designs("bench", 2000, 2); }
TEST(Expanders, OfRandomSystems) { compare_random(1, 400, 1, 1000); }
TEST(Expanders, OfLargerRandomSystems) { compare_random(1000000, 60, 2, 1500); }

/// One system alone: QUIESCE_SEED=<seed> [QUIESCE_SIZE=<size>].
TEST(Expanders, OneSeed) {
  const std::optional<model::TransitionSystem> system = system_of_named_seed();
  if (!system) GTEST_SKIP() << "QUIESCE_SEED is not set";
  Totals totals;
  EXPECT_EQ(compare(*system, 100000, totals), "");
}
#endif

}  // namespace
}  // namespace quiesce
