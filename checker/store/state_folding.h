// Wide states as a few numbers: the state is cut into up to 8 groups of bits, and equal groups get equal numbers, by a
// table for each group (as G. Holzmann's COLLAPSE, "State compression in SPIN", 1997, does with processes). Up to 8
// words are cut into as many groups of equally many bits, since the tables are smallest when no group has nearly all of
// the state; more words into groups of words. Groups of more than two words are folded first: pairs of words are numbered, then pairs of numbers (A. Laarman, J. van de Pol,
// M. Weber, "Parallel recursive state compression for free", SPIN 2011).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "checker/store/intern_table.h"

namespace quiesce::checker {

class Folding {
 public:
  static constexpr std::uint32_t kMaxWords = 64;
  static constexpr std::uint32_t kMaxGroups = 8;
  static constexpr std::size_t kMaxStates = 32;  // folded in one call, step by step, so that fetches overlap

  /// Of states of 2..kMaxWords words, of which only the low `bits` bits, counted over all words, are ever set: more than
  /// the other words have, up to 64 * words.
  Folding(std::uint32_t words, std::uint32_t bits);

  /// Groups of a state, at least 2.
  std::uint32_t groups() const { return groups_; }

  /// The numbers of the groups of up to kMaxStates states: groups() for each. Returns how many were done: fewer than
  /// count when a table is full. Any number of threads at once.
  std::size_t fold(const std::uint64_t* states, std::size_t count, std::uint32_t* numbers);

  /// The inverse.
  void unfold(const std::uint32_t* numbers, std::uint64_t* state) const;

  /// As fold() of one state, if all its parts are known; else false.
  bool find(const std::uint64_t* state, std::uint32_t* numbers) const;

  /// How many numbers a group has given out.
  std::uint64_t numbers_of(std::uint32_t group) const { return tables_[group]->numbers(); }

  template <typename Visit>
  void for_each_table(Visit visit) {
    for (const auto& table : tables_) visit(*table);
    if (pairs_) visit(*pairs_);
    if (quads_) visit(*quads_);
  }
  template <typename Visit>
  void for_each_table(Visit visit) const {
    for (const auto& table : tables_) visit(static_cast<const InternTable&>(*table));
    if (pairs_) visit(static_cast<const InternTable&>(*pairs_));
    if (quads_) visit(static_cast<const InternTable&>(*quads_));
  }

 private:
  /// The numbers of the pairs of words, and of the pairs of those, in the order of the state.
  static constexpr std::uint32_t kMaxPairs = kMaxWords / 2;

  /// Some bits of a state: up to 64, from bit `shift` of `word` on.
  struct Cut {
    std::uint32_t word = 0;
    std::uint32_t shift = 0;
    bool is_split = false;  // the next word has the rest
  };

  std::uint64_t load_cut(const std::uint64_t* state, std::uint32_t group) const;
  void store_cut(std::uint32_t group, std::uint64_t bits, std::uint64_t* state) const;
  void check_bits(const std::uint64_t* states, std::size_t count) const;
  void load_words(const std::uint64_t* state, std::uint32_t word, std::uint32_t count, std::uint64_t* key) const;

  std::uint32_t words_;
  std::uint32_t group_words_;  // 1, 2, 4 or 8; words that the last group lacks are 0
  std::uint32_t groups_;
  std::array<Cut, kMaxGroups> cuts_;                  // by group, where groups have no more than a word
  std::uint64_t cut_mask_ = 0;                        // of the bits of each, at the low end
  std::uint64_t outside_ = 0;                         // bits of the last word that are never set
  std::vector<std::unique_ptr<InternTable>> tables_;  // by group; keys: a word, two words, or two numbers
  std::unique_ptr<InternTable> pairs_;                // of words, of all groups; null when groups have up to two
  std::unique_ptr<InternTable> quads_;                // of numbers of pairs; null when groups have up to four
};

}  // namespace quiesce::checker
