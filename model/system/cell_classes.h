// Cells that belong together, in classes: union-find.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include <boost/pending/disjoint_sets.hpp>

#include "model/system/expression.h"

namespace quiesce::model {

class CellClasses {
 public:
  /// Each cell alone.
  explicit CellClasses(std::size_t cells) : sets_(cells), cells_(cells) {
    std::iota(cells_.begin(), cells_.end(), std::size_t{0});
  }

  void unite(CellId a, CellId b) { sets_.union_set(std::size_t{a.value}, std::size_t{b.value}); }

  /// By cell: the least cell of its class, which names the class.
  std::vector<std::uint32_t> names() {
    sets_.compress_sets(cells_.begin(), cells_.end());
    sets_.normalize_sets(cells_.begin(), cells_.end());
    return {sets_.parents().begin(), sets_.parents().end()};
  }

 private:
  boost::disjoint_sets_with_storage<> sets_;
  std::vector<std::size_t> cells_;
};

}  // namespace quiesce::model
