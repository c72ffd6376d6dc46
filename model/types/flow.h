// Where control continues, as far as the type checker cares: whether a statement is ever left at its end.
#pragma once

#include "model/types/typed_tree.h"

namespace quiesce::model::types {

/// Whether nothing behind `stmt` in its block is reached: it returns, breaks, continues or never leaves a loop.
bool ends(const Stmt& stmt);
bool ends(const std::vector<StmtPtr>& body);

}  // namespace quiesce::model::types
