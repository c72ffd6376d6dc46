#include "model/guarded/formulas.h"

#include <utility>

namespace quiesce::model {

ExprId Formulas::named(std::string name, std::string comment, ExprId formula) {
  std::int64_t value = 0;
  if (table().is_constant(formula, &value)) return constant(value != 0 ? 1 : 0);
  result_.conditions.push_back({std::move(name), std::move(comment), formula});
  return table().load(CellId(system().cells.size() + result_.conditions.size() - 1));
}

}  // namespace quiesce::model
