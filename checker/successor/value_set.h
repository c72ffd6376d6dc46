// A set of numbers of one cell, by their position in the cell's domain.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace quiesce::checker {

/// A subset of 0 .. kMax - 1. Cells with larger domains are not told apart by value.
class ValueSet {
 public:
  static constexpr std::int64_t kMax = 256;

  static ValueSet all(std::int64_t size) {
    ValueSet set;
    for (std::int64_t position = 0; position < size; ++position) set.insert(position);
    return set;
  }
  static ValueSet single(std::int64_t position) {
    ValueSet set;
    set.insert(position);
    return set;
  }

  void insert(std::int64_t position) { words_[word(position)] |= bit(position); }
  bool contains(std::int64_t position) const {
    return position >= 0 && position < kMax && (words_[word(position)] & bit(position)) != 0;
  }
  /// Adds all of `other`; whether anything was new.
  bool unite(const ValueSet& other) {
    bool grown = false;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      grown |= (other.words_[i] & ~words_[i]) != 0;
      words_[i] |= other.words_[i];
    }
    return grown;
  }
  std::int64_t count() const {
    std::int64_t count = 0;
    for (std::uint64_t word : words_) count += std::popcount(word);
    return count;
  }
  bool is_empty() const { return (words_[0] | words_[1] | words_[2] | words_[3]) == 0; }
  /// Requires: not empty.
  std::int64_t least() const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (words_[i] != 0) return static_cast<std::int64_t>(i) * 64 + std::countr_zero(words_[i]);
    }
    return 0;
  }
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      for (std::uint64_t rest = words_[i]; rest != 0; rest &= rest - 1) {
        visit(static_cast<std::int64_t>(i) * 64 + std::countr_zero(rest));
      }
    }
  }
  bool operator==(const ValueSet&) const = default;

 private:
  static std::size_t word(std::int64_t position) { return static_cast<std::size_t>(position) / 64; }
  static std::uint64_t bit(std::int64_t position) { return std::uint64_t{1} << (position % 64); }
  std::array<std::uint64_t, kMax / 64> words_{};
};

}  // namespace quiesce::checker
