// The operators of formulas over infinite runs, the same from text to transition system.
#pragma once

#include <cstdint>

namespace quiesce::model {

enum class TemporalOperator : std::uint8_t {
  Atom,  // a condition on one state
  Not,
  And,
  Or,
  Implies,
  Next,          // in the next state of the run
  Eventually,    // now or later
  Always,        // now and in all later states
  Until,         // the right one holds now or later, the left one up to there
  WeakUntil,     // the same, or the left one always
  Release,       // the right one holds up to and including where the left one does, or always
  LeadsTo,       // whenever the left one holds, the right one holds then or later
  Previously,    // in the state before; false in the first
  Once,          // now or before
  Historically,  // now and in all states before
  Since,         // the right one held now or before, the left one since then
};

/// The word of the language; "" for Atom and for the operators of conditions.
constexpr const char* temporal_word(TemporalOperator op) {
  switch (op) {
    case TemporalOperator::Atom:
    case TemporalOperator::Not:
    case TemporalOperator::And:
    case TemporalOperator::Or:
    case TemporalOperator::Implies:
      return "";
    case TemporalOperator::Next:
      return "next";
    case TemporalOperator::Eventually:
      return "eventually";
    case TemporalOperator::Always:
      return "always";
    case TemporalOperator::Until:
      return "until";
    case TemporalOperator::WeakUntil:
      return "weak_until";
    case TemporalOperator::Release:
      return "release";
    case TemporalOperator::LeadsTo:
      return "leads_to";
    case TemporalOperator::Previously:
      return "previously";
    case TemporalOperator::Once:
      return "once";
    case TemporalOperator::Historically:
      return "historically";
    case TemporalOperator::Since:
      return "since";
  }
  return "";
}

}  // namespace quiesce::model
