#include "checker/symbolic/prime_clauses.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace quiesce::checker {
namespace {

bool satisfies(const std::vector<WordClause>& clauses, std::uint64_t word) {
  return std::none_of(clauses.begin(), clauses.end(), [&](const WordClause& one) { return one.excludes(word); });
}

TEST(PrimeClauses, ExcludeWhatTheyShallAndNothingElse) {
  for (unsigned set = 1; set < 256; ++set) {  // all sets of words of three bits
    std::vector<std::uint64_t> allowed, excluded;
    for (std::uint64_t word = 0; word < 8; ++word) ((set >> word & 1) != 0 ? allowed : excluded).push_back(word);
    const std::vector<WordClause> clauses = prime_clauses(allowed, excluded, 3);
    for (const std::uint64_t word : allowed) EXPECT_TRUE(satisfies(clauses, word)) << set;
    for (const std::uint64_t word : excluded) EXPECT_FALSE(satisfies(clauses, word)) << set;
    for (const WordClause& clause : clauses) {
      for (unsigned bit = 0; bit < 3; ++bit) {
        const std::uint64_t one = std::uint64_t{1} << bit;
        if ((clause.mask & one) == 0) continue;
        const WordClause shorter{clause.mask & ~one, clause.bits & ~one};
        EXPECT_FALSE(
            std::none_of(allowed.begin(), allowed.end(), [&](std::uint64_t word) { return shorter.excludes(word); }))
            << "a literal too many, set " << set;
      }
    }
  }
}

TEST(PrimeClauses, LevelsThatNothingUsesAreExcludedByFewLiterals) {
  const std::vector<WordClause> clauses = prime_clauses({0, 2, 5}, {1, 3, 4, 6, 7}, 3);
  for (const WordClause& clause : clauses) EXPECT_LE(__builtin_popcountll(clause.mask), 2);
}

}  // namespace
}  // namespace quiesce::checker
