// A set of numbers of one cell, by their position in the cell's domain.
#pragma once

#include <bitset>
#include <cstddef>
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

  /// Requires: position < kMax.
  void insert(std::int64_t position) { bits_[static_cast<std::size_t>(position)] = true; }
  bool contains(std::int64_t position) const {
    return position >= 0 && position < kMax && bits_[static_cast<std::size_t>(position)];
  }
  /// Adds all of `other`; whether anything was new.
  bool unite(const ValueSet& other) {
    const bool grown = (other.bits_ & ~bits_).any();
    bits_ |= other.bits_;
    return grown;
  }
  std::int64_t count() const { return static_cast<std::int64_t>(bits_.count()); }
  bool is_empty() const { return bits_.none(); }
  /// Requires: not empty.
  std::int64_t least() const { return static_cast<std::int64_t>(bits_._Find_first()); }
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t at = bits_._Find_first(); at < bits_.size(); at = bits_._Find_next(at)) {
      visit(static_cast<std::int64_t>(at));
    }
  }
  bool operator==(const ValueSet&) const = default;

 private:
  std::bitset<kMax> bits_;  // _Find_first and _Find_next: of the GNU library, for want of others
};

}  // namespace quiesce::checker
