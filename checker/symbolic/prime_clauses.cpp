#include "checker/symbolic/prime_clauses.h"

#include <algorithm>

namespace quiesce::checker {

std::vector<WordClause> prime_clauses(const std::vector<std::uint64_t>& allowed,
                                      const std::vector<std::uint64_t>& excluded, unsigned width) {
  std::vector<WordClause> result;
  const std::uint64_t all = width >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
  for (const std::uint64_t word : excluded) {
    const bool is_done =
        std::any_of(result.begin(), result.end(), [&](const WordClause& clause) { return clause.excludes(word); });
    if (is_done) continue;
    WordClause clause{all, word};
    for (unsigned bit = width; bit-- > 0;) {
      const WordClause shorter{clause.mask & ~(std::uint64_t{1} << bit), clause.bits & ~(std::uint64_t{1} << bit)};
      const bool is_wrong =
          std::any_of(allowed.begin(), allowed.end(), [&](std::uint64_t other) { return shorter.excludes(other); });
      if (!is_wrong) clause = shorter;
    }
    result.push_back(clause);
  }
  return result;
}

}  // namespace quiesce::checker
