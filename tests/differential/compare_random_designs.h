// The loop that the tests over random designs share.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "tests/differential/random_design.h"

namespace quiesce {

struct RandomDesignTotals {
  int designs = 0;
  int refused = 0;    // by the front end
  int too_large = 0;  // cells
  int compared = 0;   // cells
  int violated = 0;   // cells in which a rule is
  int quiet = 0;      // cells in which none is
  int stuck = 0;
  std::uint64_t states = 0;
  std::uint64_t steps = 0;
  std::uint64_t searches = 0;
  std::uint64_t slowest_seed = 0;
  std::chrono::milliseconds slowest{0};
  std::map<std::string, int> verdicts;  // so many rules of the cells got each
  std::map<std::string, int> features;  // in so many of the designs that were not refused
};

/// Compares all engines on the designs of so many seeds; a design on which they differ is made small and printed as a
/// failure. Stops after a few: one mistake usually shows often.
RandomDesignTotals compare_random_designs(std::uint64_t first_seed, int count, int size, std::uint64_t max_states,
                                          std::size_t one_of, DesignMaker make = random_design);

/// The totals as one line, and the features as another.
std::string text_of(const RandomDesignTotals& totals);

}  // namespace quiesce
