// A set of cells as a bit vector: what programs read and write, what may still be written. Words are exposed
// because core.stuck intersects such sets in every state.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/system/expression.h"

namespace quiesce::model {

/// A subset of the cells of one system. All sets that meet in an operation must have the same universe.
class CellSet {
 public:
  CellSet() = default;
  explicit CellSet(std::size_t universe) : words_((universe + 63) / 64) {}

  void insert(CellId cell) { words_[cell.value / 64] |= std::uint64_t{1} << (cell.value % 64); }
  void erase(CellId cell) { words_[cell.value / 64] &= ~(std::uint64_t{1} << (cell.value % 64)); }
  void insert(const Place& place) {
    for (const CellId cell : place.cells) {
      insert(cell);
    }
  }
  bool contains(CellId cell) const { return (words_[cell.value / 64] >> (cell.value % 64) & 1) != 0; }

  /// Adds all of `other`; whether anything was new.
  bool unite(const CellSet& other) {
    bool grown = false;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      const std::uint64_t word = words_[i] | other.words_[i];
      grown |= word != words_[i];
      words_[i] = word;
    }
    return grown;
  }

  bool intersects(const CellSet& other) const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if ((words_[i] & other.words_[i]) != 0) {
        return true;
      }
    }
    return false;
  }

  bool subset_of(const CellSet& other) const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if ((words_[i] & ~other.words_[i]) != 0) {
        return false;
      }
    }
    return true;
  }

  bool empty() const {
    for (const std::uint64_t word : words_) {
      if (word != 0) {
        return false;
      }
    }
    return true;
  }

  /// Calls `visit(CellId)` for every member in ascending order.
  template <typename Visit>
  void for_each(Visit visit) const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      for (std::uint64_t rest = words_[i]; rest != 0; rest &= rest - 1) {
        visit(CellId(i * 64 + static_cast<std::size_t>(std::countr_zero(rest))));
      }
    }
  }

  /// Bit c % 64 of word c / 64 is cell c.
  const std::vector<std::uint64_t>& words() const { return words_; }

  bool operator==(const CellSet&) const = default;

 private:
  std::vector<std::uint64_t> words_;
};

}  // namespace quiesce::model
