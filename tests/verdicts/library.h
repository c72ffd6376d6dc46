// The designs of the library: expectations are met, the verdicts do not depend on the reduction, and the formatter
// keeps what they mean. (tests/differential compares the engines on them.)
#pragma once

#include <gtest/gtest.h>

#include "tests/verdicts/agreement.h"

namespace quiesce::checker {

/// Compares reduced and plain verdicts of every case; of those whose plain system has more than `most_states` states,
/// only the verdicts that the part searched gives.
inline void expect_same_verdicts_without_reduction(const std::string& path, std::uint64_t most_states) {
  const Twice design = load_twice(path, read_design(path));
  for (std::size_t i = 0; i < design.plain_cases.size(); ++i) {
    SCOPED_TRACE(design.plain_cases[i]->title);
    expect_valid(*design.plain_cases[i], *design.reduced_cases[i]);
    const SearchResult reduced = search(*design.reduced_cases[i], Engine::Explicit);
    expect_expectation(*design.reduced_cases[i], reduced);
    Limits limits;
    limits.states = most_states;
    const SearchResult plain = search(*design.plain_cases[i], Engine::Explicit, limits);
    if (plain.limit == LimitKind::None) {
      expect_expectation(*design.plain_cases[i], plain);
      EXPECT_EQ(verdicts(*design.plain_cases[i], plain, false), verdicts(*design.reduced_cases[i], reduced, false));
    } else {
      expect_only_loses(*design.reduced_cases[i], plain, reduced);
    }
  }
}

}  // namespace quiesce::checker
