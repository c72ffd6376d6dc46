// Canonical text: the tree printed back with the author's comments and parentheses. Two spaces a level, one
// item a line, lines of at most 100 columns where they can be broken; a block that the author wrote on one
// line stays there while it fits; at most one blank line in a row; comments at the ends of consecutive lines
// lined up, two spaces behind the longest, where that fits; no ';'. Formatting what was formatted changes nothing.
#pragma once

#include <string>

#include "model/base/source.h"
#include "model/syntax/tree.h"

namespace quiesce::model::syntax {

/// The canonical text of `file`, which parses to the same tree.
///
/// A text with errors is returned as it is. The text is read once more, from `sources`: what the formatter
/// needs to know about each token is no business of the tree. O(length of the text).
std::string format(const File& file, const SourceMap& sources);

}  // namespace quiesce::model::syntax
