// Mutants of a library: its modules with one condition changed, each the text that a slip of its author would have left
// behind. Whether some design notices the change says what the designs are worth (trial.h); a change that none notices
// is a condition that could be wrong unnoticed.
//
// Changed is every condition of a module that decides a verdict or a step: those of `require`, `assert`, properties,
// `if`, `while`, `await`, guards (`when`), `busy when`, functions, and everything Boolean inside other expressions.
// A mutant is a replacement of bytes of the text, so that it is what the author could have written; it may be a text
// that the language refuses, which costs nothing but the attempt.
//
// The idea is old (DeMillo, Lipton, Sayward, "Hints on Test Data Selection", Computer 11(4), 1978). Where this differs:
// programs of rules have no arithmetic to speak of, so that only Boolean operators are mutated, and the tests are whole
// searches, so that a mutant is tried on the designs whose transition system it changes and on no other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/base/source.h"
#include "model/syntax/tree.h"

namespace quiesce::checker {

enum class MutationKind : std::uint8_t {
  Drop,        // an operand of && or ||, an element of a set that a value is looked for in, a `where`
  Negate,      // a condition, or an operand of && or ||
  Exempt,      // one side of `a => b`
  Compare,     // == and != exchanged, < and <=
  Quantifier,  // forall and exists exchanged
  Remove,      // a check, a property, a guard: true in its place
};

/// "drop", "negate" ...
const char* kind_name(MutationKind kind);

struct Mutant {
  MutationKind kind = MutationKind::Negate;
  std::string module;       // "wdm.line"
  std::string place;        // "Line.left_up", "IoConnectInterruptEx"
  std::string rule;         // of the check or property whose condition this is; else empty
  model::Span span;         // the bytes that are replaced
  std::string replacement;  // what stands there instead
  std::string was;          // the expression around the change, on one line, as it was...
  std::string now;          // ...and as it is in the mutant
  std::uint32_t line = 0;   // where the change is, from 1
};

/// All mutants of `file`, in the order of the text. What the file has in the way of systems and checks is left alone:
/// they are designs, not rules. Requires: the file was parsed without errors. Cost: linear in the text, times the
/// nesting of its expressions.
std::vector<Mutant> mutants_of(const model::syntax::File& file, const model::SourceMap& sources);

/// `text` with the change of `mutant` made. Requires: `text` is that of the mutant's file.
std::string mutated(const std::string& text, const Mutant& mutant);

/// `text` on one line: one space for whatever white space stands between words, comments left out.
std::string on_one_line(std::string_view text);

}  // namespace quiesce::checker
