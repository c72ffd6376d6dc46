// Every pass over transition systems returns a way back (model/passes/back_map.h), and it leads a run of what the pass
// made to a run of what it was made from.
#include "tests/differential/way_back.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "tests/differential/designs.h"
#include "tests/differential/random_system.h"

namespace quiesce {
namespace {

void report(const char* what, const WayBackTotals& totals) {
  std::cout << what << ": " << totals.runs << " runs of " << totals.steps << " steps, " << totals.original_steps
            << " of the original; " << totals.broken << " break something, " << totals.late << " states are late, "
            << totals.richer << " states with numbers that the reduced system lacks\n";
}

TEST(WayBack, OfRandomSystems) {
  WayBackTotals totals;
  int failures = 0;
  for (std::uint64_t seed = 40000; seed < 40400 && failures < 3; ++seed) {
    const model::TransitionSystem system = random_system(seed, 1 + static_cast<int>(seed % 2));
    const std::string fault = way_back_fault(system, seed, 3, 30, totals);
    EXPECT_EQ(fault, "") << "seed " << seed << ", size " << 1 + seed % 2;
    failures += fault.empty() ? 0 : 1;
  }
  report("random systems", totals);
  EXPECT_GT(totals.original_steps, totals.steps + 3000) << "hardly anything was merged";
  EXPECT_GT(totals.late, 50u);
  EXPECT_GT(totals.richer, 1000u) << "hardly anything was forgotten or sliced";
  EXPECT_GT(totals.broken, 100u);
}

/// For each rule alone too, so that slicing has something to do.
void lead_back(const char* folder, std::size_t cells, std::size_t rules) {
  WayBackTotals totals;
  std::uint64_t seed = 0;
  for (const std::string& file : design_files(folder)) {
    std::string problem;
    std::size_t of_file = 0;
    for (const DesignCase& cell : design_cases(file, &problem)) {
      if (++of_file > cells) break;
      EXPECT_EQ(way_back_fault(cell.system, ++seed, 1, 50, totals), "") << cell.title;
      model::TransitionSystem one = cell.system;
      for (std::size_t i = 0; i < std::min(rules, cell.system.checked.size()); ++i) {
        one.checked = {cell.system.checked[(seed + i * 7) % cell.system.checked.size()]};
        EXPECT_EQ(way_back_fault(one, ++seed, 1, 50, totals), "")
            << cell.title << " for " << one.at(one.checked.front()).name;
      }
    }
  }
  report(folder, totals);
}

TEST(WayBack, OfTheVerdictTests) { lead_back("tests/verdicts", 4, 2); }
TEST(WayBack, OfTheLibrary) { lead_back("specs", 1, 1); }

// Maps that are wrong in one thing are noticed.

struct Spoiled {
  const char* name;
  void (*spoil)(model::BackMap&);
};

void clear(std::vector<model::CellSet>& sets) {
  for (model::CellSet& set : sets) set.clear();
}

constexpr Spoiled kSpoiled[] = {
    {"PlacesExchanged", [](model::BackMap& map) { std::swap(map.locations.front(), map.locations.back()); }},
    {"ActionsExchanged",
     [](model::BackMap& map) {
       if (!map.actions.empty()) std::swap(map.actions.front(), map.actions.back());
     }},
    {"NothingSliced", [](model::BackMap& map) { map.sliced.clear(); }},
    {"NothingDead", [](model::BackMap& map) { clear(map.dead); }},
    {"NothingDeadAtRest", [](model::BackMap& map) { clear(map.dead_at_rest); }},
    {"NoStepGoesOn", [](model::BackMap& map) { map.passed.assign(map.passed.size(), false); }},
};

class SpoiledMaps : public testing::TestWithParam<Spoiled> {};

TEST_P(SpoiledMaps, AreNoticed) {
  WayBackTotals totals;
  int noticed = 0;
  for (std::uint64_t seed = 40000; seed < 40400 && noticed == 0; ++seed) {
    const model::TransitionSystem system = random_system(seed, 1 + static_cast<int>(seed % 2));
    noticed += !way_back_fault(system, seed, 3, 30, totals, GetParam().spoil).empty();
  }
  EXPECT_EQ(noticed, 1);
}

INSTANTIATE_TEST_SUITE_P(WayBack, SpoiledMaps, testing::ValuesIn(kSpoiled),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace quiesce
