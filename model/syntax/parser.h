// Tokens to the syntax tree, by recursive descent along docs/grammar.ebnf. After a mistake the parser continues
// at the next statement, member or declaration, so that one run reports several mistakes; it prefers silence
// to a second finding that only follows from the first. No text whatever crashes it: nesting is limited.
//
// Codes (those of the lexer: lexer.h):
//   E0100 expected X after Y, found Z         E0110 nested too deeply, or too long an expression
//   E0101 unknown word (did you mean)         E0111 no such type
//   E0102 missing or surplus '}'              E0112 statement of another language
//   E0103 keyword used as a name              E0113 function without 'fn'
//   E0104 statement without effect            E0114 right thing in the wrong place
//   E0105 operator of another language        E0115 function without a body
//   E0106 '=' where '==' is meant             E0116 given twice, or clauses out of order
//   E0107 comparisons do not chain            E0117 value of another language ('NULL')
//   E0108 declaration in the manner of C      E0118 '->' where '.' is meant
//   E0109 'int' without a range               E0119 cannot be assigned to
//   E0120 too many errors
#pragma once

#include <memory>

#include "model/base/diagnostic.h"
#include "model/base/source.h"
#include "model/syntax/tree.h"

namespace quiesce::model::syntax {

/// The tree of `file`; never null. With errors reported it lacks what could not be read (see tree.h).
/// O(length of the text).
std::unique_ptr<File> parse(FileId file, const SourceMap& sources, Diagnostics& diagnostics);

}  // namespace quiesce::model::syntax
