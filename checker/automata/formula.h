// Formulas of linear time with future and past, kept small: each is built in negation normal form and simplified as it
// is built, and equal formulas have one number. The first stage of checking infinite runs: system -> formulas ->
// automaton (translate.h) -> search. Knows nothing of systems: an atom is a number.
//
// Rules of simplification: Etessami and Holzmann, "Optimizing Büchi Automata", CONCUR 2000 (eventual and universal
// formulas); Somenzi and Bloem, "Efficient Büchi Automata from LTL Formulae", CAV 2000 (implication read off the
// structure). We differ in what we do with the past: a past formula takes part only in the rules that hold at each
// position on its own.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "model/base/index.h"

namespace quiesce::checker {

using FormulaId = model::Index<struct FormulaTag>;

enum class FormulaKind : std::uint8_t {
  False,
  True,
  Atom,
  NotAtom,
  And,           // of at least two parts
  Or,            // of at least two parts
  Next,          // X a
  Until,         // a U b
  Release,       // a R b: b until and including a; always b without a
  Yesterday,     // Y a: not in the first position
  NotYesterday,  // true in the first position
  Since,         // a S b
  Triggered,     // a T b: its dual
};

struct Formula {
  FormulaKind kind = FormulaKind::False;
  std::uint32_t atom = 0;        // Atom, NotAtom
  std::vector<FormulaId> parts;  // And, Or: ascending; the others in the order of the text
  bool is_eventual = false;      // where it holds at a position, it holds at all before
  bool is_universal = false;     // where it holds at a position, it holds at all after
  bool has_past = false;         // mentions a past operator

  bool is(FormulaKind what) const { return kind == what; }
  bool is_always() const;      // G a: false R a
  bool is_eventually() const;  // F a: true U a
};

/// All formulas in use. Functions that build one return an equivalent formula, at each position of each word, that may
/// be simpler. Not thread safe.
class FormulaTable {
 public:
  FormulaTable();

  const Formula& operator[](FormulaId id) const { return formulas_[id.value]; }

  FormulaId constant(bool value) const { return FormulaId(value ? 1U : 0U); }
  FormulaId atom(std::uint32_t number);
  FormulaId negation(FormulaId a);
  FormulaId conjunction(std::vector<FormulaId> parts);
  FormulaId disjunction(std::vector<FormulaId> parts);
  FormulaId next(FormulaId a);
  FormulaId until(FormulaId a, FormulaId b);
  FormulaId release(FormulaId a, FormulaId b);
  FormulaId eventually(FormulaId a) { return until(constant(true), a); }
  FormulaId always(FormulaId a) { return release(constant(false), a); }
  FormulaId weak_until(FormulaId a, FormulaId b) { return release(b, disjunction({a, b})); }
  FormulaId yesterday(FormulaId a);
  FormulaId since(FormulaId a, FormulaId b);
  FormulaId once(FormulaId a) { return since(constant(true), a); }
  FormulaId historically(FormulaId a) { return negation(once(negation(a))); }

  /// Whether the structure of the two shows that b holds wherever a does. False may also mean: it does not show.
  bool implies(FormulaId a, FormulaId b);

  /// `parts` without those that another of them implies.
  std::vector<FormulaId> without_implied(std::vector<FormulaId> parts);

 private:
  FormulaId made(FormulaKind kind, std::vector<FormulaId> parts, std::uint32_t atom = 0);
  FormulaId negated(const Formula& formula);
  FormulaId not_yesterday(FormulaId a);
  FormulaId triggered(FormulaId a, FormulaId b);
  FormulaId junction(FormulaKind kind, std::vector<FormulaId> parts);
  FormulaId eventually_of_parts(const std::vector<FormulaId>& parts);
  FormulaId always_of_parts(const std::vector<FormulaId>& parts);
  void mark(Formula& formula) const;
  bool all(const std::vector<FormulaId>& parts, bool Formula::*flag) const;
  bool shows(FormulaId a, FormulaId b);
  bool shows_alike(const Formula& a, const Formula& b);
  bool is_both(FormulaId a) const { return (*this)[a].is_eventual && (*this)[a].is_universal; }

  std::vector<Formula> formulas_;
  std::map<std::pair<std::pair<FormulaKind, std::uint32_t>, std::vector<FormulaId>>, FormulaId> known_;
  std::map<FormulaId, FormulaId> negations_;
  std::map<std::pair<FormulaId, FormulaId>, bool> implied_;
};

}  // namespace quiesce::checker
