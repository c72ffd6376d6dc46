// The renamings of CPUs and of activations of one handler, as formulas: section 6 of docs/semantics.md.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "model/guarded/formulas.h"
#include "model/interpret/canonical.h"

namespace quiesce::model {

class Renamings : private Formulas {
 public:
  /// Throws TooLarge when there are too many.
  explicit Renamings(const Formulas& formulas);

  std::vector<GuardedRenaming> all;    // but the identity, and those that are the identity here
  std::set<std::size_t> not_constant;  // cells that some of them change although they were taken for constant

 private:
  /// By cell: what the renamed state holds there.
  using Image = std::vector<ExprId>;

  ExprId mapped(ExprId value, const std::vector<std::int64_t>& image);
  Image rename_cpus(const CpuRenaming& renaming);
  Image rename_activations(const Image& before, const Context& context, const std::vector<std::uint32_t>& order);
};

}  // namespace quiesce::model
