// Clauses that exclude all words of bits but some: each clause as short as it can be.
#pragma once

#include <cstdint>
#include <vector>

namespace quiesce::checker {

/// A clause over the bits of a word: a word satisfies it when, in some bit of `mask`, it differs from `bits`.
struct WordClause {
  std::uint64_t mask = 0;
  std::uint64_t bits = 0;  // within mask

  bool excludes(std::uint64_t word) const { return (word & mask) == bits; }
  auto operator<=>(const WordClause&) const = default;
};

/// Clauses that every word of `allowed` satisfies and no word of `excluded`; no literal can be left out of any. Bits
/// that stand first in a word are left out last. Requires: no word is in both. Cost: excluded x width x allowed.
std::vector<WordClause> prime_clauses(const std::vector<std::uint64_t>& allowed,
                                      const std::vector<std::uint64_t>& excluded, unsigned width);

}  // namespace quiesce::checker
