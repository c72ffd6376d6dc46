// All steps from some states at once are those that one evaluation for each class finds.
#include "checker/symbolic/all_steps.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "checker/symbolic/bit_run.h"
#include "model/base/scramble.h"
#include "model/guarded/guarded_system.h"
#include "tests/differential/random_system.h"

namespace quiesce::checker {
namespace {

TEST(Transpose, MakesRowsColumns) {
  std::vector<std::uint64_t> rows(64), original;
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = model::scramble(i + 1);
  original = rows;
  transpose(rows);
  for (std::size_t r = 0; r < 64; ++r) {
    for (std::size_t c = 0; c < 64; ++c) EXPECT_EQ(rows[r] >> c & 1, original[c] >> r & 1) << r << ' ' << c;
  }
}

std::vector<PackedState> one_by_one(const Encoding& encoding, const std::vector<std::vector<bool>>& states) {
  BitStepper stepper(encoding);
  std::vector<PackedState> result;
  for (const std::vector<bool>& state : states) {
    for (std::size_t name = 0; name < encoding.classes; ++name) {
      std::vector<bool> inputs;
      for (std::size_t i = 0; i < encoding.choices.size(); ++i) inputs.push_back((name >> i & 1) != 0);
      stepper.look(state, inputs);
      if (stepper.is(encoding.steps)) result.push_back(packed(stepper.next()));
    }
  }
  return result;
}

/// Compares steps of states that steps lead to; how many were seen.
std::size_t compare(const Encoding& encoding) {
  AllSteps steps(encoding);
  std::vector<std::vector<bool>> states = encoding.initial;
  std::size_t seen = 0;
  for (int round = 0; round < 4 && !states.empty(); ++round) {
    states.resize(std::min(states.size(), steps.at_once()));
    std::vector<PackedState> asked;
    for (const std::vector<bool>& state : states) asked.push_back(packed(state));
    std::vector<PackedState> expected = one_by_one(encoding, states), found = steps.next_of(asked);
    states.clear();
    for (const PackedState& one : found) {
      std::vector<bool>& bits = states.emplace_back();
      for (std::size_t i = 0; i < encoding.bits.size(); ++i) bits.push_back((one[i / 64] >> (i % 64) & 1) != 0);
    }
    std::sort(expected.begin(), expected.end());
    std::sort(found.begin(), found.end());
    EXPECT_EQ(found, expected);
    seen += found.size();
  }
  return seen;
}

TEST(AllSteps, AreThoseOfEachClass) {
  std::size_t seen = 0, compared = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const auto guarded = model::guarded_system(random_system(seed));
    if (!guarded || guarded->initial.empty()) continue;
    for (const bool classes : {true, false}) {  // without, a state may have more than 64
      const auto encoding = encode(*guarded, {true, classes});
      if (!encoding || encoding->classes == 0) continue;
      seen += compare(*encoding);
      ++compared;
    }
  }
  EXPECT_GT(compared, 60u);
  EXPECT_GT(seen, 500u);
}

}  // namespace
}  // namespace quiesce::checker
