// A set of cells as a bit vector: what programs read and write, what may still be written.
#pragma once

#include <cstddef>
#include <cstdint>

#include <boost/dynamic_bitset.hpp>

#include "model/system/expression.h"

namespace quiesce::model {

/// A subset of the cells of one system. All sets that meet in an operation must have the same universe.
class CellSet {
 public:
  CellSet() = default;
  explicit CellSet(std::size_t universe) : bits_(universe) {}

  void insert(CellId cell) { bits_.set(cell.value); }
  void erase(CellId cell) { bits_.reset(cell.value); }
  void insert(const Place& place) {
    for (const CellId cell : place.cells) {
      insert(cell);
    }
  }
  bool contains(CellId cell) const { return bits_.test(cell.value); }

  /// Adds all of `other`; whether anything was new.
  bool unite(const CellSet& other) {
    const bool grown = !other.subset_of(*this);
    bits_ |= other.bits_;
    return grown;
  }
  void subtract(const CellSet& other) { bits_ -= other.bits_; }
  void clear() { bits_.reset(); }

  bool intersects(const CellSet& other) const { return bits_.intersects(other.bits_); }
  bool subset_of(const CellSet& other) const { return bits_.is_subset_of(other.bits_); }
  bool empty() const { return bits_.none(); }

  /// Calls `visit(CellId)` for every member in ascending order.
  template <typename Visit>
  void for_each(Visit visit) const {
    for (std::size_t cell = bits_.find_first(); cell != bits_.npos; cell = bits_.find_next(cell)) visit(CellId(cell));
  }

  bool operator==(const CellSet&) const = default;

 private:
  boost::dynamic_bitset<std::uint64_t> bits_;
};

}  // namespace quiesce::model
