// The syntax tree as s-expressions, for tests and for looking at it: every child in the order of the text,
// without spans and comments, so that two texts mean the same tree exactly when they print alike.
#pragma once

#include <string>

#include "model/syntax/tree.h"

namespace quiesce::model::syntax {

/// One line for each use, declaration and member, indented; everything inside them on their line.
std::string print(const File& file);

/// The parts alone, on one line.
std::string print(const Expression& expression);
std::string print(const Type& type);
std::string print(const Statement& statement);

}  // namespace quiesce::model::syntax
