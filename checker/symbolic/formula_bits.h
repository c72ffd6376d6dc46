// Formulas of guarded commands as numbers over given cells; each formula is translated once.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "checker/symbolic/numbers.h"
#include "model/guarded/guarded_system.h"

namespace quiesce::checker {

class FormulaBits {
 public:
  /// `cells`: by cell, what it holds. `members`: by member of GuardedStuck, for its formulas. The others must outlive
  /// this.
  FormulaBits(const model::GuardedSystem& guarded, Arithmetic& arithmetic, std::vector<Number> cells,
              std::vector<Signal> members = {});

  const Number& number(model::ExprId formula);
  Signal truth(model::ExprId formula) { return arithmetic_.is_true(number(formula)); }

 private:
  Number translated(const model::Expr& expr);

  const model::GuardedSystem& guarded_;
  Arithmetic& arithmetic_;
  std::vector<Number> cells_;
  std::vector<Signal> members_;
  std::vector<std::optional<Number>> known_;  // by formula
};

}  // namespace quiesce::checker
