// A set of numbers of one cell, by their position in the cell's domain.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace quiesce::checker {

/// A subset of 0 .. kMax - 1. Cells with larger domains are not told apart by value.
class ValueSet {
 public:
  static constexpr std::int64_t kMax = 256;

  static ValueSet all(std::int64_t size) {
    ValueSet set;
    set.insert_range(0, size - 1);
    return set;
  }
  static ValueSet single(std::int64_t position) {
    ValueSet set;
    set.insert(position);
    return set;
  }

  /// Requires: position < kMax.
  void insert(std::int64_t position) { word(position) |= bit(position); }
  void insert_range(std::int64_t first, std::int64_t last) {
    for (std::int64_t position = first; position <= last; ++position) insert(position);
  }
  bool contains(std::int64_t position) const {
    return position >= 0 && position < kMax && (words_[static_cast<std::size_t>(position) / 64] & bit(position)) != 0;
  }
  /// Adds all of `other`; whether anything was new.
  bool unite(const ValueSet& other) {
    std::uint64_t grown = 0;
    for (std::size_t w = 0; w < words_.size(); ++w) {
      grown |= other.words_[w] & ~words_[w];
      words_[w] |= other.words_[w];
    }
    return grown != 0;
  }
  /// Keeps what `other` holds, too.
  void intersect(const ValueSet& other) {
    for (std::size_t w = 0; w < words_.size(); ++w) words_[w] &= other.words_[w];
  }
  std::int64_t count() const {
    std::int64_t count = 0;
    for (const std::uint64_t word : words_) count += std::popcount(word);
    return count;
  }
  bool is_empty() const { return (words_[0] | words_[1] | words_[2] | words_[3]) == 0; }
  bool is_single() const {
    std::uint64_t found = 0;
    for (const std::uint64_t word : words_) {
      if (word == 0) continue;
      if (found != 0 || (word & (word - 1)) != 0) return false;
      found = word;
    }
    return found != 0;
  }
  /// Requires: not empty.
  std::int64_t least() const {
    std::size_t w = 0;
    while (words_[w] == 0) ++w;
    return static_cast<std::int64_t>(64 * w) + std::countr_zero(words_[w]);
  }
  /// Requires: not empty.
  std::int64_t greatest() const {
    std::size_t w = words_.size() - 1;
    while (words_[w] == 0) --w;
    return static_cast<std::int64_t>(64 * w) + std::bit_width(words_[w]) - 1;
  }
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t w = 0; w < words_.size(); ++w) {
      for (std::uint64_t rest = words_[w]; rest != 0; rest &= rest - 1) {
        visit(static_cast<std::int64_t>(64 * w) + std::countr_zero(rest));
      }
    }
  }
  bool operator==(const ValueSet&) const = default;

 private:
  static std::uint64_t bit(std::int64_t position) { return std::uint64_t{1} << (position % 64); }
  std::uint64_t& word(std::int64_t position) { return words_[static_cast<std::size_t>(position) / 64]; }

  std::array<std::uint64_t, kMax / 64> words_{};
};

}  // namespace quiesce::checker
